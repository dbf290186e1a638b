"""Numbers too small to be normal: zero while steps run, untouched otherwise."""

from __future__ import annotations

import numpy as np

from engine.train import loop as loop_module
from engine.train.config import TrainingConfig
from engine.train.denormals import AVAILABLE, flushed
from engine.train.loop import train
from tests.engine.train.networks import classes, compiled, mlp

SMALLEST = np.finfo(np.float32).tiny


def halved() -> bool:
    """Is half the smallest normal number something?"""
    numbers = np.full(33, SMALLEST, np.float32)
    return bool((numbers * np.float32(0.5)).view(np.uint32).any())


def test_they_are_zero_while_it_holds_and_only_then():
    assert halved()
    with flushed():
        assert halved() is not AVAILABLE
        with flushed():
            assert halved() is not AVAILABLE
        assert halved() is not AVAILABLE
    assert halved()


def test_an_error_sets_it_back():
    try:
        with flushed():
            raise ValueError
    except ValueError:
        pass
    assert halved()


def test_gradients_that_vanish_leave_none_and_the_rest_of_the_process_keeps_its_arithmetic():
    model = compiled(mlp(6, *[8] * 40, 3, activation="Sigmoid"))
    for key, array in model.weights.arrays().items():
        array *= 0.05 if key.endswith(".W") else 1.0
    seen = []
    for _ in train(model, classes(), TrainingConfig(epochs=2, batch_size=16)):
        assert halved()
        size = np.abs(model.weights.gradients)
        seen.append(bool(((size > 0) & (size < SMALLEST)).any()))
    assert not (AVAILABLE and any(seen))
    assert (model.weights.gradients == 0).any() or not AVAILABLE


def test_bursts_are_made_under_it(monkeypatch):
    found = []
    real = loop_module._Loop._burst

    def burst(self) -> None:
        step = self.trainer.step
        self.trainer.step = lambda *looks, **how: (found.append(halved()), step(*looks, **how))
        try:
            real(self)
        finally:
            self.trainer.step = step

    monkeypatch.setattr(loop_module._Loop, "_burst", burst)
    list(train(compiled(mlp(6, 3)), classes(), TrainingConfig(epochs=1)))
    assert found and all(something is not AVAILABLE for something in found)
