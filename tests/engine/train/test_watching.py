"""Weights are sent to whoever looks, seldom enough to cost nothing, and change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.train import loop
from engine.train.commands import Watch
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Weights
from engine.train.loop import train
from engine.train.snapshots import Cadence
from engine.train.watching import MOST_BYTES, SHARE, Watching
from tests.engine.train.networks import classes, compiled, mlp

CONFIG = TrainingConfig(epochs=20, batch_size=8)


@pytest.fixture(autouse=True)
def only_weights(monkeypatch):
    """Every step is reported, and no snapshot on the way takes the place of the weights."""
    monkeypatch.setattr(loop, "REPORT_EVERY", 0.0)
    monkeypatch.setattr(Cadence, "is_due", lambda *_, **__: False)


def trained(*commands: Watch) -> tuple[dict[str, np.ndarray], list[Weights]]:
    model, control = compiled(mlp(6, 12, 3), 8), Commands()
    for command in commands:
        control.send(command)
    heard = [event for event in train(model, classes(), CONFIG, control=control) if isinstance(event, Weights)]
    return model.weights.copies(), heard


def test_whoever_looks_is_sent_the_weights_and_training_is_the_same():
    unseen, none = trained()
    seen, heard = trained(Watch(1e-6))
    assert none == [] and heard
    assert all(np.array_equal(unseen[key], array) for key, array in seen.items())
    first, last = heard[0], heard[-1]
    assert set(first.weights) == set(seen) and first.step <= last.step
    assert all(array.base is None for array in first.weights.values())


def test_nothing_is_sent_once_nobody_looks():
    assert trained(Watch(1e-6), Watch(0.0))[1] == []


def test_weights_are_due_no_oftener_than_asked_nor_than_they_may_cost():
    watching = Watching(compiled(mlp(6, 12, 3)).weights)
    assert not watching.is_due(100.0)
    watching.set(0.1)
    assert watching.is_due(100.0)
    watching.sent(100.0)
    assert not watching.is_due(100.09) and watching.is_due(100.11)
    event = watching.weights(7)
    assert event.step == 7
    watching._cost, watching._sent = 0.004, 100.0
    assert not watching.is_due(100.0 + 0.004 / SHARE - 0.01) and watching.is_due(100.0 + 0.004 / SHARE + 0.01)


def test_a_large_network_is_seen_as_its_snapshots_come():
    watching = Watching(compiled(mlp(6, 12, 3)).weights)
    watching.set(0.1)
    watching._bytes = MOST_BYTES + 1
    assert not watching.is_due(1e6)
