"""Checking a graph: networkx finds cycles, order and reachability; layers infer shapes. It reports and never raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import networkx as nx

from engine.graph import rules
from engine.graph.model import Edge, Graph, Node
from engine.issues import Fix, Issue, Severity, near_miss
from engine.layer import Layer, LossLayer, WeightSpec
from engine.layers import LAYERS
from engine.shapes import Shape, size
from engine.signature import DataSignature


@dataclass(frozen=True)
class Report:
    """What checking found. ``order`` lists the sound nodes in computing order; ``shapes`` their outputs."""

    issues: tuple[Issue, ...] = ()
    order: tuple[str, ...] = ()
    layers: Mapping[str, Layer] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """May the graph be compiled and trained?"""
        return not self.errors

    @property
    def errors(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    def at(self, node_id: str) -> tuple[Issue, ...]:
        """The issues of one node."""
        return tuple(issue for issue in self.issues if issue.where == node_id)

    def parameters(self, node_id: str) -> int:
        """How many numbers of a node learn."""
        specs = self.weights.get(node_id, {})
        return sum(size(spec.shape) for spec in specs.values() if spec.trainable)

    @property
    def total_parameters(self) -> int:
        return sum(self.parameters(node_id) for node_id in self.weights)

    @property
    def total_cost(self) -> int:
        """Multiply–adds of one example's forward pass."""
        return sum(self.costs.values())

    @property
    def losses(self) -> tuple[str, ...]:
        """The loss nodes, in computing order."""
        return tuple(i for i in self.order if isinstance(self.layers[i], LossLayer))


def check(graph: Graph, data: DataSignature | None = None) -> Report:
    """Everything that is wrong or doubtful about a graph and, where ``data`` is given, about the two together."""
    if not graph.nodes:
        return Report(issues=(Issue(
            "empty", "The network is empty.", "It needs at least an Input, a layer and a loss.",
            "Drag layers from the palette, or begin with a template."),))
    layers, issues = _layers(graph)
    digraph = nx.DiGraph()
    digraph.add_nodes_from(graph.nodes)
    digraph.add_edges_from((edge.source, edge.target) for edge in graph.edges.values())
    cyclic, cycle_issues = _cycles(digraph, graph)
    issues += cycle_issues
    issues += _wiring(graph, layers)
    flow = _flow(graph, digraph, layers, cyclic)
    issues += flow.issues
    issues += _ends(graph, layers)
    issues += _reach(graph, digraph, layers)
    issues += rules.advice(graph, flow.layers, flow.shapes)
    if data is not None:
        issues += rules.against_data(graph, flow.layers, flow.shapes, data)
    return Report(tuple(issues), tuple(flow.order), flow.layers, flow.shapes, flow.weights, flow.costs)


def _layers(graph: Graph) -> tuple[dict[str, Layer], list[Issue]]:
    layers: dict[str, Layer] = {}
    issues: list[Issue] = []
    for node in graph.nodes.values():
        kind = LAYERS.get(node.kind)
        if kind is None:
            issues.append(Issue(
                "unknown_layer", f"{node.kind!r} is no layer this version knows.",
                "Expected one of the layers in the palette.",
                near_miss(node.kind, LAYERS) or "Replace it, or open the file in a newer version.", node.id))
            continue
        problems = kind.problems(node.params)
        for name, expected in problems.items():
            issues.append(_parameter_issue(node, name, expected, name in kind.parameters))
        if not problems:
            layers[node.id] = kind(**node.params)
    return layers, issues


def _parameter_issue(node: Node, name: str, expected: str, known: bool) -> Issue:
    mends = (Fix("Reset to default", "reset_param", (("node", node.id), ("name", name))),)
    happened = f"{name} is {node.params.get(name)!r}." if known else f"{name!r} is not a parameter of {node.kind}."
    return Issue("parameter", happened, expected, "Change it in the inspector, or reset it to its default.",
                 node.id, parameter=name, mends=mends)


def _cycles(digraph: nx.DiGraph, graph: Graph) -> tuple[set[str], list[Issue]]:
    loops = [c for c in nx.strongly_connected_components(digraph) if len(c) > 1 or digraph.has_edge(*(list(c) * 2)[:2])]
    cyclic: set[str] = set()
    issues = []
    for loop in loops:
        cyclic |= loop
        path = [source for source, _ in nx.find_cycle(digraph.subgraph(loop))]
        round_trip = " → ".join(graph.nodes[i].label for i in [*path, path[0]])
        issues += [Issue("cycle", f"This layer is part of a cycle: {round_trip}.",
                         "A network is computed once from input to output, so no layer may depend on itself.",
                         "Delete one wire of the cycle.", node_id) for node_id in path]
    return cyclic, issues


def _wiring(graph: Graph, layers: Mapping[str, Layer]) -> list[Issue]:
    issues = []
    for edge in graph.edges.values():
        ports = graph.ports(edge.target)
        if edge.target in layers and edge.port not in ports:
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


@dataclass
class _Flow:
    """Shapes as they flow through the sound part of the graph."""

    order: list[str] = field(default_factory=list)
    layers: dict[str, Layer] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    weights: dict[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def _flow(graph: Graph, digraph: nx.DiGraph, layers: Mapping[str, Layer], cyclic: set[str]) -> _Flow:
    flow = _Flow(layers=dict(layers))
    rank = {node_id: i for i, node_id in enumerate(graph.nodes)}
    sound = digraph.subgraph(set(graph.nodes) - cyclic)
    for node_id in nx.lexicographical_topological_sort(sound, key=rank.__getitem__):
        layer = layers.get(node_id)
        if layer is None:
            continue
        missing = _missing_inputs(graph, node_id, layer)
        flow.issues += missing
        sources = [edge.source for edge in graph.inputs(node_id)]
        if missing or any(source not in flow.shapes for source in sources):
            continue
        shapes = [flow.shapes[source] for source in sources]
        outcome = layer.infer(*shapes)
        if isinstance(outcome, Issue):
            flow.issues.append(outcome.at(node_id))
            continue
        flow.order.append(node_id)
        flow.shapes[node_id] = outcome
        flow.weights[node_id] = layer.weights(*shapes)
        flow.costs[node_id] = layer.cost(*shapes)
    return flow


def _missing_inputs(graph: Graph, node_id: str, layer: Layer) -> list[Issue]:
    ports = layer.inputs if not layer.variadic else ("in1", "in2")
    missing = [port for port in ports if (node_id, port) not in graph.edges]
    if not missing:
        return []
    which = "its input" if len(ports) == 1 else " and ".join(missing)
    return [Issue("missing_input", f"Nothing is wired to {which}.", f"{layer.title} needs "
                  f"{'an input' if len(ports) == 1 else f'at least {len(ports)} inputs'}.",
                  "Drag a wire from another layer's output to it.", node_id)]


def _ends(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Issue]:
    if not any(layer.category.name == "DATA" for layer in layers.values()):
        yield Issue("no_input", "The network has no Input.", "Data enters a network at an Input.",
                    "Drag an Input to the canvas and wire it to the first layer.",
                    mends=(Fix("Add an Input", "add_input"),))
    if not any(isinstance(layer, LossLayer) for layer in layers.values()):
        yield Issue("no_loss", "The network has no loss.", "Training needs a number to make smaller.",
                    "Drag a loss from the palette and wire the last layer to it.",
                    mends=(Fix("Add a loss", "add_loss"),))


def _reach(graph: Graph, digraph: nx.DiGraph, layers: Mapping[str, Layer]) -> Iterator[Issue]:
    """Nodes that no Input feeds, or that feed no loss."""
    starts = [i for i, layer in layers.items() if not layer.inputs and not layer.variadic]
    ends = [i for i, layer in layers.items() if isinstance(layer, LossLayer)]
    fed = _reachable(digraph.successors, starts)
    useful = _reachable(digraph.predecessors, ends)
    for node_id in graph.nodes:
        if starts and node_id not in fed and graph.inputs(node_id):
            yield Issue("unreachable", "No Input leads to this layer.", "Data must be able to reach every layer.",
                        "Wire an Input to the beginning of this branch.", node_id, Severity.ERROR)
        elif ends and node_id not in useful:
            yield Issue("unused", "This layer leads to no loss.", "Its output is not used, so it learns nothing.",
                        "Wire it onwards, or delete it.", node_id, Severity.WARNING,
                        mends=(Fix("Delete it", "remove", (("node", node_id),)),))


def _reachable(neighbours: Callable[[str], Iterator[str]], starts: list[str]) -> set[str]:
    seen = set(starts)
    stack = list(starts)
    while stack:
        for other in neighbours(stack.pop()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen
