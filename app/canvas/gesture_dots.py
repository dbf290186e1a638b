"""Dots on wires: a wire is led through them; each is dragged, added and deleted as one undoable step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas import metrics as m
from app.canvas.gestures import Gesture, Modifiers
from app.canvas.ways import EdgeKey
from app.canvas.wire_item import to_segment
from engine.graph.model import Position

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class MoveDot(Gesture):
    """Drags one dot of a wire. ``fresh``: the dot was made by this press and is there only after it."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self, view: CanvasView, at: QPointF, key: EdgeKey, index: int, dots: tuple[Position, ...], *, fresh: bool
    ) -> None:
        super().__init__(view, at)
        self._key, self._index, self._dots, self._fresh = key, index, dots, fresh
        self._before = view.document.graph.edges[key].dots
        view.canvas.ways.lead(key, dots)

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        self.view.canvas.ways.lead(self._key, self._led(at))

    def _led(self, at: QPointF) -> tuple[Position, ...]:
        place = m.snapped(self.view.mapToScene(at.toPoint()))
        return (*self._dots[: self._index], place, *self._dots[self._index + 1 :])

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        dots = self._led(at) if self.moved else self._dots
        graph = self.view.document.graph.reroute(self._key, dots)
        self.view.document.commit(graph, "Add a dot" if self._fresh else "Move a dot")
        self.view.canvas.ways.select_dot((self._key, self._index))

    def cancel(self) -> None:
        if self._key in self.view.canvas.wires:
            self.view.canvas.ways.lead(self._key, self._before)


def press_dot(view: CanvasView, at: QPointF, modifiers: Modifiers) -> MoveDot | None:
    """The gesture of a press on a dot, or with Alt on a wire, which makes a dot there."""
    found = view.dot_at(at)
    if found is not None:
        key, index = found
        view.document.select(())
        view.canvas.select_wires(())
        view.canvas.ways.select_dot(found)
        return MoveDot(view, at, key, index, view.document.graph.edges[key].dots, fresh=False)
    wire = view.wire_at(at) if modifiers & Modifiers.AltModifier else None
    if wire is None:
        return None
    index, dots = with_dot(view, wire, at)
    return MoveDot(view, at, wire, index, dots, fresh=True)


def with_dot(view: CanvasView, key: EdgeKey, at: QPointF) -> tuple[int, tuple[Position, ...]]:
    """The dots of a wire with one more at a point of the viewport, and its place among them."""
    point, dots = view.mapToScene(at.toPoint()), view.document.graph.edges[key].dots
    begin, end = view.canvas.wires[key].ends
    way = [begin, *(QPointF(*dot) for dot in dots), end]
    index = min(range(len(way) - 1), key=lambda i: to_segment(point, way[i], way[i + 1]))
    return index, (*dots[:index], m.snapped(point), *dots[index:])


def add_dot(view: CanvasView, key: EdgeKey, at: QPointF) -> None:
    """Leads a wire through a point of the viewport."""
    index, dots = with_dot(view, key, at)
    view.document.commit(view.document.graph.reroute(key, dots), "Add a dot")
    view.canvas.ways.select_dot((key, index))
