"""A node: category strip, title, second line, sparkline of its gradient, badge, ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QRegion, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas import metrics as m
from app.canvas.block_item import BlockItem
from app.canvas.face import Face
from app.canvas.port_item import OUTPUT, PORT_ROOM, PortItem
from app.canvas.spark import SPARK_ROOM, Spark
from app.canvas.style import Style, style
from app.canvas.titles import between, paint_title
from engine.issues import Severity

_FAR_STRIP = m.NODE_WIDTH * 0.1
_TRIANGLE = QPolygonF([QPointF(0, -7.5), QPointF(8, 6.5), QPointF(-8, 6.5)])


@dataclass(frozen=True, slots=True)
class RunNote:
    """What a run says of a node: on it, and in full in its tooltip; "" for nothing."""

    text: str = ""
    words: str = ""
    failed: bool = False


class NodeItem(QGraphicsItem):
    """Paints one node of the graph; knows its face and its ports, never the document."""

    def __init__(self, node_id: str, face: Face, ports: Sequence[str], *, has_output: bool, spare: bool) -> None:
        super().__init__()
        self.node_id = node_id
        self.face = face
        self.selected = False
        self.hovered = False
        self._height = m.NODE_HEIGHT
        self._spark = Spark()
        self.run_note = RunNote()
        self._inputs: dict[str, PortItem] = {}
        self._output = PortItem(self, node_id, OUTPUT) if has_output else None
        self._many = spare
        self._stand_in: BlockItem | None = None
        self.setZValue(1)
        # Ports of a node that need not be painted are not even asked where they are.
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemContainsChildrenInShape)
        self.setOpacity(1.0 if face.enabled else m.BYPASSED_OPACITY)
        self.set_ports(ports)

    # -- what the scene tells it ---------------------------------------------------------------------------

    def set_face(self, face: Face) -> None:
        if face != self.face:
            before, self.face = self.face, face
            self.setOpacity(1.0 if face.enabled else m.BYPASSED_OPACITY)
            scene = self.scene()
            # From afar the second line is not painted: there is nothing to see of what it says now.
            if scene is None or scene.zoom > m.SECOND_LINE[0] or replace(before, subtitle=face.subtitle) != face:
                self.update()

    def set_ports(self, names: Sequence[str]) -> None:
        """Shows exactly these input ports, evenly spread, and grows where there are many."""
        if tuple(self._inputs) != tuple(names):
            self.prepareGeometryChange()
            for port in self._inputs.values():
                port.setParentItem(None)
                if port.scene() is not None:
                    port.scene().removeItem(port)
            last = len(names) - 1
            self._inputs = {
                name: PortItem(self, self.node_id, name, spare=self._many and i == last and last >= 2)
                for i, name in enumerate(names)
            }
            self._height = max(m.NODE_HEIGHT, m.PORT_PITCH * len(names) + 12)
        for i, port in enumerate(self._inputs.values()):
            port.setPos(0, self._height / 2 + (i - (len(names) - 1) / 2) * m.PORT_PITCH)
        if self._output:
            self._output.setPos(m.NODE_WIDTH, self._height / 2)

    def set_stand_in(self, block: BlockItem | None) -> None:
        """Inside a collapsed block a node is unseen, and lies where the block lies."""
        self._stand_in = block
        self.setVisible(block is None)

    def set_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.setZValue(2 if selected else 1)
            self.update()

    def set_hovered(self, hovered: bool) -> None:
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def set_gradients(self, norms: np.ndarray) -> None:
        """Takes the sparkline's gradient magnitudes, oldest first; :meth:`show_gradient` shows them."""
        self._spark.show(norms)

    def show_gradient(self) -> tuple[QRectF, ...]:
        """What is to be painted anew for the sparkline, in scene coordinates."""
        return (self.mapRectToScene(SPARK_ROOM),) if self.isVisible() else ()

    def set_run_note(self, note: RunNote) -> None:
        """What the run says of the node, in place of the sparkline; a failure marks it as an error does."""
        if note != self.run_note:
            self.run_note = note
            self.update()

    def clear_gradient(self) -> None:
        if self._spark.values:
            self._spark.show(np.zeros(0))
            self.update()

    @property
    def gradient_points(self) -> int:
        """How many values the sparkline holds."""
        return len(self._spark.values)

    # -- geometry ------------------------------------------------------------------------------------------

    @property
    def rect(self) -> QRectF:
        """The node's own rectangle, or that of the block that stands for it, seen from the node's position."""
        if self._stand_in is not None:
            return self._stand_in.scene_rect.translated(-self.pos())
        return QRectF(0, 0, m.NODE_WIDTH, self._height)

    @property
    def scene_rect(self) -> QRectF:
        """The same in scene coordinates."""
        return self.own_rect if self._stand_in is None else self._stand_in.scene_rect

    @property
    def own_rect(self) -> QRectF:
        """Where the node lies itself, in scene coordinates, seen or not."""
        return QRectF(self.x(), self.y(), m.NODE_WIDTH, self._height)

    @property
    def title_rect(self) -> QRectF:
        """Where the title stands, in scene coordinates."""
        return QRectF(m.PADDING - 4, 6, m.NODE_WIDTH - m.PADDING - 6, 22).translated(self.pos())

    def port(self, name: str) -> PortItem | None:
        """An input port by name, or the output for ""; the block's where one stands for the node."""
        if self._stand_in is not None:
            return self._stand_in.port(self.node_id, name)
        return self._output if name == OUTPUT else self._inputs.get(name)

    @property
    def has_output(self) -> bool:
        return self._output is not None

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(self._inputs)

    @property
    def ports(self) -> list[PortItem]:
        if self._stand_in is not None:
            return self._stand_in.ports_of(self.node_id)
        return [*self._inputs.values(), *([self._output] if self._output else [])]

    def anchor(self, name: str) -> QPointF:
        """Where wires meet a port, in scene coordinates; the side's middle where there is no such port."""
        if self._stand_in is not None:
            return self._stand_in.anchor(self.node_id, name)
        port = self.port(name)
        side = m.NODE_WIDTH if name == OUTPUT else 0.0
        return self.pos() + (port.pos() if port else QPointF(side, self._height / 2))

    def boundingRect(self) -> QRectF:
        return QRectF(-PORT_ROOM, -2, m.NODE_WIDTH + 2 * PORT_ROOM, self._height + 4)

    @property
    def _severity(self) -> Severity | None:
        return Severity.ERROR if self.run_note.failed else self.face.severity

    # -- painting ------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look, to_view = style(), painter.worldTransform()
        zoom = option.levelOfDetailFromTransform(to_view)
        if zoom <= m.TITLE[0]:
            self._paint_far(painter, look)
            return
        exposed = self._exposed(to_view)
        if exposed is not None and exposed.isEmpty():
            return
        whole, second = painter.opacity(), m.fading(zoom, m.SECOND_LINE)
        if exposed is not None and self._is_in_spark(exposed, to_view) and second:
            painter.fillRect(SPARK_ROOM.adjusted(-2, -2, 2, 2), look.face)
            painter.setOpacity(whole * second)
            self._paint_spark(painter, look)
            return
        self._paint_body(painter, look, zoom)
        painter.setOpacity(whole * m.fading(zoom, m.TITLE))
        used = self._paint_title(painter, look, zoom)
        if second:
            painter.setOpacity(whole * second)
            self._paint_second_line(painter, look, used)
            self._paint_spark(painter, look)
        painter.setOpacity(whole)
        self._paint_badge(painter, look)

    def _exposed(self, to_view: QTransform) -> QRect | None:
        """What of the card is being painted, in pixels; None for all: most often it is a wire beside it, or the
        sparkline, and painting the rest as well would take three times as long as all that changes."""
        region: QRegion | None = self.scene().exposed
        if region is None:
            return None
        card = to_view.mapRect(self.rect.adjusted(-1, -1, 1, 1)).toAlignedRect()
        return region.intersected(card).boundingRect()

    def _is_in_spark(self, exposed: QRect, to_view: QTransform) -> bool:
        return not self.run_note.text and to_view.mapRect(SPARK_ROOM).toAlignedRect().contains(exposed)

    def _paint_far(self, painter: QPainter, look: Style) -> None:
        """By the hundred: a card without corners or words."""
        painter.setPen(self._outline(look))
        painter.setBrush(look.face)
        painter.drawRect(QRectF(0.0, 0.0, m.NODE_WIDTH, self._height))
        painter.fillRect(QRectF(0.0, 0.0, _FAR_STRIP, self._height), look.category(self.face.colour))

    def _paint_body(self, painter: QPainter, look: Style, zoom: float) -> None:
        rect, radius = self.rect, look.tokens.radius
        strip = QRectF(0, 0, _strip(zoom), self._height)
        painter.setBrush(look.face)
        painter.setPen(self._outline(look))
        if zoom >= m.DETAIL:
            painter.drawRoundedRect(rect, radius, radius)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.category(self.face.colour))
            painter.drawRoundedRect(strip, 2, 2)
        else:  # round corners would not be seen
            painter.drawRect(rect)
            painter.fillRect(strip, look.category(self.face.colour))

    def _outline(self, look: Style):
        if self.selected:
            return look.outline_selected
        if self._severity is Severity.ERROR:
            return look.outline_error
        return look.outline_hover if self.hovered else look.outline

    def _paint_title(self, painter: QPainter, look: Style, zoom: float) -> float:
        """The title, above the second line or alone; its width."""
        width = m.NODE_WIDTH - m.PADDING - (28.0 if self._severity else 8.0)
        left = max(m.PADDING + 1, _strip(zoom) + 6)
        far = QRectF(left, 0, m.NODE_WIDTH - left - (24 if self._severity else 5), self._height)
        painter.setPen(look.strong)
        return paint_title(painter, look, self.face.title,
                           between(zoom, far, QRectF(m.PADDING + 1, 8, width, 20)), zoom)

    def _paint_second_line(self, painter: QPainter, look: Style, used: float) -> None:
        painter.setFont(look.small_font)
        painter.setPen(look.quiet)
        # The name by which problems and plots call it, where there is room; a made one only under the pointer.
        shown = (self.face.told or self.hovered) and self.face.title != self.face.id
        width, used = m.NODE_WIDTH - m.PADDING - (28.0 if self._severity else 8.0), used + 10
        if shown and used + look.small_metrics.horizontalAdvance(self.face.id) <= width:
            painter.drawText(QRectF(m.PADDING + used, 8, width - used, 20),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.face.id)
        subtitle = look.elided(self.face.subtitle, look.small_font, m.NODE_WIDTH - m.PADDING - 8)
        painter.drawText(QPointF(m.PADDING + 1, 40), subtitle)

    def _paint_spark(self, painter: QPainter, look: Style) -> None:
        if self.run_note.text:
            painter.setFont(look.small_font)
            painter.setPen(QPen(look.danger if self.run_note.failed else look.warning, 1))
            painter.drawText(QPointF(m.PADDING + 1, 56), self.run_note.text)
            return
        self._spark.paint(painter, look)

    def _paint_badge(self, painter: QPainter, look: Style) -> None:
        if self._severity is None:
            return
        painter.save()
        painter.translate(m.NODE_WIDTH - 14, 15)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._severity is Severity.ERROR:
            painter.setBrush(look.danger)
            painter.drawEllipse(QRectF(-8, -8, 16, 16))
            place = QRectF(-8, -8, 16, 16)
        else:
            painter.setBrush(look.warning)
            painter.drawPolygon(_TRIANGLE)
            place = QRectF(-8, -6, 16, 14)
        painter.setFont(look.badge_font)
        painter.setPen(look.ground)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "!")
        painter.restore()


def _strip(zoom: float) -> float:
    """How wide the category's strip is: wider from afar, so that its colour can be told."""
    return m.STRIP + (_FAR_STRIP - m.STRIP) * (1 - m.fading(zoom, m.STRIP_WIDENS))
