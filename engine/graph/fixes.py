"""The mends that issues offer: each a pure edit by name, so that one click is one undoable change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.graph.model import Graph
from engine.issues import Fix


def _set_param(graph: Graph, node: str, name: str, value: Any) -> Graph:
    return graph.set_params(node, **{name: value})


def _reset_param(graph: Graph, node: str, name: str) -> Graph:
    kept = {key: value for key, value in graph.nodes[node].params.items() if key != name}
    return graph.put(replace(graph.nodes[node], params=kept))


def _remove(graph: Graph, node: str) -> Graph:
    return graph.remove([node], heal=True)


def _replace_kind(graph: Graph, node: str, kind: str) -> Graph:
    return graph.put(replace(graph.nodes[node], kind=kind, params={}))


def insert_on_wire(graph: Graph, target: str, port: str, kind: str) -> Graph:
    """A graph in which a new node stands on the wire that ended at ``port`` of ``target``."""
    edge = graph.edges[(target, port)]
    (x1, y1), (x2, y2) = graph.nodes[edge.source].position, graph.nodes[target].position
    grown, new_id = graph.add(kind, position=((x1 + x2) / 2, (y1 + y2) / 2))
    return grown.connect(edge.source, new_id).connect(new_id, target, port)


def _insert_before(graph: Graph, node: str, kind: str) -> Graph:
    """A graph with a new node on the first wire into ``node``."""
    return insert_on_wire(graph, node, graph.inputs(node)[0].port, kind)


def _add_input(graph: Graph) -> Graph:
    left = min((node.position[0] for node in graph.nodes.values()), default=0.0)
    top = min((node.position[1] for node in graph.nodes.values()), default=0.0)
    return graph.add("Input", position=(left - 220.0, top))[0]


def _add_loss(graph: Graph) -> Graph:
    """A softmax cross-entropy after the last node that leads nowhere."""
    open_ends = [n for n in graph.nodes.values() if not graph.outputs(n.id)]
    if not open_ends:
        return graph.add("SoftmaxCrossEntropy")[0]
    last = max(open_ends, key=lambda node: node.position[0])
    grown, loss = graph.add("SoftmaxCrossEntropy", position=(last.position[0] + 220.0, last.position[1]))
    return grown.connect(last.id, loss)


FIXES: dict[str, Callable[..., Graph]] = {
    "set_param": _set_param,
    "reset_param": _reset_param,
    "remove": _remove,
    "replace_kind": _replace_kind,
    "insert_before": _insert_before,
    "disconnect": Graph.disconnect,
    "add_input": _add_input,
    "add_loss": _add_loss,
}


def apply_fix(graph: Graph, fix: Fix) -> Graph:
    """The graph after a mend."""
    return FIXES[fix.edit](graph, **dict(fix.arguments))
