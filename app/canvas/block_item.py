"""A group on the canvas: a frame behind its layers while it is open, one card with ports while it is collapsed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas import metrics as m
from app.canvas.port_item import OUTPUT, PortItem
from app.canvas.style import Style, style
from app.canvas.titles import between, paint_title, paint_wrapped
from app.style.icons import icon
from engine.graph.groups import Ports
from engine.issues import Severity

#: Room between an open frame and what is in it; its header lies above.
PAD, HEADER = 16.0, 26.0
#: Copies behind a repeated block's card, and how far each sticks out.
_SHEETS, _SHEET = 2, 4.0
#: The eye that shows under the pointer.
_EYE = 17.0
#: How strongly the ground of an open frame differs from the canvas: opacity of its face.
_GROUND_ALPHA = 110


@dataclass(frozen=True)
class BlockFace:
    """The words and state painted on a block."""

    title: str = ""
    subtitle: str = ""
    repeat: int = 1
    severity: Severity | None = None
    enabled: bool = True

    @property
    def spoken(self) -> str:
        problem = f", {self.severity.value}" if self.severity else ""
        return f"Block {self.title}, {self.subtitle}{problem}"


class BlockItem(QGraphicsItem):
    """Paints one group; knows its ports, never the document."""

    def __init__(self, group_id: str) -> None:
        super().__init__()
        self.group_id = group_id
        self.face = BlockFace()
        self.collapsed = False
        self.selected = False
        self.hovered = False
        self.peeked = False
        self._size = QRectF(0, 0, m.NODE_WIDTH, m.NODE_HEIGHT)
        self._ports: dict[tuple[str, str], PortItem] = {}

    # -- what the scene tells it ---------------------------------------------------------------------------

    def set_face(self, face: BlockFace) -> None:
        if face != self.face:
            self.face = face
            self.setOpacity(1.0 if face.enabled else m.BYPASSED_OPACITY)
            self.update()

    def open_around(self, inside: QRectF, depth: int) -> None:
        """A frame around a part of the scene, the deeper one above the one it lies in."""
        rect = inside.adjusted(-PAD, -PAD - HEADER, PAD, PAD)
        self.collapsed = False
        self._clear_ports()
        self._resize(rect.size().width(), rect.size().height())
        self.setPos(rect.topLeft())
        self.setZValue(4 if self.peeked else depth - 20)

    def close_at(self, centre: QPointF, ports: Ports) -> None:
        """A card with these ports, its middle at a point of the scene."""
        self.collapsed = True
        inputs, outputs = ports.inputs, [(node_id, OUTPUT) for node_id in ports.outputs]
        most = max(len(inputs), len(outputs))
        self._resize(m.NODE_WIDTH, max(m.NODE_HEIGHT, m.PORT_PITCH * most + 12))
        if [*self._ports] != [*inputs, *outputs]:
            self._clear_ports()
            self._ports = {key: PortItem(self, *key) for key in (*inputs, *outputs)}
        for side, keys in ((0.0, inputs), (m.NODE_WIDTH, outputs)):
            for i, key in enumerate(keys):
                place = self.rect.height() / 2 + (i - (len(keys) - 1) / 2) * m.PORT_PITCH
                self._ports[key].setPos(side, place)
        self.stand_at(centre)
        self.setZValue(2 if self.selected else 1)

    def stand_at(self, centre: QPointF) -> None:
        """Moves the card's middle to a point of the scene, its top left corner on whole pixels."""
        corner = centre - self.rect.center()
        self.setPos(round(corner.x()), round(corner.y()))

    def set_selected(self, selected: bool) -> None:
        if selected != self.selected:
            self.selected = selected
            self.update()

    def set_hovered(self, hovered: bool) -> None:
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def _resize(self, width: float, height: float) -> None:
        size = QRectF(0, 0, width, height)
        if size != self._size:
            self.prepareGeometryChange()
            self._size = size

    def _clear_ports(self) -> None:
        for port in self._ports.values():
            port.setParentItem(None)
            if port.scene() is not None:
                port.scene().removeItem(port)
        self._ports = {}

    # -- geometry ------------------------------------------------------------------------------------------

    @property
    def rect(self) -> QRectF:
        return QRectF(self._size)

    @property
    def layout(self) -> tuple[object, ...]:
        """What decides where wires meet the card: another one means that they lie anew."""
        return (self.collapsed, self.pos().toTuple(), self._size.height(), tuple(self._ports))

    @property
    def scene_rect(self) -> QRectF:
        return self._size.translated(self.pos())

    @property
    def grip(self) -> QRectF:
        """Where a press takes hold of the block, in scene coordinates: the whole card, or the frame's header."""
        rect = self.scene_rect
        return rect if self.collapsed else QRectF(rect.x(), rect.y(), rect.width(), HEADER + 4)

    @property
    def eye(self) -> QRectF:
        """Where a held press looks inside the card, in scene coordinates; nowhere on an open frame."""
        if not self.collapsed:
            return QRectF()
        rect = self.scene_rect
        return QRectF(rect.right() - _EYE - 8, rect.bottom() - _EYE - 6, _EYE, _EYE)

    @property
    def title_rect(self) -> QRectF:
        """Where the title stands, in scene coordinates."""
        rect = self.grip
        return QRectF(rect.x() + 8, rect.y() + 5, max(rect.width() - 16, 120), 22)

    def port(self, node_id: str, name: str) -> PortItem | None:
        """The port at which a wire of a layer inside crosses the border."""
        return self._ports.get((node_id, name))

    def ports_of(self, node_id: str) -> list[PortItem]:
        return [port for (owner, _), port in self._ports.items() if owner == node_id]

    @property
    def ports(self) -> list[PortItem]:
        return list(self._ports.values())

    def anchor(self, node_id: str, name: str) -> QPointF:
        """Where wires of a layer inside meet the card, in scene coordinates."""
        port = self.port(node_id, name)
        side = m.NODE_WIDTH if name == OUTPUT else 0.0
        return self.pos() + (port.pos() if port else QPointF(side, self.rect.height() / 2))

    def boundingRect(self) -> QRectF:
        return self._size.adjusted(-2, -HEADER, 2 + _SHEETS * _SHEET, 2 + _SHEETS * _SHEET)

    # -- painting ------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = style()
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.collapsed:
            self._paint_card(painter, look, zoom)
        else:
            self._paint_frame(painter, look, zoom)

    def _outline(self, look: Style) -> QPen:
        if self.selected:
            return look.outline_selected
        if self.face.severity is Severity.ERROR:
            return look.outline_error
        return look.outline_hover

    def _paint_card(self, painter: QPainter, look: Style, zoom: float) -> None:
        radius = look.tokens.radius
        painter.setBrush(look.face)
        for sheet in range(_SHEETS if self.face.repeat > 1 else 0, 0, -1):
            painter.setPen(look.outline)
            painter.drawRoundedRect(self.rect.translated(sheet * _SHEET, sheet * _SHEET), radius, radius)
        painter.setPen(self._outline(look))
        painter.drawRoundedRect(self.rect, radius, radius)
        # An inner line tells a block from a layer, in either theme and without colour.
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.outline)
        painter.drawRoundedRect(self.rect.adjusted(4, 4, -4, -4), radius - 2, radius - 2)
        if zoom > m.TITLE[0]:
            whole = painter.opacity()
            painter.setOpacity(whole * m.fading(zoom, m.TITLE))
            self._paint_words(painter, look, zoom)
            painter.setOpacity(whole * m.fading(zoom, m.SECOND_LINE))
            painter.setFont(look.small_font)
            painter.setPen(look.quiet)
            eye = _EYE + 4 if self.hovered else 0
            below = QPointF(m.PADDING, 57 if self._wraps(look) else 43)
            painter.drawText(below, look.elided(self.face.subtitle, look.small_font,
                                                self.rect.width() - m.PADDING - 10 - eye))
            if self.hovered:
                icon("mdi6.eye-outline", "text").paint(painter, self.eye.translated(-self.pos()).toRect())

    @property
    def _times(self) -> str:
        return f"×{self.face.repeat}" if self.face.repeat > 1 else ""

    def _taken(self, look: Style) -> float:
        return look.title_metrics.horizontalAdvance(self._times) + 8 if self._times else 0.0

    def _title_room(self, look: Style) -> float:
        return self.rect.width() - m.PADDING - 12 - self._taken(look)

    def _wraps(self, look: Style) -> bool:
        """Is the title too wide for one line?"""
        return look.width(self.face.title) > self._title_room(look)

    def _paint_words(self, painter: QPainter, look: Style, zoom: float) -> None:
        times, taken = self._times, self._taken(look)
        far = self.rect.adjusted(m.PADDING, 0, -10 - taken, 0)
        near = QRectF(m.PADDING, 10, self._title_room(look), 20)
        painter.setPen(look.strong)
        if self._wraps(look):
            place = between(zoom, far, near.adjusted(0, -3, 0, 16))
            paint_wrapped(painter, look, self.face.title, place)
        else:
            place = between(zoom, far, near)
            paint_title(painter, look, self.face.title, place, zoom)
        if times:
            painter.setFont(look.title_font)
            painter.setPen(QPen(look.accent))
            painter.drawText(QRectF(self.rect.width() - 12 - taken, place.top(), taken, place.height()),
                             Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, times)

    def _paint_frame(self, painter: QPainter, look: Style, zoom: float) -> None:
        radius = look.tokens.radius
        ground = QColor(look.tokens.panel)
        ground.setAlpha(255 if self.peeked else _GROUND_ALPHA)
        painter.setBrush(ground)
        pen = QPen(self._outline(look))
        if not self.selected:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(self.rect, radius, radius)
        if zoom <= m.TITLE[0]:
            return
        # From afar the title is large, and stands on the frame's upper edge.
        near = QRectF(10, 3, self.rect.width() - 20, HEADER)
        far = QRectF(10, 12 - HEADER, self.rect.width() - 20, HEADER + 10)
        times = f"   ×{self.face.repeat}" if self.face.repeat > 1 else ""
        painter.setOpacity(painter.opacity() * m.fading(zoom, m.TITLE))
        painter.setPen(look.strong if self.hovered or self.selected else look.text)
        paint_title(painter, look, f"▾ {self.face.title}{times}", between(zoom, far, near), zoom)


def worst(severities: Iterable[Severity]) -> Severity | None:
    """An error before anything else, a warning before nothing."""
    found = list(severities)
    return Severity.ERROR if Severity.ERROR in found else found[0] if found else None
