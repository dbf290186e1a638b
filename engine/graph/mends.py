"""Mends for shapes that do not fit: each is tried before it is offered, so that one click never leads astray."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.graph.model import Graph
from engine.issues import Fix, Issue
from engine.layer import Layer, LossLayer
from engine.layers import LAYERS
from engine.params import ParameterError
from engine.shapes import Shape, size, text

#: Codes of the issues that a layer put in between may mend.
_SHAPE_CODES = {"rank", "loss_input"}


def with_mends(graph: Graph, node_id: str, layer: Layer, inputs: Sequence[Shape], issue: Issue) -> Issue:
    """The issue with every mend that was tried and makes ``layer`` accept its inputs; those it had come first."""
    if issue.code in _SHAPE_CODES and len(inputs) == 1:
        found = _in_between(node_id, layer, inputs[0])
    elif issue.code == "shapes_differ" and len(inputs) == 2:
        found = _projections(graph, node_id, layer, inputs)
    elif issue.code == "no_room":
        found = _padding(node_id, layer, inputs)
    else:
        return issue
    titles = {fix.title for fix in issue.mends}
    return replace(issue, mends=(*issue.mends, *(fix for fix in found if fix.title not in titles)))


def _in_between(node_id: str, layer: Layer, x: Shape) -> Iterator[Fix]:
    """A layer before this one that brings the numbers into a form it takes."""
    for kind, params, title in _candidates(layer, x):
        between = LAYERS[kind](**params).infer(x)
        if not isinstance(between, Issue) and _accepts(layer, between):
            arguments = (("node", node_id), ("kind", kind), ("params", tuple(params.items())))
            yield Fix(title, "insert_before", arguments)


def _candidates(layer: Layer, x: Shape) -> Iterator[tuple[str, dict[str, Any], str]]:
    if len(x) > 1:
        # A loss wants one number a class, which pooling gives; for a Dense layer it would throw away the places.
        first = ("GlobalAvgPool", "Flatten") if isinstance(layer, LossLayer) else ("Flatten", "GlobalAvgPool")
        for kind in first:
            yield kind, {}, f"Insert {LAYERS[kind].title}"
    for shape in _other_shapes(x):
        yield "Reshape", {"shape": shape}, f"Insert Reshape to {text(shape)}"


def _other_shapes(x: Shape) -> Iterator[Shape]:
    """Shapes that the same numbers are most likely meant to have."""
    if len(x) == 1:
        for channels in (1, 3):
            side = math.isqrt(x[0] // channels)
            if side > 1 and side * side * channels == x[0]:
                yield (side, side, channels)
        yield (x[0], 1)
    elif len(x) == 2:
        yield (*x, 1)
    else:
        yield (x[0], x[1] * x[2])


def _projections(graph: Graph, node_id: str, layer: Layer, inputs: Sequence[Shape]) -> Iterator[Fix]:
    """A learned layer on one of two branches that gives it the channels of the other: a projection shortcut."""
    for place, edge in enumerate(graph.inputs(node_id)):
        mine, other = inputs[place], inputs[1 - place]
        if mine[:-1] != other[:-1] or len(mine) not in (1, 3):
            continue
        kind, name, extra = ("Dense", "units", ()) if len(mine) == 1 else (
            "Conv2D", "filters", (("kernel_size", (1, 1)),))
        if _accepts(layer, *(other for _ in inputs)):
            params = ((name, other[-1]), *extra)
            title = f"Insert a {LAYERS[kind].title} of {other[-1]} {name} after {graph.nodes[edge.source].label}"
            yield Fix(title, "insert_on_wire", (
                ("target", node_id), ("port", edge.port), ("kind", kind), ("params", params)))


def _padding(node_id: str, layer: Layer, inputs: Sequence[Shape]) -> Iterator[Fix]:
    if "padding" in layer.parameters and _accepts(_changed(layer, "padding", "same"), *inputs):
        yield Fix("Use same padding", "set_param", (("node", node_id), ("name", "padding"), ("value", "same")))


def _changed(layer: Layer, name: str, value: object) -> Layer | None:
    try:
        return type(layer)(**{**layer.values, name: value})
    except ParameterError:
        return None


def _accepts(layer: Layer | None, *inputs: Shape) -> bool:
    return layer is not None and all(map(size, inputs)) and not isinstance(layer.infer(*inputs), Issue)


def nonlinearity(graph: Graph, layers: Mapping[str, Layer], node_id: str) -> Fix:
    """A ReLU before a node: in the place of a Linear that stands there, or new."""
    before = graph.inputs(node_id)[0].source
    if layers[before].kind == "Linear":
        return Fix(f"Make {graph.nodes[before].label} a ReLU", "replace_kind", (("node", before), ("kind", "ReLU")))
    return Fix("Insert a ReLU", "insert_before", (("node", node_id), ("kind", "ReLU")))
