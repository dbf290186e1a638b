"""The drawing area of a plot of curves: axes, ruled lines, crosshair, zoom, and following the run."""

from __future__ import annotations

import math
from time import perf_counter

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.plots import colours
from app.plots.axes import Axis, Rules
from app.plots.extent import Extent
from app.plots.marker import Marker
from app.plots.viewbox import ViewBox

#: Ends that the growing axis takes one after the other, times a power of ten: it moves seldom, and then by a good deal.
_ENDS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_ROOM_AHEAD = 1.1
_SHORTEST = 20.0
#: Notches of the wheel that follow one another faster than this (seconds) are one change of the view.
_ONE_TURN = 0.6
_MOST_VIEWS = 50


class Frame(pg.PlotWidget):
    """A plot area that shows all of a growing run until the person zooms, and again after *Back to all*."""

    zoomed = Signal()  # the person changed the view, or holds it
    followed = Signal()  # the view is to show everything again
    hovered = Signal(QPointF)  # the pointer is here, in the coordinates of the view
    left_by_pointer = Signal()
    clicked = Signal(QPointF)  # in the coordinates of the view
    resized = Signal()
    picked = Signal(int)  # the person wants to look at this step

    def __init__(self, parent: QWidget, left: Axis | None = None) -> None:
        self.left = left or Axis("left")
        self.bottom = Axis("bottom", whole=True)
        super().__init__(
            parent, viewBox=ViewBox(), axisItems={"left": self.left, "bottom": self.bottom}, background=None)
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
        self.marker = Marker(self.view)
        self.back = self._button("Back to all", "Show the whole run, and follow it (double-click)", self.follow)
        self.previous = self._button("‹ Back", "The view before this one", self.go_back)
        self._views: list[tuple | None] = []  # what was in view before each change; None where all was
        self._turned = 0.0
        self.view.leaving.connect(self._note_view)
        self.view.picked.connect(lambda step: self.picked.emit(round(step)))
        self.marker.dragged.connect(self.picked)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.retheme()

    def _button(self, text: str, tip: str, pressed: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.hide()
        button.clicked.connect(pressed)
        return button

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.setBackground(colours.token("panel"))
        self.view.retheme()
        self.marker.retheme()
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
        found, reach = extent.ends(self.is_log), extent.on_axis(self.is_log)
        if found is None:
            return
        bottom, top = found
        if not self.is_log:
            bottom, top = max(bottom, lowest), min(top, highest)
        if legend > 0 and math.isfinite(reach.high_beside):
            top = max(top, (reach.high_beside - legend * bottom) / (1 - legend))
        elif legend < 0 and math.isfinite(reach.low_beside):
            bottom = min(bottom, (reach.low_beside + legend * top) / (1 + legend))
        if self.view.viewRange()[1] != [bottom, top]:
            self.view.setYRange(bottom, top, padding=0)

    def follow(self) -> None:
        """Shows all of the run again, and goes on doing so."""
        self._views.clear()
        self.following = True
        self._place()
        self.followed.emit()

    def hold(self) -> None:
        """Keeps what is in view where it is while the run goes on."""
        self._note_view()
        self._zoomed()

    def go_back(self) -> None:
        """The view before the last change."""
        view = self._views.pop() if self._views else None
        if view is None:
            self.follow()
            return
        self.view.setRange(xRange=view[0], yRange=view[1], padding=0)
        self._zoomed()

    def _note_view(self, by_wheel: bool = False) -> None:
        """Remembers what is in view before it changes; a turn of the wheel is one change, not one for each notch."""
        now = perf_counter()
        goes_on = by_wheel and now - self._turned < _ONE_TURN
        self._turned = now if by_wheel else 0.0
        if not goes_on:
            self._views.append(None if self.following else tuple(map(tuple, self.view.viewRange())))
            del self._views[:-_MOST_VIEWS]

    def show_crosshair(self, step: float) -> None:
        """The line at a step, NaN for none; the numbers are told by whoever owns the frame."""
        first, last = self.steps
        seen = bool(first <= step <= last)
        if seen:
            self.crosshair.setPos(step)
        self.crosshair.setVisible(seen)

    def distance(self, point: QPointF, value: float) -> float:
        """Pixels, upwards or downwards, between a point of the view and a value."""
        if self.is_log:
            value = math.log10(value) if value > 0 else math.nan
        _, height = self.view.viewPixelSize()
        return abs(point.y() - value) / height if height else math.inf

    # -- what the person does ---------------------------------------------------------------------------------

    def _zoomed(self) -> None:
        self.following = False
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
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.picked.emit(round(self.view.mapSceneToView(event.scenePos()).x()))
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.go_back()
        else:
            super().mousePressEvent(event)

    def _place(self) -> None:
        """The two buttons in the corner, where there is a way back."""
        right = self.width() - 14
        shown = ((self.back, not self.following), (self.previous, len(self._views) > 1))
        for button, wanted in shown:
            button.setVisible(wanted)
            if wanted:
                button.adjustSize()
                right -= button.width()
                button.move(right, self.height() - button.height() - 32)
                right -= 6
