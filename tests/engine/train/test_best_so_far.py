"""The best evaluation of a run is never missed, however seldom snapshots are taken, and is whole."""

from __future__ import annotations

import math
from contextlib import nullcontext

import numpy as np
import pytest

from engine.train import best_so_far, judging
from engine.train.commands import Pause, Stop, TakeSnapshot
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Evaluated, Failed, Finished, Paused, Snapshot, Stopped
from engine.train.loop import train
from engine.train.snapshots import Cadence
from engine.train.stopping import badness, watched
from engine.train.trainer import Trainer
from tests.engine.train.networks import classes, compiled, dropout_net, mlp
from tests.engine.train.test_loop import of, same


@pytest.fixture(autouse=True)
def frequent(monkeypatch):
    """Often evaluated, and no snapshot is ever due."""
    monkeypatch.setattr(judging, "EVALUATION_STEPS", 4)
    monkeypatch.setattr(Cadence, "is_due", lambda cadence, now: False)


def noisy():
    """Few noisy examples, learned by heart: the validation loss soon rises."""
    data = classes(rows=64, held_back=64)
    data.y_train[::3] = (data.y_train[::3] + 1) % 3
    return data


def settings(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 60, "batch_size": 16, "optimizer": {"kind": "Adam", "learning_rate": 0.02},
                             **changes})


def events_of(config: TrainingConfig, commands: Commands | None = None, graph=None, lend: bool = False) -> list:
    return list(train(compiled(graph or mlp(6, 24, 3)), noisy(), config, control=commands, lend=lend))


def best_of(events, monitor: str = "loss") -> int:
    """The step of the best of the evaluations, the first of equals."""
    return min(of(Evaluated, events), key=lambda e: (badness(monitor, e.val_loss, e.val_metrics), e.step)).step


def steps_of(events) -> list[int]:
    return [snapshot.step for snapshot in of(Snapshot, events)]


@pytest.mark.parametrize("monitor", ["loss", "metric"])
def test_it_comes_before_the_end_and_after_its_curves(monitor):
    events = events_of(settings(monitor=monitor))
    best, last = best_of(events, monitor), events[-1].step
    assert 0 < best < last and isinstance(events[-1], Finished)
    assert steps_of(events) == [0, best, last]
    evaluated = next(e for e in of(Evaluated, events) if e.step == best)
    snapshot = of(Snapshot, events)[1]
    assert events.index(evaluated) < events.index(snapshot)


def test_it_is_the_run_as_it_was_and_goes_on_to_the_same_end():
    graph, config = dropout_net(), settings(early_stopping=1000, restore_best=False)
    whole = compiled(graph)
    events = list(train(whole, noisy(), config))
    snapshot = of(Snapshot, events)[1]
    assert snapshot.step == best_of(events)
    again = compiled(graph, seed=5)
    again.weights.load(snapshot.weights)
    more = list(train(again, noisy(), config, state=snapshot.state))
    assert more[0].notes == ()
    assert same(whole.weights.copies(), again.weights.copies())


@pytest.mark.parametrize("command, ending", [(Stop(), Stopped), (Pause(), Paused), (TakeSnapshot(), None)])
def test_every_rest_and_every_snapshot_sends_it_first(command, ending):
    commands, events = Commands(), []
    for event in train(compiled(mlp(6, 24, 3)), noisy(), settings(epochs=10_000), control=commands):
        events.append(event)
        if isinstance(event, Evaluated) and event.step > best_of(events) > 0:
            commands.send(command)
        if isinstance(event, ending) if ending else len(of(Snapshot, events)) == 3:
            break
    before = events[:-1]
    known = [event for event in of(Evaluated, before) if event.step]
    assert best_of(known) in steps_of(before)
    assert steps_of(events) == sorted(steps_of(events))


@pytest.mark.parametrize("fault", ["not finite", "error"])
def test_a_run_that_fails_has_sent_it(fault, monkeypatch):
    """Also where the program itself is to blame."""
    best, step, events = best_of(events_of(settings())), Trainer.step, []

    def faulty(self, *arguments) -> None:
        if self.step_number == best + 40 and fault == "error":
            raise ZeroDivisionError
        if self.step_number == best + 40:
            self.model.weights.values[:] = np.nan
        step(self, *arguments)

    monkeypatch.setattr(Trainer, "step", faulty)
    with pytest.raises(ZeroDivisionError) if fault == "error" else nullcontext():
        for event in train(compiled(mlp(6, 24, 3)), noisy(), settings()):
            events.append(event)
    assert steps_of(events) == [0, best]
    assert isinstance(events[-1], Snapshot if fault == "error" else Failed)


def test_a_large_one_is_lent_at_once(monkeypatch):
    """Every one that is better than all before; nothing is held."""
    monkeypatch.setattr(best_so_far, "HELD_BYTES", 0)
    events = events_of(settings(), lend=True)
    evaluated = of(Evaluated, events)
    better = [e.step for i, e in enumerate(evaluated) if e.step and all(e.val_loss < b.val_loss for b in evaluated[:i])]
    assert steps_of(events) == [0, *better, events[-1].step]
    assert [snapshot.lent for snapshot in of(Snapshot, events)] == [False, *[True] * len(better), False]


def test_weights_that_are_better_only_by_a_little_are_not_given_up_at_the_end():
    """Where early stopping asks for more, the last network may be the best: its snapshot is what was evaluated."""
    config = settings(epochs=3, early_stopping=1000, min_delta=100.0)
    events = list(train(compiled(mlp(6, 24, 3)), classes(), config))
    assert best_of(events) == events[-1].step > 5
    plain = compiled(mlp(6, 24, 3))
    list(train(plain, classes(), settings(epochs=3)))
    assert same(plain.weights.copies(), of(Snapshot, events)[-1].weights)


def test_what_is_watched_and_which_is_better():
    assert watched("loss", ["accuracy"]) == ("loss", -1)
    assert watched("metric", ["rmse", "accuracy"]) == ("accuracy", 1)
    assert watched("metric", ["mae"]) == ("loss", -1)
    assert badness("metric", 1.0, {"accuracy": 0.9}) < badness("metric", 0.5, {"accuracy": 0.8})
    assert badness("loss", math.nan, {}) == badness("loss", -math.inf, {}) == math.inf
    assert badness("loss", 0.1, {}) == float(np.float32(0.1))
