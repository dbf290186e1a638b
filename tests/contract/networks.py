"""Small networks around one layer: what the contract suite runs over the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.compute import Model, compile
from engine.graph.check import check
from engine.graph.model import Graph
from engine.layer import Layer, LossLayer
from engine.layers import LAYERS
from engine.shapes import Shape

Example = tuple[Mapping[str, Any], tuple[Shape, ...]]


def cases(*, losses: bool | None = None) -> list[Any]:
    """(kind, parameters, shapes) of every example in the registry, named for pytest."""
    import pytest

    found = []
    for kind, layer in LAYERS.items():
        if losses is not None and issubclass(layer, LossLayer) is not losses:
            continue
        for number, (params, shapes) in enumerate(layer.examples):
            found.append(pytest.param(kind, params, shapes, id=f"{kind}-{number}"))
    return found


def chain(kind: str, params: Mapping[str, Any], shapes: tuple[Shape, ...]) -> Graph:
    """Input(s) → the layer → a head that makes it a number (the layer itself, where it is a loss)."""
    graph, node = _with_inputs(Graph(), kind, params, shapes)
    return graph if issubclass(LAYERS[kind], LossLayer) else _headed(graph, node)


def fan_out(kind: str, params: Mapping[str, Any], shapes: tuple[Shape, ...]) -> Graph:
    """A diamond on either side: the layer's inputs have a second reader, and so has its output."""
    graph = Graph()
    feeders = []
    for shape in shapes:
        graph, source = graph.add("Input", {"shape": shape})
        graph, bent = graph.add("Tanh")
        graph = graph.connect(source, bent)
        feeders.append(bent)
    graph, node = graph.add(kind, params, id="subject")
    for feeder in feeders:
        graph = graph.connect(feeder, node)
    flats = []
    for reader in [*feeders, node, node]:
        graph, curve = graph.add("Sigmoid")
        graph, flat = graph.add("Flatten")
        graph = graph.connect(reader, curve).connect(curve, flat)
        flats.append(flat)
    graph, joined = graph.add("Concatenate")
    for flat in flats:
        graph = graph.connect(flat, joined)
    return _headed(graph, joined)


def _with_inputs(
    graph: Graph, kind: str, params: Mapping[str, Any], shapes: tuple[Shape, ...]
) -> tuple[Graph, str]:
    if not LAYERS[kind].inputs and not LAYERS[kind].variadic:
        return graph.add(kind, params, id="subject")
    sources = []
    for shape in shapes:
        graph, source = graph.add("Input", {"shape": shape})
        sources.append(source)
    graph, node = graph.add(kind, params, id="subject")
    for source in sources:
        graph = graph.connect(source, node)
    return graph, node


def _headed(graph: Graph, node: str) -> Graph:
    graph, flat = graph.add("Flatten")
    graph, head = graph.add("Dense", {"units": 2, "initialiser": "GlorotNormal"})
    graph, loss = graph.add("MSE")
    return graph.connect(node, flat).connect(flat, head).connect(head, loss)


def layer_of_case(kind: str, params: Mapping[str, Any]) -> Layer:
    return LAYERS[kind](**params)


def compiled(graph: Graph, dtype: str = "float64", seed: int = 1) -> Model:
    report = check(graph)
    assert report.ok, [issue.sentence() for issue in report.errors]
    model = compile(graph, dtype=dtype, input_gradients=True, seed=seed)
    # Zeros and ones (offsets, gains) would hide a wrong formula: every weight gets a value of its own.
    rng = np.random.default_rng(seed)
    model.weights.values += rng.normal(0.0, 0.1, model.weights.values.shape).astype(model.dtype)
    return model


def batch_for(model: Model, rows: int, seed: int = 2) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Random inputs and valid random targets."""
    rng = np.random.default_rng(seed)
    report = model.report
    inputs, targets = {}, {}
    for node_id in report.order:
        layer = report.layers[node_id]
        if isinstance(layer, LossLayer):
            shapes = [report.shapes[edge.source] for edge in model.graph.inputs(node_id)]
            targets[node_id] = layer.example_target(rng, rows, *shapes)
        elif not layer.inputs and not layer.variadic:
            reader = report.layers[model.graph.outputs(node_id)[0].target]
            inputs[node_id] = reader.example_input(rng, rows, report.shapes[node_id])
    return inputs, targets
