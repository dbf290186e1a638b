"""What is where: the port, node or wire under a point of the viewport."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.canvas import metrics as m
from app.canvas.block_item import BlockItem
from app.canvas.camera import Camera
from app.canvas.face import block_tooltip, tooltip
from app.canvas.node_item import NodeItem
from app.canvas.port_item import PortItem
from app.canvas.scene import CanvasScene
from app.canvas.ways import EdgeKey
from app.canvas.wire_item import WireItem
from engine.graph import groups

#: Below this zoom a node that is looked for is brought nearer.
_READABLE = 0.7


class Finder(Camera):
    """A camera on a canvas's scene that knows what it looks at."""

    def __init__(self, canvas: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(canvas, parent)
        self.canvas = canvas
        self.zoom_changed.connect(partial(setattr, canvas, "zoom"))
        self.document = canvas.document

    def paintEvent(self, event: QPaintEvent) -> None:
        """Items are told what is painted, unless that is about everything: asking would take longer than painting."""
        region, size = event.region(), self.viewport().size()
        part = region.boundingRect().size()
        whole = region.rectCount() == 1 and 2 * part.width() * part.height() > size.width() * size.height()
        self.canvas.exposed = None if whole else region
        super().paintEvent(event)
        self.canvas.exposed = None

    def port_at(self, at: QPointF, wanted: Callable[[PortItem], bool] = lambda port: True) -> PortItem | None:
        """The nearest port within reach of a point of the viewport."""
        reach = max(m.REACH, m.PORT_RADIUS * self.zoom + 3)
        found = [(self._gap(item.scenePos(), at), item) for item in self._near(at, reach)
                 if isinstance(item, PortItem) and wanted(item)]
        nearest = min(found, key=lambda pair: pair[0], default=None)
        return nearest[1] if nearest and nearest[0] <= reach and self.zoom >= m.DETAIL else None

    def node_at(self, at: QPointF) -> str | None:
        """The node under a point of the viewport."""
        point = self.mapToScene(at.toPoint())
        for item in self._near(at, 1):
            if isinstance(item, NodeItem) and item.node_id in self.canvas.nodes and item.scene_rect.contains(point):
                return item.node_id
        return None

    def block_at(self, at: QPointF) -> str | None:
        """The block whose card or header is under a point of the viewport, the innermost one."""
        point = self.mapToScene(at.toPoint())
        found = [item for item in self._near(at, 1) if isinstance(item, BlockItem) and item.grip.contains(point)]
        return max(found, key=lambda item: item.zValue()).group_id if found else None

    def tooltip_at(self, at: QPointF) -> str:
        """Everything about the node, block or wire under a point of the viewport; "" where there is none."""
        node_id, block = self.node_at(at), self.block_at(at)
        if node_id is not None:
            words = self.canvas.nodes[node_id].run_note.words
            return "<br>".join(filter(None, (tooltip(self.document.graph.nodes[node_id], self.document.report),
                                             escape(words))))
        if block is None:
            wire = self.wire_at(at)
            return self.canvas.wires[wire].words() if wire is not None else ""
        face = self.canvas.blocks.items[block].face
        return block_tooltip(face.title, face.subtitle, self.document.report.at(block))

    def dot_at(self, at: QPointF) -> tuple[EdgeKey, int] | None:
        """The dot of a wire under a point of the viewport."""
        point, reach = self.mapToScene(at.toPoint()), m.REACH / self.zoom
        for item in self._near(at, m.REACH):
            index = item.dot_near(point, reach) if isinstance(item, WireItem) else None
            if isinstance(item, WireItem) and index is not None:
                return item.edge.key, index
        return None

    def wire_at(self, at: QPointF) -> EdgeKey | None:
        """The nearest wire within reach of a point of the viewport."""
        point, reach = self.mapToScene(at.toPoint()), m.REACH / self.zoom
        found = [(item.distance(point), item.edge.key) for item in self._near(at, m.REACH)
                 if isinstance(item, WireItem)]
        nearest = min(found, default=None)
        return nearest[1] if nearest and nearest[0] <= reach else None

    def _near(self, at: QPointF, reach: float):
        corner = self.mapToScene((at - QPointF(reach, reach)).toPoint())
        size = 2 * reach / self.zoom
        area = QRectF(corner.x(), corner.y(), size, size)
        return self.canvas.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect)

    def _gap(self, point: QPointF, at: QPointF) -> float:
        way = QPointF(self.to_viewport(point)) - at
        return (way.x() ** 2 + way.y() ** 2) ** 0.5

    # -- looking -------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Brings the whole network into view."""
        self.fit_rect(self.canvas.bounds())

    def centre_on(self, node_id: str) -> None:
        """Brings a node, or a block, to the middle, large enough to read, and selects it."""
        if node_id in self.canvas.blocks.items:
            self.fit_rect(self.canvas.blocks.items[node_id].scene_rect)
            self.document.select(groups.members(self.document.graph, node_id))
        if node_id in self.canvas.nodes:
            if self.zoom < _READABLE:
                self.zoom_to(1.0)
            self.centre_at(self.canvas.bounds([node_id]).center())
            self.document.select([node_id])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the whole was in view it stays so."""
        fitted = self.is_fitted
        super().resizeEvent(event)
        if fitted:
            self.fit()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and (words := self.tooltip_at(QPointF(event.pos()))):
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().viewportEvent(event)
