"""The notes of the scene: frames and comments, kept in step with the graph, and which of them are selected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas.note_item import NoteItem

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
        self.selected = frozenset(ids)
        for note_id, item in self.items.items():
            item.set_selected(note_id in self.selected)

    def held_at(self, point: QPointF) -> tuple[str, bool] | None:
        """The note that a press at a point of the scene takes hold of, and whether it is its corner."""
        for note_id, item in sorted(self.items.items(), key=lambda pair: -pair[1].zValue()):
            if item.corner.contains(point):
                return note_id, True
            if item.grip.contains(point):
                return note_id, False
        return None

    def inside(self, note_id: str) -> tuple[list[str], list[str]]:
        """The nodes and the other notes that lie in a frame; nothing lies in a comment."""
        frame = self.items[note_id]
        if not frame.is_frame:
            return [], []
        rect = frame.scene_rect
        nodes = [i for i, item in self._scene.nodes.items()
                 if rect.contains(item.rect.translated(item.pos()).center())]
        return nodes, [i for i, item in self.items.items() if i != note_id and rect.contains(item.scene_rect)]

    def bounds(self) -> QRectF:
        found = QRectF()
        for item in self.items.values():
            found = found.united(item.scene_rect)
        return found
