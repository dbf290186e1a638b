"""Histograms one behind the other, the newest in front: how a spread changes while training goes on."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app import numbers
from app.plots import colours
from app.plots.pointed import Walked
from app.style import theme

#: Most ridges that are drawn, how many times their distance they are high, and the room around them.
MOST = 28
_HEIGHT = 3.2
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 58, 8, 24
_TICKS = 5
_OLD = 0.7


class Ridges(Walked):
    """The ridges with the axis of values below and some of their steps on the right."""

    hovered = Signal(int)  # the place of the ridge under the pointer
    left_by_pointer = Signal()
    clicked = Signal(int, object)  # the place of a ridge, and the modifier keys

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._x = math.nan
        self.setAccessibleName("Histograms, one behind the other")
        self.steps = np.zeros(0, np.int64)
        self.heights = np.zeros((0, 1))
        self._ends = (0.0, 1.0)
        self._token = "value"
        self._marked = -1

    def show_ridges(self, steps: np.ndarray, heights: np.ndarray, ends: tuple[float, float], token: str) -> None:
        """(n,) steps, oldest first, and (n, bins) heights 0 … 1 between the values ``ends``."""
        self.steps, self.heights, self._ends, self._token = steps, heights, ends, token
        if len(steps):
            self.setAccessibleDescription(f"steps {steps[0]} to {steps[-1]}")
        self.update()

    def mark(self, place: int) -> None:
        """The ridge that stands out; -1 for none."""
        if place != self._marked:
            self._marked = place
            self.update()

    # -- where things are -------------------------------------------------------------------------------------

    def value_at(self, x: float) -> float:
        """The value at a horizontal place."""
        low, high = self._ends
        return low + (x - _LEFT) / max(self.width() - _LEFT - _RIGHT, 1) * (high - low)

    def _gap(self) -> float:
        """Pixels from one ridge to the next; the first has room for its height."""
        return max(self.height() - _TOP - _BOTTOM, 10) / (max(len(self.steps), 1) + _HEIGHT - 1)

    def _base(self, place: int) -> float:
        return _TOP + self._gap() * (place + _HEIGHT)

    def place_at(self, point: QPointF) -> int:
        """The ridge whose ground is nearest below a point; −1 without any."""
        if not len(self.steps):
            return -1
        place = int(np.ceil((point.y() - _TOP) / self._gap() - _HEIGHT))
        return min(max(place, 0), len(self.steps) - 1)

    def count(self) -> int:
        return len(self.steps)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._x = event.position().x()
        super().mouseMoveEvent(event)
        self.tell()

    def tell(self) -> None:
        if self.place < 0:
            self.left_by_pointer.emit()
        else:
            self.hovered.emit(self.place)

    def enter(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        self.clicked.emit(place, modifiers)

    @property
    def pointed_value(self) -> float:
        """The value under the pointer; that of the middle where keys came here."""
        return self.value_at(self.width() / 2 if math.isnan(self._x) else self._x)

    # -- painting ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.token("panel"))
        painter.setFont(theme.font(theme.current().font_small))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self.steps)):
            self._paint_ridge(painter, place)
        self._paint_values(painter)
        self._paint_steps(painter)

    def _paint_ridge(self, painter: QPainter, place: int) -> None:
        bins = self.heights.shape[1]
        xs = _LEFT + (np.arange(bins) + 0.5) / bins * (self.width() - _LEFT - _RIGHT)
        ys = self._base(place) - self.heights[place] * self._gap() * _HEIGHT
        line = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        ground = self._base(place)
        age = 1.0 - place / max(len(self.steps) - 1, 1)
        colour = colours.mixed(colours.token(self._token), colours.token("panel"), _OLD * age)
        if place == self._marked:
            colour = colours.token("strong")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.mixed(colour, colours.token("panel"), 0.75))
        painter.drawPolygon(QPolygonF([QPointF(xs[0], ground), *line, QPointF(xs[-1], ground)]))
        painter.setPen(QPen(colour, 1.0))
        painter.drawPolyline(QPolygonF(line))

    def _paint_values(self, painter: QPainter) -> None:
        painter.setPen(colours.token("quiet"))
        low, high = self._ends
        room = self.width() - _LEFT - _RIGHT
        for place in range(_TICKS):
            share = place / (_TICKS - 1)
            box = QRectF(_LEFT + share * room - 40, self.height() - _BOTTOM + 4, 80, _BOTTOM - 6)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, numbers.number(low + share * (high - low), 2))

    def _paint_steps(self, painter: QPainter) -> None:
        above = -99.0
        painter.setPen(colours.token("quiet"))
        for place in reversed(range(len(self.steps))):
            base = self._base(place)
            if above == -99.0 or above - base >= 16:
                box = QRectF(self.width() - _RIGHT + 6, base - 9, _RIGHT - 8, 14)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, numbers.count(int(self.steps[place])))
                above = base
