"""Logarithmic scales of colour for whole pictures, and the strip beside a picture that says what its colours mean."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app import numbers
from app.plots import colours
from app.style import theme

#: Colours of a map, and the limits to which a scale may grow (exponents of ten).
_SHADES = 256
_LOWEST, _HIGHEST = -12, 12
_STRIP, _ROOM, _TOP, _BOTTOM = 9, 58, 10, 26
_LEAST_GAP = 16.0


class Decades:
    """Whole decades that hold every value seen since the last reset; or, not logarithmic, from zero to the largest."""

    def __init__(self) -> None:
        self.is_log = True
        self.reset()

    def reset(self) -> None:
        """Forgets what was seen."""
        self.low, self.high, self.largest = math.inf, -math.inf, 0.0

    def include(self, values: np.ndarray) -> None:
        """Widens the scale to hold these values; what is not a positive number does not count."""
        usable = values[np.isfinite(values) & (values > 0)]
        if len(usable):
            low, high = float(usable.min()), float(usable.max())
            self.largest = max(self.largest, high)
            self.high = min(max(math.ceil(math.log10(high)), self.high), _HIGHEST)
            self.low = max(min(math.floor(math.log10(low)), self.low, self.high - 1), _LOWEST)

    def positions(self, values: np.ndarray) -> np.ndarray:
        """0 (smallest) … 1 (largest) for each value; zero is 0, infinity 1, NaN stays NaN."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self.is_log:
                return np.clip(values / (self.largest or 1.0), 0.0, 1.0)
            low, high = (self.low, self.high) if self.low < self.high else (-1.0, 0.0)
            return np.clip((np.log10(values) - low) / (high - low), 0.0, 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Where on the scale (0 … 1) which number stands."""
        if not self.is_log:
            return [(share, numbers.number(share * self.largest, 2)) for share in (0.0, 0.5, 1.0)]
        if not self.low < self.high:
            return []
        span = round(self.high - self.low)
        return [(i / span, f"1e{round(self.low) + i}".replace("-", "−")) for i in range(span + 1)]


def shades(first: str, last: str = "") -> np.ndarray:
    """(257, 4) uint8: the colours from the token ``first`` to ``last`` (the gradient map where that is ""), and, at the
    end, nothing at all."""
    return _shades(theme.current(), first, last)


@lru_cache(maxsize=16)
def _shades(tokens: theme.Theme, first: str, last: str) -> np.ndarray:
    table = np.zeros((_SHADES + 1, 4), np.uint8)
    for index in range(_SHADES):
        share = index / (_SHADES - 1)
        if last:
            colour = colours.mixed(QColor(getattr(tokens, first)), QColor(getattr(tokens, last)), share)
        else:
            colour = tokens.gradient_colour(share)
        table[index] = colour.red(), colour.green(), colour.blue(), 255
    return table


def painted(positions: np.ndarray, table: np.ndarray) -> np.ndarray:
    """(…, 4) uint8, the colours of positions 0 … 1; NaN is left out."""
    known = np.isfinite(positions)
    places = np.where(known, np.round(np.where(known, positions, 0.0) * (_SHADES - 1)), _SHADES)
    return table[places.astype(np.int64)]


class ColourScale(QWidget):
    """The strip: smallest at the bottom, largest on top."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(_ROOM)
        self.setAccessibleName("Scale of colours")
        self._ticks: list[tuple[float, str]] = []
        self._table = shades("panel", "value")

    def show_scale(self, ticks: list[tuple[float, str]], table: np.ndarray) -> None:
        """Shows these numbers (0 … 1, text) beside these colours."""
        if ticks != self._ticks or table is not self._table:
            self._ticks, self._table = ticks, table
            self.setAccessibleDescription(f"{ticks[0][1]} to {ticks[-1][1]}" if ticks else "")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.token("panel"))
        height = self.height() - _TOP - _BOTTOM
        if height < 2 * _LEAST_GAP:
            return
        for y in range(height):
            shade = self._table[round((1 - y / (height - 1)) * (_SHADES - 1))]
            painter.fillRect(2, _TOP + y, _STRIP, 1, QColor(*shade.tolist()))
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(colours.token("quiet"))
        stride = math.ceil(_LEAST_GAP * max(len(self._ticks) - 1, 1) / height)
        for place, text in self._ticks[::stride]:
            middle = _TOP + (1 - place) * (height - 1)
            box = QRectF(_STRIP + 7, middle - 8, _ROOM - _STRIP - 7, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
