"""Driving a run: by tens and epochs, until something is so, in slow motion, answered at once; and the range test."""

from __future__ import annotations

import pytest

from app.dialogs.range_test import RangeTestDialog
from app.panels.control_until import UntilDialog
from app.training.session import PAUSED, RUNNING
from engine.train.conditions import AccuracyAbove, LossBelow, StepReached
from tests.app.waiting import until_paused_at


@pytest.fixture
def mnist(window):
    window.open_template("mnist")
    return window


def test_ten_steps_then_the_rest_of_the_epoch(mnist, qtbot):
    mnist.actions_by_id["step_ten"].trigger()
    until_paused_at(qtbot, mnist.session, 10)
    each = mnist.session.history.started.steps_per_epoch
    mnist.actions_by_id["step_epoch"].trigger()
    until_paused_at(qtbot, mnist.session, each)


def test_until_a_step_and_why(mnist, qtbot):
    said = []
    mnist.session.message.connect(lambda severity, text: said.append(text))
    mnist.actions_by_id["run_until"].trigger()
    (dialog,) = mnist.findChildren(UntilDialog)
    assert dialog.isVisible()
    dialog._edit("condition", {"kind": "StepReached", "step": 12})
    assert dialog.run.isEnabled()
    dialog.run.click()
    until_paused_at(qtbot, mnist.session, 12)
    assert any("Paused: the step was reached at step 12." in text for text in said)
    assert mnist.control.condition == StepReached(step=12)
    # What is over is not offered again.
    mnist.control.ask_until()
    dialog = mnist.findChildren(UntilDialog)[-1]
    assert dialog._value["step"] == 1012
    dialog._edit("condition", {"kind": "StepReached", "step": 5})
    assert not dialog.run.isEnabled() and dialog.problem.text()
    dialog.reject()


def test_a_damaged_memory_of_the_condition_is_forgotten(mnist):
    for stored in ("{", "[]", '{"kind": "Never"}', ""):
        mnist.settings.set_text("train/until", stored)
        assert mnist.control.condition == LossBelow()
    mnist.settings.set_text("train/until", '{"kind": "AccuracyAbove", "value": 0.5}')
    assert mnist.control.condition == AccuracyAbove(value=0.5)


def test_slow_motion_and_pausing_at_once(mnist, qtbot):
    mnist.actions_by_id["speed_1"].trigger()
    assert mnist.top.speed.text() == "1/s"
    mnist.session.run()
    qtbot.waitUntil(lambda: mnist.session.history.progress.step >= 1)
    mnist.actions_by_id["run"].trigger()  # in the middle of a rest of a second
    assert mnist.actions_by_id["run"].text() == "Pausing…"
    assert not mnist.actions_by_id["run"].isEnabled()
    qtbot.waitUntil(lambda: mnist.session.state == PAUSED)
    assert mnist.session.history.progress.step < 20  # hundreds at full speed
    assert mnist.actions_by_id["run"].text() == "Resume"
    mnist.document.commit_training({**mnist.document.training, "shuffle": not mnist.document.training["shuffle"]})
    assert mnist.actions_by_id["run"].text() == "Run"  # it would begin a branch
    mnist.document.undo_stack.undo()
    assert mnist.actions_by_id["run"].text() == "Resume"
    mnist.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: mnist.session.state == RUNNING)
    mnist.actions_by_id["speed_full"].trigger()
    qtbot.waitUntil(lambda: mnist.session.history.progress.step > 20)
    assert mnist.top.speed.text() == ""


def test_a_change_leaves_a_mark_and_reaches_the_run(mnist, qtbot):
    mnist.session.step(3)
    until_paused_at(qtbot, mnist.session, 3)
    training = mnist.document.training
    mnist.document.commit_training({**training, "optimizer": {**training["optimizer"], "learning_rate": 0.25}})
    mnist.session.step(2)
    qtbot.waitUntil(lambda: mnist.session.history.progress.step == 5)
    (mark,) = mnist.session.history.marks
    assert (mark.step, mark.name, mark.after) == (3, "learning_rate", 0.25)
    assert "learning rate" in mark.text and "0.25, from step 4" in mark.text
    assert mnist.session.history.learning_rate[-1] == 0.25


def test_the_range_test_suggests_and_is_one_undoable_edit(mnist, qtbot):
    before = mnist.document.training
    mnist.actions_by_id["range_test"].trigger()
    (dialog,) = mnist.findChildren(RangeTestDialog)
    qtbot.waitUntil(lambda: dialog.suggestion is not None)
    assert 1e-5 < dialog.suggestion.rate < 1.0
    assert mnist.document.weights is None  # a copy was tried
    rate = dialog.suggestion.rate
    dialog.use.click()
    assert mnist.document.training["optimizer"]["learning_rate"] == rate
    mnist.document.undo_stack.undo()
    assert mnist.document.training == before


def test_a_cancelled_range_test_leaves_no_process(mnist, qtbot):
    mnist.control.ask_rate()
    (dialog,) = mnist.findChildren(RangeTestDialog)
    dialog.leave.click()
    assert dialog._process is None
