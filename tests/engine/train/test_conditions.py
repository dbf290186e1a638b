"""Running until something is so, in slow motion, and with steps that are given up: none of it changes the weights."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute.program import Interrupted
from engine.train import loop as loop_module
from engine.train import max_norm
from engine.train import update as update_module
from engine.train.commands import Pause, Resume, RunUntil, SetLive, SlowDown, Step, Stop
from engine.train.conditions import (
    AccuracyAbove,
    Condition,
    EpochReached,
    ErrorBelow,
    GradientOutside,
    LossBelow,
    Seen,
    StepReached,
)
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import Changed, Finished, Noted, Paused, Resumed, Snapshot, Started, Steps
from engine.train.loop import train
from engine.train.optim import SGD
from engine.train.trainer import Trainer
from tests.engine.train.networks import SOFTMAX_LOSS, chain, classes, compiled, dropout_net, mlp


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 400, "batch_size": 16, "optimizer": {"kind": "Adam", "learning_rate": 0.01},
                             **changes})


def paused_at(condition: Condition, graph=None, settings=None) -> tuple[Paused, list]:
    """Where a run that is to go on until then pauses, and the events before."""
    commands, found = Commands(), []
    model = compiled(graph or mlp(6, 8, 3))
    for event in train(model, classes(), settings or config(), control=commands):
        found.append(event)
        if isinstance(event, Started):
            commands.send(RunUntil(condition.to_dict()))
        if isinstance(event, Paused):
            return event, found
        assert not isinstance(event, Finished)
    raise AssertionError


def test_until_a_step_and_an_epoch():
    event, _ = paused_at(StepReached(step=12))
    assert event.step == 12
    assert event.sentence == "Paused: the step was reached at step 12."
    event, _ = paused_at(EpochReached(epoch=7))  # 5 steps each
    assert event.step == 35
    assert "epoch 7 was completed" in event.sentence


def test_until_a_loss_is_low_enough_at_the_first_step_where_it_is():
    event, found = paused_at(LossBelow(value=0.3, of="batch"))
    losses = np.concatenate([e.loss for e in found if isinstance(e, Steps)])
    assert len(losses) == event.step
    assert losses[-1] < 0.3
    assert losses[:-1].min() >= 0.3
    assert f"({losses[-1]:.4g}) at step {event.step}" in event.sentence


def test_until_an_evaluation_is_good_enough():
    event, _ = paused_at(LossBelow(value=0.2))
    assert event.step % 50 == 0
    assert event.sentence.startswith("Paused: validation loss fell below 0.2 (0.")
    event, _ = paused_at(AccuracyAbove(value=0.5))
    assert "validation accuracy rose above 50 %" in event.sentence


@pytest.mark.parametrize(("condition", "seen", "reason"), [
    (GradientOutside(low=1e-3, high=10.0), {"gradient": 1e-4}, "fell below 0.001 (1e-4)"),
    (GradientOutside(low=1e-3, high=10.0), {"gradient": 11.0}, "rose above 10 (11)"),
    (GradientOutside(low=1e-3, high=10.0), {"gradient": 1.0}, ""),
    (ErrorBelow(value=0.5), {"part": "training", "evaluated": {"rmse": 0.25}}, "training error fell below 0.5"),
    (LossBelow(value=0.5), {"evaluated": None, "loss": 0.1}, ""),
    (AccuracyAbove(value=0.9), {"evaluated": {"loss": 0.0}}, ""),
])
def test_what_is_met(condition, seen, reason):
    found = condition.met(Seen(**{"step": 3, "epoch": 1, "loss": 1.0, "gradient": 1.0, **seen}))
    assert reason in found if reason else not found


@pytest.mark.parametrize("kind", Condition.kinds)
def test_every_condition_says_what_is_waited_for(kind):
    condition = Condition.from_dict({"kind": kind})
    assert condition.wish()
    assert condition.summary()


def test_a_condition_that_is_none_is_refused_in_a_sentence():
    commands, found = Commands(), []
    commands.send(RunUntil({"kind": "Never"}))
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(epochs=1), control=commands):
        found.append(event)
    assert any(isinstance(e, Noted) and "Never" in e.sentence for e in found)
    assert isinstance(found[-1], Finished)


def test_step_to_the_end_of_an_epoch():
    commands, found = Commands(), []
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(), control=commands, paused=True):
        if isinstance(event, Paused):
            found.append(event.step)
            commands.send({0: Step(2), 2: Step(epochs=1), 5: Step(epochs=2)}.get(event.step, Stop()))
    assert found == [0, 2, 5, 15]


# -- steps that are given up -------------------------------------------------------------------------------------


class Hasty(Commands):
    """Asks for a pause in the middle of every third step, after some calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.asked = 0
        self.calls = calls

    def urgent(self) -> bool:
        self.asked += 1
        if self.asked % self.calls == 0:
            self.send(Pause())
        return super().urgent()


class Fickle(Hasty):
    """Asks for a pause now here, now there."""

    def urgent(self) -> bool:
        if self.asked % self.calls == 0:
            self.asked, self.calls = 0, int(np.random.default_rng(self.calls).integers(100, 200))
        return super().urgent()


def noisy():
    """A network whose passes leave traces: random numbers and running statistics."""
    return chain(("Input", {"shape": (6,)}), ("Dense", {"units": 12}), ("BatchNorm", {}), ("ReLU", {}),
                 ("Dropout", {"rate": 0.3}), ("Dense", {"units": 3}), SOFTMAX_LOSS)


@pytest.mark.parametrize("calls", [89, 101, 139])
def test_steps_that_are_given_up_leave_no_trace(monkeypatch, calls):
    monkeypatch.setattr(loop_module, "_LONG_STEP", -1.0)  # every step may be interrupted
    plain = compiled(noisy())
    whole = list(train(plain, classes(), config(epochs=6)))
    commands, model, pauses = Hasty(calls), compiled(noisy()), []
    found = []
    for event in train(model, classes(), config(epochs=6), control=commands):
        found.append(event)
        if isinstance(event, Paused):
            pauses.append(event.step)
            commands.send(Resume())
    assert len(pauses) > 5
    for key, array in plain.weights.arrays().items():
        assert np.array_equal(array, model.weights.arrays()[key]), key
    losses = [np.concatenate([e.loss for e in part if isinstance(e, Steps)]) for part in (whole, found)]
    assert np.array_equal(*losses)


@pytest.mark.parametrize("kind", ["Adam", "SGD"])
def test_an_update_that_is_interrupted_is_finished_after_the_answer(monkeypatch, kind):
    """Wherever it is, whoever looks at the network finds whole steps, and the run ends as if nothing had been."""
    monkeypatch.setattr(loop_module, "_LONG_STEP", -1.0)
    monkeypatch.setattr(update_module, "BLOCK", 16)
    monkeypatch.setattr(update_module, "STRETCH", 32)
    monkeypatch.setattr(max_norm, "STRETCH", 32)
    settings = config(epochs=6, optimizer={"kind": kind, "max_norm": 1.0})
    plain = Trainer(compiled(noisy()), classes(), settings)
    whole = [plain.model.weights.values.copy()]
    for _ in range(6 * plain.order.steps_per_epoch):
        plain.step(False)
        whole.append(plain.model.weights.values.copy())
    commands, model, halves = Fickle(101), compiled(noisy()), []
    for event in train(model, classes(), settings, control=commands):
        if isinstance(event, Paused):
            halves.append(not np.array_equal(model.weights.values, whole[event.step]))
            commands.send(Resume())
        elif isinstance(event, Snapshot):
            assert np.array_equal(model.weights.values, whole[event.step])
    assert any(halves)
    assert np.array_equal(model.weights.values, whole[-1])


def test_a_step_given_up_at_an_epochs_first_batch_is_repeated():
    trainer = Trainer(compiled(mlp(6, 8, 3)), classes(), config())
    other = Trainer(compiled(mlp(6, 8, 3)), classes(), config())
    for _ in range(11):
        with pytest.raises(Interrupted):
            trainer.step(False, stop=lambda: True)
        trainer.step(False)
        other.step(False)
    assert trainer.order.state() == other.order.state()
    assert np.array_equal(trainer.model.weights.values, other.model.weights.values)


# -- slow motion --------------------------------------------------------------------------------------------------


def test_slow_motion_reports_each_step_and_rests_between(monkeypatch):
    commands, rests, found = Commands(), [], []
    monkeypatch.setattr(commands, "rest", rests.append)
    clock = [0.0]
    monkeypatch.setattr(loop_module, "perf_counter", lambda: clock.__setitem__(0, clock[0] + 0.01) or clock[0])
    commands.send(SlowDown(10.0))
    slow = compiled(dropout_net())
    for event in train(slow, classes(), config(epochs=2), control=commands):
        found.append(event)
    assert [e.step.tolist() for e in found if isinstance(e, Steps)] == [[n] for n in range(1, 11)]
    assert not any(np.isnan(e.flow).any() for e in found if isinstance(e, Steps))
    assert rests
    assert max(rests) <= 0.1
    quick = compiled(dropout_net())
    list(train(quick, classes(), config(epochs=2)))
    assert np.array_equal(slow.weights.values, quick.weights.values)


# -- another batch size --------------------------------------------------------------------------------------------


def test_the_batch_size_changes_with_the_next_epoch():
    """By hand: 5 steps of 16 rows (70 in all), then 9 of 8, in the order that the generator gives."""
    data, settings = classes(), config(epochs=2, optimizer=SGD(learning_rate=0.1))
    commands, model, found = Commands(), compiled(mlp(6, 8, 3)), []
    commands.send(Step(2))
    for event in train(model, data, settings, control=commands):
        found.append(event)
        if isinstance(event, Paused):
            commands.send(SetLive("batch_size", 8))
            commands.send(Resume())
    changed = next(e for e in found if isinstance(e, Changed))
    assert (changed.step, changed.before, changed.after, changed.total_steps) == (5, 16, 8, 14)
    assert next(e for e in found if isinstance(e, Noted)).sentence == (
        "Batches have 8 examples from the next epoch on, after step 5.")
    assert found[-1].step == 14
    by_hand = compiled(mlp(6, 8, 3))
    rng = np.random.Generator(np.random.PCG64([0, 1]))
    for batch in (16, 8):
        rows = np.arange(70)
        rng.shuffle(rows)
        for start in range(0, 70, batch):
            part = rows[start : start + batch]
            by_hand.loss(data.x_train[part], data.y_train[part])
            by_hand.backward()
            by_hand.weights.values -= np.float32(0.1) * by_hand.weights.gradients
    np.testing.assert_allclose(model.weights.values, by_hand.weights.values, rtol=1e-5, atol=1e-7)


def test_a_schedule_stays_where_it_is_in_epochs():
    schedule = {"kind": "StepDecay", "every": 2.0, "gamma": 0.5}
    commands, rates = Commands(), {}
    settings = config(epochs=4, schedule=schedule, optimizer=SGD(learning_rate=0.1))
    commands.send(Step(1))
    for event in train(compiled(mlp(6, 8, 3)), classes(), settings, control=commands):
        if isinstance(event, Steps):
            rates.update(zip(event.step.tolist(), event.learning_rate.tolist(), strict=True))
        if isinstance(event, Paused):
            commands.send(SetLive("batch_size", 35))
            commands.send(Resume())
    # Epochs: steps 1–5, then 6–7, 8–9, 10–11.
    assert [round(rates[n], 4) for n in range(1, 12)] == [0.1] * 7 + [0.05] * 4


def test_a_batch_size_that_cannot_change_is_told():
    for settings, words in ((config(batching="full", epochs=1), "mini-batches"),
                            (config(epochs=1), "from 1 to")):
        commands, found = Commands(), []
        commands.send(SetLive("batch_size", 0))
        found = list(train(compiled(mlp(6, 8, 3)), classes(), settings, control=commands))
        assert any(isinstance(e, Noted) and words in e.sentence for e in found)


def test_a_change_tells_what_was_and_what_is():
    commands = Commands()
    commands.send(SetLive("learning_rate", 0.5))
    commands.send(SetLive("learning_rate", 0.5))
    commands.send(SetLive("dropout_1.rate", 0.0))
    found = list(train(compiled(dropout_net()), classes(), config(epochs=1), control=commands))
    changes = [(e.name, round(e.before, 6), e.after) for e in found if isinstance(e, Changed)]
    assert changes == [("learning_rate", 0.01, 0.5), ("dropout_1.rate", 0.3, 0.0)]


def test_resumed_is_told_for_what_takes_a_while():
    commands, found = Commands(), []
    for event in train(compiled(mlp(6, 8, 3)), classes(), config(), control=commands, paused=True):
        found.append(event)
        if isinstance(event, Paused):
            commands.send(Step(20) if event.step == 0 else Stop())
    assert any(isinstance(e, Resumed) for e in found)
