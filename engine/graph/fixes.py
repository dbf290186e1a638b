"""The mends that issues offer: each a pure edit by name, so that one click is one undoable change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.graph import groups
from engine.graph.build import STEP_X
from engine.graph.edits import make_room
from engine.graph.model import Graph
from engine.issues import Fix

#: Parameters by name, as a value.
Params = tuple[tuple[str, Any], ...]


def _set_param(graph: Graph, node: str, name: str, value: Any) -> Graph:
    return graph.set_params(node, **{name: value})


def _reset_param(graph: Graph, node: str, name: str) -> Graph:
    kept = {key: value for key, value in graph.nodes[node].params.items() if key != name}
    return graph.put(replace(graph.nodes[node], params=kept))


def _remove(graph: Graph, node: str) -> Graph:
    return graph.remove([node], heal=True)


def _replace_kind(graph: Graph, node: str, kind: str) -> Graph:
    return graph.put(replace(graph.nodes[node], kind=kind, params={}))


def _replace_kinds(graph: Graph, nodes: tuple[str, ...], kind: str) -> Graph:
    for node in nodes:
        graph = _replace_kind(graph, node, kind)
    return graph


def insert_on_wire(graph: Graph, target: str, port: str, kind: str, params: Params = ()) -> Graph:
    """A graph in which a new node stands on the wire that ended at ``port`` of ``target``, which makes room."""
    edge = graph.edges[(target, port)]
    x, y = graph.nodes[edge.source].position
    below = graph.nodes[target].position[1]
    grown, new_id = graph.add(kind, dict(params), (x + STEP_X, y if len(graph.inputs(target)) < 2 else (y + below) / 2))
    return make_room(grown.connect(edge.source, new_id).connect(new_id, target, port), new_id, STEP_X)


def _insert_before(graph: Graph, node: str, kind: str, params: Params = ()) -> Graph:
    """A graph with a new node on the first wire into ``node``."""
    return insert_on_wire(graph, node, graph.inputs(node)[0].port, kind, params)


def _remove_branch(graph: Graph, node: str) -> Graph:
    """A graph without a node and all before it that lead nowhere else; Inputs stay."""
    return graph.remove(branch(graph, node))


def branch(graph: Graph, node: str) -> list[str]:
    """A node that leads nowhere and all before it that then lead nowhere either; Inputs are left out."""
    gone = {node: None}  # in the order in which they were found
    waiting = [node]
    for current in waiting:
        for edge in graph.inputs(current):
            leads_on = any(e.target not in gone for e in graph.outputs(edge.source))
            if not leads_on and edge.source not in gone and graph.inputs(edge.source):
                gone[edge.source] = None
                waiting.append(edge.source)
    return list(gone)


def _connect(graph: Graph, source: str, target: str, port: str) -> Graph:
    if graph.would_cycle(source, target):
        raise KeyError(source)
    return graph.connect(source, target, port)


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


def _repeat(graph: Graph, group: str, times: int) -> Graph:
    return groups.put(graph, replace(graph.groups[group], repeat=times))


def _enable(graph: Graph, node: str) -> Graph:
    """``node`` may be a block, too: all of its layers."""
    return graph.enable(groups.members(graph, node) if node in graph.groups else [node], True)


FIXES: dict[str, Callable[..., Graph]] = {
    "set_param": _set_param,
    "reset_param": _reset_param,
    "remove": _remove,
    "replace_kind": _replace_kind,
    "replace_kinds": _replace_kinds,
    "remove_branch": _remove_branch,
    "insert_before": _insert_before,
    "insert_on_wire": insert_on_wire,
    "connect": _connect,
    "disconnect": Graph.disconnect,
    "add_input": _add_input,
    "add_loss": _add_loss,
    "repeat": _repeat,
    "enable": _enable,
}


def apply_fix(graph: Graph, fix: Fix) -> Graph:
    """The graph after a mend."""
    return FIXES[fix.edit](graph, **dict(fix.arguments))
