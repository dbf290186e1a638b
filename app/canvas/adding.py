"""Adding to the network by a list, by the palette's double click, or from the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from engine.graph import legal
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Adding:
    """Offers layers and puts what is chosen where it belongs; what was added comes into view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    def append(self, kind: str) -> str:
        """Adds a layer after what is selected and wires it; its node's id."""
        node_id = self._view.editor.append(kind, self._view.visible_rect().center())
        self._view.reveal(self._view.canvas.bounds([node_id]))
        return node_id

    def append_block(self, text: str) -> None:
        """Adds a saved block after what is selected and wires it."""
        self._view.transfer.append_block(text, self._view.visible_rect().center())
        self._view.reveal_selection()

    def append_template(self, template_id: str) -> None:
        """Adds a template's network below all there is."""
        self._view.transfer.add_template(template_id)
        self._view.fit()

    def search(
        self, at: QPointF | None = None, kinds: Sequence[str] | None = None, title: str = "Add a layer",
        chosen: Callable[[str], object] | None = None,
    ) -> None:
        """Opens the search list, at the pointer by default; ``chosen(kind)`` makes the edit."""
        view, pointer = self._view, self._view.hands.pointer
        inside = view.viewport().rect().contains(pointer.toPoint())
        place = at if at is not None else pointer if inside else QPointF(view.viewport().rect().center())
        centre = view.mapToScene(place.toPoint())
        make = chosen if chosen is not None else lambda kind: view.editor.add(kind, centre)

        def add(kind: str) -> None:
            make(kind)
            view.reveal_selection()

        view.popups.open_search(place.toPoint(), list(LAYERS) if kinds is None else kinds, title, add)

    def search_and_append(self) -> None:
        """The search list for the keyboard: what is chosen is appended to the selected node and wired."""
        anchor = self._view.editor.anchor()
        if len(self._view.document.selection) != 1 or anchor is None:
            self.search()
            return
        # After a loss comes nothing: what is chosen goes before it.
        label = self._view.document.graph.nodes[anchor].label
        kinds = legal.fitting_first(LAYERS, self._view.document.report.shapes.get(anchor))
        self.search(kinds=kinds, title=f"Add after {label}", chosen=self.append)
