"""A port: the small circle where wires begin and end."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.metrics import DETAIL, PORT_RADIUS, fading
from app.canvas.style import style

OUTPUT = ""
IDLE, HOVER, LEGAL, REFUSED = "idle", "hover", "legal", "refused"
#: What a port takes up around its middle, lit or not.
PORT_ROOM = PORT_RADIUS + 4
_BOUNDS = QRectF(-PORT_ROOM, -PORT_ROOM, 2 * PORT_ROOM, 2 * PORT_ROOM)
#: Ports fade between this zoom and the one below which they are left out.
_WHOLE = 0.5


class PortItem(QGraphicsItem):
    """An input port by its name, or the output port, whose name is "".

    ``spare`` marks the port that a layer of many inputs always keeps free.
    """

    def __init__(self, parent: QGraphicsItem, node_id: str, name: str, *, spare: bool = False) -> None:
        super().__init__(parent)
        self.node_id = node_id
        self.name = name
        self.spare = spare
        self.state = IDLE

    @property
    def is_output(self) -> bool:
        return self.name == OUTPUT

    def set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.update()

    def boundingRect(self) -> QRectF:
        return _BOUNDS  # asked for by the thousand when a large network is painted

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < DETAIL:
            return
        if zoom < _WHOLE:
            painter.setOpacity(painter.opacity() * fading(zoom, (DETAIL, _WHOLE)))
        look = style()
        radius = PORT_RADIUS - (1 if self.spare and self.state == IDLE else 0)
        painter.setBrush(look.port_fill)
        painter.setPen(look.port_faint if self.spare and self.state == IDLE else look.port)
        if self.state == LEGAL:
            painter.setPen(look.accent_pen)
        elif self.state == HOVER:
            painter.setPen(look.accent_pen)
            painter.setBrush(look.accent_fill)
            radius += 1.5
        elif self.state == REFUSED:
            painter.setOpacity(0.35)
        painter.drawEllipse(QRectF(-radius, -radius, 2 * radius, 2 * radius))
