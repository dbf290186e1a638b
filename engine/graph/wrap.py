"""Long layouts in rows: cut where a single wire leads on, each piece below the one before, as lines of a text."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.graph.elements import COLUMN, ROW, Position
from engine.graph.model import Graph

Room = tuple[float, float]
#: Up to this width a layout stays in one row; a row is at least so wide before the next begins.
_WIDEST, _LEAST = 10 * COLUMN, 7 * COLUMN
#: How much wider than high the whole is meant to be, as screens are.
_ASPECT = 1.9
#: Free height between two rows for the wire that leads back, beside the usual gap.
_LANE = ROW / 2
#: How far from its best place, in widths of a row, a cut may lie.
_REACH = 0.5


def wrapped(graph: Graph, places: Mapping[str, Position], rooms: Mapping[str, Room]) -> dict[str, Position]:
    """Places for one connected part that was laid out in columns, in rows where it is too wide for one.
    ``rooms`` as for :func:`engine.graph.arrange.positions`."""
    edges = {i: places[i][0] + rooms.get(i, (COLUMN, ROW))[0] for i in places}
    whole = max(edges.values(), default=0.0)
    if whole <= _WIDEST:
        return dict(places)
    height = max(places[i][1] + rooms.get(i, (COLUMN, ROW))[1] for i in places) + _LANE
    best = max(_LEAST, math.sqrt(whole * _ASPECT * height))
    cuts = _chosen(_cuts(graph, places), whole, max(round(whole / best), 1))
    return _stacked(places, rooms, cuts)


def _cuts(graph: Graph, places: Mapping[str, Position]) -> list[float]:
    """Left sides of the columns into which one wire alone leads."""
    columns = sorted({x for x, _ in places.values()})
    rank = {x: i for i, x in enumerate(columns)}
    passing = [set[str]() for _ in columns]
    for edge in graph.edges.values():
        if edge.source in places and edge.target in places:
            for i in range(rank[places[edge.source][0]] + 1, rank[places[edge.target][0]] + 1):
                passing[i].add(edge.source)
    return [x for x, sources in zip(columns, passing, strict=True) if len(sources) == 1]


def _chosen(cuts: list[float], whole: float, rows: int) -> list[float]:
    """The cuts that come nearest to rows of equal width."""
    found: list[float] = []
    width = whole / rows
    for number in range(1, rows):
        nearest = min(cuts, key=lambda x: abs(x - number * width), default=None)
        if nearest is not None and abs(nearest - number * width) <= _REACH * width and nearest not in found:
            found.append(nearest)
    return sorted(found)


def _stacked(places: Mapping[str, Position], rooms: Mapping[str, Room], cuts: list[float]) -> dict[str, Position]:
    found: dict[str, Position] = {}
    top = 0.0
    for left, right in zip([0.0, *cuts], [*cuts, math.inf], strict=True):
        row = [i for i, (x, _) in places.items() if left <= x < right]
        highest = min(places[i][1] for i in row)
        found |= {i: (places[i][0] - left, places[i][1] - highest + top) for i in row}
        top = max(found[i][1] + rooms.get(i, (COLUMN, ROW))[1] for i in row) + _LANE
    return found
