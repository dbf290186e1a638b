"""Layers and shapes as they flow through the sound part of a graph.

What a former report found is taken over wherever layer and input shapes are the same, so that an edit of one node
costs what lies behind it and not the whole network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.graph.model import Edge, Graph, Node
from engine.graph.report import Report
from engine.issues import Fix, Issue, near_miss, shown
from engine.layer import Layer, WeightSpec
from engine.layers import LAYERS
from engine.shapes import Shape, size


def make_layers(graph: Graph, previous: Report) -> tuple[dict[str, Layer], list[Issue]]:
    """The layers that the nodes stand for, and what is wrong with the nodes that stand for none."""
    layers: dict[str, Layer] = {}
    issues: list[Issue] = []
    for node in graph.nodes.values():
        before = previous.nodes.get(node.id)
        if before is not None and node.id in previous.layers and _same(before, node):
            layers[node.id] = previous.layers[node.id]
            continue
        kind = LAYERS.get(node.kind)
        problems = kind.problems(node.params) if kind else {}
        if kind is None:
            issues.append(_unknown(node))
        elif problems:
            issues += [_wrong_parameter(node, name, expected, name in kind.parameters)
                       for name, expected in problems.items()]
        else:
            layers[node.id] = kind(**node.params)
    return layers, issues


def _same(before: Node, node: Node) -> bool:
    return before is node or (before.kind == node.kind and before.params == node.params)


def _unknown(node: Node) -> Issue:
    return Issue("unknown_layer", f"{node.kind!r} is no layer this version knows.",
                 "Expected one of the layers in the palette.",
                 near_miss(node.kind, LAYERS) or "Replace it, or open the file in a newer version.", node.id)


def _wrong_parameter(node: Node, name: str, expected: str, known: bool) -> Issue:
    mends = (Fix("Reset to default", "reset_param", (("node", node.id), ("name", name))),)
    happened = f"{name} is {shown(node.params.get(name))}." if known else f"{name!r} is not a parameter of {node.kind}."
    return Issue("parameter", happened, expected, "Change it in the inspector, or reset it to its default.",
                 node.id, parameter=name, mends=mends)


@dataclass
class Flow:
    """What each sound node receives, puts out, learns and costs; ``refused`` are the issues of the others."""

    layers: Mapping[str, Layer]
    order: list[str] = field(default_factory=list)
    inputs: dict[str, tuple[Shape, ...]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    weights: dict[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    #: Sound input shapes that a layer does not take: node → what it says.
    refused: dict[str, Issue] = field(default_factory=dict)
    #: Ports that lack a wire, by node.
    missing: dict[str, list[str]] = field(default_factory=dict)


def flow_through(graph: Graph, order: Iterable[str], layers: Mapping[str, Layer], previous: Report) -> Flow:
    """Infers shapes along ``order``."""
    flow = Flow(layers)
    for node_id in order:
        layer = layers.get(node_id)
        if layer is None:
            continue
        missing = [port for port in needed_ports(layer) if (node_id, port) not in graph.edges]
        if missing:
            flow.missing[node_id] = missing
            continue
        if any(strange_port(graph, layer, edge) for edge in graph.inputs(node_id)):
            continue
        sources = [edge.source for edge in graph.inputs(node_id)]
        if all(source in flow.shapes for source in sources):
            _step(flow, node_id, layer, tuple(flow.shapes[source] for source in sources), previous)
    return flow


def strange_port(graph: Graph, layer: Layer, edge: Edge) -> bool:
    """Does a wire end at a port that its layer does not have?"""
    return edge.port not in layer.inputs and edge.port not in graph.ports(edge.target)


def needed_ports(layer: Layer) -> tuple[str, ...]:
    """The input ports without which a layer cannot work."""
    return ("in1", "in2") if layer.variadic else layer.inputs


def _step(flow: Flow, node_id: str, layer: Layer, inputs: tuple[Shape, ...], previous: Report) -> None:
    if previous.layers.get(node_id) is layer and previous.inputs.get(node_id) == inputs:
        output, weights = previous.shapes[node_id], previous.weights[node_id]
        learned, cost = previous.counts[node_id], previous.costs[node_id]
    else:
        outcome = layer.infer(*inputs)
        if isinstance(outcome, Issue):
            flow.refused[node_id] = outcome.at(node_id)
            flow.inputs[node_id] = inputs
            return
        output, weights, cost = outcome, layer.weights(*inputs), layer.cost(*inputs)
        learned = sum(size(spec.shape) for spec in weights.values() if spec.trainable)
    flow.order.append(node_id)
    flow.inputs[node_id], flow.shapes[node_id] = inputs, output
    flow.weights[node_id], flow.counts[node_id], flow.costs[node_id] = weights, learned, cost
