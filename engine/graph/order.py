"""What a graph's wiring says: the order of computing, cycles, and what leads to where.

Cycles are named by networkx, which is imported only where there are some: a training process is given a graph that has
been checked, and it would take half of that process's memory before the first weight.
"""

from __future__ import annotations

from heapq import heappop, heappush

from engine.graph.model import Graph

Loops = list[list[str]]


class Wiring:
    """A graph's nodes and wires; what was found once is kept."""

    def __init__(self, graph: Graph) -> None:
        self._edges = graph.edges
        self._order: tuple[list[str], Loops] | None = None
        self._leading: dict[tuple[str, ...], set[str]] = {}
        self._rank = {node_id: place for place, node_id in enumerate(graph.nodes)}
        self._sources: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
        self._targets: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
        for edge in graph.edges.values():
            self._sources[edge.target].append(edge.source)
            self._targets[edge.source].append(edge.target)

    def fits(self, graph: Graph) -> bool:
        """Is the graph wired exactly so? Most edits leave the wires alone, and with them the mapping that holds them:
        nothing is compared wire by wire."""
        return graph.edges is self._edges and list(graph.nodes) == list(self._rank)

    def order(self) -> tuple[list[str], Loops]:
        """Every node that lies in no cycle, sources first, ties in the order in which nodes were added; and the
        cycles, each as a path along its wires."""
        if self._order is None:
            found = self._sorted(set())
            loops: Loops = []
            if len(found) < len(self._rank):
                loops, cyclic = self._loops()
                found = self._sorted(cyclic)
            self._order = found, loops
        return self._order

    def leading_to(self, ends: list[str]) -> set[str]:
        """These nodes and all from which a wire leads to one of them, directly or not."""
        key = tuple(ends)
        if key not in self._leading:
            reached, waiting = set(ends), list(ends)
            while waiting:
                before = [i for i in self._sources[waiting.pop()] if i not in reached]
                reached.update(before)
                waiting += before
            self._leading[key] = reached
        return self._leading[key]

    def _sorted(self, without: set[str]) -> list[str]:
        """What can be computed, sources first (Kahn's algorithm), as if the nodes in ``without`` were not there."""
        names, rank = list(self._rank), self._rank
        waits = {i: len([source for source in sources if source not in without])
                 for i, sources in self._sources.items()}
        ready = [rank[i] for i, count in waits.items() if not count and i not in without]
        found: list[str] = []
        while ready:
            node_id = names[heappop(ready)]
            found.append(node_id)
            for target in self._targets[node_id]:
                waits[target] -= 1
                if not waits[target] and target not in without:
                    heappush(ready, rank[target])
        return found

    def _loops(self) -> tuple[Loops, set[str]]:
        import networkx as nx

        digraph = nx.DiGraph([(edge.source, edge.target) for edge in self._edges.values()])
        loops: Loops = []
        cyclic: set[str] = set()
        for component in nx.strongly_connected_components(digraph):
            first = next(iter(component))
            if len(component) > 1 or digraph.has_edge(first, first):
                cyclic |= component
                loops.append([source for source, _ in nx.find_cycle(digraph.subgraph(component))])
        return loops, cyclic


_last: Wiring | None = None


def wiring_of(graph: Graph) -> Wiring:
    """The wiring of a graph; that of the graph asked about last where nothing about it has changed."""
    global _last
    known = _last
    if known is None or not known.fits(graph):
        _last = known = Wiring(graph)
    return known
