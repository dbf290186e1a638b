"""Networks of well-known forms, for tests of the layout; what they compute does not matter."""

from __future__ import annotations

from engine.graph.model import Graph


def grown(graph: Graph, kind: str, *sources: str) -> tuple[Graph, str]:
    """A graph with one more node, fed by these."""
    graph, new = graph.add(kind)
    for source in sources:
        graph = graph.connect(source, new)
    return graph, new


def chain(length: int) -> Graph:
    """Input → Dense → Dense → …"""
    graph, last = Graph().add("Input")
    for _ in range(length):
        graph, last = grown(graph, "Dense", last)
    return graph


def residual_tower(blocks: int) -> Graph:
    """Blocks of three layers with a skip around each."""
    graph, last = Graph().add("Input")
    for _ in range(blocks):
        start = last
        for kind in ("Dense", "ReLU", "Dense"):
            graph, last = grown(graph, kind, last)
        graph, last = grown(graph, "Add", last, start)
    return graph


def u_net(depth: int) -> Graph:
    """Down and up again, with a skip at every level."""
    graph, last = Graph().add("Input")
    skips: list[str] = []
    for _ in range(depth):
        graph, last = grown(graph, "Conv2D", last)
        skips.append(last)
        graph, last = grown(graph, "MaxPool2D", last)
    graph, last = grown(graph, "Conv2D", last)
    for skip in reversed(skips):
        graph, last = grown(graph, "Upsample", last)
        graph, last = grown(graph, "Concatenate", last, skip)
        graph, last = grown(graph, "Conv2D", last)
    return graph


def inception(modules: int, branches: tuple[int, ...] = (1, 2, 3, 2)) -> Graph:
    """Parallel branches of these lengths, joined, several times."""
    graph, last = Graph().add("Input")
    for _ in range(modules):
        ends: list[str] = []
        for length in branches:
            end = last
            for _ in range(length):
                graph, end = grown(graph, "Conv2D", end)
            ends.append(end)
        graph, last = grown(graph, "Concatenate", *ends)
    return graph


def densely_connected(layers: int) -> Graph:
    """Every layer is fed by all before it."""
    graph, first = Graph().add("Input")
    known = [first]
    for _ in range(layers):
        graph, joined = grown(graph, "Concatenate", *known)
        graph, new = grown(graph, "Dense", joined)
        known.append(new)
    return graph
