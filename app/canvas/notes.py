"""The notes of the scene: frames and comments, kept in step with the graph, and which of them are selected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas.note_item import NoteItem
from engine.graph.elements import Note

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene


class Notes:
    """Keeps an item for each note."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.items: dict[str, NoteItem] = {}
        self.selected: frozenset[str] = frozenset()

    def follow(self, ids: Iterable[str]) -> None:
        """Takes up an edit of these notes."""
        notes = self._scene.graph.notes
        for note_id in ids:
            item = self.items.get(note_id)
            if note_id not in notes:
                if item is not None:
                    self._scene.removeItem(self.items.pop(note_id))
            elif item is None:
                self.items[note_id] = item = NoteItem(notes[note_id])
                self._scene.addItem(item)
            else:
                item.show_note(notes[note_id])
        self.select(self.selected & self.items.keys())

    def select(self, ids: Iterable[str]) -> None:
        """Selects exactly these notes."""
        before, self.selected = self.selected, frozenset(ids)
        for note_id, item in self.items.items():
            item.set_selected(note_id in self.selected)
        if self.selected != before:
            self._scene.document.end_merge()
            self._scene.notes_selected.emit(self.selected)

    def touched(self, rect: QRectF) -> set[str]:
        """The comments that a rectangle touches and the frames that lie in it: a frame is as wide as what it is
        around, and would be selected with every layer in it."""
        return {i for i, item in self.items.items()
                if (rect.contains if item.is_frame else rect.intersects)(item.scene_rect)}

    def place(self, notes: Iterable[Note], dx: float, dy: float) -> None:
        """Shows notes elsewhere, so far from their own places, for as long as a gesture lasts."""
        for note in notes:
            if note.id in self.items:
                self.items[note.id].place(note.shifted(dx, dy).rect)

    def held_at(self, point: QPointF) -> tuple[str, bool] | None:
        """The note that a press at a point of the scene takes hold of, and whether it is its corner."""
        for note_id, item in sorted(self.items.items(), key=lambda pair: -pair[1].zValue()):
            if item.corner.contains(point):
                return note_id, True
            if item.grip.contains(point):
                return note_id, False
        return None

    def carried(self, ids: Iterable[str]) -> tuple[set[str], set[str]]:
        """The nodes and the notes that go along where these notes are moved, themselves with them."""
        nodes, notes = set[str](), set(ids)
        for note_id in tuple(notes):
            within, others = self.inside(note_id)
            nodes.update(within)
            notes.update(others)
        return nodes, notes

    def inside(self, note_id: str) -> tuple[list[str], list[str]]:
        """The nodes and the other notes that lie in a frame; nothing lies in a comment."""
        frame = self.items[note_id]
        if not frame.is_frame:
            return [], []
        rect = frame.scene_rect
        nodes = [i for i, item in self._scene.nodes.items()
                 if rect.contains(item.scene_rect.center())]
        return nodes, [i for i, item in self.items.items() if i != note_id and rect.contains(item.scene_rect)]

    def bounds(self) -> QRectF:
        found = QRectF()
        for item in self.items.values():
            found = found.united(item.scene_rect)
        return found
