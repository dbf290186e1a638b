"""Dragging to the edge of the view scrolls on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer

_MARGIN = 22.0
_FASTEST = 18.0
_INTERVAL_MS = 16


class EdgeScroll(QObject):
    """Calls ``scroll(delta)`` again and again while the pointer lies near an edge."""

    def __init__(self, parent: QObject, scroll: Callable[[QPointF], None]) -> None:
        super().__init__(parent)
        self._scroll = scroll
        self._delta = QPointF()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(lambda: self._scroll(self._delta))

    def feel(self, at: QPointF, room: QRectF) -> None:
        """The pointer is at ``at`` within ``room``: starts, steers or stops."""
        self._delta = QPointF(_push(at.x(), room.left(), room.right()), _push(at.y(), room.top(), room.bottom()))
        if self._delta.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @property
    def is_scrolling(self) -> bool:
        return self._timer.isActive()


def _push(place: float, low: float, high: float) -> float:
    """How far to scroll in one step: the nearer to the edge, or beyond it, the faster."""
    if place < low + _MARGIN:
        return min((low + _MARGIN - place) / _MARGIN, 1.0) * _FASTEST
    if place > high - _MARGIN:
        return -min((place - high + _MARGIN) / _MARGIN, 1.0) * _FASTEST
    return 0.0
