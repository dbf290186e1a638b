"""The minimap: the whole network small, and the part in view as a frame that can be dragged."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.overlays import paint_card
from app.canvas.scene import CanvasScene
from app.style import theme

_SIZE = QSize(156, 112)
_MARGIN = 10.0


class Minimap(QWidget):
    """``visible()`` gives what the view shows, ``go(point)`` centres it, both in scene coordinates."""

    def __init__(
        self, parent: QWidget, scene: CanvasScene, visible: Callable[[], QRectF], go: Callable[[QPointF], None]
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._visible = visible
        self._go = go
        self._held: QRectF | None = None
        self.setFixedSize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Minimap of the network")
        self.setToolTip("Drag to move the view")
        self._bounds: QRectF | None = None
        self._rects: list[QRectF] | None = None
        scene.laid_out.connect(self._forget)
        scene.document.selection_changed.connect(self._redraw)
        theme.signals.changed.connect(self.update)

    def way_out(self, seen: QRect) -> QPointF:
        """How far what is seen there, in the parent's coordinates, has to move up so that the map does not cover it."""
        covered = self.isVisible() and self.geometry().intersects(seen)
        return QPointF(0, self.y() - _MARGIN - seen.bottom()) if covered else QPointF()

    def is_in_the_way(self) -> bool:
        """Is all in view, and a layer beneath the map? Then it shows nothing that is not seen, and hides what is."""
        seen = self._visible()
        if self._held is not None or not seen.contains(self._all()):
            return False
        scale = seen.width() / max(self.parentWidget().width(), 1)
        own = _scaled(QRectF(self.geometry()), scale, seen.topLeft())
        return any(own.intersects(rect) for rect in self._nodes())

    def whole(self) -> QRectF:
        """What the map shows: the network and the part in view. It stays as it is while the frame is dragged."""
        return self._held if self._held is not None else self._all().united(self._visible())

    def _all(self) -> QRectF:
        """Everything there is; kept like the nodes."""
        if self._bounds is None:
            self._bounds = self._scene.around(self._nodes())
        return self._bounds

    def _forget(self) -> None:
        """Something lies elsewhere: what was worked out for the last painting no longer holds."""
        self._bounds = self._rects = None
        self.update()

    def _redraw(self, _: object) -> None:
        self.update()

    def _nodes(self) -> list[QRectF]:
        """Where all nodes lie; kept, because panning paints the map with every frame."""
        if self._rects is None:
            self._rects = self._scene.rects()
        return self._rects

    def _selected(self) -> list[QRectF]:
        return self._scene.rects(self._scene.document.selection & self._scene.nodes.keys())

    def to_map(self, whole: QRectF) -> tuple[float, QPointF]:
        """Scale and offset that bring scene coordinates onto the map."""
        room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        scale = min(room.width() / max(whole.width(), 1), room.height() / max(whole.height(), 1))
        return scale, room.center() - whole.center() * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        paint_card(painter, self)
        scale, offset = self.to_map(self.whole())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.save()
        painter.translate(offset)  # the painter scales hundreds of nodes faster than Python does
        painter.scale(scale, scale)
        for rects, colour in ((self._nodes(), tokens.wire), (self._selected(), tokens.accent)):
            painter.setBrush(QColor(colour))
            painter.drawRects(rects)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent), 1))
        painter.drawRoundedRect(_scaled(self._visible(), scale, offset), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self.whole()
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            scale, offset = self.to_map(self._held)
            self._go((event.position() - offset) / scale)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.update()


def _scaled(rect: QRectF, scale: float, offset: QPointF) -> QRectF:
    size = rect.size() * scale
    return QRectF(rect.topLeft() * scale + offset, size)
