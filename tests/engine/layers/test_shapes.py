"""Layers that rearrange, pool and combine: results by hand, ties, and what they say where inputs do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.compute import compile
from engine.graph.model import Graph
from engine.issues import Issue
from engine.layers import LAYERS


def computed(kind: str, params: dict[str, Any], *xs: np.ndarray, dy: np.ndarray | None = None) -> list[np.ndarray]:
    """The output and the gradients of the inputs for ``dy`` (ones, where none is given), batch first."""
    graph, node = Graph().add(kind, params, id="subject")
    for i, x in enumerate(xs):
        graph, source = graph.add("Input", {"shape": x.shape[1:]}, id=f"x{i}")
        graph = graph.connect(source, node)
    graph, loss = graph.add("MSE")
    model = compile(graph.connect(node, loss), dtype="float64", input_gradients=True)
    inputs = {f"x{i}": x for i, x in enumerate(xs)}
    y = model.forward(inputs)
    model.loss(inputs, y - (np.ones_like(y) if dy is None else dy) * y.size / 2.0)
    model.backward()
    gradients = model.input_gradients_by_name()
    return [y, *(gradients[f"x{i}"] for i in range(len(xs)))]


def test_max_pool_gives_ties_to_the_first_place() -> None:
    y, dx = computed("MaxPool1D", {}, np.array([[[2.0], [2.0], [1.0], [3.0]]]))
    assert y.ravel().tolist() == [2.0, 3.0] and dx.ravel().tolist() == [1.0, 0.0, 0.0, 1.0]


def test_global_max_pool_shares_ties() -> None:
    _, dx = computed("GlobalMaxPool", {}, np.array([[[2.0], [2.0], [1.0]]]))
    assert dx.ravel().tolist() == [0.5, 0.5, 0.0]


def test_maximum_shares_ties() -> None:
    _, da, db = computed("Maximum", {}, np.array([[1.0, 5.0]]), np.array([[1.0, 2.0]]))
    assert da.tolist() == [[0.5, 1.0]] and db.tolist() == [[0.5, 0.0]]


def test_multiply_by_zero_has_a_gradient() -> None:
    _, da, db = computed("Multiply", {}, np.array([[0.0, 2.0]]), np.array([[3.0, 4.0]]))
    assert da.tolist() == [[3.0, 4.0]] and db.tolist() == [[0.0, 2.0]]


def test_average_pool_says_what_it_divides_by() -> None:
    x = np.ones((1, 3, 1))
    params = {"pool_size": 3, "stride": 1, "padding": 1}
    assert computed("AvgPool1D", params, x)[0].ravel() == pytest.approx([2 / 3, 1.0, 2 / 3])
    assert computed("AvgPool1D", {**params, "count_padding": False}, x)[0].ravel() == pytest.approx([1.0, 1.0, 1.0])


def test_zero_pad_stays_zero_when_the_same_pass_runs_again() -> None:
    graph, source = Graph().add("Input", {"shape": (2, 1)})
    graph, pad = graph.add("ZeroPad", {"rows": (1, 2)})
    graph, loss = graph.add("MSE")
    model = compile(graph.connect(source, pad).connect(pad, loss))
    for value in (1.0, 7.0):
        out = model.forward(np.full((1, 2, 1), value))
        assert out.ravel().tolist() == [0.0, value, value, 0.0, 0.0]


def test_an_image_of_one_channel_is_flattened_without_a_copy() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 5, 1))
    y, dx = computed("Flatten", {}, x, dy=x.reshape(3, -1))
    np.testing.assert_array_equal(y, x.reshape(3, -1))
    np.testing.assert_allclose(dx, x)


@pytest.mark.parametrize(("kind", "params", "shapes", "code"), [
    ("Reshape", {"shape": (5, 2)}, [(12,)], "shape"),
    ("Reshape", {"shape": (-1, -1)}, [(12,)], "shape"),
    ("Reshape", {"shape": (0, 3)}, [(12,)], "shape"),
    ("Permute", {"order": (1, 1)}, [(3, 4)], "order"),
    ("Permute", {"order": (2, 1)}, [(3, 4, 2)], "order"),
    ("Crop", {"rows": (2, 2)}, [(4, 3)], "no_room"),
    ("Crop", {}, [(4,)], "rank"),
    ("Slice", {"axis": 3}, [(4, 2)], "axis"),
    ("Slice", {"axis": 0}, [(4, 2)], "axis"),
    ("Slice", {"start": 4}, [(4,)], "no_room"),
    ("GroupNorm", {"groups": 3}, [(4,)], "groups"),
    ("MaxPool1D", {"pool_size": 5}, [(4, 2)], "no_room"),
    ("AvgPool2D", {"padding": 2}, [(4, 4, 2)], "padding"),
    ("MatMul", {}, [(2, 3), (2, 3)], "shapes_differ"),
    ("Multiply", {}, [(2,), (3,)], "shapes_differ"),
    ("GlobalAvgPool", {}, [(4,)], "rank"),
])
def test_what_does_not_fit_is_an_issue_with_sentences(
    kind: str, params: dict[str, Any], shapes: list[tuple[int, ...]], code: str
) -> None:
    outcome = LAYERS[kind](**params).infer(*shapes)
    assert isinstance(outcome, Issue) and outcome.code == code
    assert outcome.happened and outcome.expected and outcome.fix
    assert not outcome.parameter or outcome.parameter in LAYERS[kind].parameters
