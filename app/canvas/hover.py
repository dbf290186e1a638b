"""What lies under the resting pointer is lit, and the pointer's shape says what a press would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.block_item import BlockItem
from app.canvas.node_item import NodeItem
from app.canvas.port_item import HOVER, IDLE, PortItem
from app.canvas.wire_item import WireItem

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_Item = PortItem | NodeItem | BlockItem | WireItem


class Hover:
    """Lights one item at a time."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._item: _Item | None = None

    def look(self, at: QPointF) -> None:
        """The pointer came to rest at a point of the viewport."""
        item = self._under(at)
        if item is not self._item:
            self.clear()
            self._item = item
            self._light(True)
            self.show_cursor()

    def clear(self) -> None:
        """Lights nothing; items that have left the scene are forgotten."""
        if self._item is not None and self._item.scene() is self._view.canvas:
            self._light(False)
        self._item = None

    def show_cursor(self) -> None:
        """The shape of the pointer for what is under it."""
        viewport = self._view.viewport()
        if self._view.pans_by_hand:
            viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        elif isinstance(self._item, PortItem):
            viewport.setCursor(Qt.CursorShape.CrossCursor)
        else:
            viewport.unsetCursor()

    def _under(self, at: QPointF) -> _Item | None:
        port = self._view.port_at(at)
        if port is not None:
            return port
        node_id = self._view.node_at(at)
        if node_id is not None:
            return self._view.canvas.nodes[node_id]
        block = self._view.block_at(at)
        if block is not None:
            return self._view.canvas.blocks.items[block]
        wire = self._view.wire_at(at)
        return self._view.canvas.wires[wire] if wire is not None else None

    def _light(self, on: bool) -> None:
        if isinstance(self._item, PortItem):
            self._item.set_state(HOVER if on else IDLE)
        elif self._item is not None:
            self._item.set_hovered(on)
