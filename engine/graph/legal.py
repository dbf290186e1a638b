"""May this wire be drawn? The one place that says no, and why, before an edit is made."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph.check import Report
from engine.graph.model import Graph
from engine.issues import Issue
from engine.layer import LossLayer
from engine.layers import LAYERS
from engine.shapes import Shape


def why_not(graph: Graph, report: Report, source: str, target: str, port: str) -> str | None:
    """Why a wire from ``source`` to ``port`` of ``target`` is refused, as a sentence; None where it is allowed.

    A port that is taken is no reason: the new wire replaces the old one. Neither is a shape that does not fit
    (see :func:`doubt`): a person may wire first and mend afterwards.
    """
    begin, end = graph.nodes[source], graph.nodes[target]
    layer = LAYERS.get(end.kind)
    if source == target:
        return "A layer cannot feed itself: a network is computed once, from input to output."
    if (kind := LAYERS.get(begin.kind)) is not None and issubclass(kind, LossLayer):
        return f"{begin.label} is a loss, the end of its branch: nothing can follow it."
    if layer is not None and not layer.inputs and not layer.variadic:
        return f"{end.label} is where data enters: it takes no wire."
    if port not in graph.ports(target):
        return f"{end.label} has no input called {port!r}."
    if graph.would_cycle(source, target):
        return f"That would close a cycle: {_round_trip(graph, source, target)}."
    return None


def doubt(graph: Graph, report: Report, source: str, target: str, port: str) -> str | None:
    """What would be wrong with the shapes if this wire were drawn, as a sentence; None where they fit or are
    not known yet."""
    layer = report.layers.get(target)
    if layer is None or source not in report.shapes:
        return None
    sources = {edge.port: edge.source for edge in graph.inputs(target)} | {port: source}
    wanted = [name for name in graph.ports(target) if name in sources]
    if len(wanted) < (2 if layer.variadic else len(layer.inputs)):
        return None
    if any(sources[name] not in report.shapes for name in wanted):
        return None
    outcome = layer.infer(*(report.shapes[sources[name]] for name in wanted))
    return f"{outcome.happened} {outcome.expected}" if isinstance(outcome, Issue) else None


def fitting_first(kinds: Iterable[str], shape: Shape | None) -> list[str]:
    """Kinds of layers in their order, but those before the others that take this shape with their default parameters;
    as they come where the shape is not known."""
    return list(kinds) if shape is None else sorted(kinds, key=lambda kind: not _takes(kind, shape))


def _takes(kind: str, shape: Shape) -> bool:
    layer = LAYERS[kind]()
    count = 2 if layer.variadic else len(layer.inputs)
    return bool(count) and not isinstance(layer.infer(*[shape] * count), Issue)


def best_port(graph: Graph, target: str) -> str | None:
    """The port that a wire dropped on the body of a node is meant for: the first free one, else the only one."""
    ports = graph.ports(target)
    return graph.free_port(target) or (ports[0] if len(ports) == 1 else None)


def _round_trip(graph: Graph, source: str, target: str) -> str:
    """``a → b → a``: the way from ``target`` to ``source``, and back by the new wire."""
    came_from: dict[str, str] = {target: ""}
    queue = [target]
    for current in queue:
        for edge in graph.outputs(current):
            if edge.target not in came_from:
                came_from[edge.target] = current
                queue.append(edge.target)
    path, step = [source], came_from[source]
    while step:
        path.append(step)
        step = came_from[step]
    labels = [graph.nodes[i].label for i in [*reversed(path), target]]
    return " → ".join(labels if len(labels) <= 6 else [*labels[:3], "…", *labels[-2:]])
