"""Time travel in the whole window: the bar below the plots moves wires, cards and plots, and a branch begins there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.runs.runs import Runs
from app.training.session import FINISHED, PAUSED, RUNNING
from app.window.window import Window


@pytest.fixture
def trained(window: Window, qtbot) -> Window:
    """The circles, trained to the end."""
    window.open_template("circles")
    window.document.commit_training({**window.document.training, "epochs": 400})
    with qtbot.waitSignal(window.session.state_changed, check_params_cb=lambda s: s == FINISHED):
        window.session.run()
    return window


def drag_to(window: Window, step: int) -> None:
    track = window.timeline.track
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track.place_of(step)), track.height() // 2))


def test_the_whole_screen_goes_back(trained, qtbot):
    window, session = trained, trained.session
    assert window.timeline_bar.isVisible()
    step = session.timeline.steps[1]
    wires = {}
    window.canvas.set_live, real = (lambda norms, flow: wires.update(flow)), window.canvas.set_live
    drag_to(window, step)
    window.canvas.set_live = real
    assert session.cursor == step
    assert wires == session.history.flow_at(step) != session.history.flow_by_node()
    loss = next(plot for plot in window.plots if plot.id == "loss")
    qtbot.waitUntil(lambda: loss.frame.marker.line.isVisible() and loss.frame.marker.line.value() == step)
    window.actions_by_id["look_now"].trigger()
    assert session.cursor is None
    qtbot.waitUntil(lambda: not loss.frame.marker.line.isVisible())


def test_a_branch_begins_from_the_button_and_the_parent_stays_in_the_list(trained, qtbot):
    window, session = trained, trained.session
    runs = Runs.of(session)
    parent, whole = runs.current, session.history
    step = session.timeline.steps[2]
    drag_to(window, step)
    with qtbot.waitSignal(session.started):
        QTest.mouseClick(window.timeline.branch, Qt.MouseButton.LeftButton)
    assert session.cursor is None and runs.current != parent
    info = runs.info(runs.current)
    assert (info.parent.run, info.parent.step) == (parent, step)
    assert runs.info(parent).steps == whole.progress.step
    if session.state == RUNNING:
        with qtbot.waitSignal(session.state_changed):
            pass
    assert session.state == FINISHED and step in session.timeline.branches
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
    qtbot.waitUntil(lambda: window.session.state == PAUSED and len(window.session.timeline) > 1)
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
    assert added in notes[0]._text.text() and "fresh weights" in notes[0]._text.text()
    document.undo_stack.undo()
    assert not notes[0].isVisible()
