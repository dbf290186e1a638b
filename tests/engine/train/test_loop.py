"""The loop: events, evaluation, commands, and the same weights to the last bit however a run is cut up."""

from __future__ import annotations

import json
import math
import tracemalloc
import warnings

import numpy as np
import pytest

from engine.data.errors import DataError
from engine.train import judging, telemetry
from engine.train import loop as loop_module
from engine.train.checks import Arrays
from engine.train.commands import Pause, Resume, RunUntil, SetLive, Step, Stop, TakeSnapshot
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import (
    Evaluated,
    Failed,
    Finished,
    Noted,
    Paused,
    Resumed,
    Snapshot,
    Started,
    Statistics,
    Steps,
)
from engine.train.loop import train
from engine.train.optim import SGD
from engine.train.snapshots import Cadence
from engine.train.trainer import Trainer
from tests.engine.train.networks import chain, classes, compiled, dropout_net, mlp

MSE = ("MSE", {})


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 4, "batch_size": 16, "optimizer": {"kind": "Adam", "learning_rate": 0.01},
                             **changes})


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def kinds(events):
    return [type(event).__name__ for event in events]


def all_steps(events) -> np.ndarray:
    return np.concatenate([event.step for event in of(Steps, events)])


def run(graph=None, settings=None, data=None, **options):
    """The model after a whole run, and the run's events."""
    settings = settings or config()
    model = compiled(graph or mlp(6, 8, 3), settings.batch_size, settings.seed)
    return model, list(train(model, data or classes(), settings, **options))


def same(first, second) -> bool:
    return all(np.array_equal(first[key], second[key]) for key in first)


# -- events -----------------------------------------------------------------------------------------------------


def test_a_run_reports_its_course():
    model, events = run()
    started, finished = events[0], events[-1]
    assert isinstance(started, Started)
    assert (started.steps_per_epoch, started.epochs, started.total_steps, started.batch_size) == (5, 4, 20, 16)
    assert started.parameters == 6 * 8 + 8 + 8 * 3 + 3
    assert started.weight_keys == tuple(s.key for s in model.weights.trainable)
    assert isinstance(finished, Finished)
    assert finished.step == 20
    assert "accuracy" in finished.sentence
    assert all_steps(events).tolist() == list(range(1, 21))
    last = of(Steps, events)[-1]
    assert last.gradient_norms.shape == (len(last.step), len(started.weight_keys))
    assert last.flow.shape == (len(started.flow_nodes),)
    assert last.epoch == 4
    assert last.loss.dtype == last.gradient_norms.dtype == np.float32
    assert [e.step for e in of(Evaluated, events)] == [0, 20]
    assert of(Snapshot, events)[-1].step == 20


def test_an_evaluation_follows_the_steps_it_belongs_to():
    _, events = run(settings=config(epochs=200))
    reported = 0
    for event in events:
        reported = int(event.step[-1]) if isinstance(event, Steps) else reported
        assert not isinstance(event, Evaluated) or event.step <= reported
    # 5 steps an epoch, 50 steps between evaluations at least.
    assert [e.step for e in of(Evaluated, events)] == list(range(0, 1001, 50))


def test_evaluation_as_often_as_asked():
    _, events = run(settings=config(epochs=10, batch_size=2, evaluate_every=3))
    assert [e.epoch for e in of(Evaluated, events)] == [0, 3, 6, 9, 10]


def test_the_numbers_of_a_step_are_those_of_its_batch():
    """One step on the whole data, compared with the model's own loss and gradients."""
    data, settings = classes(rows=16), config(epochs=1)
    model = compiled(mlp(6, 8, 3))
    loss = model.loss(data.x_train, data.y_train)
    norms = {key: float(np.linalg.norm(g)) for key, g in model.backward().items()}
    right = (model.forward(data.x_train).argmax(1) == data.y_train).mean()
    events = list(train(model, data, settings))
    (steps,) = of(Steps, events)
    assert steps.loss[0] == pytest.approx(loss, rel=1e-6)
    assert steps.accuracy[0] == pytest.approx(right) or math.isnan(steps.accuracy[0])
    assert steps.learning_rate[0] == np.float32(0.01)
    for key, norm in zip(events[0].weight_keys, steps.gradient_norms[0], strict=True):
        assert norm == pytest.approx(norms[key], rel=1e-5)


def test_a_single_step_measures_accuracy_and_flow():
    commands = Commands()
    model = compiled(mlp(6, 8, 3))
    found = []
    for event in train(model, classes(), config(), control=commands, paused=True):
        found.append(event)
        if isinstance(event, Paused):
            commands.send(Step(1) if event.step < 2 else Stop())
    steps = of(Steps, found)
    assert [e.step.tolist() for e in steps] == [[1], [2]]
    assert not any(np.isnan(e.accuracy).any() or np.isnan(e.flow).any() for e in steps)
    assert all((e.flow > 0).all() for e in steps)


class Heard(Commands):
    """A command that comes while steps run, as through a pipe: after so many of them."""

    def __init__(self, command, after: int) -> None:
        super().__init__()
        self._command, self._steps = command, after

    def pending(self) -> bool:
        self._steps -= 1
        if self._steps == 0:
            self.send(self._command)
        return super().pending()


@pytest.mark.parametrize("wanted", [Pause(), RunUntil({"kind": "StepReached", "step": 9})], ids=["asked", "condition"])
def test_where_a_run_pauses_everything_is_of_its_last_step(monkeypatch, wanted):
    """What was measured a thirtieth of a second before belongs to other weights."""
    monkeypatch.setattr(loop_module, "REPORT_EVERY", math.inf)
    monkeypatch.setattr(telemetry, "EVERY", math.inf)
    control, found = Heard(wanted, 7) if isinstance(wanted, Pause) else Commands(), []
    control.send(wanted) if isinstance(wanted, RunUntil) else None
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(), control=control):
        found.append(event)
        if isinstance(event, Paused):
            control.send(Stop())
    (paused,) = of(Paused, found)
    by_one, one = Commands(), []
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(), control=by_one, paused=True):
        one.append(event)
        if isinstance(event, Paused):
            by_one.send(Step(1) if event.step < paused.step else Stop())
    (before, *_), last = of(Steps, found)[-1:], of(Steps, one)[-1]
    assert before.step[-1] == last.step[-1] == paused.step > 1
    assert np.array_equal(before.flow, last.flow) and before.accuracy[-1] == last.accuracy[-1]
    if isinstance(wanted, Pause):
        assert of(Statistics, found)[-1].step == paused.step


def test_a_run_over_before_its_first_report_still_shows_the_flow():
    _, events = run(settings=config(epochs=1))
    last = of(Steps, events)[-1]
    assert len(last.step) > 1
    assert (last.flow > 0).all()
    assert math.isfinite(last.accuracy[-1])


def test_the_ragged_last_batch_is_used_and_weighs_as_many_rows_as_it_has():
    """Without it, rows 64–69 would leave no trace; with a wrong weight, the update would differ."""
    data, settings = classes(rows=70), config(epochs=1, shuffle=False, optimizer=SGD(learning_rate=0.1))
    model, events = run(settings=settings, data=data)
    by_hand = compiled(mlp(6, 8, 3))
    for start in range(0, 70, 16):
        by_hand.loss(data.x_train[start : start + 16], data.y_train[start : start + 16])
        by_hand.backward()
        by_hand.weights.values -= np.float32(0.1) * by_hand.weights.gradients
    assert events[0].steps_per_epoch == 5
    np.testing.assert_allclose(model.weights.values, by_hand.weights.values, rtol=1e-5, atol=1e-7)


def test_a_batch_larger_than_the_data_is_noted_and_used_whole():
    _, events = run(settings=config(batch_size=1000))
    assert events[0].batch_size == 70
    assert "batch size is 1\u2009000, but there are only 70" in events[0].notes[0]


def test_a_heavy_network_starts_without_being_evaluated_first(monkeypatch):
    monkeypatch.setattr(judging, "_FIRST_WORK", 1000)
    _, events = run()
    assert [e.step for e in of(Evaluated, events)] == [20]


def test_a_large_training_part_is_evaluated_on_a_fixed_sample():
    data = classes(rows=3000)
    trainer = Trainer(compiled(mlp(6, 3)), data, config())
    assert len(trainer.sample.x) == 1500  # every second row: a view, where 2000 chosen ones would be a copy
    assert np.shares_memory(trainer.sample.x, trainer.train.x)
    again = Trainer(compiled(mlp(6, 3)), data, config())
    assert np.array_equal(trainer.sample.x, again.sample.x)
    rows = {row.tobytes() for row in data.x_train}
    assert all(row.tobytes() in rows for row in trainer.sample.x)


def test_evaluation_takes_no_larger_batches_than_a_heavy_network_trains_with():
    heavy = Trainer(compiled(mlp(6, 2000, 2000, 3)), classes(), config(batch_size=4))
    light = Trainer(compiled(mlp(6, 3)), classes(), config(batch_size=4))
    assert heavy.evaluation_batch < 10
    assert light.evaluation_batch == 256


def test_without_held_back_rows_there_is_no_validation():
    _, events = run(data=classes(held_back=0))
    evaluated = of(Evaluated, events)[-1]
    assert math.isnan(evaluated.val_loss)
    assert evaluated.val_metrics == {}
    assert "accuracy" in evaluated.train_metrics


def test_regression_reports_its_metrics_and_no_accuracy():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (60, 1)).astype(np.float32)
    data = Arrays(x[:40], np.sin(3 * x[:40]), x[40:], np.sin(3 * x[40:]))
    _, events = run(mlp(1, 16, 1, loss=MSE), config(epochs=100), data)
    assert np.isnan(np.concatenate([e.accuracy for e in of(Steps, events)])).all()
    last = of(Evaluated, events)[-1]
    assert set(last.val_metrics) == {"mae", "rmse", "r2"}
    assert last.val_metrics["r2"] > 0.8
    assert "accuracy" not in events[-1].sentence


# -- the same run -----------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights_and_another_does_not():
    first, second, other = (run(dropout_net(), config(seed=s))[0].weights.copies() for s in (1, 1, 2))
    assert same(first, second)
    assert not same(first, other)


@pytest.mark.parametrize("at", [0, 1, 4, 5, 7, 19])
def test_a_run_that_is_saved_and_taken_up_again_ends_the_same(at):
    """In another model, of another seed, with Dropout and Adam: weights, moments, random and order states count."""
    whole, whole_events = run(dropout_net())
    commands, cut = Commands(), compiled(dropout_net())
    snapshot = None
    for event in train(cut, classes(), config(), control=commands, paused=True):
        if isinstance(event, Paused):
            commands.send(Step(at) if event.step < at else Stop())
        snapshot = event if isinstance(event, Snapshot) else snapshot
    assert snapshot is not None and snapshot.step == at
    again = compiled(dropout_net(), seed=77)
    again.weights.load(snapshot.weights)
    events = list(train(again, classes(), config(), state=snapshot.state))
    assert (events[0].step, events[0].total_steps, events[0].notes) == (at, 20, ())
    assert same(whole.weights.copies(), again.weights.copies())
    assert all_steps(events).tolist() == list(range(at + 1, 21))
    assert of(Evaluated, events)[-1].val_loss == of(Evaluated, whole_events)[-1].val_loss


def test_pauses_steps_and_evaluations_leave_no_trace_in_the_weights():
    whole, _ = run(dropout_net())
    commands, broken_up = Commands(), compiled(dropout_net())
    for event in train(broken_up, classes(), config(evaluate_every=2), control=commands, paused=True):
        if isinstance(event, Paused):
            commands.send(Step(3) if event.step < 9 else Resume())
        if isinstance(event, Paused) and event.step == 3:
            commands.send(TakeSnapshot())
    assert same(whole.weights.copies(), broken_up.weights.copies())


def test_a_finished_run_goes_on_for_as_many_epochs_again():
    model, events = run()
    state = of(Snapshot, events)[-1].state
    more = list(train(model, classes(), config(epochs=3), state=state))
    assert (more[0].step, more[0].total_steps, more[0].epochs) == (20, 35, 7)
    assert more[-1].step == 35


def test_other_data_keep_the_moments_and_say_so():
    _, events = run()
    state = of(Snapshot, events)[-1].state
    _, more = run(data=classes(rows=50), state=state)
    assert "new order of the examples" in more[0].notes[0]
    assert isinstance(more[-1], Finished)


def test_every_snapshot_on_the_way_is_whole_and_leads_to_the_same_end(monkeypatch):
    """With Dropout, Adam, shuffling and evaluations in between; the curves are never behind the snapshot."""
    monkeypatch.setattr(loop_module, "REPORT_EVERY", 0.001)
    monkeypatch.setattr(Cadence, "is_due", lambda cadence, now: True)
    settings = config(epochs=400)
    whole, events = run(dropout_net(), settings=settings)
    taken = of(Snapshot, events)
    assert taken[0].step == 0 and taken[-1].step == 2000
    assert len(taken) > 3
    for snapshot in taken:
        before = events[: events.index(snapshot)]
        shown = all_steps(before)[-1] if of(Steps, before) else 0
        # The best so far, held until now, comes right before the one of the present step.
        assert snapshot.step == shown or (snapshot.step < shown and isinstance(events[len(before) + 1], Snapshot))
    taken = [snapshot for snapshot in taken if snapshot.step < 2000]
    for snapshot in (taken[0], taken[1], taken[len(taken) // 2], taken[-1]):
        again = compiled(dropout_net(), seed=5)
        again.weights.load(snapshot.weights)
        more = list(train(again, classes(), settings, state=snapshot.state))
        assert (more[0].step, more[0].notes) == (snapshot.step, ())
        assert same(whole.weights.copies(), again.weights.copies())


def test_another_optimizer_begins_anew_and_says_so():
    model, events = run()
    changed = config(optimizer=SGD(momentum=0.9))
    more = list(train(model, classes(), changed, state=of(Snapshot, events)[-1].state))
    before = config().build_optimizer().title
    assert more[0].notes == (f"The weights are kept. SGD takes the place of {before} and begins anew.",)
    assert isinstance(more[-1], Finished)


def test_a_state_is_plain_values_and_arrays():
    _, events = run(dropout_net())
    state = of(Snapshot, events)[-1].state
    again = {"values": json.loads(json.dumps(state["values"])), "arrays": state["arrays"]}
    model = compiled(dropout_net())
    assert next(train(model, classes(), config(), state=again)).notes == ()


@pytest.mark.parametrize("state", [{"values": {}, "arrays": {}}, {"values": {"version": 99}}, {"a": 1}])
def test_a_damaged_state_is_refused_in_a_sentence(state):
    with pytest.raises(DataError, match="stored training state is damaged"):
        run(state=state)


def test_how_often_steps_are_reported_does_not_matter(monkeypatch):
    often, _ = run(dropout_net())
    monkeypatch.setattr(loop_module, "REPORT_EVERY", 1000.0)
    seldom, events = run(dropout_net())
    assert len(of(Steps, events)) == 1
    assert same(often.weights.copies(), seldom.weights.copies())


# -- commands ---------------------------------------------------------------------------------------------------


def test_commands_are_answered_in_turn():
    commands, model = Commands(), compiled(mlp(6, 8, 3))
    found = []
    for event in train(model, classes(), config(epochs=1000), control=commands):
        found.append(event)
        if isinstance(event, Started):
            commands.send(Pause())
        elif isinstance(event, Paused) and event.step < 3:
            commands.send(Step(3 - event.step))
        elif isinstance(event, Paused):
            commands.send(Resume())
        elif isinstance(event, Resumed) and event.step >= 3:
            commands.send(Stop())
    names = [name for name in kinds(found) if name not in ("Steps", "Statistics", "Evaluated", "Snapshot")]
    assert names == ["Started", "Paused", "Resumed", "Paused", "Resumed", "Stopped"]
    assert found[-1].step < 5000
    before_stopped = found[-2]
    assert isinstance(before_stopped, Snapshot)
    assert before_stopped.step == found[-1].step


@pytest.mark.parametrize("command, steps", [(Step(2), 2), (Resume(), 20)])
def test_a_command_that_comes_before_the_first_pause_is_not_lost(command, steps):
    """Step on an idle network: the job, to begin paused, and the step are sent together."""
    commands, model = Commands(), compiled(mlp(6, 8, 3))
    commands.send(command)
    for event in train(model, classes(), config(), control=commands, paused=True):
        if isinstance(event, (Paused, Finished)):
            assert event.step == steps
            commands.send(Stop())


def test_live_values_take_effect_and_wrong_ones_are_told():
    commands, graph = Commands(), dropout_net()
    model = compiled(graph)
    found = []
    for event in train(model, classes(), config(), control=commands, paused=True):
        found.append(event)
        if isinstance(event, Paused):
            for name, value in [("learning_rate", 0.5), ("dropout_1.rate", 0.0), ("learning_rate", -1.0),
                                ("momentum", 0.5), ("dense_1.units", 5), ("nobody.rate", 0.1)]:
                commands.send(SetLive(name, value))
            commands.send(Resume())
    assert np.unique(np.concatenate([e.learning_rate for e in of(Steps, found)])).tolist() == [0.5]
    assert float(model.live("dropout_1", "rate")) == 0.0
    sentences = [e.sentence for e in of(Noted, found)]
    assert len(sentences) == 4
    assert "Learning rate must be" in sentences[0]
    assert all("cannot change while training runs" in s for s in sentences[1:])


# -- numbers that are not finite --------------------------------------------------------------------------------


def test_a_run_that_diverges_stops_at_that_step_and_names_the_layer():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model, events = run(mlp(6, 8, 3, activation="ReLU", loss=MSE), config(optimizer=SGD(learning_rate=1000)),
                            regression_of(classes()))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert failed.step == all_steps(events)[-1]
    assert failed.node in model.graph.nodes
    assert f"at step {failed.step + 1}." in failed.sentence
    assert failed.node in failed.sentence
    assert "lower learning rate (now 1\u2009000)" in failed.sentence
    assert np.isfinite(np.concatenate([e.loss for e in of(Steps, events)])).all()


def regression_of(data: Arrays) -> Arrays:
    columns = np.eye(3, dtype=np.float32)
    return Arrays(data.x_train, columns[data.y_train], data.x_val, columns[data.y_val])


def test_weights_that_are_not_finite_are_blamed_on_their_layer():
    model = compiled(mlp(6, 8, 8, 3))
    model.weights.arrays()["dense_2.W"][0, 0] = np.nan
    failed = list(train(model, classes(), config()))[-1]
    assert isinstance(failed, Failed)
    assert (failed.step, failed.node) == (0, "dense_2")
    assert "dense_2 is the first whose weights (W) are not finite" in failed.sentence


def test_a_gradient_that_overflows_stops_the_run_before_it_reaches_the_weights():
    """The loss is finite, 2·error·x is not."""
    data = Arrays(np.full((4, 2), 1e30, np.float32), np.zeros((4, 1), np.float32))
    model = compiled(mlp(2, 1, loss=MSE))
    model.weights.arrays()["dense_1.W"][:] = 1e-20
    before = model.weights.copies()
    events = list(train(model, data, config()))
    assert isinstance(events[-1], Failed)
    assert "The gradient became" in events[-1].sentence
    assert events[-1].node == "dense_1"
    assert same(before, model.weights.copies())
    assert of(Snapshot, events)[-1].step == 0


def test_running_statistics_that_a_failing_step_spoiled_are_in_no_snapshot():
    """One example is so large that the pass overflows: it spoils the averages of BatchNorm before the loss is known."""
    data = classes()
    data.x_train[37] = 3e38
    net = chain(("Input", {"shape": (6,)}), ("Dense", {"units": 8}), ("BatchNorm", {}), ("ReLU", {}),
                ("Dense", {"units": 3}), ("SoftmaxCrossEntropy", {}))
    model, events = run(net, data=data, settings=config(epochs=50))
    assert isinstance(events[-1], Failed)
    assert not all(np.isfinite(array).all() for array in model.weights.arrays().values())
    taken = of(Snapshot, events)
    assert taken
    assert all(np.isfinite(array).all() for snapshot in taken for array in snapshot.weights.values())


def test_who_goes_on_from_a_failed_step_meets_the_same_examples():
    """The one that spoils the step is still there, so that the same run fails at the same step again."""
    data = classes()
    data.x_train[37] = 3e38
    model, events = run(mlp(6, 8, 3, activation="ReLU"), data=data)
    failed, snapshot = events[-1], of(Snapshot, events)[-1]
    assert isinstance(failed, Failed) and failed.step == snapshot.step
    again = list(train(model, data, config(), state=snapshot.state))
    assert isinstance(again[-1], Failed) and again[-1].step == failed.step


def test_data_that_do_not_fit_raise_before_the_first_event():
    model = compiled(mlp(5, 3))
    with pytest.raises(DataError, match="The Input is 5"):
        next(train(model, classes(), config()))


def test_a_long_run_keeps_its_memory():
    """After the first steps nothing is allocated that stays."""
    model, data = compiled(mlp(6, 8, 3)), classes()
    sizes = []
    tracemalloc.start()
    try:
        for event in train(model, data, config(epochs=1200)):
            if isinstance(event, Steps):
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert len(sizes) > 4
    assert sizes[-1] - sizes[len(sizes) // 4] < 200_000
