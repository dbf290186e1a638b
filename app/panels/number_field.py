"""A number that is typed, stepped or slid. It shows invalid text as it is; judging is the editor's."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSlider, QWidget

from app.panels.fields import SpinArrows
from engine.params import Float, Int

_STEPS = 240
#: The part of an unbounded log range that a slider offers.
_SLIDER_LOW, _SLIDER_HIGH = 1e-6, 10.0


def text_of(value: Any) -> str:
    """A number as it is typed: no thousands, no rounding that would change it."""
    if isinstance(value, float):
        plain = f"{value:.12g}"
        mantissa, _, exponent = plain.partition("e")
        return f"{mantissa}e{int(exponent)}" if exponent else plain
    return str(value)


def number_of(text: str, param: Int | Float) -> Any:
    """What typed text means; the text itself where it is no number. A decimal comma is understood."""
    plain = text.strip().replace("−", "-").replace("\u2009", "").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return text
    whole = isinstance(param, Int) and number.is_integer()
    return int(number) if whole else number


class NumberField(QAbstractSpinBox):
    """Whole or decimal numbers with arrows; ``edited(value)`` carries what the text means, a number or not."""

    edited = Signal(object)
    #: Is it being typed, so that what stands there may be half of a number? Told before ``edited``.
    typing = Signal(bool)

    def __init__(self, param: Int | Float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._param = param
        self._value: Any = param.default
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(True)
        self.lineEdit().textEdited.connect(self._typed)
        self.setLocale(QLocale.c())
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._arrows = SpinArrows(self)
        if param.unit:
            self.setToolTip(param.unit)

    @property
    def value(self) -> Any:
        return self._value

    def show_value(self, value: Any) -> None:
        """Shows a number; text that means it already stays, so that nobody's typing is rewritten."""
        if number_of(self.text(), self._param) != value:
            self.lineEdit().setText(text_of(value))
        self._value = value

    def show_text(self, text: str) -> None:
        self.lineEdit().setText(text)

    def _typed(self, text: str) -> None:
        self._value = number_of(text, self._param)
        self.typing.emit(True)
        self.edited.emit(self._value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrows.place()

    def validate(self, text: str, position: int) -> object:
        return QValidator.State.Acceptable, text, position

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag
        return flags.StepUpEnabled | flags.StepDownEnabled

    def stepBy(self, steps: int) -> None:
        value = number_of(self.text(), self._param)
        if not isinstance(value, (int, float)):
            value = self._param.default
        found = stepped(value, steps, self._param)
        if found != self._value or number_of(self.text(), self._param) != found:
            self._value = found
            self.lineEdit().setText(text_of(found))
            self.typing.emit(False)
            self.edited.emit(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:  # the panel scrolls past unharmed
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Escape belongs to the panel; Enter settles and stays.
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)


def stepped(value: float, steps: int, param: Int | Float) -> Any:
    """The number some steps on: whole numbers by 1, decimal ones by a unit of their second digit, log ones along
    1, 2, 5, 10; always within the range."""
    for _ in range(abs(steps)):
        value = _one_step(value, 1 if steps > 0 else -1, param)
    low, high = _inner_range(param)
    value = min(max(value, low), high)
    return int(value) if isinstance(param, Int) else float(f"{value:.12g}")


def _one_step(value: float, way: int, param: Int | Float) -> float:
    if isinstance(param, Int):
        return value + way
    if param.log:
        return _next_decade(value, way)
    size = abs(value) or 1.0
    if param.high - param.low <= 1.0:
        return value + way * 0.05
    return value + way * 10.0 ** (math.floor(math.log10(size)) - 1 if value else -2)


def _next_decade(value: float, way: int) -> float:
    """The neighbour of a number in … 0.1, 0.2, 0.5, 1, 2, 5 …"""
    if value <= 0:
        return 1e-4 if way > 0 else 0.0
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    rungs = [decade * m for m in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)]
    above = [r for r in rungs if r > value * (1 + 1e-9)]
    below = [r for r in rungs if r < value * (1 - 1e-9)]
    return above[0] if way > 0 else below[-1]


def _inner_range(param: Int | Float) -> tuple[float, float]:
    """The range with excluded bounds moved inside by a hair that shows."""
    if isinstance(param, Int):
        return param.low, param.high
    hair = min(0.001, (param.high - param.low) / 1000)
    if param.log and param.open_low:
        return max(param.low, 1e-12), param.high
    return param.low + hair * param.open_low, param.high - hair * param.open_high


def has_slider(param: Int | Float) -> bool:
    """Does a slider help? For what is turned while training runs, in a range that a slider can span."""
    if not isinstance(param, Float) or not param.live or param.advanced:
        return False
    return param.log or param.high - param.low <= 1.0


class NumberSlider(QSlider):
    """Slides a decimal number, over decades where it is logarithmic."""

    edited = Signal(float)

    def __init__(self, param: Float, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._param = param
        low, high = _inner_range(param)
        self._low = max(low, _SLIDER_LOW) if param.log else low
        self._high = min(high, _SLIDER_HIGH) if param.log else high
        self.setRange(0, _STEPS)
        self.setPageStep(_STEPS // 12)
        self.setAccessibleName(f"{param.label}, slider")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(lambda place: self.edited.emit(self.number_at(place)))

    def number_at(self, place: int) -> float:
        """The number at a place of the slider, rounded to what a person would type."""
        share = place / _STEPS
        if self._param.log:
            number = self._low * (self._high / self._low) ** share
            return float(f"{number:.2g}")
        return round(self._low + share * (self._high - self._low), 3)

    def show_value(self, value: Any) -> None:
        """Moves the handle without telling."""
        if not isinstance(value, (int, float)) or (self.isSliderDown()):
            return
        self.blockSignals(True)
        self.setValue(self._place_of(float(value)))
        self.blockSignals(False)
        self.update()

    def _place_of(self, number: float) -> int:
        number = min(max(number, self._low), self._high)
        if self._param.log:
            return round(_STEPS * math.log(number / self._low) / math.log(self._high / self._low))
        return round(_STEPS * (number - self._low) / (self._high - self._low))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
