"""Where wires run: from port to port, around the nodes in between, through the dots that a person set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas.boxes import Box, Boxes
from app.canvas.port_item import OUTPUT
from app.canvas.routing import path_around, path_through
from app.canvas.wire_item import WireItem
from engine.graph.model import Edge, Position

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene

EdgeKey = tuple[str, str]
#: A wire this near to a node's old or new place may have to be led anew.
_NEARBY = 40.0


class Ways:
    """Lays the wires of a scene; knows where its nodes stand and where its wires run."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._rooms: Boxes[str] = Boxes()  # where nodes stand
        self._spans: Boxes[EdgeKey] = Boxes()  # where wires run
        self.selected_dot: tuple[EdgeKey, int] | None = None
        self._led: dict[EdgeKey, tuple[Position, ...]] = {}  # dots as a gesture shows them

    def forget_wire(self, key: EdgeKey) -> None:
        """A wire is gone."""
        self._spans.drop(key)

    def forget_room(self, key: str) -> Box | None:
        """A node or block is gone, or on its way; where it stood."""
        return self._rooms.drop(key)

    def forget_led(self) -> None:
        """No gesture leads a wire any more."""
        self._led = {}

    def lay(self, node_ids: Iterable[str], left: Iterable[Box | None] = (), *, rests: bool = True) -> bool:
        """Lays the wires of these nodes anew, and those that run where the nodes stand or stood (``left``). Does any
        node stand elsewhere than before?"""
        graph = self._scene.document.graph
        keys: set[EdgeKey] = set()
        stood = list(left)
        for node_id in node_ids:
            if node_id not in graph.nodes:
                continue
            keys.update(edge.key for edge in graph.inputs(node_id))
            keys.update(edge.key for edge in graph.outputs(node_id))
            if rests:
                box = _box(self._scene.nodes[node_id].scene_rect)
                before = self._rooms.put(self._scene.blocks.room_of(node_id), box)
                stood += [before, box] if before != box else []
        for box in stood:
            keys.update(self._spans.near(_wider(box)) if box is not None else ())
        for key in keys:
            self._lay_one(self._scene.wires[key])
        return bool(stood)

    def _lay_one(self, wire: WireItem) -> None:
        """One wire from port to port, around the nodes in between."""
        edge = wire.edge
        begin, end = self._scene.nodes[edge.source].anchor(OUTPUT), self._scene.nodes[edge.target].anchor(edge.port)
        dots = self._dots(edge)
        chosen = self.selected_dot[1] if self.selected_dot and self.selected_dot[0] == edge.key else -1
        wire.set_dots(dots, chosen)
        if dots:
            wire.route(begin, end, path_through(begin, dots, end))
            self._spans.put(edge.key, _box(wire.boundingRect()))
            return
        path, level = path_around(begin, end, self._others(edge))
        wire.route(begin, end, path, level)
        self._spans.put(edge.key, _box(path.boundingRect()))

    def _dots(self, edge: Edge) -> tuple[QPointF, ...]:
        """The dots of a wire as they are shown: where both ends are on their way, they go along."""
        dots = self._led.get(edge.key, edge.dots)
        if not dots:
            return ()
        nodes = self._scene.document.graph.nodes
        ways = [self._scene.nodes[i].pos() - QPointF(*nodes[i].position) for i in (edge.source, edge.target)]
        way = ways[0] if ways[0] == ways[1] else QPointF()
        shown = tuple(QPointF(*dot) + way for dot in dots)
        if self._scene.blocks.peeked or {edge.source, edge.target} & self._scene.blocks.stand_ins.keys():
            # The card stands elsewhere than the layer: dots that would lead astray wait until the block is open.
            left = self._scene.nodes[edge.source].anchor(OUTPUT).x()
            right = self._scene.nodes[edge.target].anchor(edge.port).x()
            return shown if all(left <= dot.x() <= right for dot in shown) else ()
        return shown

    def lead(self, key: EdgeKey, dots: tuple[Position, ...]) -> None:
        """Shows a wire led through these dots for as long as a gesture lasts; the document is not told."""
        self._led[key] = dots
        self._lay_one(self._scene.wires[key])

    def select_dot(self, dot: tuple[EdgeKey, int] | None) -> None:
        """Selects one dot of a wire, or none."""
        before, edges = self.selected_dot, self._scene.document.graph.edges
        self.selected_dot = dot if dot and dot[0] in edges and dot[1] < len(edges[dot[0]].dots) else None
        for changed in (before, self.selected_dot):
            if changed is not None and changed[0] in self._scene.wires:
                self._lay_one(self._scene.wires[changed[0]])

    def _others(self, edge: Edge) -> Callable[[Box], Iterable[Box]]:
        """Finds the boxes of nodes that a wire does not belong to."""
        if self._scene.blocks.peeked:  # what is shown open for the moment lies over the rest
            return lambda box: ()
        own = (self._scene.blocks.room_of(edge.source), self._scene.blocks.room_of(edge.target))
        return lambda box: [room for i, room in self._rooms.near(box).items() if i not in own]


def _box(rect: QRectF) -> Box:
    return (rect.left(), rect.top(), rect.right(), rect.bottom())


def _wider(box: Box) -> Box:
    return (box[0] - _NEARBY, box[1] - _NEARBY, box[2] + _NEARBY, box[3] + _NEARBY)
