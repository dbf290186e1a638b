"""Checking a graph: cycles, order, wiring, shapes, reachability. It reports and never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.graph import rules
from engine.graph.expand import expand, told_back
from engine.graph.fixes import branch
from engine.graph.flow import Flow, flow_through, make_layers, strange_port
from engine.graph.mends import with_mends
from engine.graph.model import Edge, Graph
from engine.graph.order import Loops, Wiring, wiring_of
from engine.graph.report import Report
from engine.issues import Fix, Issue, Severity
from engine.layer import Layer, LossLayer
from engine.signature import DataSignature

__all__ = ["Report", "check"]


def check(graph: Graph, data: DataSignature | None = None, previous: Report | None = None) -> Report:
    """Everything that is wrong or doubtful about a graph and, where ``data`` is given, about the two together.

    ``previous`` is the report of a similar graph, any: what it found about nodes that are the same is not worked out
    again. It changes nothing about the result. What is checked is what is computed: repeated blocks written out,
    bypassed nodes left out.
    """
    expansion = expand(graph)
    known = (previous.computed or previous) if previous else Report()
    report = _check(expansion.graph, data, known)
    return report if graph.is_plain else told_back(report, expansion, graph)


def _check(graph: Graph, data: DataSignature | None, known: Report) -> Report:
    if not graph.nodes:
        return Report(issues=(Issue(
            "empty", "The network is empty.", "It needs at least an Input, a layer and a loss.",
            "Drag layers from the palette, or begin with a template."),))
    layers, issues = make_layers(graph, known)
    wiring = wiring_of(graph)
    order, loops = wiring.order()
    flow = flow_through(graph, order, layers, known)
    issues += _cycles(loops, graph)
    issues += _wiring(graph, layers)
    issues += _unfed(graph, flow)
    issues += [with_mends(graph, i, layers[i], flow.inputs[i], issue) for i, issue in flow.refused.items()]
    issues += _ends(layers)
    issues += _unused(graph, layers, wiring)
    issues += rules.advice(graph, layers)
    if data is not None:
        issues += rules.against_data(graph, layers, flow.shapes, data)
    inputs = {i: flow.inputs[i] for i in flow.order} if flow.refused else flow.inputs
    return Report(tuple(issues), tuple(flow.order), layers, flow.shapes, flow.weights, flow.costs, inputs,
                  flow.counts, graph.nodes)


def _cycles(loops: Loops, graph: Graph) -> list[Issue]:
    issues = []
    for path in loops:
        round_trip = " → ".join(graph.nodes[i].label for i in [*path, path[0]])
        issues += [Issue("cycle", f"This layer is part of a cycle: {round_trip}.",
                         "A network is computed once from input to output, so no layer may depend on itself.",
                         "Delete one wire of the cycle.", node_id) for node_id in path]
    return issues


def _wiring(graph: Graph, layers: Mapping[str, Layer]) -> list[Issue]:
    issues = []
    for edge in graph.edges.values():
        target = layers.get(edge.target)
        if target is not None and strange_port(graph, target, edge):
            ports = graph.ports(edge.target)
            issues.append(Issue("port", f"A wire ends at a port {edge.port!r} that this layer does not have.",
                                f"It has {', '.join(ports) or 'no inputs'}.", "Delete the wire.", edge.target,
                                mends=(_disconnect(edge),)))
        if isinstance(layers.get(edge.source), LossLayer):
            issues.append(Issue("after_loss", f"A wire leaves this loss for {graph.nodes[edge.target].label}.",
                                "A loss is the end of its branch.", "Take the wire from the layer before instead.",
                                edge.source, mends=(_disconnect(edge),)))
    return issues


def _disconnect(edge: Edge) -> Fix:
    return Fix("Delete the wire", "disconnect", (("target", edge.target), ("port", edge.port)))


def _unfed(graph: Graph, flow: Flow) -> Iterator[Issue]:
    """Layers that lack a wire. What lies behind them lacks shapes for that reason alone and is not accused."""
    loose = [i for i in flow.shapes if not graph.outputs(i) and not isinstance(flow.layers[i], LossLayer)]
    for node_id, missing in flow.missing.items():
        layer = flow.layers[node_id]
        ports = layer.inputs if not layer.variadic else ("in1", "in2")
        which = "its input" if len(ports) == 1 else " and ".join(missing)
        # Only where there is no choice: one loose end, one thing that waits for a wire.
        sole = len(loose) == 1 and len(flow.missing) == 1 and len(missing) == 1
        yield Issue("missing_input", f"Nothing is wired to {which}.", f"{layer.title} needs "
                    f"{'an input' if len(ports) == 1 else f'at least {len(ports)} inputs'}.",
                    "Drag a wire from another layer's output to it.", node_id,
                    mends=(_join(graph, loose[0], node_id, missing[0]),) if sole else ())


def _join(graph: Graph, source: str, target: str, port: str) -> Fix:
    return Fix(f"Wire {graph.nodes[source].label} to {graph.nodes[target].label}", "connect",
               (("source", source), ("target", target), ("port", port)))


def _ends(layers: Mapping[str, Layer]) -> Iterator[Issue]:
    if not any(layer.category.name == "DATA" for layer in layers.values()):
        yield Issue("no_input", "The network has no Input.", "Data enters a network at an Input.",
                    "Drag an Input to the canvas and wire it to the first layer.",
                    mends=(Fix("Add an Input", "add_input"),))
    if not any(isinstance(layer, LossLayer) for layer in layers.values()):
        yield Issue("no_loss", "The network has no loss.", "Training needs a number to make smaller.",
                    "Drag a loss from the palette and wire the last layer to it.",
                    mends=(Fix("Add a loss", "add_loss"),))


def _unused(graph: Graph, layers: Mapping[str, Layer], wiring: Wiring) -> Iterator[Issue]:
    """The last layers of branches that lead to no loss; the rest of a branch follows from its end."""
    ends = [i for i, layer in layers.items() if isinstance(layer, LossLayer)]
    if not ends:
        return
    useful = wiring.leading_to(ends)
    for node_id in graph.nodes:
        if node_id in useful or graph.outputs(node_id):
            continue
        before = branch(graph, node_id)
        mends: tuple[Fix, ...] = (Fix("Delete it", "remove", (("node", node_id),)),)
        if len(before) > 1:
            mends += (Fix(f"Delete the branch of {len(before)} layers", "remove_branch", (("node", node_id),)),)
        yield Issue("unused", "This layer leads to no loss.", "Its output is not used, so it learns nothing.",
                    "Wire it onwards, or delete it.", node_id, Severity.WARNING, mends=mends)
