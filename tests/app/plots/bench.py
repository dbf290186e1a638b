"""A document, a session without a process, plots over it, and what a hand with a mouse does to them."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.document import Document
from app.plots import Plot
from app.plots.turns import Turns
from app.training.session import Session
from engine.train.events import Evaluated, Statistics, Steps
from tests.app.making import document_of, started


class Bench:
    """Plots over a history that is told step by step."""

    def __init__(self, qtbot) -> None:
        self.qtbot = qtbot
        self.document: Document = document_of("xor")
        self.session = Session(self.document)

    def plot(self, kind: type[Plot]) -> Plot:
        """A plot on the screen."""
        plot = kind(self.session, self.document)
        self.qtbot.addWidget(plot)
        plot.resize(420, 300)
        with self.qtbot.waitExposed(plot):
            plot.show()
        return plot

    def begin(self, *arguments, **more) -> None:
        """A run begins."""
        event = started(*arguments, **more)
        self.session.history.begin(event)
        self.session.started.emit(event)

    def add(self, *reports) -> None:
        """The run reports, and every plot has drawn it."""
        for report in reports:
            history = self.session.history
            take = {Steps: history.add_steps, Evaluated: history.add_evaluation, Statistics: history.add_statistics}
            take[type(report)](report)
        self.session.updated.emit()
        self.settle()

    def settle(self) -> None:
        """Waits until every plot that wanted to draw has drawn."""
        turns = Turns.of(self.session)
        self.qtbot.waitUntil(lambda: turns.is_idle)


def drawn(line) -> tuple[np.ndarray, np.ndarray]:
    """The numbers a line was given, before logarithms are taken."""
    return line.steps, line.values


def curve(plot, key: str):
    """The curve of a plot with this key."""
    return next(curve for curve in plot.curves if curve.series.key == key)


def place(plot, step: float, value: float = 1.0) -> QPoint:
    """Where a step and a value are, in pixels of the plot's drawing area."""
    scene = plot.frame.view.mapViewToScene(QPointF(step, math.log10(value) if plot.frame.is_log else value))
    return plot.frame.mapFromScene(scene)


def hover(plot, step: float, value: float = 1.0) -> None:
    """Moves the pointer over a place of the view."""
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)  # it passes over what moves faster than a hand
    point_at(plot.frame.viewport(), place(plot, step, value))
    pg.setConfigOption("mouseRateLimit", limit)


def point_at(widget: QWidget, where: QPoint) -> None:
    """Moves the pointer over a place of a widget."""
    none, at = Qt.MouseButton.NoButton, QPointF(where)
    event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def wheel(frame, notches: int) -> None:
    """Turns the wheel over the middle of a frame."""
    middle = QPointF(frame.viewport().rect().center())
    event = QWheelEvent(
        middle, frame.viewport().mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(frame.viewport(), event)


def drag(frame, start: QPoint, end: QPoint, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Drags over a frame with the left button."""
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", 0)  # it passes over what moves faster than a hand
    drag_on(frame.viewport(), start, end, modifiers)
    pg.setConfigOption("mouseRateLimit", limit)


def drag_on(widget: QWidget, start: QPoint, end: QPoint, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Drags over a widget with the left button. QTest's own moves come when they like."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    QTest.mousePress(widget, left, modifiers, start)
    for share in (0.3, 0.6, 1.0):
        at = QPointF(start + (end - start) * share)
        QApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, left,
                                                   modifiers))
    QTest.mouseRelease(widget, left, modifiers, end)
