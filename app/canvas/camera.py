"""Looking at the scene: zoom to the cursor, pan, fit, the dotted ground."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QNativeGestureEvent, QPainter, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from app.canvas import metrics as m
from app.canvas.style import style
from app.style import theme

_FIT_MARGIN = 36.0
#: Fitting never blows a small network up beyond this.
_FIT_HIGHEST = 1.25
#: … and never shows a large one smaller than this, where nothing could be told from anything.
_FIT_LOWEST = 0.16
ZOOM_STEP = 1.2
#: What the wheel turns, in eighths of a degree, for one step of zoom.
_WHEEL_STEP, _WHEEL_ZOOM = 120.0, 1.15
#: Dots nearer than this on the screen would be a grey mass.
_DOTS_NEAREST = 14.0


class Camera(QGraphicsView):
    """A view whose scroll bars are hidden and whose zoom keeps the point under the cursor in place."""

    zoom_changed = Signal(float)
    looked = Signal()  # another part of the scene is in view

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.horizontalScrollBar().valueChanged.connect(self.looked)
        self.verticalScrollBar().valueChanged.connect(self.looked)
        theme.signals.changed.connect(self.resetCachedContent)
        #: The person has not looked elsewhere: the whole is kept in view.
        self.is_fitted = True
        self._focus_shown = False

    @property
    def zoom(self) -> float:
        """1.0 at 100 %."""
        return self.transform().m11()

    def visible_rect(self) -> QRectF:
        """What is in view, in scene coordinates."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Sets the zoom within its limits, keeping the point at ``at`` (in the viewport; its middle by default)."""
        zoom = min(max(zoom, m.ZOOM_LOW), m.ZOOM_HIGH)
        self.is_fitted = False
        place = at if at is not None else QPointF(self.viewport().rect().center())
        fixed = self._to_scene(place)
        self.resetTransform()
        self.scale(zoom, zoom)
        self._scroll(self._to_view(fixed) - place)
        self.zoom_changed.emit(zoom)
        self.looked.emit()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        self.zoom_to(self.zoom * factor, at)

    def zoom_in(self) -> None:
        self.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        self.zoom_by(1 / ZOOM_STEP)

    def zoom_reset(self) -> None:
        self.zoom_to(1.0)

    def pan_by(self, delta: QPointF) -> None:
        """Moves what is in view with the pointer, by pixels of the screen."""
        self._scroll(-delta)

    def centre_at(self, point: QPointF) -> None:
        """Brings a point of the scene to the middle."""
        self._scroll(self._to_view(point) - QPointF(self.viewport().rect().center()))

    def fit_rect(self, rect: QRectF) -> None:
        """Brings a rectangle of the scene into view, as large as it may be."""
        if rect.isEmpty():
            self.zoom_to(1.0)
            self.centre_at(QPointF(0, 0))
            self.is_fitted = True
            return
        room = self.viewport().size()
        across = max(room.width() - 2 * _FIT_MARGIN, 50) / rect.width()
        down = max(room.height() - 2 * _FIT_MARGIN, 50) / rect.height()
        zoom = min(across, down, _FIT_HIGHEST)
        self.zoom_to(max(zoom, _FIT_LOWEST))
        centre, half, margin = rect.center(), self.visible_rect().size() / 2, _FIT_MARGIN / self.zoom
        # What is too long shows its beginning, large enough to see where to go; the minimap shows the rest.
        if across < _FIT_LOWEST:
            centre.setX(rect.left() - margin + half.width())
        if down < _FIT_LOWEST:
            centre.setY(rect.top() - margin + half.height())
        self.centre_at(centre)
        self.is_fitted = True

    def reveal(self, rect: QRectF) -> None:
        """Pans by as little as brings a rectangle of the scene into view; does nothing where it is there."""
        seen = self.visible_rect().adjusted(*(side * _FIT_MARGIN / 2 / self.zoom for side in (1, 1, -1, -1)))
        dx = min(rect.left() - seen.left(), 0) or max(rect.right() - seen.right(), 0)
        dy = min(rect.top() - seen.top(), 0) or max(rect.bottom() - seen.bottom(), 0)
        if dx or dy:
            self.centre_at(self.visible_rect().center() + QPointF(dx, dy))

    def _to_scene(self, place: QPointF) -> QPointF:
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(place)

    def _to_view(self, point: QPointF) -> QPointF:
        return self.viewportTransform().map(point)

    def _scroll(self, delta: QPointF) -> None:
        self.is_fitted = False
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + round(delta.x()))
        down.setValue(down.value() + round(delta.y()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        fingers = event.phase() != Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
        zooms = event.modifiers() & Qt.KeyboardModifier.ControlModifier or not fingers
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turn = event.angleDelta()
            self.pan_by(QPointF(turn.x() or turn.y(), 0))
        elif zooms:
            self.zoom_by(_WHEEL_ZOOM ** (event.angleDelta().y() / _WHEEL_STEP), event.position())
        else:
            self.pan_by(QPointF(event.pixelDelta()))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1 + event.value(), event.position())
            return True
        return super().viewportEvent(event)

    # -- focus ---------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reasons = Qt.FocusReason
        self._focus_shown = event.reason() in (
            reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hide_focus()

    def hide_focus(self) -> None:
        """Takes the ring away: the mouse shows well enough where the person is."""
        if self._focus_shown:
            self._focus_shown = False
            self.viewport().update()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """A ring where the keyboard brought the focus here."""
        if self._focus_shown:
            painter.save()
            painter.resetTransform()
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
            painter.restore()

    # -- ground --------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Dots on a grid that thins out when the view moves away."""
        look = style()
        painter.fillRect(rect, QColor(look.tokens.ground))
        pitch = m.DOTS
        while pitch * self.zoom < _DOTS_NEAREST:
            pitch *= 2
        left, top = math.floor(rect.left() / pitch), math.floor(rect.top() / pitch)
        columns, rows = math.ceil(rect.right() / pitch) - left + 1, math.ceil(rect.bottom() / pitch) - top + 1
        # Four points of one pixel make a dot of two by two in a fortieth of the time that a round one takes.
        painter.save()
        painter.setPen(look.dots)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        field, pixel = _dots(_up(columns), _up(rows), pitch), 1 / self.zoom
        painter.translate(left * pitch, top * pitch)
        for dx, dy in ((0, 0), (pixel, 0), (0, pixel), (-pixel, 0)):
            painter.translate(dx, dy)
            painter.drawPoints(field)
        painter.restore()

    def to_viewport(self, point: QPointF) -> QPoint:
        """A point of the scene on the screen, in pixels of the viewport."""
        return self._to_view(point).toPoint()


def _up(count: int) -> int:
    """So many at least, the same for numbers near each other."""
    return -(-count // 16) * 16


@lru_cache(maxsize=8)
def _dots(columns: int, rows: int, pitch: float) -> QPolygonF:
    """A field of dots; kept, because making its points costs more than drawing them."""
    return QPolygonF([QPointF(x * pitch, y * pitch) for x in range(columns) for y in range(rows)])
