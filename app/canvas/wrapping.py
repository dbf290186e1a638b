"""The way of a wire to a node that stands further left: down into the gap between two rows, back along it, and in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from app.canvas import metrics as m
from app.canvas.boxes import Box

Near = Callable[[Box], Iterable[Box]]
#: How far a wire runs out of a port before it turns, and how round it turns.
_STUB, _RADIUS = 24.0, 16.0
#: Room that the level part keeps to nodes, and how far the next place for it is tried.
_CLEAR, _STEP = 10.0, 14.0
_TRIES = 40


def turns_back(begin: QPointF, end: QPointF) -> bool:
    """Does the wire end left of where it begins?"""
    return end.x() < begin.x() + 8


def path_back(begin: QPointF, end: QPointF, near: Near | None = None) -> tuple[QPainterPath, QPointF]:
    """The path, and the middle of its level part; ``near(box)`` gives the boxes of nodes that overlap a box."""
    out, into = begin.x() + _STUB, end.x() - _STUB
    y = _level(begin.y(), end.y(), into, out, near or (lambda box: ()))
    path = QPainterPath(begin)
    corners = [QPointF(out, begin.y()), QPointF(out, y), QPointF(into, y), QPointF(into, end.y()), end]
    last = begin
    for corner, following in pairwise(corners):
        radius = min(_RADIUS, _length(last, corner) / 2, _length(corner, following) / 2)
        path.lineTo(corner + _towards(corner, last, radius))
        path.quadTo(corner, corner + _towards(corner, following, radius))
        last = corner
    path.lineTo(end)
    return path, QPointF((out + into) / 2, y)


def _level(top: float, bottom: float, left: float, right: float, near: Near) -> float:
    """The height of the level part: in the middle of the gap between the two nodes, below both where they stand in
    one row, moved on until it runs over no node."""
    apart = abs(bottom - top) >= m.NODE_HEIGHT + 2 * _CLEAR
    first = (top + bottom) / 2 if apart else max(top, bottom) + m.NODE_HEIGHT / 2 + 2 * _CLEAR
    for number in range(_TRIES):
        # To and fro around the middle; below one row only further down.
        shift = (number + 1) // 2 * (_STEP if number % 2 else -_STEP) if apart else number * _STEP
        y = first + shift
        if not any(near((left, y - _CLEAR, right, y + _CLEAR))):
            return y
    return first


def _length(a: QPointF, b: QPointF) -> float:
    return abs(a.x() - b.x()) + abs(a.y() - b.y())


def _towards(start: QPointF, goal: QPointF, way: float) -> QPointF:
    """A step of this length from one point to another on the same level or plumb line."""
    length = _length(start, goal)
    return (goal - start) * (way / length) if length else QPointF()
