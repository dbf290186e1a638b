"""The scale of numbers with a sign: red below zero, the ground at zero, blue, the colour of values, above."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app import numbers
from app.plots import colours
from app.style import theme

_HALF = 128
#: Of more numbers than that, this share decides the end of the scale; the rest is clipped.
_MANY, _HELD = 500, 0.998
#: The steps that the ends of a scale take: it changes seldom, so that colours keep still.
_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def signed_pixels(values: np.ndarray, end: float) -> np.ndarray:
    """Numbers of any shape as uint8 (…, 3), from −``end`` to ``end``; beyond is clipped, NaN is the ground."""
    shares = np.nan_to_num(values / end if end > 0 else np.zeros_like(values), nan=0.0)
    places = np.rint(np.clip(shares, -1.0, 1.0) * _HALF).astype(np.intp) + _HALF
    return _table(theme.current())[places]


def round_end(values: np.ndarray) -> float:
    """The end of a scale that holds ``values``, but for the largest few of many, which would leave the others dark:
    the next round number; 1 where all are zero."""
    finite = np.abs(values[np.isfinite(values)])
    top = float(np.quantile(finite, _HELD) if finite.size > _MANY else finite.max(initial=0.0))
    if top <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(top))
    return next(end * power for end in _ENDS if end * power >= top * (1 - 1e-9))


def as_image(pixels: np.ndarray) -> QImage:
    """(height, width, 3) uint8 as a picture of its own memory."""
    solid = np.ascontiguousarray(pixels)
    height, width, _ = solid.shape
    return QImage(solid.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


@lru_cache(maxsize=4)
def _table(tokens: theme.Theme) -> np.ndarray:
    ground = colours.token("field")
    below = [colours.mixed(ground, colours.token("danger"), step / _HALF) for step in range(_HALF, 0, -1)]
    above = [colours.mixed(ground, colours.token("value"), step / _HALF) for step in range(_HALF + 1)]
    return np.array([colour.getRgb()[:3] for colour in below + above], np.uint8)


class SignedScale(QWidget):
    """What the colours mean: a bar from −end to end, in the middle of a line."""

    _BAR, _HEIGHT, _MARGIN = 150, 20, 12

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(self._HEIGHT)
        self.end = 1.0
        self.note = ""

    def show_end(self, end: float, note: str = "") -> None:
        """The value at the right end; ``note`` stands beside the bar."""
        if (end, note) != (self.end, self.note):
            self.end, self.note = end, note
            self.setAccessibleName(f"Scale of colours, −{numbers.number(end)} to {numbers.number(end)}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small))
        metrics = painter.fontMetrics()
        low, high = f"−{numbers.number(self.end)}", numbers.number(self.end)
        left = self._MARGIN + metrics.horizontalAdvance(low) + 6
        bar = QRectF(left, 6, self._BAR, 8)
        ramp = signed_pixels(np.linspace(-1.0, 1.0, self._BAR)[None, :], 1.0)
        painter.drawImage(bar, as_image(ramp))
        painter.setPen(colours.token("quiet"))
        line = QRectF(self._MARGIN, 0, self.width() - 2 * self._MARGIN, self._HEIGHT)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, middle, low)
        painter.drawText(line.adjusted(bar.right() + 6 - self._MARGIN, 0, 0, 0), middle, high)
        after = bar.right() + 22 + metrics.horizontalAdvance(high)
        room = QRectF(after, 0, max(self.width() - self._MARGIN - after, 0.0), self._HEIGHT)
        note = self.note if metrics.horizontalAdvance(self.note) <= room.width() else ""
        painter.drawText(room, middle, note)
