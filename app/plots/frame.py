"""The drawing area of a plot over steps: ruled lines, room for a run to grow, the step looked at."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.plots.area import Area
from app.plots.axes import Axis, Rules
from app.plots.marker import Marker

#: Ends that the growing axis takes one after the other, times a power of ten: it moves seldom, and then by a good deal.
_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_ROOM_AHEAD = 1.1
_SHORTEST = 20.0
_CLIMBS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class Frame(Area):
    """A plot area that shows all of a growing run until the person zooms. Its crosshair is a step."""

    picked = Signal(int)  # the person wants to look at this step
    climbed = Signal(QPointF, int)  # an arrow key asks for what lies above (1) or below (−1) a point of the view

    def __init__(self, parent: QWidget, left: Axis | None = None) -> None:
        super().__init__(parent, left or Axis("left"), Axis("bottom", whole=True), angles=(90,), top=8)
        self.is_log = False
        self.rules = Rules(self.left)
        self.view.addItem(self.rules, ignoreBounds=True)
        self.marker = Marker(self.view)
        self.view.picked.connect(lambda step: self.picked.emit(round(step)))
        self.marker.dragged.connect(self.picked)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        super().retheme()
        self.marker.retheme()
        self.rules.update()

    def set_log(self, on: bool) -> None:
        """A logarithmic or a linear vertical axis; every curve on the frame is told too."""
        self.is_log = on
        self.getPlotItem().setLogMode(x=False, y=on)
        self.rules.update()

    # -- what is in view --------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[float, float]:
        """The first and the last step in view."""
        low, high = self.view.viewRange()[0]
        return low, high

    @property
    def pixels(self) -> int:
        """Width of the drawing area."""
        return max(int(self.view.width()), 50)

    def show_steps(self, first: float, last: float, end: float) -> None:
        """Shows the run from ``first`` up to ``last`` with room to grow, but never beyond ``end``."""
        span = max((last - first) * _ROOM_AHEAD, _SHORTEST)
        power = 10.0 ** math.floor(math.log10(span))
        room = next(factor * power for factor in _ENDS if factor * power >= span * (1 - 1e-9))
        right = max(min(first + room, end), last, first + 1)
        if self.steps != (first, right):
            self.view.setXRange(first, right, padding=0)

    def show_values(self, bottom: float, top: float) -> None:
        """Shows what lies between, as the axis counts."""
        if self.view.viewRange()[1] != [bottom, top]:
            self.view.setYRange(bottom, top, padding=0)

    def show_crosshair(self, step: float) -> None:
        """The line at a step, NaN for none; the numbers are told by whoever owns the frame."""
        first, last = self.steps
        seen = bool(first <= step <= last)
        line = self.crosshair[0]
        if seen:
            line.setPos(step)
        line.setVisible(seen)

    def distance(self, point: QPointF, value: float) -> float:
        """Pixels, upwards or downwards, between a point of the view and a value."""
        _, height = self.view.viewPixelSize()
        return abs(point.y() - self.height_of(value)) / height if height else math.inf

    def height_of(self, value: float) -> float:
        """A value as the axis counts: NaN where a logarithmic one has no place for it."""
        if self.is_log:
            return math.log10(value) if value > 0 else math.nan
        return value

    # -- what the person does ---------------------------------------------------------------------------------

    def pressed(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.picked.emit(round(point.x()))
        else:
            super().pressed(point, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        up = _CLIMBS.get(event.key(), 0)
        if up and self.is_pointed:
            self.climbed.emit(self._at, up)
        else:
            super().keyPressEvent(event)

    def moved(self, at: QPointF, across: int, up: int, modifiers: Qt.KeyboardModifier) -> QPointF:
        """A whole step at least; with Control, just one."""
        to = super().moved(at, across, up, modifiers)
        if not across:
            return to
        first, last = self.steps
        alone = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = round(at.x()) + across * (1 if alone else max(abs(round(to.x() - at.x())), 1))
        return QPointF(min(max(step, math.ceil(first)), math.floor(last)), to.y())
