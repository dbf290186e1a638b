"""Alignment guides: a dragged node snaps to the heights and columns of those in view, and a line says to which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsLineItem

from app.canvas.scene import CanvasScene
from app.canvas.style import style

#: How near, on the screen, is near enough to snap.
_REACH = 7.0
_OVERHANG = 18.0


class Guides:
    """Two lines at most: one through the middles in a row, one along the left sides in a column."""

    def __init__(self, canvas: CanvasScene, moving: Iterable[str]) -> None:
        self._canvas = canvas
        held = set(moving)
        self._others = [item.scene_rect for i, item in canvas.nodes.items() if i not in held]
        self._lines: list[QGraphicsLineItem] = []
        self.in_row = self.in_column = False

    def snap(self, rect: QRectF, zoom: float, seen: QRectF) -> tuple[float, float]:
        """How far to move ``rect`` so that it lines up, 0 where nothing is near; draws the lines."""
        self.clear()
        near = [other for other in self._others if other.intersects(seen)]
        reach = _REACH / zoom
        row = _nearest(near, rect, lambda r: r.center().y(), reach)
        column = _nearest(near, rect, lambda r: r.left(), reach)
        self.in_row, self.in_column = row is not None, column is not None
        dy = row.center().y() - rect.center().y() if row is not None else 0.0
        dx = column.left() - rect.left() if column is not None else 0.0
        moved = rect.translated(dx, dy)
        if row is not None:
            both, y = moved.united(row), row.center().y()
            self._draw(QLineF(both.left() - _OVERHANG, y, both.right() + _OVERHANG, y))
        if column is not None:
            both, x = moved.united(column), column.left()
            self._draw(QLineF(x, both.top() - _OVERHANG, x, both.bottom() + _OVERHANG))
        return dx, dy

    def clear(self) -> None:
        for line in self._lines:
            self._canvas.removeItem(line)
        self._lines = []
        self.in_row = self.in_column = False

    def _draw(self, line: QLineF) -> None:
        item = QGraphicsLineItem(line)
        pen = QPen(style().accent, 1, Qt.PenStyle.DotLine)
        pen.setCosmetic(True)
        item.setPen(pen)
        item.setZValue(0.5)
        self._canvas.addItem(item)
        self._lines.append(item)


def _nearest(
    others: Sequence[QRectF], rect: QRectF, place: Callable[[QRectF], float], reach: float
) -> QRectF | None:
    """Of the rectangles whose ``place`` is within reach of ``rect``'s the one that lies nearest on the canvas."""
    fitting = [other for other in others if abs(place(other) - place(rect)) <= reach]
    return min(fitting, default=None, key=lambda other: (other.center() - rect.center()).manhattanLength())
