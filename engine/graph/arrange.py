"""Automatic layered layout: columns by computing order, rows by the mean of the neighbours.

After Sugiyama, Tagawa and Toda (1981): longest-path layers, wires that skip layers are led through them by
stand-ins, barycentre sweeps order each layer, and rows are then fitted to their neighbours by isotonic regression.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

import networkx as nx

from engine.graph.model import Graph, Position

COLUMN = 216.0
ROW = 120.0
_SWEEPS = 8

_Cell = Hashable
_Columns = list[list[_Cell]]


def positions(graph: Graph, column: float = COLUMN, row: float = ROW) -> dict[str, Position]:
    """Top-left corners for every node, the whole resting on (0, 0). Left to right, parts of the graph that are
    not connected one below the other. Cycles do no harm: a wire that closes one is passed over."""
    found: dict[str, Position] = {}
    top = 0.0
    digraph = _acyclic(graph)
    for part in _parts(graph, digraph):
        columns, links = _layers(digraph.subgraph(part), graph)
        _order(columns, links)
        rows = _rows(columns, links, row)
        highest = min(rows[cell] for cells in columns for cell in cells)
        for x, cells in enumerate(columns):
            for cell in cells:
                if isinstance(cell, str):
                    found[cell] = (x * column, round(rows[cell] - highest + top, 1))
        top = max(y for _, y in found.values()) + row
    return found


def _acyclic(graph: Graph) -> nx.DiGraph:
    digraph = nx.DiGraph()
    digraph.add_nodes_from(graph.nodes)
    digraph.add_edges_from((e.source, e.target) for e in graph.edges.values() if e.source != e.target)
    while not nx.is_directed_acyclic_graph(digraph):
        digraph.remove_edge(*nx.find_cycle(digraph)[-1][:2])
    return digraph


def _parts(graph: Graph, digraph: nx.DiGraph) -> list[list[str]]:
    """The connected parts, each and all in the order in which they were drawn."""
    rank = {node_id: i for i, node_id in enumerate(graph.nodes)}
    parts = [sorted(part, key=rank.__getitem__) for part in nx.weakly_connected_components(digraph)]
    return sorted(parts, key=lambda part: rank[part[0]])


def _layers(digraph: nx.DiGraph, graph: Graph) -> tuple[_Columns, nx.DiGraph]:
    """Nodes by column, and a graph in which every link joins neighbouring columns."""
    height = {i: graph.nodes[i].position[1] for i in digraph}
    columns: _Columns = [sorted(generation, key=height.__getitem__)
                         for generation in nx.topological_generations(digraph)]
    column_of = {cell: x for x, cells in enumerate(columns) for cell in cells}
    links = nx.DiGraph()
    links.add_nodes_from(digraph)
    for source, target in digraph.edges:
        previous: _Cell = source
        for x in range(column_of[source] + 1, column_of[target]):
            stand_in = (source, target, x)
            columns[x].append(stand_in)
            links.add_edge(previous, stand_in)
            previous = stand_in
        links.add_edge(previous, target)
    return columns, links


def _order(columns: _Columns, links: nx.DiGraph) -> None:
    """Sorts each column by the mean place of its neighbours, to and fro, and keeps the order of fewest crossings."""
    best, fewest = [list(cells) for cells in columns], _crossings(columns, links)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        neighbours = links.pred if forward else links.succ
        run = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for x in run:
            columns[x] = _by_neighbours(columns[x], columns[x - 1 if forward else x + 1], neighbours)
        crossings = _crossings(columns, links)
        if crossings < fewest:
            best, fewest = [list(cells) for cells in columns], crossings
    columns[:] = best


def _by_neighbours(cells: list[_Cell], beside: list[_Cell], neighbours: Mapping[_Cell, Iterable[_Cell]]) -> list[_Cell]:
    """A column sorted by the mean place of its neighbours in the next one; ties stay in order."""
    place = {cell: i for i, cell in enumerate(beside)}
    wanted = {cell: _mean([place[n] for n in neighbours[cell]], i) for i, cell in enumerate(cells)}
    return sorted(cells, key=wanted.__getitem__)


def _crossings(columns: _Columns, links: nx.DiGraph) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {cell: i for i, cell in enumerate(right)}
        ends = [place[n] for cell in left for n in sorted(links.succ[cell], key=place.__getitem__)]
        total += sum(later < earlier for i, earlier in enumerate(ends) for later in ends[i + 1 :])
    return total


def _rows(columns: _Columns, links: nx.DiGraph, row: float) -> dict[_Cell, float]:
    """Heights that keep each column's order and distances and lie as near to the neighbours as that allows."""
    rows: dict[_Cell, float] = {}
    for cells in columns:
        rows.update({cell: (i - (len(cells) - 1) / 2) * row for i, cell in enumerate(cells)})
    for sweep in range(_SWEEPS):
        neighbours = links.pred if sweep % 2 == 0 else links.succ
        run = columns[1:] if sweep % 2 == 0 else columns[-2::-1]
        for cells in run:
            wanted = [_mean([rows[n] for n in neighbours[cell]], rows[cell]) for cell in cells]
            # A stand-in is given as much room as a node, so that chains beside a long wire run straight.
            fitted = _non_decreasing([w - i * row for i, w in enumerate(wanted)])
            rows.update({cell: f + i * row for i, (cell, f) in enumerate(zip(cells, fitted, strict=True))})
    return rows


def _non_decreasing(values: Sequence[float]) -> list[float]:
    """The nearest non-decreasing sequence in the sense of least squares (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    return [mean for mean, count in pools for _ in range(count)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
