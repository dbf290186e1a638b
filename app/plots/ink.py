"""The lines of a plot of curves, drawn by one item: pyqtgraph has one for each, with a border that is worked out anew
for every frame, and paints the numbers beside the axes with them. Here a new point costs no more than the line itself.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QRegion
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.plots.frame import Frame

_NONE = np.zeros(0)


class Line:
    """Values by step, joined where one follows the other; a value that is NaN leaves a gap."""

    def __init__(self, ink: Ink, depth: int, dot: float) -> None:
        self.depth = depth
        self.steps = self.values = _NONE
        self.pen = QPen()
        self._dots: QColor | None = None
        self._dot, self._dotted = dot, False
        self._ink = ink
        self._path: tuple[bool, QPainterPath] | None = None

    def show(self, steps: np.ndarray, values: np.ndarray, dotted: bool = False) -> None:
        """Is to draw ``values`` (k,) at ``steps`` (k,), ``dotted`` with a dot at each, in place of what it drew.
        :meth:`Ink.renew` has it painted, once for all lines that change together."""
        self.steps, self.values, self._dotted, self._path = steps, values, dotted, None

    def clear(self) -> None:
        """Is to draw nothing any more."""
        if len(self.steps):
            self.show(_NONE, _NONE)

    def dress(self, pen: QPen, dots: QColor | None = None) -> None:
        """Takes its pen, and the colour of its dots."""
        if (pen, dots) != (self.pen, self._dots):
            self.pen, self._dots = pen, dots
            self._ink.renew()

    def paint(self, painter: QPainter, log: bool) -> None:
        """Draws it in the coordinates of the view."""
        if not len(self.steps):
            return
        painter.setPen(self.pen)
        painter.drawPath(self._drawn(log))
        if self._dotted and self._dots is not None:
            pen = QPen(self._dots, self._dot, c=Qt.PenCapStyle.RoundCap)
            pen.setCosmetic(True)
            painter.setPen(pen)
            points = zip(self.steps.tolist(), self._heights(log).tolist(), strict=True)
            painter.drawPoints([QPointF(*point) for point in points if math.isfinite(point[1])])

    def _drawn(self, log: bool) -> QPainterPath:
        if self._path is None or self._path[0] != log:
            self._path = log, pg.arrayToQPath(self.steps, self._heights(log), connect="finite")
        return self._path[1]

    def _heights(self, log: bool) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(self.values, dtype=np.float64) if log else self.values


class Ink(pg.UIGraphicsItem):
    """The lines of a frame, in the order of their depth."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame
        self._lines: list[Line] = []
        self.setZValue(1)
        frame.view.addItem(self, ignoreBounds=True)

    def line(self, depth: int, dot: float = 4.0) -> Line:
        """Another line, above those of less ``depth``; its dots, where it has any, are so many pixels wide."""
        line = Line(self, depth, dot)
        self._lines.append(line)
        self._lines.sort(key=lambda line: line.depth)
        return line

    def drop(self, *lines: Line) -> None:
        """Draws these no more."""
        self._lines = [line for line in self._lines if line not in lines]
        self.renew()

    def renew(self, but: QWidget | None = None) -> None:
        """Has them painted anew, and nothing beside the view they are in; nor what stands on it, ``but`` which."""
        frame = self._frame
        seen = QRegion(frame.mapFromScene(frame.view.sceneBoundingRect()).boundingRect())
        frame.viewport().update(seen - but.geometry() if but is not None and but.isVisible() else seen)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in self._lines:
            line.paint(painter, self._frame.is_log)
