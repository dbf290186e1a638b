"""The order in which a graph is computed, and what lies in cycles."""

from __future__ import annotations

from collections.abc import Collection
from heapq import heapify, heappop, heappush

import networkx as nx

from engine.graph.model import Graph

Loops = list[list[str]]


def computing_order(graph: Graph) -> tuple[list[str], Loops]:
    """Every node that lies in no cycle, sources first, ties in the order in which nodes were added; and the cycles,
    each as a path along its wires."""
    order = _sorted(graph, ())
    if len(order) == len(graph.nodes):
        return order, []
    loops, cyclic = _loops(graph, set(graph.nodes) - set(order))
    return _sorted(graph, cyclic), loops


def _sorted(graph: Graph, without: Collection[str]) -> list[str]:
    """Kahn's algorithm: a node is ready when all that lead to it are done; the oldest ready one comes next."""
    rank = {node_id: place for place, node_id in enumerate(graph.nodes) if node_id not in without}
    waiting = dict.fromkeys(rank, 0)
    for edge in graph.edges.values():
        if edge.source in rank and edge.target in rank:
            waiting[edge.target] += 1
    ids = list(graph.nodes)
    ready = [rank[node_id] for node_id, count in waiting.items() if not count]
    heapify(ready)
    order = []
    while ready:
        node_id = ids[heappop(ready)]
        order.append(node_id)
        for edge in graph.outputs(node_id):
            if edge.target in waiting:
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    heappush(ready, rank[edge.target])
    return order


def _loops(graph: Graph, suspects: set[str]) -> tuple[Loops, set[str]]:
    """The cycles among ``suspects`` (nodes in cycles and those after them), and every node that is in one."""
    digraph = nx.DiGraph((e.source, e.target) for e in graph.edges.values() if {e.source, e.target} <= suspects)
    loops, cyclic = [], set()
    for component in nx.strongly_connected_components(digraph):
        first = next(iter(component))
        if len(component) > 1 or digraph.has_edge(first, first):
            cyclic |= component
            loops.append([source for source, _ in nx.find_cycle(digraph.subgraph(component))])
    return loops, cyclic
