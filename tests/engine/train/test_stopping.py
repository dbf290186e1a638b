"""Early stopping, and exact resumption with everything that a run remembers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from engine.project import Project, open_project, save
from engine.train import judging
from engine.train.commands import Step, Stop
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Evaluated, Finished, Paused, Snapshot
from engine.train.loop import train
from engine.train.metrics import evaluate
from engine.train.optim import Optimizer
from engine.train.stopping import EarlyStopping
from tests.engine.train.networks import classes, compiled, dropout_net, mlp


def stopper(patience=2, min_delta=0.0, monitor="loss", restore_best=True) -> EarlyStopping:
    return EarlyStopping(patience, min_delta, monitor, restore_best)


def watch(stopping: EarlyStopping, losses, model, name="loss") -> list[bool]:
    over = []
    for step, value in enumerate(losses, 1):
        model.weights.values.fill(step)
        loss, metrics = (value, {}) if name == "loss" else (0.0, {name: value})
        stopping.observe(step, loss, metrics, model.weights)
        over.append(stopping.over)
    return over


def test_it_ends_after_so_many_evaluations_without_improvement_and_goes_back():
    model, stopping = compiled(mlp(2, 2)), stopper()
    assert watch(stopping, [3.0, 2.0, 2.5, 2.0], model) == [False, False, False, True]
    assert (stopping.best, stopping.best_step) == (2.0, 2)
    assert stopping.restore_best(4, model.weights)
    assert (model.weights.values == 2.0).all()


def test_an_improvement_must_be_large_enough():
    assert watch(stopper(min_delta=0.5), [3.0, 2.6, 2.4, 2.3], compiled(mlp(2, 2))) == [False, False, False, False]
    assert watch(stopper(min_delta=0.5), [3.0, 2.6, 2.55], compiled(mlp(2, 2))) == [False, False, True]


def test_accuracy_counts_upwards_and_errors_downwards():
    up = watch(stopper(monitor="metric"), [0.5, 0.6, 0.6, 0.55], compiled(mlp(2, 2)), "accuracy")
    down = watch(stopper(monitor="metric"), [0.6, 0.5, 0.5, 0.55], compiled(mlp(2, 2)), "rmse")
    assert up == down == [False, False, False, True]


def test_what_is_not_finite_is_no_improvement():
    stopping = stopper(patience=3)
    assert watch(stopping, [math.nan, 1.0, math.nan, math.inf, math.nan], compiled(mlp(2, 2)))[-1]
    assert stopping.best == 1.0


def test_off_it_remembers_nothing():
    stopping = stopper(patience=0)
    assert not any(watch(stopping, [1.0, 2.0, 3.0, 4.0], compiled(mlp(2, 2))))
    assert stopping.arrays() == {}


def test_it_goes_on_where_it_was():
    model, first = compiled(mlp(2, 2)), stopper()
    watch(first, [3.0, 2.0, 2.5], model)
    second = stopper()
    second.restore(json.loads(json.dumps(first.state())), first.arrays())
    second.observe(4, 2.0, {}, model.weights)
    assert second.over and second.restore_best(4, model.weights)
    assert (model.weights.values == 2.0).all()


# -- in a run ------------------------------------------------------------------------------------------------------


def overfitting(**changes) -> TrainingConfig:
    """Learns its few noisy examples by heart, so that the validation loss soon rises."""
    return TrainingConfig(**{"epochs": 400, "batch_size": 16, "early_stopping": 3,
                             "optimizer": {"kind": "Adam", "learning_rate": 0.02}, **changes})


def noisy():
    data = classes(rows=64, held_back=64)
    data.y_train[::3] = (data.y_train[::3] + 1) % 3
    return data


@pytest.fixture(autouse=True)
def frequent(monkeypatch):
    monkeypatch.setattr(judging, "EVALUATION_STEPS", 4)


def test_a_run_stops_early_with_its_best_weights():
    model, data = compiled(mlp(6, 24, 3)), noisy()
    events = list(train(model, data, overfitting()))
    finished = events[-1]
    assert isinstance(finished, Finished) and finished.step < 1600
    evaluations = [event for event in events if isinstance(event, Evaluated)][1:]
    best = min(evaluations, key=lambda event: event.val_loss)
    assert evaluations[-1].step == finished.step and evaluations.index(best) == len(evaluations) - 4
    assert evaluate(model, data.x_val, data.y_val).loss == pytest.approx(best.val_loss, rel=1e-6)
    assert f"Stopped early in epoch {evaluations[-1].epoch}: no improvement in 3 evaluations." in finished.sentence
    assert finished.weights_of == best.step
    assert f"step {best.step}, the best, with validation loss {best.val_loss:.3g}" in finished.sentence
    snapshot = [event for event in events if isinstance(event, Snapshot)][-1]
    assert all(np.array_equal(snapshot.weights[key], array) for key, array in model.weights.arrays().items())


def test_without_going_back_the_last_weights_stay():
    model, data = compiled(mlp(6, 24, 3)), noisy()
    events = list(train(model, data, overfitting(restore_best=False)))
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    assert evaluate(model, data.x_val, data.y_val).loss == pytest.approx(last.val_loss, rel=1e-6)
    assert events[-1].sentence.endswith("3 evaluations.") and events[-1].weights_of == -1


def test_a_run_that_ends_by_itself_goes_back_to_its_best_too():
    model, data = compiled(mlp(6, 24, 3)), noisy()
    events = list(train(model, data, overfitting(early_stopping=10_000, epochs=60)))
    best = min(event.val_loss for event in events if isinstance(event, Evaluated))
    assert evaluate(model, data.x_val, data.y_val).loss == pytest.approx(best, rel=1e-6)
    assert events[-1].sentence.startswith("Finished 60 epochs. The weights are those of step")


def test_a_run_that_was_stopped_early_may_go_on():
    model, data = compiled(mlp(6, 24, 3)), noisy()
    events = list(train(model, data, overfitting()))
    state = [event for event in events if isinstance(event, Snapshot)][-1].state
    more = list(train(model, data, overfitting(), state=state))
    assert more[-1].step > events[-1].step


# -- exact resumption ------------------------------------------------------------------------------------------------

EVERYTHING = {"schedule": {"kind": "ReduceOnPlateau", "patience": 0, "threshold": 0.2, "gamma": 0.7}, "balance": True,
              "early_stopping": 5}


def cut_at(step: int, graph, settings, data) -> Snapshot:
    commands, snapshot = Commands(), None
    model = compiled(graph, seed=0)
    for event in train(model, data, settings, control=commands, paused=True):
        if isinstance(event, Paused):
            commands.send(Step(step) if event.step < step else Stop())
        snapshot = event if isinstance(event, Snapshot) else snapshot
    assert snapshot is not None and snapshot.step == step
    return snapshot


@pytest.mark.parametrize("kind", list(Optimizer.kinds))
@pytest.mark.parametrize("at", [3, 16, 18])
def test_every_optimizer_goes_on_to_the_same_bits_with_all_a_run_remembers(kind, at):
    """Plateau, early stopping, balanced draws, Dropout and clipping; also cut right after an evaluation (16)."""
    optimizer = {"kind": kind, "learning_rate": 0.5 if kind in ("LBFGS", "Adadelta") else 0.01}
    clipped = {"clip_norm": 0.5, "max_norm": 2.0} if "clip_norm" in Optimizer.kinds[kind].parameters else {}
    settings = overfitting(epochs=8 if not Optimizer.kinds[kind].full_batch else 32, optimizer={**optimizer, **clipped},
                           **EVERYTHING)
    whole, data = compiled(dropout_net(), seed=0), noisy()
    list(train(whole, data, settings))
    snapshot = cut_at(at, dropout_net(), settings, data)
    values = json.loads(json.dumps(snapshot.state["values"]))
    again = compiled(dropout_net(), seed=9)
    again.weights.load(snapshot.weights)
    events = list(train(again, data, settings, state={**snapshot.state, "values": values}))
    assert events[0].notes == () or Optimizer.kinds[kind].full_batch
    assert np.array_equal(whole.weights.values, again.weights.values)


@pytest.mark.parametrize("kind", ["Adam", "NAdam", "LBFGS"])
def test_a_run_goes_on_to_the_same_bits_from_a_saved_project(kind, tmp_path):
    settings = overfitting(epochs=8, optimizer={"kind": kind, "learning_rate": 0.1}, **EVERYTHING)
    whole, data = compiled(dropout_net(), seed=0), noisy()
    list(train(whole, data, settings))
    snapshot = cut_at(6, dropout_net(), settings, data)
    project = Project(dropout_net(), training=settings.to_dict(), weights=dict(snapshot.weights), state=snapshot.state)
    save(tmp_path / "run.chainrule", project)
    opened = open_project(tmp_path / "run.chainrule")
    assert opened.weights is not None
    again = compiled(opened.graph, seed=9)
    again.weights.load(opened.weights)
    list(train(again, data, TrainingConfig.of(opened.training), state=opened.state))
    assert np.array_equal(whole.weights.values, again.weights.values)
