"""Axes in the program's manner: few ticks, short numbers, quiet lines across."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app import numbers
from app.plots import colours
from app.style import theme

#: Room for the numbers on the left, the same whatever they are, so that the curves do not jump.
_LEFT_WIDTH = 50
_BOTTOM_HEIGHT = 24
_TICK_PIXELS = {"left": 42, "bottom": 72}
#: Stands at the end of the axis of steps, this far from the last number.
_UNIT = "step"
_UNIT_GAP = 8
_NICE = (1.0, 2.0, 5.0, 10.0)
#: Below this many decades in view, a logarithmic axis also has ticks at 2 and 5.
_FEW_DECADES = 1.7


class Axis(pg.AxisItem):
    """An axis whose ticks are round numbers; on a logarithmic one, powers of ten."""

    def __init__(self, orientation: str, *, whole: bool = False) -> None:
        super().__init__(orientation, maxTickLength=0)
        self._whole = whole
        self._percent = False
        self.enableAutoSIPrefix(False)
        self.setStyle(tickTextOffset=6, autoExpandTextSpace=False, hideOverlappingLabels=False)
        if orientation == "left":
            self.setWidth(_LEFT_WIDTH)
        else:
            self.setHeight(_BOTTOM_HEIGHT)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.setPen(pg.mkPen(None))
        self.setTextPen(colours.token("quiet"))
        self.setTickFont(theme.font(theme.current().font_small))

    def set_percent(self, on: bool) -> None:
        """Are the values shares, to be written in percent?"""
        self._percent = on
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph asks for levels of (spacing, values); there is one."""
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        most = max(int(size / _TICK_PIXELS[self.orientation]), 2)
        if self.logMode:
            return [(1.0, _log_ticks(low, high, most))]
        spacing = _nice_spacing(low, high, most, self._whole)
        first, last = math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9)
        return [(spacing, [i * spacing for i in range(first, last + 1)])]

    def drawPicture(self, p: QPainter, axisSpec: tuple, tickSpecs: list, textSpecs: list) -> None:
        """Numbers only: no line along the axis and no ticks. The bottom one names its unit at its end."""
        if not self._whole:
            super().drawPicture(p, axisSpec, [], textSpecs)
            return
        room = QRectF(0, 0, self.size().width(), self.size().height())
        width = QFontMetricsF(self.style["tickFont"]).horizontalAdvance(_UNIT)
        unit = QRectF(room.right() - width, textSpecs[0][0].top() if textSpecs else room.top(), width, room.height())
        super().drawPicture(p, axisSpec, [], [spec for spec in textSpecs if spec[0].right() < unit.left() - _UNIT_GAP])
        p.drawText(unit, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, _UNIT)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers beside the ticks."""
        if self.logMode:
            few = any(abs(value - round(value)) > 1e-9 for value in values)
            return [numbers.number(10.0**value) if few else f"1e{round(value)}".replace("-", "−") for value in values]
        if self._whole:
            return [numbers.engineering(value) if value >= 10_000 else numbers.number(value) for value in values]
        if self._percent:
            return [f"{_plain(100 * value, 100 * spacing)}{numbers.NO_BREAK_SPACE}%" for value in values]
        return [_plain(value, spacing) for value in values]


class Rules(pg.UIGraphicsItem):
    """Lines across the plot at the ticks of an axis: opaque and few, unlike pyqtgraph's grid, which halves the frame
    rate."""

    def __init__(self, axis: Axis) -> None:
        super().__init__()
        self._axis = axis
        self.setZValue(-100)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        rect: QRectF = self.boundingRect()
        pen = pg.mkPen(colours.token("line"), width=1)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ticks = self._axis.tickValues(rect.top(), rect.bottom(), self._axis.height())
        painter.drawLines([QLineF(rect.left(), y, rect.right(), y) for _, values in ticks for y in values])


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Exponents of ten (not whole ones for 2 and 5) between the exponents ``low`` and ``high``."""
    if high - low < _FEW_DECADES:
        factors = _factors(high - low)
        decades = range(math.floor(low), math.ceil(high) + 1)
        ticks = [decade + math.log10(factor) for decade in decades for factor in factors]
        return [tick for tick in ticks if low <= tick <= high]
    stride = math.ceil((high - low) / most)
    return [float(i) for i in range(math.ceil(low), math.floor(high) + 1) if i % stride == 0]


def _factors(decades: float) -> tuple[float, ...]:
    """What stands between two powers of ten; the less of the scale is in view, the more."""
    if decades > 0.6:
        return (1.0, 2.0, 5.0)
    return tuple(float(i) for i in range(1, 10)) if decades > 0.15 else tuple(i / 10 for i in range(10, 100, 2))


def _nice_spacing(low: float, high: float, most: int, whole: bool) -> float:
    """1, 2 or 5 times a power of ten, so that at most about ``most`` ticks fit between."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    spacing = next(factor * power for factor in _NICE if factor * power >= rough * (1 - 1e-9))
    return max(spacing, 1.0) if whole else spacing


def _plain(value: float, spacing: float) -> str:
    """As many decimals as the spacing needs, the same for every tick."""
    if value == 0:
        return "0"
    if not 1e-4 <= spacing < 1e6:
        return numbers.scientific(value)
    decimals = max(-math.floor(math.log10(spacing) + 1e-9), 0)
    return f"{value:,.{decimals}f}".replace(",", numbers.THIN_SPACE).replace("-", "−")
