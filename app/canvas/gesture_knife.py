"""The knife: a stroke with the right button and Ctrl cuts every wire it crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from app.canvas.gestures import Gesture, Modifiers
from app.canvas.style import style
from app.canvas.ways import EdgeKey
from app.canvas.wire_item import WireItem

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_CUT_OPACITY = 0.3


class Knife(Gesture):
    """Draws the stroke and fades what it has crossed; letting go deletes those wires in one step."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, at: QPointF) -> None:
        super().__init__(view, at)
        self._last = view.mapToScene(at.toPoint())
        self._path = QPainterPath(self._last)
        self._stroke: QGraphicsPathItem | None = None
        self._cut: list[EdgeKey] = []

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        here = self.view.mapToScene(at.toPoint())
        if self._stroke is None:
            self._stroke = QGraphicsPathItem()
            pen = QPen(style().danger, 1.5, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            self._stroke.setPen(pen)
            self._stroke.setZValue(9)
            self.view.canvas.addItem(self._stroke)
        self._path.lineTo(here)
        self._stroke.setPath(self._path)
        self._cross(self._last, here)
        self._last = here
        count = len(self._cut)
        words = f"Let go to cut {count} wire{'s' * (count > 1)}" if count else "Draw across wires to cut them"
        self.view.hint.say(words, at.toPoint())

    def _cross(self, begin: QPointF, end: QPointF) -> None:
        area = QRectF(begin, end).normalized().adjusted(-1, -1, 1, 1)
        for item in self.view.canvas.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
            if isinstance(item, WireItem) and item.edge.key not in self._cut and item.crosses(begin, end):
                self._cut.append(item.edge.key)
                item.setOpacity(_CUT_OPACITY)

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        cut = [key for key in self._cut if key in self.view.document.graph.edges]
        self._clear()
        if cut:
            self.view.editor.disconnect(cut, "Cut")

    def cancel(self) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._stroke is not None:
            self.view.canvas.removeItem(self._stroke)
            self._stroke = None
        for key in self._cut:
            wire = self.view.canvas.wires.get(key)
            if wire is not None:
                wire.setOpacity(1.0)
        self._cut = []
        self.view.hint.hide()
