"""What opens over the canvas for a moment: the search list and the field that renames a node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QWidget

from app.canvas.rename import NoteField, RenameField
from app.canvas.search import SearchPopup

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Popups:
    """At most one search list and one renaming field at a time; the focus goes back to the canvas."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.search: SearchPopup | None = None
        self.rename_field: RenameField | NoteField | None = None

    def open_search(self, place: QPoint, kinds: Sequence[str], title: str, chosen: Callable[[str], object]) -> None:
        """The list of ``kinds`` at a place; ``chosen(kind)`` makes the edit."""
        self.close_search()

        def take(kind: str) -> None:
            self.close_search()
            chosen(kind)

        self.show_search(SearchPopup(self._view, kinds, title, take, self.close_search), place)

    def show_search(self, search: SearchPopup, place: QPoint) -> None:
        """Shows a list in the place of the one that is open."""
        self.close_search()
        self.search = search
        search.open_at(place)

    def close_search(self) -> bool:
        """Closes the list without a choice; was there one?"""
        search, self.search = self.search, None
        self._dismiss(search)
        return search is not None

    def rename(self, node_id: str) -> None:
        """A field over a node's title."""
        self.settle_rename()
        view = self._view
        place = view.mapFromScene(view.canvas.nodes[node_id].title_rect).boundingRect()
        label = view.document.graph.nodes[node_id].label
        self.rename_field = RenameField(view, label, lambda text: self._renamed(node_id, text))
        self.rename_field.open_at(place)

    def ask(
        self, place: QRectF, text: str, label: str, done: Callable[[str], object], *, many_lines: bool = False
    ) -> None:
        """A field over a part of the scene; ``done(text)`` is called where something else was written."""
        self.settle_rename()

        def take(written: str | None) -> None:
            field, self.rename_field = self.rename_field, None
            self._dismiss(field)
            if written is not None and written != text:
                done(written)

        self.rename_field = (NoteField if many_lines else RenameField)(self._view, text, take)
        self.rename_field.setAccessibleName(label)
        self.rename_field.setToolTip(label)
        self.rename_field.open_at(self._view.mapFromScene(place).boundingRect())

    def settle_rename(self) -> None:
        """Takes over what stands in the field, because the person turned to something else."""
        if self.rename_field is not None:
            self.rename_field.finish(self.rename_field.text().strip())

    def _renamed(self, node_id: str, text: str | None) -> None:
        field, self.rename_field = self.rename_field, None
        self._dismiss(field)
        node = self._view.document.graph.nodes.get(node_id)
        if text is not None and node is not None and text != node.label:
            self._view.editor.rename(node_id, text)

    def _dismiss(self, widget: QWidget | None) -> None:
        if widget is not None:
            # Focus first: Qt would hand it on as if by Tab.
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            widget.hide()
            widget.deleteLater()
