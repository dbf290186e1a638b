"""The drawing area of a plot of curves: axes, ruled lines, crosshair, zoom, and following the run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.plots import colours
from app.plots.axes import Axis, Rules

#: Ends that the growing axis takes one after the other, times a power of ten: it moves seldom, and then by a good deal.
_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_ROOM_AHEAD = 1.1
_SHORTEST = 20.0
#: Parts of a decade, and of a round spacing, to which the ends of the vertical axis are rounded.
_LOG_PART = 0.25
_MOST_DECADES = 12.0


@dataclass
class Extent:
    """The lowest and highest value drawn: anywhere, and at steps that the legend stands above or below."""

    low: float = math.inf
    high: float = -math.inf
    low_beside: float = math.inf
    high_beside: float = -math.inf

    def include(self, values: np.ndarray, beside: np.ndarray) -> None:
        """Widens the extent to hold the values; NaN is passed over."""
        if len(values):
            self.low = float(np.fmin(self.low, np.fmin.reduce(values)))
            self.high = float(np.fmax(self.high, np.fmax.reduce(values)))
        if len(beside):
            self.low_beside = float(np.fmin(self.low_beside, np.fmin.reduce(beside)))
            self.high_beside = float(np.fmax(self.high_beside, np.fmax.reduce(beside)))

    def transformed(self, function: Callable[[float], float]) -> Extent:
        """The same on another scale."""
        return Extent(*map(function, (self.low, self.high, self.low_beside, self.high_beside)))


class Frame(pg.PlotWidget):
    """A plot area that shows all of a growing run until the person zooms, and again after *Back to all*."""

    zoomed = Signal()  # the person changed the view
    followed = Signal()  # the view is to show everything again
    hovered = Signal(QPointF)  # the pointer is here, in the coordinates of the view
    left_by_pointer = Signal()
    clicked = Signal(QPointF)  # in the coordinates of the view
    resized = Signal()

    def __init__(self, parent: QWidget) -> None:
        self.left = Axis("left")
        self.bottom = Axis("bottom", whole=True)
        super().__init__(parent, axisItems={"left": self.left, "bottom": self.bottom}, background=None)
        self.following = True
        self.is_log = False
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, 8, 10, 2)
        self.view = item.getViewBox()
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0.0)
        self.rules = Rules(self.left)
        self.view.addItem(self.rules, ignoreBounds=True)
        self.crosshair = pg.InfiniteLine(angle=90, movable=False)
        self.crosshair.hide()
        self.view.addItem(self.crosshair, ignoreBounds=True)
        self.back = QToolButton(self)
        self.back.setText("Back to all")
        self.back.setToolTip("Show the whole run, and follow it")
        self.back.setCursor(Qt.CursorShape.ArrowCursor)
        self.back.hide()
        self.back.clicked.connect(self.follow)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.setBackground(colours.token("panel"))
        self.left.retheme()
        self.bottom.retheme()
        self.crosshair.setPen(pg.mkPen(colours.token("quiet"), width=1))
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

    def show_values(self, extent: Extent, lowest: float, highest: float, legend: float) -> None:
        """Shows all of ``extent`` between round ends that stay within the two limits.

        ``legend`` is the share of the height that the legend takes at the top right (at the bottom right where it is
        negative): values that would lie under it are given room.
        """
        ends = extent.transformed(_log if self.is_log else float)
        if not (math.isfinite(ends.low) and math.isfinite(ends.high)):
            return
        bottom, top = _log_ends(ends) if self.is_log else _linear_ends(ends)
        if not self.is_log:
            bottom, top = max(bottom, lowest), min(top, highest)
        if legend > 0 and math.isfinite(ends.high_beside):
            top = max(top, (ends.high_beside - legend * bottom) / (1 - legend))
        elif legend < 0 and math.isfinite(ends.low_beside):
            bottom = min(bottom, (ends.low_beside + legend * top) / (1 + legend))
        if self.view.viewRange()[1] != [bottom, top]:
            self.view.setYRange(bottom, top, padding=0)

    def follow(self) -> None:
        """Shows all of the run again, and goes on doing so."""
        self.following = True
        self.back.hide()
        self.followed.emit()

    def distance(self, point: QPointF, value: float) -> float:
        """Pixels, upwards or downwards, between a point of the view and a value."""
        if self.is_log:
            value = math.log10(value) if value > 0 else math.nan
        _, height = self.view.viewPixelSize()
        return abs(point.y() - value) / height if height else math.inf

    # -- what the person does ---------------------------------------------------------------------------------

    def _zoomed(self) -> None:
        self.following = False
        self.back.show()
        self._place()
        self.zoomed.emit()

    def _moved(self, position: QPointF) -> None:
        if self.view.sceneBoundingRect().contains(position):
            point = self.view.mapSceneToView(position)
            self.crosshair.setPos(point.x())
            self.crosshair.show()
            self.hovered.emit(point)
        else:
            self._left()

    def _left(self) -> None:
        if self.crosshair.isVisible():
            self.crosshair.hide()
            self.left_by_pointer.emit()

    def _clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        inside = self.view.sceneBoundingRect().contains(event.scenePos())
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            return
        if event.double():
            self.follow()
        else:
            self.clicked.emit(self.view.mapSceneToView(event.scenePos()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._left()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "back"):  # pyqtgraph resizes itself while it is being made
            self._place()
            self.resized.emit()

    def _place(self) -> None:
        self.back.adjustSize()
        self.back.move(self.width() - self.back.width() - 14, self.height() - self.back.height() - 32)


def _log(value: float) -> float:
    return math.log10(value) if 0 < value < math.inf else math.copysign(math.inf, value - 1)


def _log_ends(ends: Extent) -> tuple[float, float]:
    """Exponents of ten, at least half a decade apart."""
    top = math.ceil((ends.high + 0.04) / _LOG_PART) * _LOG_PART
    bottom = math.floor((ends.low - 0.04) / _LOG_PART) * _LOG_PART
    return max(min(bottom, top - 2 * _LOG_PART), top - _MOST_DECADES), top


def _linear_ends(ends: Extent) -> tuple[float, float]:
    span = max(ends.high - ends.low, abs(ends.high) * 1e-3, 1e-12)
    part = 10.0 ** math.floor(math.log10(span)) / 2
    return math.floor((ends.low - 0.02 * span) / part) * part, math.ceil((ends.high + 0.02 * span) / part) * part
