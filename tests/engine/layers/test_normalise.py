"""Statistics over the batch: what is kept, when it is used, and how well it is rounded."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import Model, compile
from engine.graph.build import chain
from engine.layers import MSE, BatchNorm, GroupNorm, Input, InstanceNorm, LayerNorm, RMSNorm


def model_of(layer, shape: tuple[int, ...], dtype: str = "float32") -> Model:
    return compile(chain(Input(shape=shape), ("norm", layer), MSE()), dtype=dtype)


def train_once(model: Model, x: np.ndarray) -> np.ndarray:
    model.loss(x, np.zeros_like(x))
    return model.output("norm").copy()


def test_running_statistics_follow_the_batches() -> None:
    model = model_of(BatchNorm(momentum=0.25), (3,), "float64")
    rng = np.random.default_rng(0)
    mean, var = np.zeros(3), np.ones(3)
    for _ in range(4):
        x = rng.normal(2.0, 3.0, (16, 3))
        train_once(model, x)
        mean = 0.75 * mean + 0.25 * x.mean(0)
        var = 0.75 * var + 0.25 * x.var(0, ddof=1)
    arrays = model.weights.arrays()
    np.testing.assert_allclose(arrays["norm.running_mean"], mean, rtol=1e-12)
    np.testing.assert_allclose(arrays["norm.running_var"], var, rtol=1e-12)
    np.testing.assert_allclose(model.forward(x), (x - mean) / np.sqrt(var + 1e-5), rtol=1e-10)


def test_prediction_leaves_the_statistics_alone_and_does_not_depend_on_the_others() -> None:
    model = model_of(BatchNorm(), (2, 2, 3))
    x = np.random.default_rng(1).normal(size=(6, 2, 2, 3))
    train_once(model, x)
    before = model.weights.copies()
    together = model.forward(x)
    np.testing.assert_array_equal(together[2:3], model.forward(x[2:3]))
    for key, array in model.weights.arrays().items():
        np.testing.assert_array_equal(array, before[key])


def test_a_frozen_batch_norm_uses_and_keeps_its_running_statistics() -> None:
    model = model_of(BatchNorm(frozen=True), (3,), "float64")
    model.weights.arrays()["norm.running_mean"][...] = [1.0, 2.0, 3.0]
    x = np.random.default_rng(2).normal(size=(8, 3))
    out = train_once(model, x)
    np.testing.assert_allclose(out, (x - [1.0, 2.0, 3.0]) / np.sqrt(1.0 + 1e-5), rtol=1e-12)
    assert model.weights.arrays()["norm.running_mean"].tolist() == [1.0, 2.0, 3.0]


def test_a_batch_of_one_has_no_variance_and_no_nan() -> None:
    model = model_of(BatchNorm(), (3,))
    out = train_once(model, np.array([[5.0, -1.0, 0.0]]))
    assert (out == 0.0).all()
    assert np.isfinite(model.weights.arrays()["norm.running_var"]).all()


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm(), GroupNorm(groups=1), InstanceNorm()], ids=lambda v: v.kind)
def test_a_large_mean_does_not_eat_the_variance(layer) -> None:
    x = np.random.default_rng(3).normal(1000.0, 1.0, (32, 4, 4, 8))
    out = train_once(model_of(layer, (4, 4, 8)), x)
    exact = train_once(model_of(layer, (4, 4, 8), "float64"), x.astype(np.float32))
    np.testing.assert_allclose(out, exact, atol=2e-3)  # E[x²] − μ² in single precision is off by tens of percent


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm(), RMSNorm(), GroupNorm(), InstanceNorm()],
                         ids=lambda v: v.kind)
def test_equal_numbers_are_no_division_by_zero(layer) -> None:
    model = model_of(layer, (3, 4))
    out = train_once(model, np.full((2, 3, 4), 7.0))
    model.backward()
    assert np.isfinite(out).all()
