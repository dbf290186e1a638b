"""What taking nodes out of their chain would do, shown while they are dragged; the document is not told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsPathItem

from app.canvas.port_item import OUTPUT
from app.canvas.routing import curve
from app.canvas.style import style
from engine.graph import chains
from engine.graph.model import Edge

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Lifting:
    """Hides the wires that would go and draws those that would join the ends."""

    def __init__(self, view: CanvasView, ids: Iterable[str]) -> None:
        self._view = view
        self._ids = tuple(ids)
        self._hidden: list[tuple[str, str]] = []
        self._joins: list[QGraphicsPathItem] = []
        self.is_on = False

    def begin(self) -> bool:
        """Shows it, unless that is done already; False also where nothing outside is wired to the nodes."""
        graph = self._view.document.graph
        lifted = chains.lift(graph, self._ids)
        if self.is_on or lifted is graph:
            return False
        self.is_on = True
        kept = {(e.source, *e.key) for e in lifted.edges.values()}
        for edge in graph.edges.values():
            if (edge.source, *edge.key) not in kept and {edge.source, edge.target} & set(self._ids):
                self._hidden.append(edge.key)
                self._view.canvas.wires[edge.key].setVisible(False)
        had = {(e.source, e.target) for e in graph.edges.values()}
        self._joins = [self._join(e) for e in lifted.edges.values() if (e.source, e.target) not in had]
        return True

    def _join(self, edge: Edge) -> QGraphicsPathItem:
        nodes = self._view.canvas.nodes
        item = QGraphicsPathItem(curve(nodes[edge.source].anchor(OUTPUT), nodes[edge.target].anchor(edge.port)))
        item.setPen(QPen(style().accent, 2, Qt.PenStyle.DashLine))
        item.setZValue(0.5)
        self._view.canvas.addItem(item)
        return item

    def end(self) -> None:
        """Everything as it was."""
        for key in self._hidden:
            wire = self._view.canvas.wires.get(key)
            if wire is not None:
                wire.setVisible(True)
        for item in self._joins:
            self._view.canvas.removeItem(item)
        self._hidden, self._joins = [], []
        self.is_on = False
