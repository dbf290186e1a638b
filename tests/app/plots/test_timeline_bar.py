"""The timeline below the plots, worked with real events: looking back, marks, and what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from app.plots.timeline_bar import TimelineBar
from app.style import theme
from app.training.session import Session
from engine.train.events import Evaluated, Finished, Snapshot
from tests.app.making import document_of, started, steps

LEFT, NO = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def snapshot(step: int) -> Snapshot:
    return Snapshot(step, {"output.b": np.full(1, step, np.float32)}, {"values": {"step": step}, "arrays": {}})


@pytest.fixture
def session(qapp) -> Session:
    """A run of 1000 steps with a snapshot at each hundredth; the one of step 700 was evaluated best."""
    theme.apply(qapp, "dark")
    session = Session(document_of("xor"))
    session.history.begin(started(total_steps=2000))
    session.history.add_steps(steps(1, 1000))
    for step in range(0, 1001, 100):
        session.timeline.note(Evaluated(step, 1, 1.0, {}, abs(step - 700) / 1000 + 0.1, {}))
        session.timeline.add(snapshot(step))
    return session


@pytest.fixture
def bar(session, qtbot) -> Iterator[TimelineBar]:
    made = TimelineBar(session)
    made.resize(1200, 36)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made


def press(bar: TimelineBar, step: int) -> QPoint:
    return QPoint(round(bar.track.place_of(step)), bar.track.height() // 2)


def test_dragging_shows_every_step_on_the_way(bar, session):
    seen: list[int | None] = []
    session.cursor_changed.connect(seen.append)
    QTest.mousePress(bar.track, LEFT, NO, press(bar, 850))
    for step in (640, 350, 120):
        QTest.mouseMove(bar.track, press(bar, step))
    QTest.mouseRelease(bar.track, LEFT, NO, press(bar, 120))
    QTest.mouseMove(bar.track, press(bar, 500))  # no button is down any more
    assert [round(step, -1) for step in seen] == [850, 640, 350, 120]
    assert session.viewed_weights["output.b"][0] == 100


def test_near_a_snapshot_its_step_is_meant(bar, session):
    QTest.mouseClick(bar.track, LEFT, NO, press(bar, 400) + QPoint(2, 0))
    assert session.cursor == 400
    assert session.viewed_step == session.weights_step


def test_at_the_right_end_it_is_now(bar, session):
    session.look_at(300)
    QTest.mouseClick(bar.track, LEFT, NO, press(bar, 1000))
    assert session.cursor is None


@pytest.mark.parametrize(("key", "start", "step"), [
    (Qt.Key.Key_Left, None, 900), (Qt.Key.Key_Left, 350, 300), (Qt.Key.Key_Left, 0, 0), (Qt.Key.Key_Right, 350, 400),
    (Qt.Key.Key_Right, 1000, None), (Qt.Key.Key_Right, None, None), (Qt.Key.Key_Home, None, 0),
    (Qt.Key.Key_End, 350, None), (Qt.Key.Key_PageDown, None, 900), (Qt.Key.Key_PageUp, 350, 450),
    (Qt.Key.Key_PageUp, 950, None), (Qt.Key.Key_Escape, 350, None),
])  # fmt: skip
def test_keys(bar, session, key, start, step):
    session.look_at(start)
    QTest.keyClick(bar.track, key)
    assert session.cursor == step


def test_it_says_that_the_past_is_looked_at_and_whose_weights_are_seen(bar, session):
    assert bar.status.text() == "now · 11 snapshots"
    assert not bar.back.isEnabled() and not bar.branch.isEnabled()
    session.look_at(400)
    assert bar.status.text() == "step 400 of 1\u2009000 — looking back"
    session.look_at(450)
    assert bar.status.text() == "step 450 of 1\u2009000 — looking back · weights of 400"
    assert bar.status.property("role") == "accent"
    QTest.mouseClick(bar.back, LEFT)
    assert session.cursor is None and bar.status.property("role") == "quiet"
    session._hear([Finished(1000, "Stopped early.", 700)])
    assert bar.status.text() == "now · weights of step 700, the best"


def test_the_track_stays_as_wide_as_it_is_whatever_is_said(bar, session):
    width = bar.track.width()
    for step in (999, 450, 400, None):
        session.look_at(step)
        assert bar.track.width() == width
    assert bar.status.width() >= bar.status.fontMetrics().horizontalAdvance(bar.status.text())


def test_the_menus_entries_step_through_the_snapshots(bar, session):
    bar.earlier()
    bar.earlier()
    assert session.cursor == 800
    bar.later()
    assert session.cursor == 900
    bar.best()
    assert session.cursor == 700
    bar.now()
    assert session.cursor is None


def test_marks_are_explained(bar, session):
    session.timeline.branches.add(300)
    assert bar.told_at(press(bar, 400).x()) == "Step 400, a snapshot\nLoss when evaluated 0.4"
    assert bar.told_at(press(bar, 700).x()) == "Step 700, a snapshot\nLoss when evaluated 0.1: the best so far"
    assert bar.told_at(press(bar, 300).x()).endswith("A branch begins here")
    assert bar.told_at(press(bar, 450).x()).endswith("Snapshot of step 400")
    assert bar.told_at(press(bar, 1000).x()) == "Now"


def colour_at(bar: TimelineBar, place: float, above: bool) -> str:
    picture = bar.track.grab().toImage()
    middle, ratio = bar.track.height() / 2 - 1, bar.track.devicePixelRatioF()
    return picture.pixelColor(round(place * ratio), round((middle + (-8 if above else 8)) * ratio)).name()


def test_marks_are_drawn_where_they_belong(bar, session):
    panel = colour_at(bar, (bar.track.place_of(400) + bar.track.place_of(500)) / 2, above=False)
    assert colour_at(bar, round(bar.track.place_of(400)), above=False) == theme.current().quiet != panel
    assert colour_at(bar, bar.track.place_of(700), above=True) == theme.current().good
    session.timeline.drop_after(650)
    session.history.drop_after(650)
    bar.show_run()
    assert colour_at(bar, bar.track.place_of(600), above=True) == theme.current().good


def test_while_the_run_goes_on_the_handle_stays_where_one_looks(bar, session):
    session.look_at(500)
    before = bar.track.place_of(bar.track.value())
    session.history.add_steps(steps(1001, 1000))
    session.updated.emit()
    assert bar.track.value() == 500 and bar.track.maximum() == 2000
    assert bar.track.place_of(500) < before
    assert "step 500 of 2" in bar.status.text()


def test_before_any_run_it_says_what_will_appear(qapp, qtbot):
    bar = TimelineBar(Session(document_of("xor")))
    qtbot.addWidget(bar)
    bar.resize(1200, 36)
    bar.show()
    assert "drag to look back" in bar.status.text()
    assert not bar.track.isEnabled() and not bar.branch.isEnabled()
    assert bar.told_at(300) == ""


def test_a_screen_reader_is_told(bar, session):
    session.look_at(400)
    interface = QAccessible.queryAccessibleInterface(bar.track)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Timeline"
    assert "looking back" in interface.text(QAccessible.Text.Description)
    assert interface.valueInterface().currentValue() == 400


def test_drawing_is_spared_where_nothing_would_move(bar, session, monkeypatch):
    painted: list[int] = []
    monkeypatch.setattr(bar.track, "update", lambda: painted.append(1))
    for count in range(100):
        session.history.add_steps(steps(1001 + count, 1))
        session.updated.emit()
    pixels = 2 * bar.track.width() * math.log(1100 / 1000)
    assert 0 < len(painted) <= min(math.ceil(pixels) + 1, 100)
    painted.clear()
    session.updated.emit()
    assert painted == []
