"""Dragging notes: a frame takes along what lies in it, a selected note all that is selected with it; the corner
makes a note larger or smaller."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas import metrics as m
from app.canvas.gestures import Gesture, Modifiers
from engine.graph.elements import LEAST_NOTE, Rect

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class MoveNote(Gesture):
    """Drags a note over the grid; all of it is one undo step."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, view: CanvasView, at: QPointF, note_id: str) -> None:
        super().__init__(view, at)
        self._note_id = note_id
        self._grip = view.mapToScene(at.toPoint())
        nodes, notes = view.canvas.notes.carried({note_id, *view.canvas.notes.selected})
        graph = view.document.graph
        self._nodes = {i: graph.nodes[i].position for i in (*nodes, *view.document.selection)}
        self._notes = {i: graph.notes[i] for i in notes}

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        way = self.view.mapToScene(at.toPoint()) - self._grip
        x, y, *_ = self._notes[self._note_id].rect
        dx, dy = m.snap(x + way.x()) - x, m.snap(y + way.y()) - y
        self._show(dx, dy)

    def _show(self, dx: float, dy: float) -> None:
        self.view.canvas.notes.place(self._notes.values(), dx, dy)
        known = self.view.document.graph.nodes
        self.view.canvas.place({i: (x + dx, y + dy) for i, (x, y) in self._nodes.items() if i in known})

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        if not self.moved:
            return
        self.drag(at, modifiers)
        item, (x, y, *_) = self.view.canvas.notes.items[self._note_id], self._notes[self._note_id].rect
        dx, dy = item.x() - x, item.y() - y
        graph = self.view.document.graph.move({i: (px + dx, py + dy) for i, (px, py) in self._nodes.items()})
        graph = graph.put_note(*(note.shifted(dx, dy) for note in self._notes.values()))
        self.view.document.commit(graph, f"Move {item.note.kind}")

    def cancel(self) -> None:
        self._show(0, 0)


class ResizeNote(Gesture):
    """Drags the lower right corner of a note."""

    cursor = Qt.CursorShape.SizeFDiagCursor

    def __init__(self, view: CanvasView, at: QPointF, note_id: str) -> None:
        super().__init__(view, at)
        self._note = view.document.graph.notes[note_id]
        self._grip = view.mapToScene(at.toPoint())

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        self._show(self._rect(at))

    def _rect(self, at: QPointF) -> Rect:
        way = self.view.mapToScene(at.toPoint()) - self._grip
        x, y, width, height = self._note.rect
        return (x, y, max(m.snap(width + way.x()), LEAST_NOTE), max(m.snap(height + way.y()), LEAST_NOTE))

    def _show(self, rect: Rect) -> None:
        item = self.view.canvas.notes.items.get(self._note.id)
        if item is not None:
            item.place(rect)

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        if self.moved:
            changed = replace(self._note, rect=self._rect(at))
            self.view.document.commit(self.view.document.graph.put_note(changed), f"Resize {changed.kind}")

    def cancel(self) -> None:
        self._show(self._note.rect)
