"""Recurrent layers beyond their contract: padding, directions, where the forget gate begins."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import Model, compile
from engine.compute.gradcheck import gradcheck
from tests.contract.networks import batch_for, chain, compiled

KINDS = ["SimpleRNN", "LSTM", "GRU"]
STEPS, FEATURES = 5, 2


def network(kind: str, **params) -> Model:
    return compiled(chain(kind, {"units": 3, **params}, ((STEPS, FEATURES),)))


def padded(model: Model, lengths: tuple[int, ...]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    inputs, targets = batch_for(model, len(lengths))
    (x,) = inputs.values()
    for row, length in enumerate(lengths):
        x[row, length:] = 0.0
    return inputs, targets


@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind: str, both_ways: bool) -> None:
    long = network(kind, mask_zeros=True, bidirectional=both_ways)
    short = compiled(chain(kind, {"units": 3, "bidirectional": both_ways}, ((2, FEATURES),)))
    short.weights.load(long.weights.copies())
    inputs, _ = padded(long, (2, 2, 2))
    (x,) = inputs.values()
    np.testing.assert_allclose(long.forward(x), short.forward(x[:, :2]), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_carried_over_padding(kind: str) -> None:
    model = network(kind, mask_zeros=True, returns="sequence")
    inputs, _ = padded(model, (5, 2, 0))
    model.forward(inputs)
    states = model.output("subject")
    assert np.ptp(states[0], axis=0).min() > 0
    assert np.array_equal(states[1, 1:], np.repeat(states[1, 1:2], 4, axis=0))
    assert not states[2].any()


@pytest.mark.parametrize("returns", ["last", "sequence"])
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_weight_gradients_with_padding(kind: str, both_ways: bool, returns: str) -> None:
    model = network(kind, mask_zeros=True, bidirectional=both_ways, returns=returns)
    inputs, targets = padded(model, (5, 3, 1, 0))
    # Only the weights': a step of finite differences would make data of an input's padding.
    checks = [check for check in gradcheck(model, inputs, targets) if check.key.startswith("subject.")]
    assert checks
    for check in checks:
        assert check.relative_error <= 1e-6, check


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_in_the_middle_are_data(kind: str) -> None:
    masked, plain = network(kind, mask_zeros=True), network(kind)
    plain.weights.load(masked.weights.copies())
    inputs, _ = batch_for(masked, 3)
    (x,) = inputs.values()
    x[:, 1:3] = 0.0
    np.testing.assert_array_equal(masked.forward(x), plain.forward(x))


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_back_sees_the_sequence_turned(kind: str) -> None:
    model = network(kind, bidirectional=True, returns="sequence")
    arrays = model.weights.arrays()
    for key, array in arrays.items():
        if key.endswith("_back"):
            array[...] = arrays[key.removesuffix("_back")]
    inputs, _ = batch_for(model, 3)
    (x,) = inputs.values()
    model.forward(x)
    there = model.output("subject").copy()
    model.forward(x[:, ::-1])
    turned = model.output("subject")[:, ::-1]
    np.testing.assert_allclose(there[..., :3], turned[..., 3:], rtol=1e-12)
    np.testing.assert_allclose(there[..., 3:], turned[..., :3], rtol=1e-12)


def test_the_forget_gate_begins_open() -> None:
    bias = compile(chain("LSTM", {"units": 3, "forget_bias": 2.0}, ((4, 2),))).weights.arrays()["subject.b"]
    np.testing.assert_array_equal(bias, [0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0])
