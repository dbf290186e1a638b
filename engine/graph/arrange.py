"""Automatic layered layout: columns by computing order, rows by the mean of the neighbours.

After Sugiyama, Tagawa and Toda (1981): longest-path layers, wires that skip layers are led through them by
stand-ins, barycentre sweeps order each layer, and rows are then fitted to their neighbours by isotonic regression.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise

import networkx as nx

from engine.graph.elements import COLUMN, ROW
from engine.graph.model import Graph, Position
from engine.graph.wrap import wrapped

_SWEEPS = 8
#: In larger parts the sweeps must do: exchanging neighbours would take too long.
_MOST_EXCHANGED = 1500

#: How much room a node takes across and down, the gap to the next included.
Room = tuple[float, float]
_USUAL: Room = (COLUMN, ROW)
_Cell = Hashable
_Columns = list[list[_Cell]]


def positions(
    graph: Graph, rooms: Mapping[str, Room] | None = None, *, in_rows: bool = False
) -> dict[str, Position]:
    """Top-left corners for every node, the whole resting on (0, 0). Left to right, parts of the graph that are
    not connected one below the other. ``rooms`` says of nodes that are larger than usual how much room each takes,
    the gap to the next included; ``in_rows`` wraps what is too wide for a screen. Cycles do no harm: a wire that
    closes one is passed over."""
    found: dict[str, Position] = {}
    top = 0.0
    digraph, room = _acyclic(graph), rooms or {}
    for part in _parts(graph, digraph):
        columns, links = _layers(digraph.subgraph(part), graph)
        _order(columns, links)
        heights = {cell: room.get(cell, _USUAL)[1] if isinstance(cell, str) else ROW
                   for cells in columns for cell in cells}
        middles = _rows(columns, links, heights)
        tops = {cell: middle - heights[cell] / 2 for cell, middle in middles.items()}
        highest = min(tops.values())
        left, places = 0.0, dict[str, Position]()
        for cells in columns:
            nodes = [cell for cell in cells if isinstance(cell, str)]
            places.update({i: (left, tops[i] - highest) for i in nodes})
            left += max(room.get(i, _USUAL)[0] for i in nodes)
        if in_rows:
            places = wrapped(graph, places, room)
        found.update({i: (x, round(y + top, 1)) for i, (x, y) in places.items()})
        top = max(found[i][1] + heights[i] for i in part)
    # A wire may have been given the topmost row; the nodes are what is to rest on 0.
    highest = min((y for _, y in found.values()), default=0.0)
    return {i: (x, round(y - highest, 1)) for i, (x, y) in found.items()}


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
            links.add_edge(previous, stand_in, port=0.0)
            previous = stand_in
        links.add_edge(previous, target, port=_port_place(graph, source, target))
    return columns, links


def _port_place(graph: Graph, source: str, target: str) -> float:
    """How far from its node's middle a wire ends, -0.5 … 0.5 of the way to the neighbours above and below."""
    inputs = graph.inputs(target)
    if len(inputs) < 2:
        return 0.0
    own = next(i for i, edge in enumerate(inputs) if edge.source == source)
    return (own + 0.5) / len(inputs) - 0.5


def _order(columns: _Columns, links: nx.DiGraph) -> None:
    """Sorts each column by the mean place of its neighbours, to and fro, and keeps the order of fewest crossings."""
    best, fewest = [list(cells) for cells in columns], _crossings(columns, links)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        run = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for x in run:
            columns[x] = _by_neighbours(columns[x], columns[x - 1 if forward else x + 1], links, forward)
        crossings = _crossings(columns, links)
        if crossings < fewest:
            best, fewest = [list(cells) for cells in columns], crossings
    columns[:] = best
    if fewest and sum(map(len, columns)) <= _MOST_EXCHANGED:
        _exchange(columns, links)


def _by_neighbours(cells: list[_Cell], beside: list[_Cell], links: nx.DiGraph, forward: bool) -> list[_Cell]:
    """A column sorted by the mean place of its neighbours in the next one; ties stay in order."""
    place = {cell: i for i, cell in enumerate(beside)}
    wanted = {}
    for i, cell in enumerate(cells):
        near = links.pred[cell] if forward else links.succ[cell]
        # Seen from before, a wire's end lies a little off the node's middle: at its port.
        ends = [place[n] if forward else place[n] + link["port"] for n, link in near.items()]
        wanted[cell] = _mean(ends, i)
    return sorted(cells, key=wanted.__getitem__)


def _exchange(columns: _Columns, links: nx.DiGraph) -> None:
    """Swaps neighbours in a column for as long as that saves crossings."""
    for _ in range(_SWEEPS):
        saved = False
        for x, cells in enumerate(columns):
            left = {cell: i for i, cell in enumerate(columns[x - 1])} if x else {}
            right = {cell: i for i, cell in enumerate(columns[x + 1])} if x + 1 < len(columns) else {}
            for i in range(len(cells) - 1):
                upper, lower = _ends(cells[i], links, left, right), _ends(cells[i + 1], links, left, right)
                if _inversions(lower, upper) < _inversions(upper, lower):
                    cells[i], cells[i + 1] = cells[i + 1], cells[i]
                    saved = True
        if not saved:
            return


_Ends = tuple[list[float], list[float]]


def _ends(cell: _Cell, links: nx.DiGraph, left: Mapping[_Cell, int], right: Mapping[_Cell, int]) -> _Ends:
    """Where a cell's wires meet the columns before and after it."""
    return [left[n] for n in links.pred[cell]], [right[n] + link["port"] for n, link in links.succ[cell].items()]


def _inversions(upper: _Ends, lower: _Ends) -> int:
    """How many wires of two neighbours cross when one stands above the other."""
    return sum(a > b for above, below in zip(upper, lower, strict=True) for a in above for b in below)


def _crossings(columns: _Columns, links: nx.DiGraph) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {cell: i for i, cell in enumerate(right)}
        ends = [end for cell in left for end in sorted(place[n] + link["port"] for n, link in links.succ[cell].items())]
        total += sum(later < earlier for i, earlier in enumerate(ends) for later in ends[i + 1 :])
    return total


def _rows(columns: _Columns, links: nx.DiGraph, heights: Mapping[_Cell, float]) -> dict[_Cell, float]:
    """Middles that keep each column's order and distances and lie as near to the neighbours as that allows."""
    rows: dict[_Cell, float] = {}
    #: How far below the middle of its column's first cell each cell lies where they stand close.
    below: dict[_Cell, float] = {}
    for cells in columns:
        for i, cell in enumerate(cells):
            below[cell] = below[cells[i - 1]] + (heights[cells[i - 1]] + heights[cell]) / 2 if i else 0.0
        middle = (below[cells[-1]] + (heights[cells[-1]] - heights[cells[0]]) / 2) / 2
        rows.update({cell: below[cell] - middle for cell in cells})
    for sweep in range(_SWEEPS):
        neighbours = links.pred if sweep % 2 == 0 else links.succ
        run = columns[1:] if sweep % 2 == 0 else columns[-2::-1]
        for cells in run:
            wanted = [_mean([rows[n] for n in neighbours[cell]], rows[cell]) for cell in cells]
            # A stand-in is given as much room as a node, so that chains beside a long wire run straight.
            fitted = _non_decreasing([w - below[cell] for cell, w in zip(cells, wanted, strict=True)])
            rows.update({cell: f + below[cell] for cell, f in zip(cells, fitted, strict=True)})
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
