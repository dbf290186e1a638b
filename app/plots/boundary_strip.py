"""A row of small pictures: what each unit of a layer makes of the plane."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.plots import colours
from app.plots.boundary_field import refined, unit_field
from app.plots.signed_map import as_image
from app.style import theme

_GAP, _MARGIN = 6, 12
_CAPTION = 13
#: Side of a picture: where there is room, and in a low plot.
_SIDE, _LOW_SIDE = 46, 34


class UnitStrip(QWidget):
    """The units of one layer, from the first to the last; those that do not fit are reached by wheel and keys."""

    pointed = Signal(int)  # the unit the pointer or the keys are at, −1 for none

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.side = 0
        self.set_low(False)
        self.setAccessibleName("Units of the layer")
        self.setToolTip("Point at a unit to see it large. Arrow keys walk, a click keeps one, Escape lets go.")
        self.values = np.zeros((2, 2, 0), np.float32)
        self.unit = -1
        self._first = 0
        self._kept = False
        self._pictures: dict[int, QImage] = {}
        self.setVisible(False)

    @property
    def count(self) -> int:
        return self.values.shape[-1]

    def show_units(self, values: np.ndarray, name: str) -> None:
        """Shows these: (n, n, units), rows from the lowest second input up."""
        if values.shape[-1] != self.count:
            self._first = 0
            self.let_go()
        self.values = values
        self._pictures.clear()
        self.setAccessibleName(f"Units of {name}")
        self.setVisible(self.count > 0)
        self.update()

    def set_low(self, low: bool) -> None:
        """Smaller pictures, for a plot that is low itself?"""
        side = _LOW_SIDE if low else _SIDE
        if side != self.side:
            self.side = side
            self.setFixedHeight(side + _CAPTION + 8)

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self._pictures.clear()
        self.update()

    def let_go(self) -> None:
        """No unit is shown large any more."""
        self._kept = False
        self._point(-1)

    # -- where things are -------------------------------------------------------------------------------------

    def _room(self) -> int:
        """How many units fit."""
        return max((self.width() - 2 * _MARGIN + _GAP) // (self.side + _GAP), 1)

    def _rect(self, unit: int) -> QRect:
        return QRect(_MARGIN + (unit - self._first) * (self.side + _GAP), 4, self.side, self.side)

    def unit_at(self, point: QPointF) -> int:
        """The unit whose picture is at a point, −1 for none."""
        unit = self._first + int((point.x() - _MARGIN) // (self.side + _GAP))
        return unit if 0 <= unit < self.count and self._rect(unit).contains(point.toPoint()) else -1

    def _scroll(self, first: int) -> None:
        self._first = min(max(first, 0), max(self.count - self._room(), 0))
        self.update()

    # -- what the person does ---------------------------------------------------------------------------------

    def _point(self, unit: int) -> None:
        if unit != self.unit:
            self.unit = unit
            if unit >= 0 and not self._first <= unit < self._first + self._room():
                self._scroll(unit if unit < self._first else unit - self._room() + 1)
            self.update()
            self.pointed.emit(unit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if not self._kept:
            self._point(unit)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            unit = self.unit_at(event.position())
            self._kept = unit >= 0 and not (self._kept and unit == self.unit)
            self._point(unit)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self._kept:
            self._point(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self._kept and not self.underMouse():
            self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self.count:
            self._point(min(max(self.unit + steps[Qt.Key(event.key())], 0), self.count - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.unit >= 0:
            self._kept = not self._kept
            self.update()
        elif event.key() == Qt.Key.Key_Escape and self.unit >= 0:
            self.let_go()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._scroll(self._first - (1 if turned > 0 else -1))
        event.accept()

    # -- painting ---------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small - 1))
        last = min(self._first + self._room(), self.count)
        for unit in range(self._first, last):
            rect = self._rect(unit)
            painter.drawImage(rect, self._picture(unit))
            chosen = unit == self.unit
            painter.setPen(QPen(colours.token("accent" if chosen else "line"), 2 if chosen and self._kept else 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
            painter.setPen(colours.token("accent" if chosen else "quiet"))
            caption = QRectF(rect.left() - _GAP, rect.bottom() + 1, rect.width() + 2 * _GAP, _CAPTION)
            painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, str(unit + 1))
        self._paint_more(painter, last)

    def _paint_more(self, painter: QPainter, last: int) -> None:
        """Says at the edge that there are more units to either side."""
        painter.setPen(colours.token("quiet"))
        centre = Qt.AlignmentFlag.AlignCenter
        if self._first > 0:
            painter.drawText(QRectF(0, 4, _MARGIN, self.side), centre, "‹")
        if last < self.count:
            painter.drawText(QRectF(self._rect(last).left() - _GAP, 4, _MARGIN, self.side), centre, "›")

    def _picture(self, unit: int) -> QImage:
        if unit not in self._pictures:
            values = refined(self.values[..., unit : unit + 1], _SIDE)[..., 0]
            self._pictures[unit] = as_image(unit_field(values)[::-1])
        return self._pictures[unit]
