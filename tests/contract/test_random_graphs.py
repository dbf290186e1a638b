"""Gradients of networks nobody drew: random graphs of random layers with random parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine.compute.gradcheck import gradcheck
from engine.graph.model import Graph
from engine.issues import Issue
from engine.layer import LossLayer
from engine.layers import LAYERS
from engine.params import Bool, Choice, Float, FloatTuple, Int, IntOrChoice, IntTuple, Param, ParameterError, Variant
from engine.shapes import Shape, size
from tests.conftest import PROFILE
from tests.contract.networks import batch_for, compiled

#: An Embedding reads whole numbers and so must stand behind an Input.
INNER = [k for k, c in LAYERS.items() if not issubclass(c, LossLayer) and k not in ("Input", "Embedding")]
LOSSES = [kind for kind, layer in LAYERS.items() if issubclass(layer, LossLayer)]
LARGEST = 120
TOLERANCE = 1e-6
#: A large step may cross a kink (a maximum, a ReLU), a small one drowns in rounding; a wrong formula fails at all.
STEPS = (1e-4, 1e-5, 1e-6, 3e-7)


def values_of(param: Param[Any]) -> st.SearchStrategy[Any]:
    """Values of a parameter from its own declaration, of a size that keeps networks small."""
    if isinstance(param, Bool):
        return st.booleans()
    if isinstance(param, FloatTuple):
        return st.just(param.default)
    if isinstance(param, IntTuple):
        low = max(param.low, -2)
        return st.lists(st.integers(low, min(param.high, low + 3)), min_size=param.shortest,
                        max_size=min(param.longest, 3)).map(tuple)
    if isinstance(param, IntOrChoice):
        return st.sampled_from(sorted(param.options)) | st.integers(param.low, min(param.high, param.low + 2))
    if isinstance(param, Int):
        return st.integers(param.low, min(param.high, max(param.low, 1) + 4))
    if isinstance(param, Float):
        low, high = max(param.low, 0.05 if param.low >= 0 else -0.9), min(param.high, 0.9)
        return st.floats(low, high) if low < high else st.just(param.default)
    if isinstance(param, Choice):
        return st.sampled_from(sorted(param.options))
    assert isinstance(param, Variant), param
    return st.just(param.default)


@st.composite
def layer_on(draw: st.DrawFn, tensors: dict[str, Shape]) -> tuple[str, dict[str, Any], list[str]] | None:
    """A layer with parameters and inputs it accepts, or None where the draw did not fit."""
    first = draw(st.sampled_from(sorted(tensors)))
    kind = draw(st.sampled_from(_takers(len(tensors[first]))))
    layer = LAYERS[kind]
    if draw(st.booleans()):
        params = dict(draw(st.sampled_from(layer.examples))[0])
    else:
        own = [p for p in layer.parameters.values() if p.name not in ("frozen", "rate_factor")]
        params = {param.name: draw(values_of(param)) for param in own if draw(st.booleans())}
    count = draw(st.integers(2, 3)) if layer.variadic else len(layer.inputs)
    alike = sorted(node for node, shape in tensors.items() if shape == tensors[first])
    others = st.sampled_from(alike) if draw(st.booleans()) else st.sampled_from(sorted(tensors))
    sources = [first, *(draw(others) for _ in range(count - 1))]
    try:
        shape = layer(**params).infer(*(tensors[source] for source in sources))
    except ParameterError:
        return None
    fits = not isinstance(shape, Issue) and size(shape) <= LARGEST
    return (kind, params, sources) if fits else None


@cache
def _takers(rank: int) -> list[str]:
    """The layers that have an example for inputs of this rank."""
    return [kind for kind in INNER if any(shapes and len(shapes[0]) == rank for _, shapes in LAYERS[kind].examples)]


@st.composite
def networks(draw: st.DrawFn, kind: str) -> Graph:
    """Inputs of several ranks, a layer of this kind, a web of others around it, and a loss for every loose end."""
    params, shapes = draw(st.sampled_from(LAYERS[kind].examples))
    graph = Graph()
    tensors: dict[str, Shape] = {}
    sources = []
    for shape in [*shapes, *draw(st.lists(st.sampled_from([(4,), (3, 4), (4, 5, 2)]), max_size=2))]:
        graph, node = graph.add("Input", {"shape": shape})
        tensors[node] = shape
        sources.append(node)
    graph = _grown(graph, tensors, kind, dict(params), sources[: len(shapes)])
    for _ in range(draw(st.integers(1, 8))):
        found = draw(layer_on(tensors))
        if found is not None:
            graph = _grown(graph, tensors, *found)
    return _with_losses(draw, graph, tensors)


def _grown(graph: Graph, tensors: dict[str, Shape], kind: str, params: dict[str, Any], sources: list[str]) -> Graph:
    """The graph with one more layer, whose output joins ``tensors``."""
    outcome = LAYERS[kind](**params).infer(*(tensors[source] for source in sources))
    assert not isinstance(outcome, Issue)
    graph, node = graph.add(kind, params)
    for source in sources:
        graph = graph.connect(source, node)
    tensors[node] = outcome
    return graph


def _with_losses(draw: st.DrawFn, graph: Graph, tensors: dict[str, Shape]) -> Graph:
    for end in [node for node in tensors if not graph.outputs(node)]:
        graph, flat = graph.add("Flatten")
        graph, head = graph.add("Dense", {"units": draw(st.integers(2, 3)), "initialiser": "GlorotNormal"})
        graph, loss = graph.add(draw(st.sampled_from(LOSSES)), {"weight": draw(st.sampled_from([1.0, 0.5]))})
        graph = graph.connect(end, flat).connect(flat, head)
        if graph.nodes[loss].kind == "NegativeLogLikelihood":
            graph, logs = graph.add("LogSoftmax")
            graph, head = graph.connect(head, logs), logs
        graph = graph.connect(head, loss)
    return graph


@settings(
    max_examples=20 if PROFILE == "nightly" else 3, suppress_health_check=list(HealthCheck),
    derandomize=PROFILE != "nightly",  # the default run is the same for everyone; the nightly one goes on searching
)
@given(data=st.data())
@pytest.mark.parametrize("kind", INNER)
def test_gradients_of_random_networks_agree_with_finite_differences(kind: str, data: st.DataObject) -> None:
    graph, rows = data.draw(networks(kind)), data.draw(st.integers(2, 4))
    model = compiled(graph)
    inputs, targets = batch_for(model, rows)
    worst: dict[str, float] = {}
    for step in STEPS:
        for result in gradcheck(model, inputs, targets, step=step):
            worst[result.key] = min(worst.get(result.key, np.inf), result.relative_error)
        if max(worst.values()) <= TOLERANCE:
            return
    assert not {key: error for key, error in worst.items() if error > TOLERANCE}
