"""Schedules: their ends and edges, and how they act on a run. Their values stand against PyTorch's in tests/golden."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from engine.params import ParameterError
from engine.train.commands import SetLive, Step
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Paused, Snapshot, Steps
from engine.train.loop import train
from engine.train.schedule import Cosine, LinearWarmup, OneCycle, Pace, ReduceOnPlateau, Schedule, Span
from tests.engine.train.networks import classes, compiled, mlp

ALL = list(Schedule.kinds)


def rates_of(events) -> np.ndarray:
    return np.concatenate([event.learning_rate for event in events if isinstance(event, Steps)])


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 4, "batch_size": 16, "optimizer": {"kind": "SGD", "learning_rate": 0.1},
                             **changes})


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("steps, per_epoch", [(0, 1), (1, 1), (2, 1), (3, 7), (100, 10), (10**9, 10**3)])
def test_factors_are_shares_whatever_the_length_of_the_run(kind, steps, per_epoch):
    schedule = Schedule.kinds[kind]()
    shown, factors = schedule.curve(steps, per_epoch)
    assert len(shown) == len(factors) <= 500
    assert ((factors >= 0.0) & (factors <= 1.0)).all()
    assert schedule.factor(steps + 5, Span(steps, per_epoch)) >= 0.0  # a run may be taken further


@pytest.mark.parametrize("kind", ALL)
def test_a_schedule_explains_itself(kind):
    member = Schedule.kinds[kind]
    assert member.title and member.summary()
    assert all(param.help and param.problem(param.default) is None for param in member.parameters.values())
    assert Schedule.from_dict(json.loads(json.dumps(member().to_dict()))) == member()


def test_a_warm_up_rises_and_the_cosine_falls_to_the_end():
    _, factors = Cosine(warmup=2.0, least=0.1).curve(40, 5)
    rise, fall = factors[:10], factors[10:]
    assert all(b > a for a, b in pairwise(rise))
    assert fall[0] == 1.0 and all(b < a for a, b in pairwise(fall))
    assert Cosine(warmup=2.0, least=0.1).factor(40, Span(40, 5)) == pytest.approx(0.1)


def test_odd_parameters_work_or_are_refused():
    assert LinearWarmup(epochs=0).factor(0, Span(10, 5)) == 1.0
    assert Cosine(warmup=100.0).factor(9, Span(10, 5)) == pytest.approx(10 / 11)
    for steps in range(1, 8):  # the rise may be a single step long
        factors = [OneCycle(rise=0.5).factor(step, Span(steps, 1)) for step in range(steps)]
        assert all(0.0 < factor <= 1.0 for factor in factors)
    for wrong in ({"rise": 0.0}, {"rise": 1.0}, {"begin_below": 0.5}):
        with pytest.raises(ParameterError):
            OneCycle(**wrong)


def test_the_rate_of_each_step_is_the_true_one():
    data = classes()
    events = list(train(compiled(mlp(6, 8, 3)), data, config(schedule=Cosine())))
    wanted = 0.1 * Cosine().curve(20, 5)[1]
    np.testing.assert_allclose(rates_of(events), wanted, rtol=1e-6)


def test_a_rate_that_is_zero_from_the_start_trains_nothing():
    model = compiled(mlp(6, 8, 3))
    before = model.weights.copies()
    list(train(model, classes(), config(schedule=LinearWarmup(start=0.0, epochs=1e6))))
    after = model.weights.arrays()
    assert all(np.abs(after[key] - array).max() < 1e-4 for key, array in before.items())


def test_a_live_change_of_the_rate_is_scheduled_too():
    commands, events = Commands(), []
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(schedule=Cosine()), control=commands, paused=True):
        events.append(event)
        if isinstance(event, Paused):
            if event.step == 10:
                commands.send(SetLive("learning_rate", 0.5))
            commands.send(Step(10))
        if isinstance(event, Paused) and event.step == 20:
            break
    factors = Cosine().curve(20, 5)[1]
    np.testing.assert_allclose(rates_of(events), factors * np.repeat([0.1, 0.5], 10), rtol=1e-6)


def test_a_finished_run_that_goes_on_starts_its_schedule_over():
    model = compiled(mlp(6, 8, 3))
    events = list(train(model, classes(), config(schedule=Cosine())))
    state = [event for event in events if isinstance(event, Snapshot)][-1].state
    more = list(train(model, classes(), config(schedule=Cosine()), state=state))
    np.testing.assert_allclose(rates_of(more), rates_of(events), rtol=1e-6)


def test_a_plateau_lowers_the_rate_of_a_run():
    """The loss of labels that are noise does not fall: each evaluation, every 50 steps, is a fall after patience 0."""
    schedule = ReduceOnPlateau(patience=0, gamma=0.5, threshold=0.9)
    events = list(train(compiled(mlp(6, 8, 3)), classes(), config(schedule=schedule, epochs=50)))
    rates = rates_of(events)
    np.testing.assert_allclose(rates[:50], 0.1, rtol=1e-6)
    assert rates[-1] < 0.1
    assert set(np.round(np.log2(rates / 0.1), 3)) <= {0.0, -1.0, -2.0, -3.0, -4.0}


def test_a_plateau_goes_on_where_it_was():
    losses = np.random.default_rng(0).exponential(size=40)
    schedule = ReduceOnPlateau(patience=1, cooldown=2, gamma=0.5)
    whole = Pace(schedule, Span(100, 1))
    for loss in losses:
        whole.observe(float(loss))
    for cut in range(0, 40, 7):
        first, second = Pace(schedule, Span(100, 1)), Pace(schedule, Span(100, 1))
        for loss in losses[:cut]:
            first.observe(float(loss))
        second.restore(json.loads(json.dumps(first.state())))
        for loss in losses[cut:]:
            second.observe(float(loss))
        assert second.state() == whole.state()
    other = Pace(Cosine(), Span(100, 1))
    other.restore(whole.state())
    assert other.factor(0) == 1.0, "another schedule does not inherit the falls"
