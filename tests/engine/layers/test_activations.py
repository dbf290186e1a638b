"""Activations where finite differences and goldens do not reach: extremes, corners, ties."""

from __future__ import annotations

import numpy as np
import pytest

from engine.layer import Category
from engine.layers import LAYERS
from tests.contract.networks import chain, compiled

KINDS = [kind for kind, layer in LAYERS.items() if layer.category is Category.ACTIVATION]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_large_numbers_neither_overflow_nor_become_nan(kind: str, dtype: str) -> None:
    extremes = np.array([[-1e4, -88.8, -30.0, 0.0, 30.0, 88.8, 1e4]])
    model = compiled(chain(kind, {}, ((7,),)), dtype)
    loss = model.loss(extremes, np.zeros((1, 2)))  # any warning fails the test
    gradients = [*model.backward().values(), *model.input_gradients_by_name().values()]
    assert np.isfinite(loss) and all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize(("kind", "at_zero"), [
    ("ReLU", 0.0), ("ReLU6", 0.0), ("LeakyReLU", 0.01), ("PReLU", 0.25), ("ELU", 1.0), ("SELU", 1.7580993408473766),
    ("CELU", 1.0), ("HardSigmoid", 1 / 6), ("HardSwish", 0.5), ("HardTanh", 1.0), ("GELU", 0.5), ("SiLU", 0.5),
    ("Mish", 0.6), ("Softplus", 0.5), ("Softsign", 1.0),
])
def test_slope_at_zero_is_pytorchs(kind: str, at_zero: float) -> None:
    graph = chain(kind, {}, ((1,),))
    model = compiled(graph)
    arrays = model.weights.arrays()
    for key, array in arrays.items():
        if key.endswith(".W"):
            array[...] = [[1.0], [0.0]]
        if key.endswith(".b"):
            array[...] = 0.0
        if key.endswith(".alpha"):
            array[...] = 0.25
    zero = np.zeros((1, 1))
    prediction = model.forward(zero, training=True)
    model.loss(zero, prediction - [[1.0, 0.0]])  # the mean of two squares: its gradient at the first is then 1
    model.backward()
    (gradient,) = model.input_gradients_by_name().values()
    assert gradient.item() == pytest.approx(at_zero, rel=1e-12)
