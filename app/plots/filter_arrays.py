"""Weights as pictures: which arrays of a network can be seen so, and how they are laid out."""

from __future__ import annotations

import numpy as np

from engine.graph.expand import expand
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.shapes import Shape, size

#: Layers that leave every number at its place, so that what they put out is still the picture they were given.
_PLAIN = ("Flatten", "Dropout", "Identity")


def filter_keys(report: Report) -> list[str]:
    """"node.name" of every array of two axes or more that learns, from the input on."""
    return [f"{node}.{name}" for node in report.order for name, spec in report.weights[node].items()
            if len(spec.shape) > 1 and spec.trainable]


def as_tiles(key: str, array: np.ndarray, graph: Graph, report: Report, picture: Shape = ()) -> np.ndarray:
    """An array as (units, channels, height, width). ``picture`` is the shape of the data's pictures where they are
    some.

    A Dense layer's unit is a picture where what it reads is one: of the data, or the channels of the layer before.
    Other matrices are one picture, a line for each unit.
    """
    if array.ndim >= 4:
        return array.reshape(*array.shape[:2], array.shape[2], -1)
    if array.ndim == 3:
        return array[:, None]
    seen = picture_read(key.rpartition(".")[0], graph, report, picture)
    if seen and size(seen) == array.shape[1] and report.layers[key.rpartition(".")[0]].kind == "Dense":
        height, width, channels = seen
        return np.moveaxis(array.reshape(-1, height, width, channels), 3, 1)
    return array[None, None]


def picture_read(node: str, graph: Graph, report: Report, picture: Shape) -> Shape:
    """(height, width, channels) of what a layer reads, before it was laid flat; () where that is no picture."""
    computed = expand(graph).graph
    while True:
        wires = computed.inputs(node)
        if len(wires) != 1:
            return ()
        node = wires[0].source
        shape = report.shapes[node]
        if len(shape) == 3:
            return shape
        layer = report.layers[node]
        if not layer.inputs and not layer.variadic:
            return picture if picture and size(picture) == size(shape) else ()
        if layer.kind not in _PLAIN:
            return ()
