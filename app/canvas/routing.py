"""The way of a wire: a curve from port to port, led above or below the nodes that stand in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from app.canvas import metrics as m
from app.canvas.boxes import Box
from app.canvas.wrapping import path_back, turns_back

#: How near a wire may come to a node that is not its own, and how far it keeps away when it is led around one.
_TOUCH, _CLEAR = 5.0, 14.0
#: Longer wires are led further away, so that nested skips run beside each other, not on top.
_LANE, _WIDEST_SPAN = 7.0, 6.0
#: How many times a lane that is blocked itself is moved further out.
_TRIES = 4
#: Room for the bend between a port and the lane.
_BEND = 18.0

Point = tuple[float, float]
#: Left end, right end and height of a level part.
Lane = tuple[float, float, float]
Near = Callable[[Box], Iterable[Box]]


def curve(begin: QPointF, end: QPointF) -> QPainterPath:
    """The plain curve of a wire: leaves to the right, arrives from the left."""
    reach = abs(end.x() - begin.x()) / 2
    if end.x() < begin.x() + 24:
        reach = max(60.0, min(reach, 160.0))
    path = QPainterPath(begin)
    _add_curve(path, begin, end, reach)
    return path


def path_through(begin: QPointF, dots: Iterable[QPointF], end: QPointF) -> QPainterPath:
    """The way of a wire that a person leads through dots: level at each, smooth in between."""
    path = QPainterPath(begin)
    last = begin
    for place in (*dots, end):
        across = abs(place.x() - last.x()) / 2
        _add_curve(path, last, place, across if place.x() >= last.x() else min(max(across, 24.0), 90.0))
        last = place
    return path


def path_around(begin: QPointF, end: QPointF, near: Near) -> tuple[QPainterPath, QPointF | None]:
    """The wire's path, and the middle of its level part where it had to be led around something, or back.

    ``near(box)`` gives the boxes of foreign nodes that overlap a box.
    """
    if turns_back(begin, end):
        return path_back(begin, end, near)
    a, b = (begin.x(), begin.y()), (end.x(), end.y())
    lane = _lane(a, b, near) if b[0] - a[0] > 2 * _BEND else None
    if lane is None:
        return curve(begin, end), None
    left, right, y = lane
    path = QPainterPath(begin)
    _add_curve(path, begin, QPointF(left, y), (left - a[0]) / 2)
    path.lineTo(right, y)
    _add_curve(path, QPointF(right, y), end, (b[0] - right) / 2)
    return path, QPointF((left + right) / 2, y)


def _add_curve(path: QPainterPath, begin: QPointF, end: QPointF, reach: float) -> None:
    path.cubicTo(begin + QPointF(reach, 0), end - QPointF(reach, 0), end)


def _lane(a: Point, b: Point, near: Near) -> Lane | None:
    """The level part of the wire; None where the plain curve touches nothing."""
    blocked = _on_curve(a, b, near)
    if not blocked:
        return None
    gap = _CLEAR + _LANE * min((b[0] - a[0]) / m.COLUMN, _WIDEST_SPAN)
    above, below = list(blocked), list(blocked)
    tried: list[Lane] = []
    for _ in range(_TRIES):
        free: list[Lane] = []
        tried = []
        # Below where both are as good: titles of blocks and frames stand above.
        for boxes, up in ((below, False), (above, True)):
            lane = _level(a, b, boxes, gap, up=up)
            hit = _on_way(a, b, lane, near)
            (tried if hit else free).append(lane)
            boxes += hit
        if free:
            return min(free, key=lambda lane: abs(lane[2] - a[1]) + abs(lane[2] - b[1]))
    # Boxed in: the lane still shows more of the wire than the straight way would.
    return min(tried, key=lambda lane: abs(lane[2] - a[1]) + abs(lane[2] - b[1]))


def _level(a: Point, b: Point, boxes: list[Box], gap: float, *, up: bool) -> Lane:
    """The lane above, or below, all these boxes."""
    left = max(min(box[0] for box in boxes) - _CLEAR, a[0] + _BEND)
    right = min(max(box[2] for box in boxes) + _CLEAR, b[0] - _BEND)
    y = min(box[1] for box in boxes) - gap if up else max(box[3] for box in boxes) + gap
    return (left, right, y) if left <= right else ((left + right) / 2, (left + right) / 2, y)


def _on_way(a: Point, b: Point, lane: Lane, near: Near) -> list[Box]:
    """The boxes that a wire led along this lane comes too near to."""
    left, right, y = lane
    level = list(near((left, y - _TOUCH, right, y + _TOUCH)))
    return level or _on_curve(a, (left, y), near) or _on_curve((right, y), b, near)


def _on_curve(a: Point, b: Point, near: Near) -> list[Box]:
    """The boxes that a curve comes too near to."""
    (x0, y0), (x1, y1) = a, b
    low, high = (y0, y1) if y0 < y1 else (y1, y0)
    boxes = list(near((x0 - _TOUCH, low - _TOUCH, x1 + _TOUCH, high + _TOUCH)))
    if not boxes:
        return boxes
    wide, tall = x1 - x0, y1 - y0
    steps = int(min(max((abs(wide) + abs(tall)) / 16, 8), 120))
    found: list[Box] = []
    for i in range(steps + 1):
        t = i / steps
        # With both handles at half the width: x = w (1.5 t − 1.5 t² + t³), y = h (3 t² − 2 t³).
        x = x0 + wide * t * (1.5 - 1.5 * t + t * t)
        y = y0 + tall * t * t * (3 - 2 * t)
        for box in boxes:
            if (box[0] - _TOUCH < x < box[2] + _TOUCH and box[1] - _TOUCH < y < box[3] + _TOUCH
                    and box not in found):
                found.append(box)
    return found
