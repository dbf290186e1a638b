"""Convolutions beyond their contract: random geometry against the definition, and sentences for what does not fit."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compute.gradcheck import gradcheck
from engine.issues import Issue
from engine.layer import Layer
from engine.layers import LAYERS
from engine.layers.conv import Conv2D
from engine.shapes import Shape
from tests.contract.networks import batch_for, chain, compiled

Conv = tuple[dict, Shape]


@st.composite
def convolutions(draw: st.DrawFn) -> Conv:
    """Parameters and an input shape that fit each other."""
    groups = draw(st.sampled_from([1, 1, 2]))
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    params = {
        "filters": groups * draw(st.integers(1, 3)), "groups": groups,
        "kernel_size": draw(st.tuples(st.integers(1, 4), st.integers(1, 4))),
        "stride": draw(st.one_of(st.just((1, 1)), pair)), "dilation": draw(st.one_of(st.just((1, 1)), pair)),
        "padding": draw(st.one_of(st.sampled_from(["same", "valid"]), st.integers(0, 5))),
        "bias": draw(st.booleans()),
    }
    shape = (draw(st.integers(1, 8)), draw(st.integers(1, 8)), groups * draw(st.integers(1, 3)))
    if isinstance(Conv2D(**params).infer(shape), Issue):
        params["padding"] = "same"
    return params, shape


def by_definition(layer: Layer, x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | float) -> np.ndarray:
    """z[n, i, j, o] = Σ K[o, c, u, v] · x[n, i·s + u·d − p, j·s + v·d − p, c] + b[o], term by term."""
    _, height, width, _ = x.shape
    sliding = layer.sliding(x.shape[1:])
    rows, columns, own = sliding.rows, sliding.columns, sliding.channels // sliding.groups
    made = sliding.filters // sliding.groups
    z = np.zeros((len(x), *sliding.output)) + bias
    for i, j, u, v in product(range(rows.out), range(columns.out), range(rows.kernel), range(columns.kernel)):
        p = i * rows.stride + u * rows.dilation - rows.before
        q = j * columns.stride + v * columns.dilation - columns.before
        if not (0 <= p < height and 0 <= q < width):
            continue
        for o in range(sliding.filters):
            first = o // made * own
            z[:, i, j, o] += x[:, p, q, first : first + own] @ kernel[o, :, u, v]
    return z


@given(convolutions())
def test_any_geometry_computes_the_definition(convolution: Conv) -> None:
    params, shape = convolution
    model = compiled(chain("Conv2D", params, (shape,)))
    inputs, targets = batch_for(model, 2)
    (x,) = inputs.values()
    model.forward(x)
    arrays = model.weights.arrays()
    expected = by_definition(Conv2D(**params), x, arrays["subject.K"], arrays.get("subject.b", 0.0))
    np.testing.assert_allclose(model.output("subject"), expected, rtol=1e-10, atol=1e-12)
    for check in gradcheck(model, inputs, targets):
        assert check.relative_error <= 1e-6, (params, shape, check)


@given(convolutions())
def test_a_transposed_convolution_turns_a_convolution_round(convolution: Conv) -> None:
    """⟨C·x, y⟩ = ⟨x, Cᵀ·y⟩ for any x and y: same kernel, same geometry, no offsets."""
    params, shape = convolution
    params = {**params, "bias": False, "groups": 1}
    there = Conv2D(**params)
    small = there.infer(shape)
    assert isinstance(small, tuple)
    names = ("kernel_size", "stride", "padding", "dilation")
    back_params = {**{name: params[name] for name in names}, "filters": shape[2], "bias": False}
    back = LAYERS["ConvTranspose2D"](**back_params)
    if back.infer(small) != shape:
        return  # a stride skips sizes: several of them lead to the same small one
    forth_model = compiled(chain("Conv2D", params, (shape,)))
    back_model = compiled(chain("ConvTranspose2D", back_params, (small,)))
    back_model.weights.arrays()["subject.K"][...] = forth_model.weights.arrays()["subject.K"]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, *shape)), rng.normal(size=(2, *small))
    forth_model.forward(x)
    back_model.forward(y)
    left = (forth_model.output("subject") * y).sum()
    assert left == pytest.approx((back_model.output("subject") * x).sum(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("kind", "params", "shape", "code", "happened"), [
    ("Conv2D", {"kernel_size": 5, "padding": "valid"}, (4, 6, 1), "no_room",
     "A filter that spans 5 × 5 does not fit into 4 × 6."),
    ("Conv2D", {"kernel_size": 3, "dilation": 4, "padding": 1}, (6, 9, 1), "no_room",
     "A filter that spans 9 × 9 does not fit into 6 × 9."),
    ("Conv2D", {"filters": 4, "groups": 2}, (5, 5, 3), "groups",
     "Conv 2D splits 3 channels and 4 filters into 2 groups."),
    ("Conv1D", {"kernel_size": 5, "padding": "valid"}, (4, 2), "no_room",
     "A filter that spans 5 steps does not fit into 4."),
    ("DepthwiseConv2D", {"padding": "valid"}, (2, 9, 3), "no_room",
     "A filter that spans 3 × 3 does not fit into 2 × 9."),
    ("ConvTranspose2D", {"padding": 3}, (2, 2, 1), "no_room", "Padding 3 cuts off all that 2 × 2 places paint."),
    ("ConvTranspose2D", {"output_padding": 1}, (2, 2, 1), "output_padding",
     "Extra rows or columns were asked for with same padding."),
    ("ConvTranspose2D", {"padding": 0, "output_padding": 2}, (2, 2, 1), "output_padding",
     "The output padding is 2 × 2."),
    ("ConvTranspose2D", {"padding": 0, "output_padding": 2, "dilation": 4}, (2, 2, 1), "output_padding",
     "The output padding is 2 × 2."),
])
def test_what_does_not_fit_says_so(kind: str, params: dict, shape: Shape, code: str, happened: str) -> None:
    issue = LAYERS[kind](**params).infer(shape)
    assert isinstance(issue, Issue)
    assert (issue.code, issue.happened) == (code, happened)


def test_causal_filters_see_nothing_later() -> None:
    model = compiled(chain("Conv1D", {"filters": 2, "padding": "causal", "dilation": 2}, ((8, 2),)))
    inputs, _ = batch_for(model, 2)
    (x,) = inputs.values()
    model.forward(x)
    before = model.output("subject").copy()
    x[:, 5] += 1.0
    model.forward(x)
    after = model.output("subject")
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert np.abs(before - after)[:, 5].min() > 1e-6
