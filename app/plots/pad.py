"""The pad: a square on which the person draws with a thick soft pen."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots import colours
from app.plots.drawing import Drawing
from app.style import theme

#: Radius of the pen and of the eraser, in pixels of the drawing; how much of it is fully inked; steps along a line.
_PEN, _ERASER, _SOLID, _STEP = 15.0, 26.0, 0.6, 4.0
_MOST_UNDO = 50
_WHITE, _BLACK = QColor(255, 255, 255), QColor(0, 0, 0)


class Pad(QWidget):
    """White ink on black, as the digits of MNIST are. The left button draws, the right one rubs out."""

    drawn = Signal()  # the drawing is another
    settled = Signal()  # a stroke is over

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription("Draw with the left mouse button, rub out with the right one")
        self.erasing = False
        self._image = QImage(Drawing.SIDE, Drawing.SIDE, QImage.Format.Format_RGB32)
        self._image.fill(_BLACK)
        self._undo: list[QImage] = []
        self._last: QPointF | None = None

    # -- what is drawn ----------------------------------------------------------------------------------------

    @property
    def ink(self) -> np.ndarray:
        """(side, side) float32, 0 … 1."""
        grey = self._image.convertToFormat(QImage.Format.Format_Grayscale8)
        lines = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
        return lines[:, : grey.width()].astype(np.float32) / 255

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    def clear(self) -> None:
        """Begins anew; can be undone."""
        self._remember()
        self._image.fill(_BLACK)
        self._tell()
        self.settled.emit()

    def undo(self) -> None:
        """Takes the last stroke back."""
        if self._undo:
            self._image = self._undo.pop()
            self._tell()
            self.settled.emit()

    def _remember(self) -> None:
        self._undo = [*self._undo[1 - _MOST_UNDO :], self._image.copy()]

    def _tell(self) -> None:
        self.update()
        self.drawn.emit()

    def stroke(self, begin: QPointF, end: QPointF, erase: bool) -> None:
        """Inks (or rubs out) a line between two points of the drawing."""
        painter = QPainter(self._image)
        modes = QPainter.CompositionMode
        painter.setCompositionMode(modes.CompositionMode_SourceOver if erase else modes.CompositionMode_Lighten)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = _ERASER if erase else _PEN
        along = end - begin
        count = max(math.ceil(math.hypot(along.x(), along.y()) / _STEP), 1)
        for i in range(count + 1):
            centre = begin + along * (i / count)
            painter.setBrush(_BLACK if erase else _soft(centre, radius))
            painter.drawEllipse(centre, radius, radius)
        painter.end()
        self._tell()

    # -- where things are -------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(220, 220)

    def frame(self) -> QRectF:
        """The square that is drawn on."""
        side = min(self.width(), self.height()) - 2
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _at(self, point: QPointF) -> QPointF:
        frame = self.frame()
        return (point - frame.topLeft()) * (Drawing.SIDE / frame.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = self.frame()
        painter.drawImage(frame, self._image)
        painter.setPen(QPen(colours.token("accent" if self.hasFocus() else "line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
        if not self._undo:
            painter.setFont(theme.font(theme.current().font_body))
            painter.setPen(QColor(170, 170, 170))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "Draw here")

    # -- what the person does ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self._remember()
        self._last = self._at(event.position())
        self.stroke(self._last, self._last, self._rubs(event.button()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            here = self._at(event.position())
            self.stroke(self._last, here, self._rubs(event.buttons()))
            self._last = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._last = None
            self.settled.emit()

    def _rubs(self, buttons: Qt.MouseButton) -> bool:
        return self.erasing or bool(buttons & Qt.MouseButton.RightButton)

    def event(self, event: QEvent) -> bool:
        """On the pad the keys of Undo take back a stroke rather than an edit of the network."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_undo(event):
            self.undo()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            super().keyPressEvent(event)


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo)


def _soft(centre: QPointF, radius: float) -> QRadialGradient:
    """Full ink in the middle, none at the rim."""
    ramp = QRadialGradient(centre, radius)
    ramp.setColorAt(0.0, _WHITE)
    ramp.setColorAt(_SOLID, _WHITE)
    ramp.setColorAt(1.0, _BLACK)
    return ramp
