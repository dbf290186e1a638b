"""The learning rate to come, as a small curve: what the schedule makes of it over the whole run."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.numbers import count, number
from app.panels.widgets import Card, label
from app.style import theme
from app.training.planned_rate import planned_rate
from engine.params import ParameterError
from engine.train.config import TrainingConfig
from engine.train.schedule import Schedule

_HEIGHT, _POINTS, _EDGE = 52, 240, 3


class Curve(QWidget):
    """A line over the whole width, from zero to its largest value."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Planned learning rate, curve")
        self.values = np.zeros(0)
        theme.signals.changed.connect(self.update)

    def show_values(self, values: np.ndarray) -> None:
        """(points,) numbers, evenly spaced."""
        self.values = values
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        largest = float(self.values.max(initial=0.0))
        if len(self.values) < 2 or not 0.0 < largest < math.inf:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(0, _EDGE, self.width(), self.height() - 2 * _EDGE)
        painter.setPen(QPen(QColor(theme.current().line), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        xs = np.linspace(room.left(), room.right(), len(self.values))
        ys = room.bottom() - self.values / largest * room.height()
        painter.setPen(QPen(QColor(theme.current().value), 1.4))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]))


class SchedulePreview(Card):
    """Shown where a schedule changes the learning rate; says where it begins, its peak, and where it ends."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.curve = Curve()
        self.facts = label(role="small")
        self.column.addWidget(label("Learning rate over the run", "strong", wrap=False))
        self.column.addWidget(self.curve)
        self.column.addWidget(self.facts)
        document.setup_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        training, per_epoch = self._document.training, self._steps_per_epoch()
        found = planned_rate(training, per_epoch, _POINTS) if per_epoch else None
        schedule = self._schedule()
        changes = found is not None and schedule is not None and (schedule.watches or len(set(found[1].tolist())) > 1)
        self.setVisible(changes)
        if found is None or schedule is None or not changes:
            return
        steps, rates = found
        self.curve.show_values(rates)
        if schedule.watches:
            self.facts.setText(f"{number(float(rates[0]))} at first; it falls when the loss stops falling.")
            return
        peak = f", at most {number(float(rates.max()))}" if rates.max() > max(rates[0], rates[-1]) else ""
        self.facts.setText(f"{number(float(rates[0]))} → {number(float(rates[-1]))}{peak}, "
                           f"over {count(int(steps[-1]))} steps")

    def _schedule(self) -> Schedule | None:
        try:
            return TrainingConfig.of(self._document.training).build_schedule()
        except ParameterError:
            return None

    def _steps_per_epoch(self) -> int:
        signature = self._document.signature
        if signature is None or not signature.train_rows:
            return 0
        try:
            config = TrainingConfig.of(self._document.training)
        except ParameterError:
            return 0
        return math.ceil(signature.train_rows / config.rows_per_step(signature.train_rows))
