"""The learning-rate range test: the rates it tries, what it suggests, and its process."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest

from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.optim import SGD
from engine.train.range_test import Over, RangeProcess, RangeTest, Tried, suggest, try_rates
from engine.train.trainer import Trainer
from tests.engine.train.networks import SIGMOID_LOSS, SOFTMAX_LOSS, chain, classes, compiled, mlp

SETTINGS = TrainingConfig(epochs=1, batch_size=16, optimizer=SGD(learning_rate=0.3))


def test_every_rate_is_used_as_said():
    """Compared with steps by hand: w ← w − ηg with the rate of each."""
    data, settings = classes(), TrainingConfig(epochs=1, batch_size=70, optimizer=SGD(learning_rate=0.3))
    trainer = Trainer(compiled(mlp(6, 8, 3), 70), data, settings)
    found = list(try_rates(trainer, RangeTest(Job(mlp(6, 8, 3), {}, {}), 1e-3, 1.0, steps=4)))
    rates = np.concatenate([part.rates for part in found])
    np.testing.assert_allclose(rates, [1e-3, 1e-2, 1e-1, 1.0])
    by_hand = compiled(mlp(6, 8, 3), 70)
    losses = []
    for rate in rates:
        losses.append(by_hand.loss(data.x_train, data.y_train))
        by_hand.backward()
        by_hand.weights.values -= np.float32(rate) * by_hand.weights.gradients
    np.testing.assert_allclose(np.concatenate([part.losses for part in found]), losses, rtol=1e-5)


def test_it_ends_where_the_loss_diverges_and_suggests_less():
    trainer = Trainer(compiled(mlp(6, 16, 3, activation="ReLU")), classes(), SETTINGS)
    found = list(try_rates(trainer, RangeTest(Job(mlp(6, 8, 3), {}, {}), 1e-5, 1e4)))
    rates = np.concatenate([part.rates for part in found])
    assert rates[-1] < 9e3
    said = suggest(reduce(Tried.and_more, found), 1e4)
    assert 1e-4 < said.rate <= said.diverges / 10
    assert "diverges" in said.sentence


def test_the_steepest_place_of_a_known_curve():
    rates = np.logspace(-6, 1, 200)
    losses = 1.0 / (1.0 + np.exp(4.0 * (np.log10(rates) + 2.0))) + 0.1  # falls fastest at 1e-2
    said = suggest(Tried(rates, losses, np.full(200, losses[0])))
    assert 5e-3 < said.rate < 6e-2  # smoothing lags behind a little
    assert math.isnan(said.diverges)
    assert "at none of these rates" in said.sentence


def test_a_trained_network_is_judged_by_what_a_rate_changes():
    """Batches differ far more than the network can still gain; what they are with the present weights is taken off."""
    rates, random = np.logspace(-6, 1, 200), np.random.default_rng(0)
    standing = 0.1 + 0.08 * random.random(200)
    place = np.log10(rates)
    changes = 0.3 / (1.0 + np.exp(-6.0 * (place + 2.0))) - 0.02 / (1.0 + np.exp(-4.0 * (place + 4.0)))
    said = suggest(Tried(rates, standing + changes, standing))
    assert 3e-5 < said.rate < 1e-3
    useless = suggest(Tried(rates, standing + np.abs(changes), standing))
    assert math.isnan(useless.rate) and "little left to gain" in useless.sentence


def test_what_a_batch_was_is_asked_without_a_trace():
    """Also in a network that draws random numbers and keeps running statistics."""
    graph = chain(("Input", {"shape": (6,)}), ("Dense", {"units": 12}), ("BatchNorm", {}), ("Dropout", {"rate": 0.3}),
                  ("Dense", {"units": 3}), SOFTMAX_LOSS)
    test = RangeTest(Job(graph, {}, {}), 1e-4, 1e-2, steps=30)
    tried, plain = Trainer(compiled(graph), classes(), SETTINGS), Trainer(compiled(graph), classes(), SETTINGS)
    found = reduce(Tried.and_more, try_rates(tried, test))
    assert found.standing[0] == found.losses[0] and not np.array_equal(found.standing, found.losses)
    for rate, loss in zip(found.rates, found.losses, strict=True):
        plain.update.set_live("learning_rate", float(rate))
        plain.step(False)
        assert plain.loss == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(plain.model.weights.state, tried.model.weights.state, rtol=1e-3)


def test_no_suggestion_where_nothing_falls():
    rates = np.logspace(-6, 1, 200)
    ones = np.ones(200)
    assert math.isnan(suggest(Tried(rates, ones, ones)).rate)
    assert math.isnan(suggest(Tried(rates, np.linspace(1.0, 2.0, 200), ones)).rate)
    assert math.isnan(suggest(Tried(rates[:3], ones[:3], ones[:3])).rate)


def heard(process: RangeProcess) -> list:
    found: list = []
    while not any(isinstance(event, Over) for event in found):
        news = process.hear(wait=30.0)
        assert news
        found += news
    process.kill()
    return found


@pytest.mark.parametrize(("optimizer", "problem"), [("Adam", ""), ("LBFGS", "searches the length of its steps")])
def test_the_process(optimizer, problem):
    training = TrainingConfig(batch_size=4, optimizer={"kind": optimizer}).to_dict()
    job = Job(mlp(2, 3, 1, loss=SIGMOID_LOSS), {"kind": "Xor"}, training)
    events = heard(RangeProcess(RangeTest(job, steps=50)))
    assert problem in events[-1].problem
    assert bool(events[-1].problem) == bool(problem)
    tried = sum(len(event.rates) for event in events if isinstance(event, Tried))
    assert tried == (0 if problem else 50)
