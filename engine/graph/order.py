"""What networkx finds in a graph's wiring: the order of computing, cycles, and what leads to where.

networkx is imported where it is used: a training process is given a graph that has been checked, and it would take
half of that process's memory before the first weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.graph.model import Graph

if TYPE_CHECKING:
    import networkx as nx

Loops = list[list[str]]


class Wiring:
    """A graph's nodes and wires as networkx sees them; what was found once is kept."""

    def __init__(self, graph: Graph) -> None:
        import networkx as nx

        self._edges = graph.edges
        self._order: tuple[list[str], Loops] | None = None
        self._leading: dict[tuple[str, ...], set[str]] = {}
        self._rank = {node_id: place for place, node_id in enumerate(graph.nodes)}
        self._digraph: nx.DiGraph = nx.DiGraph()
        self._digraph.add_edges_from([(edge.source, edge.target) for edge in graph.edges.values()])
        self._digraph.add_nodes_from([node_id for node_id in graph.nodes if node_id not in self._digraph])

    def fits(self, graph: Graph) -> bool:
        """Is the graph wired exactly so? Most edits leave the wires alone, and with them the mapping that holds them:
        nothing is compared wire by wire."""
        return graph.edges is self._edges and list(graph.nodes) == list(self._rank)

    def order(self) -> tuple[list[str], Loops]:
        """Every node that lies in no cycle, sources first, ties in the order in which nodes were added; and the
        cycles, each as a path along its wires."""
        if self._order is None:
            self._order = self._found_order()
        return self._order

    def _found_order(self) -> tuple[list[str], Loops]:
        import networkx as nx

        try:
            return self._sorted(self._digraph), []
        except nx.NetworkXUnfeasible:
            loops, cyclic = self._loops()
            return self._sorted(self._digraph.subgraph(set(self._rank) - cyclic)), loops

    def leading_to(self, ends: list[str]) -> set[str]:
        """These nodes and all from which a wire leads to one of them, directly or not."""
        import networkx as nx

        key = tuple(ends)
        if key not in self._leading:
            self._leading[key] = set(ends).union(*(nx.ancestors(self._digraph, end) for end in ends))
        return self._leading[key]

    def _sorted(self, digraph: nx.DiGraph) -> list[str]:
        import networkx as nx

        return list(nx.lexicographical_topological_sort(digraph, key=self._rank.__getitem__))

    def _loops(self) -> tuple[Loops, set[str]]:
        import networkx as nx

        loops: Loops = []
        cyclic: set[str] = set()
        for component in nx.strongly_connected_components(self._digraph):
            first = next(iter(component))
            if len(component) > 1 or self._digraph.has_edge(first, first):
                cyclic |= component
                loops.append([source for source, _ in nx.find_cycle(self._digraph.subgraph(component))])
        return loops, cyclic


_last: Wiring | None = None


def wiring_of(graph: Graph) -> Wiring:
    """The wiring of a graph; that of the graph asked about last where nothing about it has changed."""
    global _last
    known = _last
    if known is None or not known.fits(graph):
        _last = known = Wiring(graph)
    return known
