"""A drawing area over a plane of numbers: both axes in units of the data, crosshair, zoom and back."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from app.plots import colours
from app.plots.axes import Axis

_NAME_GAP = 10
#: Parts of the view that an arrow key moves the crosshair by, and that one key press zooms by.
_KEY_STEP, _KEY_ZOOM = 0.02, 0.8


class NamedAxis(Axis):
    """The bottom axis with the name of its quantity at its end."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.name = ""

    def set_name(self, name: str) -> None:
        """What the numbers are."""
        if name != self.name:
            self.name = name
            self.picture = None
            self.update()

    def drawPicture(self, p: QPainter, axisSpec: tuple, tickSpecs: list, textSpecs: list) -> None:
        room = QRectF(0, 0, self.size().width(), self.size().height())
        width = min(QFontMetricsF(self.style["tickFont"]).horizontalAdvance(self.name), room.width() * 0.6)
        left = room.right() - width - _NAME_GAP
        super().drawPicture(p, axisSpec, [], [spec for spec in textSpecs if spec[0].right() < left])
        top = textSpecs[0][0].top() if textSpecs else room.top()
        p.drawText(QRectF(room.right() - width, top, width, room.height()),
                   Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self.name)


class Plane(pg.PlotWidget):
    """Shows a range of two numbers until the person zooms, and again after *Back to all*."""

    hovered = Signal(QPointF)  # the pointer or the keys are here, in units of the axes
    left_by_pointer = Signal()
    zoomed = Signal()  # what is in view has changed by the person's doing, or is everything again
    clicked = Signal(QPointF)

    def __init__(self, parent: QWidget) -> None:
        self.left, self.bottom = Axis("left"), NamedAxis()
        super().__init__(parent, axisItems={"left": self.left, "bottom": self.bottom}, background=None)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, 20, 10, 2)
        self.view = item.getViewBox()
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0.0)
        self.following = True
        self._all = QRectF(0, 0, 1, 1)
        self._at = QPointF()
        self.crosshair = [pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0)]
        for line in self.crosshair:
            line.setZValue(50)
            line.hide()
            self.view.addItem(line, ignoreBounds=True)
        self.above = QLabel(self)  # the name of the vertical axis, above it
        self.above.setProperty("role", "small")
        self.above.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.key = QLabel(self)  # what colours and marks mean, above the picture on the right
        self.key.setProperty("role", "small")
        self.key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.back = QToolButton(self)
        self.back.setText("Back to all")
        self.back.setCursor(Qt.CursorShape.ArrowCursor)
        self.back.hide()
        self.back.clicked.connect(self.show_everything)
        self.view.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.setBackground(colours.token("panel"))
        self.left.retheme()
        self.bottom.retheme()
        for line in self.crosshair:
            line.setPen(pg.mkPen(colours.token("quiet"), width=1))

    def name_axes(self, across: str, up: str) -> None:
        """What the two axes measure."""
        self.bottom.set_name(across)
        self.above.setText(up)
        self.above.adjustSize()

    def explain(self, rich_text: str) -> None:
        """What colours and marks mean."""
        if rich_text != self.key.text():
            self.key.setText(rich_text)
            self._place()

    def extend(self, everything: QRectF) -> None:
        """All there is to see; shown unless the person has zoomed."""
        self._all = everything
        if self.following and self.in_view() != everything:
            self.view.setRange(everything, padding=0)

    def in_view(self) -> QRectF:
        """What is seen, in units of the axes; the smaller ordinate is ``top()``."""
        (left, right), (low, high) = self.view.viewRange()
        return QRectF(left, low, right - left, high - low)

    def show_everything(self) -> None:
        """Ends the zoom."""
        self.following = True
        self.back.hide()
        self.view.setRange(self._all, padding=0)
        self.zoomed.emit()

    # -- what the person does ---------------------------------------------------------------------------------

    def _zoomed(self) -> None:
        self.following = False
        self.back.show()
        self._place()
        self.zoomed.emit()

    def point_at(self, point: QPointF) -> None:
        """Puts the crosshair there."""
        self._at = point
        for line, place in zip(self.crosshair, (point.x(), point.y()), strict=True):
            line.setPos(place)
            line.show()
        self.hovered.emit(point)

    def _moved(self, position: QPointF) -> None:
        if self.view.sceneBoundingRect().contains(position):
            self.point_at(self.view.mapSceneToView(position))
        else:
            self._left()

    def _left(self) -> None:
        if self.crosshair[0].isVisible():
            for line in self.crosshair:
                line.hide()
            self.left_by_pointer.emit()

    def _clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.view.sceneBoundingRect().contains(event.scenePos()):
            return
        if event.double():
            self.show_everything()
        else:
            self.clicked.emit(self.view.mapSceneToView(event.scenePos()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the crosshair, + and − zoom around it, 0 and Escape go back to all."""
        seen = self.in_view()
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        if event.key() in ways:
            across, up = ways[Qt.Key(event.key())]
            at = self._at if self.crosshair[0].isVisible() else seen.center()
            x = min(max(at.x() + across * _KEY_STEP * seen.width(), seen.left()), seen.right())
            y = min(max(at.y() + up * _KEY_STEP * seen.height(), seen.top()), seen.bottom())
            self.point_at(QPointF(x, y))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            factor = 1 / _KEY_ZOOM if event.key() == Qt.Key.Key_Minus else _KEY_ZOOM
            at = self._at if self.crosshair[0].isVisible() else seen.center()
            self.view.scaleBy((factor, factor), center=at)
            self._zoomed()
        elif event.key() in (Qt.Key.Key_0, Qt.Key.Key_Escape) and not self.following:
            self.show_everything()
        else:
            QWidget.keyPressEvent(self, event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._left()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "back"):  # pyqtgraph resizes itself while it is being made
            self._place()

    def _place(self) -> None:
        self.above.move(12, 3)
        self.key.adjustSize()
        self.key.move(max(self.width() - self.key.width() - 12, self.above.geometry().right() + 8), 3)
        self.back.adjustSize()
        self.back.move(self.width() - self.back.width() - 14, self.height() - self.back.height() - 32)


def surrounding(x: list[float], y: list[float], margin: float) -> QRectF:
    """The rectangle around lowest and highest of both, with a ``margin`` (share of its sides) all around."""
    (left, right), (low, high) = (_spread(values) for values in (x, y))
    across, up = (right - left) * margin, (high - low) * margin
    return QRectF(left - across, low - up, right - left + 2 * across, high - low + 2 * up)


def _spread(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    half = max(abs(low), 1.0) / 2
    return (low, high) if high > low else (low - half, high + half)
