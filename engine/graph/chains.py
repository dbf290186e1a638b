"""Edits of the way nodes hang together, as pure functions: lift out, duplicate with wiring, wire in a row, follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.graph import edits, legal
from engine.graph.check import Report
from engine.graph.groups import descendants
from engine.graph.model import Edge, Graph, Position


def lift(graph: Graph, ids: Iterable[str]) -> Graph:
    """A graph in which these nodes keep the wires among themselves only; the ends of a chain they leave are joined."""
    chosen = set(ids)
    inside = {key: e for key, e in graph.edges.items() if e.source in chosen and e.target in chosen}
    cut = [e for e in graph.edges.values() if (e.source in chosen) != (e.target in chosen)]
    if not cut:
        return graph
    healed = graph.remove(chosen, heal=True)
    lifted = replace(graph, edges={**healed.edges, **inside})
    for node_id in chosen:  # a layer of many inputs may have lost some: close the gaps
        lifted = lifted.disconnect(node_id, "")
    return lifted


def duplicate(graph: Graph, ids: Iterable[str], offset: Position) -> tuple[Graph, tuple[str, ...]]:
    """A graph with a copy of these nodes, moved by ``offset``, and the ids of the new nodes.

    The copies are wired among themselves like the originals and fed from outside by what feeds those.
    """
    chosen = set(ids)
    part = edits.read_text(edits.copy_text(graph, chosen))
    grown, new_ids = edits.paste(graph, part, offset)
    twin = dict(zip(part.nodes, new_ids, strict=True))
    wires = dict(grown.edges)
    for node_id, copy in twin.items():
        among = iter(grown.inputs(copy))
        for edge in grown.inputs(copy):
            del wires[edge.key]
        for edge in graph.inputs(node_id):
            # The copy's own wires come in the original's order, only renumbered where some were missing.
            wire = replace(next(among), port=edge.port) if edge.source in twin else Edge(edge.source, copy, edge.port)
            wires[wire.key] = wire
    return replace(grown, edges=wires), new_ids


def wire_in_order(graph: Graph, report: Report, ids: Sequence[str]) -> tuple[Graph, str | None]:
    """A graph in which each of these nodes feeds the next, and why it stopped short: None where it did not."""
    for begin, end in pairwise(ids):
        if any(edge.source == begin for edge in graph.inputs(end)):
            continue
        port = legal.best_port(graph, end) or "in"
        reason = legal.why_not(graph, report, begin, end, port)
        if reason is not None:
            return graph, reason
        graph = edits.connect(graph, begin, end, port)
    return graph, None


def upstream(graph: Graph, ids: Iterable[str]) -> set[str]:
    """These nodes and everything that leads to them."""
    found = set(ids)
    stack = list(found)
    while stack:
        for edge in graph.inputs(stack.pop()):
            if edge.source not in found:
                found.add(edge.source)
                stack.append(edge.source)
    return found


def downstream(graph: Graph, ids: Iterable[str]) -> set[str]:
    """These nodes and everything they lead to."""
    chosen = set(ids)
    return chosen.union(*(descendants(graph, node_id) for node_id in chosen))


def of_same_kind(graph: Graph, ids: Iterable[str]) -> set[str]:
    """Every node of a kind that occurs among these."""
    kinds = {graph.nodes[node_id].kind for node_id in ids}
    return {node_id for node_id, node in graph.nodes.items() if node.kind in kinds}
