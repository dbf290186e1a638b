"""What drawing areas have in common: pyqtgraph's widget in the program's manner, the crosshair under pointer and keys,
zoom, and the ways back."""

from __future__ import annotations

from time import perf_counter

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.plots import colours
from app.plots.axes import Axis
from app.plots.viewbox import ViewBox

#: Parts of the view that an arrow key moves the crosshair by, and that one key press zooms by.
_KEY_STEP, _KEY_ZOOM = 0.02, 0.8
#: Notches of the wheel that follow one another faster than this (seconds) are one change of the view.
_ONE_TURN = 0.6
_MOST_VIEWS = 50
_WAYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_ZOOMS = {Qt.Key.Key_Plus: _KEY_ZOOM, Qt.Key.Key_Equal: _KEY_ZOOM, Qt.Key.Key_Minus: 1 / _KEY_ZOOM}


class Area(pg.PlotWidget):
    """Shows everything until the person zooms, and again after *Back to all*.

    Arrow keys move the crosshair, Return is a click there, + and − zoom around it, 0 and Escape go back to all.
    """

    zoomed = Signal()  # the person changed the view, or holds it
    followed = Signal()  # the view is to show everything again
    hovered = Signal(QPointF)  # the pointer or the keys are here, in the coordinates of the view
    left_by_pointer = Signal()
    clicked = Signal(QPointF)  # in the coordinates of the view
    resized = Signal()

    def __init__(self, parent: QWidget, left: Axis, bottom: Axis, *, angles: tuple[int, ...], top: int) -> None:
        """The crosshair has a line at each of ``angles``; ``top`` pixels are left free above the view."""
        self.left, self.bottom = left, bottom
        super().__init__(parent, viewBox=ViewBox(), axisItems={"left": left, "bottom": bottom}, background=None)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, top, 10, 2)
        self.view = item.getViewBox()
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0.0)
        self.following = True
        #: Was the crosshair put where it is by keys?
        self.by_keys = False
        self._ringed = False
        self._at = QPointF()
        self._views: list[tuple | None] = []  # what was in view before each change; None where all was
        self._turned = 0.0
        self.crosshair = [pg.InfiniteLine(angle=angle, movable=False) for angle in angles]
        for line in self.crosshair:
            line.setZValue(50)
            line.hide()
            self.view.addItem(line, ignoreBounds=True)
        self.back = self._button("Back to all", "Show everything again (double-click)", self.follow)
        self.previous = self._button("‹ Back", "The view before this one", self.go_back)
        self.view.leaving.connect(self._note_view)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

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
        self.left.retheme()
        self.bottom.retheme()
        for line in self.crosshair:
            line.setPen(pg.mkPen(colours.token("quiet"), width=1))

    # -- what is in view --------------------------------------------------------------------------------------

    def in_view(self) -> QRectF:
        """What is seen, in units of the axes; the smaller ordinate is ``top()``."""
        (left, right), (low, high) = self.view.viewRange()
        return QRectF(left, low, right - left, high - low)

    def follow(self) -> None:
        """Shows everything again, and goes on doing so."""
        self._views.clear()
        self.following = True
        self.place_parts()
        self.followed.emit()

    def hold(self) -> None:
        """Keeps what is in view where it is."""
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

    def _zoomed(self) -> None:
        self.following = False
        self.place_parts()
        self.zoomed.emit()

    # -- the crosshair ----------------------------------------------------------------------------------------

    @property
    def is_pointed(self) -> bool:
        """Is the crosshair seen?"""
        return self.crosshair[0].isVisible()

    def point_at(self, point: QPointF, by_keys: bool = False) -> None:
        """Puts the crosshair there."""
        self._at, self.by_keys = point, by_keys
        for line in self.crosshair:
            line.setPos(point.x() if line.angle == 90 else point.y())
            line.show()
        self.hovered.emit(point)

    def _moved(self, position: QPointF) -> None:
        if self.view.sceneBoundingRect().contains(position):
            self.point_at(self.view.mapSceneToView(position))
        else:
            self._left()

    def _left(self) -> None:
        if self.is_pointed:
            self.by_keys = False
            for line in self.crosshair:
                line.hide()
            self.left_by_pointer.emit()

    # -- what the person does ---------------------------------------------------------------------------------

    def _clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        inside = self.view.sceneBoundingRect().contains(event.scenePos())
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            return
        if event.double():
            self.follow()
        else:
            self.pressed(self.view.mapSceneToView(event.scenePos()), event.modifiers())

    def pressed(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """A click, or Return, at a point of the view."""
        self.clicked.emit(point)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        seen = self.in_view()
        at = self._at if self.is_pointed and seen.contains(self._at) else seen.center()
        key = event.key()
        if key in _WAYS:
            self._ring(True)
            self.point_at(self.moved(at, *_WAYS[Qt.Key(key)], event.modifiers()), by_keys=True)
        elif key in _ZOOMS:
            self._note_view(by_wheel=True)
            factor, upright = _ZOOMS[Qt.Key(key)], self.view.state["mouseEnabled"][1]
            self.view.scaleBy(x=factor, y=factor if upright else None, center=at)
            self._zoomed()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Escape) and not self.following:
            self.follow()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.is_pointed:
            self.pressed(self._at, event.modifiers())
        else:
            QWidget.keyPressEvent(self, event)

    def moved(self, at: QPointF, across: int, up: int, modifiers: Qt.KeyboardModifier) -> QPointF:
        """Where an arrow key takes the crosshair from ``at``."""
        seen = self.in_view()
        x = min(max(at.x() + across * _KEY_STEP * seen.width(), seen.left()), seen.right())
        y = min(max(at.y() + up * _KEY_STEP * seen.height(), seen.top()), seen.bottom())
        return QPointF(x, y)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring(event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring(False)
        if self.by_keys:
            self._left()

    def _ring(self, on: bool) -> None:
        """A thin line around it, where the keys are its own."""
        if on != self._ringed:
            self._ringed = on
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.by_keys:
            self._left()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.go_back()
        else:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._ringed:
            painter = QPainter(self.viewport())
            painter.setPen(colours.token("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    # -- where things are -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "previous"):  # pyqtgraph resizes itself while it is being made
            self.place_parts()
            self.resized.emit()

    def place_parts(self) -> None:
        """The two buttons in the corner, where there is a way back."""
        right = self.width() - 14
        for button, wanted in ((self.back, not self.following), (self.previous, len(self._views) > 1)):
            button.setVisible(wanted)
            if wanted:
                button.adjustSize()
                right -= button.width()
                button.move(right, self.height() - button.height() - 32)
                right -= 6
