"""What can be done with frames and comments, each as one undoable step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas import metrics as m
from app.canvas.gesture_notes import MoveNote, ResizeNote
from app.canvas.gestures import Gesture, Modifiers
from engine.graph import edits
from engine.graph.elements import COMMENT, FRAME, Note

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_MARGIN, _HEAD = 24.0, 24.0
_FRAME_SIZE, _COMMENT_SIZE = (420.0, 240.0), (216.0, 84.0)


class Annotating:
    """Adds, edits and colours the notes of the canvas."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    def frame(self, at: QPointF | None = None) -> None:
        """A frame around what is selected, else at a point of the viewport (its middle by default)."""
        chosen = self._view.document.selection
        if chosen:
            rect = self._view.canvas.bounds(chosen).adjusted(-_MARGIN, -_MARGIN - _HEAD, _MARGIN, _MARGIN)
        else:
            rect = self._free(at, _FRAME_SIZE)
        self._add(FRAME, rect)

    def comment(self, at: QPointF | None = None) -> None:
        """A comment at a point of the viewport, its middle by default."""
        self._add(COMMENT, self._free(at, _COMMENT_SIZE))

    def _free(self, at: QPointF | None, size: tuple[float, float]) -> QRectF:
        """A rectangle around a point; where none is pointed at, in the middle of the view or below what lies there."""
        place = at if at is not None else QPointF(self._view.viewport().rect().center())
        middle = self._view.mapToScene(place.toPoint())
        rect = QRectF(middle, middle).adjusted(-size[0] / 2, -size[1] / 2, size[0] / 2, size[1] / 2)
        taken = [] if at is not None else [
            *(item.scene_rect for item in self._view.canvas.nodes.values()),
            *(item.scene_rect for item in self._view.canvas.notes.items.values())]
        while any(rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN).intersects(other) for other in taken):
            rect.translate(0, m.GRID)
        return rect

    def _add(self, kind: str, rect: QRectF) -> None:
        graph = self._view.document.graph
        x, y = m.snapped(rect.topLeft())
        note = Note(edits.fresh_note(graph), kind, "", (x, y, m.snap(rect.width()), m.snap(rect.height())))
        self._view.document.commit(graph.put_note(note), f"Add {kind}")
        self._view.canvas.choose((), [note.id])
        self.edit(note.id)

    def edit(self, note_id: str) -> None:
        """Opens a field for a note's words."""
        item = self._view.canvas.notes.items[note_id]
        self._view.reveal(item.grip)
        self._view.popups.ask(item.grip, item.note.text, f"Words of the {item.note.kind}",
                              lambda text: self._written(note_id, text), many_lines=not item.is_frame)

    def _written(self, note_id: str, text: str) -> None:
        note = self._view.document.graph.notes.get(note_id)
        if note is not None:
            self._change(replace(note, text=text), f"Write {note.kind}")

    def recolour(self, note_id: str, colour: str) -> None:
        """Gives a note another of the categories' colours."""
        self._change(replace(self._view.document.graph.notes[note_id], colour=colour), "Change the colour")

    def delete(self, note_id: str) -> None:
        self._view.document.commit(self._view.document.graph.remove_notes([note_id]), "Delete note")

    def _change(self, note: Note, text: str) -> None:
        self._view.document.commit(self._view.document.graph.put_note(note), text)

    def at(self, at: QPointF) -> str | None:
        """The note that can be taken hold of at a point of the viewport."""
        held = self._view.canvas.notes.held_at(self._view.mapToScene(at.toPoint()))
        return held[0] if held else None

    def press(self, at: QPointF, modifiers: Modifiers) -> Gesture | None:
        """The gesture that a press on a note begins."""
        notes = self._view.canvas.notes
        held = notes.held_at(self._view.mapToScene(at.toPoint()))
        if held is None:
            return None
        note_id, corner = held
        self._view.canvas.select_wires(())
        if modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier):
            self._view.canvas.choose(self._view.document.selection, notes.selected ^ {note_id})
        elif note_id not in notes.selected:
            self._view.canvas.choose((), [note_id])
        return ResizeNote(self._view, at, note_id) if corner else MoveNote(self._view, at, note_id)
