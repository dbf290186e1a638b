"""Bars of singular values, largest first, with an axis."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app import numbers
from app.plots import colours
from app.plots.extent import Reach, round_ends
from app.plots.pointed import Walked
from app.style import theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 14, 10, 24
_RULES = 4


class SpectrumBars(Walked):
    """One bar for each value. More bars than pixels share one, as high as the largest."""

    hovered = Signal(int)  # which value is pointed at, -1 for none
    clicked = Signal()
    ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Singular values, bars")
        self.values = np.zeros(0)
        self._log = True

    def show_values(self, values: np.ndarray, log: bool) -> None:
        """(r,) numbers, largest first, on a logarithmic or a linear axis."""
        self.values, self._log = values, log
        if len(values):
            self.setAccessibleDescription(
                f"{len(values)} values, {numbers.number(float(values[0]))} to {numbers.number(float(values[-1]))}")
        self.update()

    def ends(self) -> tuple[float, float]:
        """What the bottom and the top stand for: exponents of ten on a logarithmic axis."""
        usable = self.values[self.values > 0] if self._log else self.values
        reach = Reach()
        reach.include(usable)
        bottom, top = round_ends(reach, self._log) or (0.0, 1.0)
        return (bottom, top) if self._log else (0.0, top)

    def height_of(self, value: float) -> float:
        """0 … 1 of the room."""
        bottom, top = self.ends()
        if self._log and value <= 0:
            return 0.0
        return min(max(((math.log10(value) if self._log else value) - bottom) / (top - bottom), 0.0), 1.0)

    def place_at(self, point: QPointF) -> int:
        room = self.width() - _LEFT - _RIGHT
        place = math.floor((point.x() - _LEFT) / max(room, 1) * len(self.values))
        return place if 0 <= place < len(self.values) else -1

    def count(self) -> int:
        return len(self.values)

    def tell(self) -> None:
        self.hovered.emit(self.place)

    def enter(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.token("panel"))
        painter.setFont(theme.font(theme.current().font_small))
        room = QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)
        self._paint_axis(painter, room)
        painter.setPen(Qt.PenStyle.NoPen)
        count = min(len(self.values), max(int(room.width()), 1))
        if not count:
            return
        edges = np.linspace(0, len(self.values), count + 1).astype(int)
        first, ends = edges[:-1], edges[1:]
        step = room.width() / count
        gap = 1.0 if step >= 3 else 0.0
        for place, value in enumerate(np.maximum.reduceat(self.values, first).tolist()):
            painter.setBrush(colours.token("strong" if first[place] <= self.place < ends[place] else "spectrum"))
            tall = max(self.height_of(value) * room.height(), 1.0)
            painter.drawRect(QRectF(room.left() + place * step, room.bottom() - tall, step - gap, tall))

    def _paint_axis(self, painter: QPainter, room: QRectF) -> None:
        bottom, top = self.ends()
        for rule in range(_RULES):
            share = rule / (_RULES - 1)
            y = room.bottom() - share * room.height()
            painter.setPen(colours.token("line"))
            painter.drawLine(round(room.left()), round(y), round(room.right()), round(y))
            at = bottom + share * (top - bottom)
            painter.setPen(colours.token("quiet"))
            painter.drawText(QRectF(0, y - 8, _LEFT - 7, 16),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                             numbers.number(10.0**at if self._log else at, 2))
        below = QRectF(room.left(), room.bottom() + 4, room.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "σ₁")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{numbers.count(len(self.values))} values")
