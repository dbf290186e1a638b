"""Drawing wires: from an output or an input, or with the end of a wire that is there already."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsPathItem

from app.canvas import metrics as m
from app.canvas import port_item
from app.canvas.gestures import Gesture, Modifiers
from app.canvas.port_item import OUTPUT, PortItem
from app.canvas.routing import curve
from app.canvas.style import style
from engine.graph import edits, legal
from engine.graph.model import Edge
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class DrawWire(Gesture):
    """A loose wire that follows the pointer. ``far_port`` names the port its loose end seeks on a node."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, at: QPointF, port: PortItem) -> None:
        super().__init__(view, at)
        self.port = port
        self._loose: QGraphicsPathItem | None = None
        self._over: tuple[str, str] | None = None
        self._reason: str | None = None

    # -- what differs between the ways to draw --------------------------------------------------------------

    @abstractmethod
    def why_not(self, node_id: str, port: str) -> str | None:
        """Why the wire may not end at this port."""

    @abstractmethod
    def doubt(self, node_id: str, port: str) -> str | None:
        """What would be wrong with the shapes."""

    @abstractmethod
    def port_on(self, node_id: str) -> str | None:
        """The port meant by letting go over the body of a node."""

    @abstractmethod
    def seeks(self, port: PortItem) -> bool:
        """Is this the kind of port the loose end seeks?"""

    @abstractmethod
    def connect(self, node_id: str, port: str) -> None:
        """Makes the edit."""

    @abstractmethod
    def into_void(self, at: QPointF) -> None:
        """Let go over nothing."""

    @abstractmethod
    def ends(self, loose: QPointF) -> tuple[QPointF, QPointF]:
        """Beginning and end of the curve."""

    # -- the gesture ---------------------------------------------------------------------------------------

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        if self._loose is None:
            self._begin()
        self._seek(at)
        place = self.view.mapToScene(at.toPoint())
        if self._over is not None and self._reason is None:
            node_id, port = self._over
            place = self.view.canvas.nodes[node_id].anchor(port)
        if self._loose is not None:
            self._loose.setPath(curve(*self.ends(place)))
            self._loose.setPen(_loose_pen(refused=self._over is not None and self._reason is not None))

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        over, reason = self._over, self._reason
        self._end()
        if not self.moved:
            return
        if over is None:
            self.into_void(at)
        elif reason is not None:
            self.view.hint.refuse(reason, at.toPoint())
        else:
            self.connect(*over)

    def cancel(self) -> None:
        self._end()

    def _begin(self) -> None:
        self._loose = QGraphicsPathItem()
        self._loose.setZValue(3)
        self.view.canvas.addItem(self._loose)
        seen = self.view.visible_rect()
        for item in self.view.canvas.nodes.values():
            if not item.scene_rect.intersects(seen):
                continue
            for port in item.ports:
                if self.seeks(port):
                    refused = self.why_not(item.node_id, port.name) is not None
                    port.set_state(port_item.REFUSED if refused else port_item.LEGAL)

    def _end(self) -> None:
        if self._loose is not None:
            self.view.canvas.removeItem(self._loose)
            self._loose = None
        self.view.hint.hide()
        for item in self.view.canvas.nodes.values():
            for port in item.ports:
                port.set_state(port_item.IDLE)

    def _seek(self, at: QPointF) -> None:
        """Finds the port under the pointer, or meant by it, and says what letting go there would do."""
        previous, self._over = self._over, self._target(at)
        if previous not in (None, self._over):
            self._light(previous, port_item.LEGAL)
        if self._over is None:
            self._reason = None
            self.view.hint.hide()
            return
        self._reason = self.why_not(*self._over)
        if self._reason is not None:
            self.view.hint.say(self._reason, at.toPoint(), "error")
            self._light(self._over, port_item.REFUSED)
            return
        self._light(self._over, port_item.HOVER)
        doubt = self.doubt(*self._over)
        if doubt is not None:
            self.view.hint.say(doubt, at.toPoint(), "warning")
        else:
            self.view.hint.hide()

    def _target(self, at: QPointF) -> tuple[str, str] | None:
        port = self.view.port_at(at, self.seeks)
        if port is not None and port is not self.port:
            return (port.node_id, port.name)
        node_id = self.view.node_at(at)
        if node_id is None or (node_id == self.port.node_id and not self._left_home(at)):
            return None
        name = self.port_on(node_id)
        return (node_id, name) if name is not None else None

    def _left_home(self, at: QPointF) -> bool:
        """Over the node where the wire began the pointer means something only well inside it."""
        return (at - self.start).manhattanLength() > 4 * m.REACH

    def _light(self, over: tuple[str, str] | None, state: str) -> None:
        if over is None:
            return
        port = self.view.canvas.nodes[over[0]].port(over[1])
        if port is not None:
            was_refused = state == port_item.LEGAL and self.why_not(*over) is not None
            port.set_state(port_item.REFUSED if was_refused else state)


class DrawForward(DrawWire):
    """From an output port to an input."""

    @property
    def source(self) -> str:
        return self.port.node_id

    def why_not(self, node_id: str, port: str) -> str | None:
        document = self.view.document
        return legal.why_not(document.graph, document.report, self.source, node_id, port)

    def doubt(self, node_id: str, port: str) -> str | None:
        document = self.view.document
        return legal.doubt(document.graph, document.report, self.source, node_id, port)

    def port_on(self, node_id: str) -> str | None:
        # A node without inputs still answers, so that the person reads why not.
        return legal.best_port(self.view.document.graph, node_id) or "in"

    def seeks(self, port: PortItem) -> bool:
        return not port.is_output

    def connect(self, node_id: str, port: str) -> None:
        self.view.editor.connect(self.source, node_id, port)

    def into_void(self, at: QPointF) -> None:
        place, source = self.view.mapToScene(at.toPoint()), self.source
        shape = self.view.document.report.shapes.get(source)
        self.view.adding.search(
            at, legal.fitting_first(filter(edits.can_follow, LAYERS), shape), f"Add after {self._label(source)}",
            lambda kind: self.view.editor.add_after(kind, source, place))

    def _label(self, node_id: str) -> str:
        return self.view.document.graph.nodes[node_id].label

    def ends(self, loose: QPointF) -> tuple[QPointF, QPointF]:
        return self.view.canvas.nodes[self.source].anchor(OUTPUT), loose


class DrawBackward(DrawForward):
    """From a free input port to an output."""

    def why_not(self, node_id: str, port: str) -> str | None:
        document = self.view.document
        return legal.why_not(document.graph, document.report, node_id, self.port.node_id, self.port.name)

    def doubt(self, node_id: str, port: str) -> str | None:
        document = self.view.document
        return legal.doubt(document.graph, document.report, node_id, self.port.node_id, self.port.name)

    def port_on(self, node_id: str) -> str | None:
        return OUTPUT

    def seeks(self, port: PortItem) -> bool:
        return port.is_output

    def connect(self, node_id: str, port: str) -> None:
        self.view.editor.connect(node_id, self.port.node_id, self.port.name)

    def into_void(self, at: QPointF) -> None:
        place, target, port = self.view.mapToScene(at.toPoint()), self.port.node_id, self.port.name
        self.view.adding.search(
            at, [kind for kind in LAYERS if edits.can_lead(kind)], f"Add before {self._label(target)}",
            lambda kind: self.view.editor.add_before(kind, target, port, place))

    def ends(self, loose: QPointF) -> tuple[QPointF, QPointF]:
        return loose, self.view.canvas.nodes[self.port.node_id].anchor(self.port.name)


class Replug(DrawForward):
    """Takes the end of a wire off its port: to another port, or off into the void to delete it."""

    def __init__(self, view: CanvasView, at: QPointF, port: PortItem, edge: Edge) -> None:
        super().__init__(view, at, port)
        self.edge = edge

    @property
    def source(self) -> str:
        return self.edge.source

    def _begin(self) -> None:
        super()._begin()
        self.view.canvas.wires[self.edge.key].setVisible(False)

    def _end(self) -> None:
        super()._end()
        wire = self.view.canvas.wires.get(self.edge.key)
        if wire is not None:
            wire.setVisible(True)

    def connect(self, node_id: str, port: str) -> None:
        self.view.editor.replug(self.edge, node_id, port)

    def into_void(self, at: QPointF) -> None:
        self.view.editor.disconnect([self.edge.key])

    def _seek(self, at: QPointF) -> None:
        super()._seek(at)
        if self._over is None and self.moved:
            self.view.hint.say("Let go to delete the wire", at.toPoint())

    def _target(self, at: QPointF) -> tuple[str, str] | None:
        home = self.view.port_at(at, lambda port: port is self.port)
        return self.edge.key if home is not None else super()._target(at)


def wire_gesture(view: CanvasView, at: QPointF, port: PortItem) -> DrawWire:
    """The gesture that a press on a port begins."""
    if port.is_output:
        return DrawForward(view, at, port)
    edge = view.document.graph.edges.get((port.node_id, port.name))
    return Replug(view, at, port, edge) if edge is not None else DrawBackward(view, at, port)


def _loose_pen(*, refused: bool) -> QPen:
    pen = QPen(style().danger if refused else style().accent, 2)
    if refused:
        pen.setStyle(Qt.PenStyle.DashLine)
    return pen
