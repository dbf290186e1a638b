"""Which boxes lie near a box: a grid of cells, so that a wire asks a few neighbours and not the whole network."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

#: Left, top, right, bottom.
Box = tuple[float, float, float, float]
_CELL = 256.0
Key = TypeVar("Key", bound=Hashable)


class Boxes(Generic[Key]):
    """Boxes by key, found by place."""

    def __init__(self) -> None:
        self._boxes: dict[Key, Box] = {}
        self._cells: dict[tuple[int, int], set[Key]] = {}

    def put(self, key: Key, box: Box) -> Box | None:
        """Places or moves a box; the one it had before."""
        old = self._boxes.get(key)
        if old == box:
            return old
        was = _cells(old) if old is not None else ()
        now = _cells(box)
        self._boxes[key] = box
        if was != now:
            self._leave(key, was)
            for cell in _each(now):
                self._cells.setdefault(cell, set()).add(key)
        return old

    def drop(self, key: Key) -> Box | None:
        """Takes a box away; returns it."""
        old = self._boxes.pop(key, None)
        if old is not None:
            self._leave(key, _cells(old))
        return old

    def near(self, box: Box) -> dict[Key, Box]:
        """Every box that overlaps this one."""
        left, top, right, bottom = box
        found: dict[Key, Box] = {}
        for cell in _each(_cells(box)):
            for key in self._cells.get(cell, ()):
                other = self._boxes[key]
                if other[0] < right and other[2] > left and other[1] < bottom and other[3] > top:
                    found[key] = other
        return found

    def _leave(self, key: Key, span: tuple[int, ...]) -> None:
        for cell in _each(span):
            members = self._cells[cell]
            members.discard(key)
            if not members:
                del self._cells[cell]


def _cells(box: Box) -> tuple[int, ...]:
    """First and last column, first and last row of the cells that a box covers."""
    return (math.floor(box[0] / _CELL), math.floor(box[2] / _CELL),
            math.floor(box[1] / _CELL), math.floor(box[3] / _CELL))


def _each(span: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    if span:
        first, last, top, bottom = span
        for x in range(first, last + 1):
            for y in range(top, bottom + 1):
                yield (x, y)
