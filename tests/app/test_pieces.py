"""What is drawn a part at a time comes to its end, and texts that change often leave the layout alone."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.canvas.live_turns import LiveTurns
from app.panels.steady import Steady
from app.plots.turns import Turns


class Requests(QObject):
    """Counts how often a widget is to be laid out anew."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_new_digits_lay_nothing_out_but_longer_texts_do(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = Steady(QLabel("step 100"))
    QHBoxLayout(window).addWidget(text)
    with qtbot.waitExposed(window):
        window.show()
    requests, width = Requests(window), text.sizeHint().width()
    for step in range(101, 130):
        text.setText(f"step {step}")
        qtbot.wait(0)
    assert requests.count == 0 and text.text() == "step 129"
    text.setText("step 1,234,567,890,123")
    qtbot.waitUntil(lambda: requests.count > 0)
    assert text.sizeHint().width() > width and text.width() >= text.label.sizeHint().width()


def test_items_of_the_canvas_are_shown_a_few_at_a_time_and_all_in_the_end(qtbot) -> None:
    parent, shown, painted = QObject(), [], []
    turns = LiveTurns(parent, painted.extend)

    def show(what: object) -> list[object]:
        shown.append(what)
        return [f"where {what} is"]

    for number in range(40):
        turns.ask(number, partial(show, number))
    turns.ask(3, partial(show, "the newest of 3"))
    assert shown == []
    qtbot.waitUntil(lambda: len(shown) > 0)
    assert 0 < len(shown) < 40
    qtbot.waitUntil(lambda: len(shown) == 40)
    assert shown == [0, 1, 2, "the newest of 3", *range(4, 40)]
    assert painted == [f"where {what} is" for what in shown]


def test_a_plot_that_draws_in_parts_comes_to_its_end_and_may_leave_before(qtbot) -> None:
    session, first, second, drawn = QObject(), QObject(), QObject(), []

    def parts():
        for part in range(3):
            drawn.append(part)
            yield

    turns = Turns.of(session)
    turns.ask(first, parts)
    turns.ask(second, lambda: drawn.append("whole"))
    qtbot.waitUntil(lambda: turns.is_idle)
    assert drawn == [0, 1, 2, "whole"]
    turns.ask(first, parts)
    assert not turns.leave(first)  # nothing of it was drawn
    assert turns.is_idle and not turns._timer.isActive()
