"""Time travel in the whole window: the bar below the plots moves wires, cards and plots, and a branch begins there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.runs.runs import Runs
from app.training.session import FINISHED
from app.window.window import Window
from tests.app.waiting import reaching, rest_after, until_paused_at

#: A step on the way of which there is a snapshot.
REST = 1500


@pytest.fixture
def trained(window: Window, qtbot) -> Window:
    """The circles, trained to the end, with a rest and thus a snapshot on the way."""
    window.open_template("circles")
    window.document.commit_training({**window.document.training, "epochs": 400})
    rest_after(qtbot, window.session, REST)
    with reaching(qtbot, window.session, FINISHED):
        window.session.run()
    return window


def drag_to(window: Window, step: int) -> int:
    """Clicks where a snapshot is; returns the step that is looked at: where two share a pixel, it may be the other."""
    track = window.timeline.track
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track.place_of(step)), track.height() // 2))
    found = window.session.cursor
    assert abs(track.place_of(found) - track.place_of(step)) <= 1
    assert found in window.session.timeline.steps
    return found


def test_the_whole_screen_goes_back(trained, qtbot):
    window, session = trained, trained.session
    assert window.timeline_bar.isVisible()
    wires = {}
    window.canvas.set_live, real = (lambda norms, flow, at_once: wires.update(flow)), window.canvas.set_live
    step = drag_to(window, REST)
    window.canvas.set_live = real
    assert wires == session.history.flow_at(step) != session.history.flow_by_node()
    loss = next(plot for plot in window.plots if plot.id == "loss")
    qtbot.waitUntil(lambda: loss.frame.marker.line.isVisible() and loss.frame.marker.line.value() == step)
    window.actions_by_id["look_now"].trigger()
    assert session.cursor is None
    qtbot.waitUntil(lambda: not loss.frame.marker.line.isVisible())


def test_weights_are_brought_back_and_the_whole_screen_says_of_which_step_they_are(trained, qtbot):
    window, session, runs = trained, trained.session, trained.desk.runs
    end = session.history.progress.step
    qtbot.waitUntil(lambda: runs.writer.finish(0.05) and not runs.pending)
    step = next(step for step in runs.snapshot_steps() if 0 < step < end)
    window.desk.going_back.restore_at(runs.current, step)
    qtbot.waitUntil(lambda: session.standing == step)
    shown = window.timeline.status.text().replace("\u2009", "")
    assert shown == f"step {step} of {end} — its weights are back; Run goes on here"
    assert window.timeline.track.value() == step and not window.timeline.back.isEnabled()
    assert f">{step}<" in window.top.steps.value.text().replace("\u2009", "")
    assert window.top.rate.text() == "brought back"
    held_back = session.history.latest("validation.accuracy", step)
    assert f"{100 * held_back:.1f}" in window.status.result.text()
    evaluated = max(at for at in session.history.evaluations.steps.tolist() if at <= step)
    assert window.status.result.toolTip().endswith(f"validation part, as evaluated after step {evaluated}")
    QTest.keyClick(window.timeline.track, Qt.Key.Key_End)
    assert session.cursor == end and window.timeline.back.isEnabled()
    QTest.mouseClick(window.timeline.back, Qt.MouseButton.LeftButton)
    assert session.cursor == step


def test_a_branch_begins_from_the_button_and_the_parent_stays_in_the_list(trained, qtbot):
    window, session = trained, trained.session
    runs = Runs.of(session)
    parent, whole = runs.current, session.history
    step = drag_to(window, REST)
    QTest.mouseClick(window.timeline.branch, Qt.MouseButton.LeftButton)
    assert session.waits_to_branch and session.cursor is None and session.history.progress.step == step
    assert "Run begins a branch here" in window.timeline.status.text()
    assert [overlay.id for overlay in runs.overlays] == [parent]  # what comes after that step is seen all the same
    with reaching(qtbot, session, FINISHED):
        window.actions_by_id["run"].trigger()
    assert session.cursor is None and runs.current != parent
    info = runs.info(runs.current)
    assert (info.parent.run, info.parent.step) == (parent, step)
    assert runs.info(parent).steps == whole.progress.step
    assert step in session.timeline.branches
    kept: list = []
    runs.curves(parent, kept.append)
    qtbot.waitUntil(lambda: bool(kept))
    assert kept[0].progress.step == whole.progress.step and kept[0].loss.tolist() == whole.loss.tolist()


def test_the_actions_are_there_when_they_mean_something(window, qtbot):
    actions = window.actions_by_id
    window.open_template("xor")
    names = ("look_earlier", "look_later", "look_best", "look_now", "continue_from_here")
    assert not any(actions[name].isEnabled() for name in names)
    window.session.step(5)
    until_paused_at(qtbot, window.session, 5)
    assert actions["look_earlier"].isEnabled() and not actions["continue_from_here"].isEnabled()
    actions["look_earlier"].trigger()
    assert window.session.cursor == 0 and actions["continue_from_here"].isEnabled()


def test_the_training_tab_says_which_layers_begin_anew(trained):
    window, document = trained, trained.document
    window.tabs.show_training()
    notes = [card for card in window.tabs.training.findChildren(object) if type(card).__name__ == "FreshLayers"]
    assert not notes[0].isVisible()
    graph, added = document.graph.add("Dense", {"units": 8})
    last = graph.inputs("output")[0].source
    document.commit(graph.disconnect("output", "in").connect(last, added).connect(added, "output"), "Deeper")
    assert notes[0].isVisible()
    canvas = window.canvas.canvas
    assert {node for node in canvas.nodes if window.run_notes.said_of(node).text} == {added}
    assert canvas.nodes[added].run_note.text == "begins anew at Run"
    place = canvas.nodes[added].scene_rect.center()
    assert "begins with fresh ones" in window.canvas.tooltip_at(QPointF(window.canvas.mapFromScene(place)))
    assert added in notes[0]._text.text() and "fresh weights" in notes[0]._text.text()
    document.undo_stack.undo()
    assert not notes[0].isVisible() and not any(node.run_note.text for node in canvas.nodes.values())
