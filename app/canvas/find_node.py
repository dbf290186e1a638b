"""Go to a layer: a list at the side of the canvas, searched by name, kind or id; the view follows the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import qtawesome
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidgetItem

from app.canvas.search import SearchPopup
from app.fuzzy import ranked
from app.style import theme
from engine.graph import groups
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_NODE = Qt.ItemDataRole.UserRole
_GAP = 18


class NodeFinder:
    """Opens the list and remembers what was looked for, so that the next and the previous match can be asked for."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.query = ""

    def open(self) -> None:
        """Opens the list; Enter keeps the view at the layer, Escape brings the old view back."""
        view = self._view
        before = (view.zoom, view.visible_rect().center(), view.document.selection)
        popup = NodeSearch(view, self, *before)
        # At the left, so that the layer in the middle of the view stays in sight.
        below = view.legend.geometry().bottom() + _GAP if view.legend.isVisible() else _GAP
        view.popups.show_search(popup, QPoint(_GAP, below))
        popup.field.setText(self.query)
        popup.field.selectAll()

    def matches(self, query: str) -> list[str]:
        """The ids of the layers and blocks that answer, best first; all, from left to right, where nothing is asked."""
        graph = self._view.document.graph
        row = [*sorted(graph.nodes, key=lambda i: graph.nodes[i].position), *graph.groups]
        return ranked(query, row, self._texts)

    def next(self) -> None:
        """Goes to the next match of what was looked for last."""
        self._go(1)

    def previous(self) -> None:
        """Goes to the match before."""
        self._go(-1)

    def _go(self, step: int) -> None:
        found = self.matches(self.query)
        if not found:
            self._view.message.emit("warning", f"No layer answers to “{self.query}”.")
            return
        here = next((place for place, i in enumerate(found) if self._is_here(i)), None)
        place = (here + step) % len(found) if here is not None else 0 if step > 0 else len(found) - 1
        self._view.go_to(found[place])

    def _is_here(self, found: str) -> bool:
        """Is this layer, or block, what is selected?"""
        graph, chosen = self._view.document.graph, self._view.document.selection
        return chosen == set(groups.members(graph, found)) if found in graph.groups else chosen == {found}

    def _texts(self, node_id: str) -> tuple[str, ...]:
        graph = self._view.document.graph
        if node_id in graph.groups:
            return (graph.groups[node_id].label, node_id, "Block")
        node = graph.nodes[node_id]
        layer = LAYERS.get(node.kind)
        return (node.label, node.id, layer.title if layer else node.kind, node.kind)


class NodeSearch(SearchPopup):
    """The list of layers there are; the view goes to whichever is current."""

    def __init__(self, view: CanvasView, finder: NodeFinder, zoom: float, centre: QPointF,
                 selection: frozenset[str]) -> None:
        self._view, self._finder = view, finder
        self._before = (zoom, centre, selection)
        super().__init__(view, (), "Go to a layer", self._keep, view.popups.close_search)
        self.field.setPlaceholderText("Name, kind or id")
        self.list.currentItemChanged.connect(self._look)

    def _search(self, query: str) -> None:
        self._finder.query = query
        self.list.clear()
        tokens, graph = theme.current(), self._view.document.graph
        for node_id in self._finder.matches(query):
            item = QListWidgetItem(self._words(node_id))
            layer = LAYERS.get(graph.nodes[node_id].kind) if node_id in graph.nodes else None
            if node_id in graph.groups:
                item.setIcon(qtawesome.icon("mdi6.group", color=tokens.quiet))
            elif layer is not None:
                item.setIcon(qtawesome.icon(layer.icon, color=tokens.category_colour(layer.category.colour)))
            item.setData(_NODE, node_id)
            self.list.addItem(item)
        if not self.list.count():
            nothing = QListWidgetItem("No layer answers to that" if query else "The network is empty")
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(0)

    def _words(self, node_id: str) -> str:
        """What a line says: ``hidden_1 · Dense · in Encoder``."""
        graph = self._view.document.graph
        if node_id in graph.groups:
            return f"{graph.groups[node_id].label} · Block"
        node = graph.nodes[node_id]
        layer = LAYERS.get(node.kind)
        inside = f" · in {graph.groups[node.group].label}" if node.group else ""
        return f"{node.label} · {layer.title if layer else node.kind}{inside}"

    def _look(self, item: QListWidgetItem | None, _: object = None) -> None:
        if item is not None and item.data(_NODE) and self.isVisible():
            self._view.centre_on(item.data(_NODE))

    def _keep(self, node_id: str) -> None:
        self._view.popups.close_search()
        self._view.go_to(node_id)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            zoom, centre, selection = self._before
            self._view.zoom_to(zoom)
            self._view.centre_at(centre)
            self._view.document.select(selection)
        return super()._key(event)
