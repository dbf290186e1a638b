"""The scene: items for nodes and wires, kept in step with the document by applying differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QGraphicsScene

from app.canvas import metrics as m
from app.canvas.blocks import Blocks
from app.canvas.face import FaceMemory, faces
from app.canvas.live_turns import LiveTurns
from app.canvas.node_item import NodeItem
from app.canvas.notes import Notes
from app.canvas.ways import EdgeKey, Ways
from app.canvas.wire_item import WireItem
from app.document import Document
from app.style import theme
from app.style.gradient_scale import GradientScale
from engine.graph.check import Report
from engine.graph.diff import GraphDiff
from engine.graph.edits import can_lead
from engine.graph.model import Graph, Node, Position
from engine.issues import Severity
from engine.layers import LAYERS
from engine.shapes import text as shape_text


class CanvasScene(QGraphicsScene):
    """Draws ``document.graph``. Nothing here edits; gestures and actions do, through the document."""

    wires_selected = Signal(object)  # frozenset of edge keys
    notes_selected = Signal(object)  # frozenset of note ids
    laid_out = Signal()  # something came, went or moved

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[EdgeKey, WireItem] = {}
        self.selected_wires: frozenset[EdgeKey] = frozenset()
        self.ways = Ways(self)
        self.blocks = Blocks(self)
        self.notes = Notes(self)
        self.scale = GradientScale()
        self.zoom = 1.0  # of the view: what is too small to be seen need not be painted anew
        self._flow: dict[str, float] = {}
        self._live_turns = LiveTurns(self, self.repaint)
        #: What is being painted on the screen, in pixels of the view; None for all, as in a picture.
        self.exposed: QRegion | None = None
        self.setSceneRect(-m.SCENE_WIDTH / 2, -m.SCENE_HEIGHT / 2, m.SCENE_WIDTH, m.SCENE_HEIGHT)
        document.graph_changed.connect(self.apply)
        document.report_changed.connect(self.refresh)
        document.selection_changed.connect(self._show_selection)
        theme.signals.changed.connect(self.restyle)
        self._faces = FaceMemory()
        graph = document.graph
        self.apply(GraphDiff(added=tuple(graph.nodes), edges_added=tuple(graph.edges.values()),
                             groups=tuple(graph.groups), notes=tuple(graph.notes)))
        self.refresh(document.report)
        self._show_selection(document.selection)

    # -- following the document ----------------------------------------------------------------------------

    def apply(self, changes: GraphDiff) -> None:
        """Brings the items in step with the document's graph."""
        graph = self.document.graph
        for edge in changes.edges_removed:
            self.removeItem(self.wires.pop(edge.key))
            self.ways.forget_wire(edge.key)
        left = [self.ways.forget_room(node_id) for node_id in changes.removed]
        for node_id in changes.removed:
            self.removeItem(self.nodes.pop(node_id))
        for node_id in changes.added:
            self._add_node(graph.nodes[node_id])
        for node_id in changes.changed:
            self._renew_node(graph.nodes[node_id])
        for node_id in changes.moved:
            self.nodes[node_id].setPos(*graph.nodes[node_id].position)
        for edge in changes.edges_added:
            self.wires[edge.key] = wire = WireItem(edge)
            self.addItem(wire)
            if self.is_live:
                self._show_flow(edge.key)
        self.ways.forget_led()
        for edge in changes.edges_rerouted:
            self.wires[edge.key].edge = edge
        self.notes.follow(changes.notes)
        rewired = {edge.target for edge in (*changes.edges_added, *changes.edges_removed)} & self.nodes.keys()
        for node_id in rewired:
            self.nodes[node_id].set_ports(graph.ports(node_id))
        regrouped = self.blocks.follow(changes)
        left += [self.ways.forget_room(key) for key in regrouped]
        touched = rewired | regrouped | set(changes.moved) | set(changes.changed) | set(changes.added)
        rerouted = {edge.target for edge in changes.edges_rerouted}
        stands_elsewhere = self.ways.lay(touched | rerouted | {e.source for e in changes.edges_added}, left)
        self.ways.select_dot(self.ways.selected_dot)
        self.select_wires(self.selected_wires & self.wires.keys())
        if stands_elsewhere or changes.notes or changes.groups:
            self.laid_out.emit()

    def refresh(self, report: Report) -> None:
        """Brings faces, badges and shapes in step with a new report."""
        graph = self.document.graph
        for node_id, face in self._faces.changed(graph, report, self.nodes).items():
            self.nodes[node_id].set_face(face)
        wrong = {issue.where for issue in report.issues if issue.severity is Severity.ERROR} - report.shapes.keys()
        unfed = {i for i in wrong if i in report.layers and all(
            edge.source in report.shapes for edge in graph.inputs(i))}
        for (target, _), wire in self.wires.items():
            shape = report.shapes.get(wire.edge.source)
            wire.set_label(shape_text(shape) if shape is not None else "")
            wire.set_wrong(target in unfed)
        self.blocks.refresh(report)

    def renew_blocks(self) -> None:
        """A block is shown open, or closed again, without an edit."""
        touched = self.blocks.sync()
        self.ways.lay(touched, [self.ways.forget_room(key) for key in touched])
        self.laid_out.emit()

    def restyle(self) -> None:
        """Paints everything in the theme now in force."""
        for wire in self.wires.values():
            wire.restyle()
        self.update()

    def _add_node(self, node: Node) -> None:
        layer = LAYERS.get(node.kind)
        face = faces(self.document.graph, self.document.report, [node.id])[node.id]
        item = NodeItem(
            node.id, face, self.document.graph.ports(node.id),
            has_output=layer is None or can_lead(node.kind), spare=layer is not None and layer.variadic,
        )
        item.setPos(*node.position)
        item.set_stand_in(self.blocks.stand_in(node.id))
        self.nodes[node.id] = item
        self.addItem(item)

    def _renew_node(self, node: Node) -> None:
        """Parameters and name show in the face, which the report brings; another kind has other ports."""
        item = self.nodes[node.id]
        layer = LAYERS.get(node.kind)
        has_output = layer is None or can_lead(node.kind)
        if has_output != item.has_output or item.input_names != self.document.graph.ports(node.id):
            self.removeItem(item)
            self._add_node(node)
            self.nodes[node.id].set_selected(node.id in self.document.selection)
        self.nodes[node.id].setPos(*node.position)

    # -- positions -----------------------------------------------------------------------------------------

    def place(self, positions: Mapping[str, Position]) -> None:
        """Shows nodes elsewhere for as long as a gesture or an animation lasts; the document is not told."""
        for node_id, position in positions.items():
            if node_id in self.nodes:
                self.nodes[node_id].setPos(*position)
        hidden = self.blocks.settle(positions)
        # What is on its way stands in no wire's way; at rest, back in place, it does again.
        known = self.document.graph.nodes
        rests = all(known[i].position == place for i, place in positions.items() if i in known)
        left = [] if rests else [self.ways.forget_room(self.blocks.room_of(node_id)) for node_id in positions]
        self.ways.lay({*positions, *hidden}, left, rests=rests)
        self.laid_out.emit()

    def bounds(self, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around these nodes, or around all there is, empty where there is nothing."""
        return self.around(self.rects()) if ids is None else _united(self.rects(ids))

    def around(self, rects: Iterable[QRectF]) -> QRectF:
        """The rectangle around these and around blocks, frames and comments."""
        return _united((self.blocks.bounds(), self.notes.bounds(), *rects))

    def rects(self, ids: Iterable[str] | None = None) -> list[QRectF]:
        """Where these nodes stand, or all of them, those in a closed block where the block does."""
        items = self.nodes.values() if ids is None else [self.nodes[i] for i in ids]
        return [item.scene_rect for item in items]

    def free_place(self, position: Position) -> Position:
        """The nearest place at or below ``position`` where a node covers no other."""
        x, y = position
        size = QRectF(0, 0, m.NODE_WIDTH, m.NODE_HEIGHT).adjusted(-8, -8, 8, 8)
        taken = self.rects()
        while any(size.translated(QPointF(x, y)).intersects(rect) for rect in taken):
            y += m.ROW / 2
        return (x, y)

    # -- selection -----------------------------------------------------------------------------------------

    def choose(self, ids: Iterable[str], notes: Iterable[str] = ()) -> None:
        """Selects exactly these nodes and notes."""
        wanted = list(notes)
        self.document.select(ids)
        self.notes.select(wanted)

    def _show_selection(self, ids: frozenset[str]) -> None:
        for node_id, item in self.nodes.items():
            item.set_selected(node_id in ids)
        self.blocks.show_selection(ids)
        if ids:
            self.select_wires(frozenset())
            self.ways.select_dot(None)
            self.notes.select(())

    def select_wires(self, keys: Iterable[EdgeKey]) -> None:
        """Selects exactly these wires."""
        chosen = frozenset(keys)
        for key in self.selected_wires ^ chosen:
            if key in self.wires:
                self.wires[key].set_selected(key in chosen)
        if chosen != self.selected_wires:
            self.selected_wires = chosen
            self.wires_selected.emit(chosen)

    # -- live training -------------------------------------------------------------------------------------

    def set_live(
        self, gradient_norms: Mapping[str, np.ndarray], flow: Mapping[str, float], at_once: bool = False
    ) -> bool:
        """Shows gradients: ‖∂L/∂W‖₂ over steps as sparklines on nodes, mean |∂L/∂output| as colour and width of the
        wires that leave a node. Unknown ids are passed over. True where the scale had to grow. The first is shown at
        once, and what the person asks to see (``at_once``); what follows in a run a few items at a time."""
        follows = self.is_live and bool(gradient_norms) and not at_once
        for node_id, values in gradient_norms.items():
            item = self.nodes.get(node_id)
            if item is not None:
                item.set_gradients(values)
                if at_once:
                    self.repaint(item.show_gradient())
                else:
                    self._live_turns.ask(item, item.show_gradient)
        self._flow = dict(flow)
        grown = self.scale.include(self._flow.values())
        for key in self.wires:
            if follows:
                self._live_turns.ask(key, partial(self._show_flow, key))
            else:
                self.repaint(self._show_flow(key))
        return grown

    def _show_flow(self, key: EdgeKey) -> list[QRectF]:
        """A wire takes the colour of its gradient; what is to be painted anew by that."""
        wire = self.wires.get(key)
        if wire is None:
            return []
        value = self._flow.get(wire.edge.source)
        return wire.stroke if wire.set_flow(None if value is None else self.scale.position(value)) else []

    def repaint(self, rects: Iterable[QRectF]) -> None:
        """Has just these parts of the scene painted anew: an item's own update would take its whole border, in which
        many others lie."""
        for view in self.views():
            to_view, region = view.viewportTransform(), QRegion()
            for rect in rects:
                region += to_view.mapRect(rect).toAlignedRect()
            view.viewport().update(region)

    def clear_live(self) -> None:
        """Takes everything that training showed off the canvas."""
        self.scale.reset()
        self._live_turns.clear()
        self._flow = {}
        for item in self.nodes.values():
            item.clear_gradient()
        for wire in self.wires.values():
            if wire.set_flow(None):
                wire.update()

    @property
    def is_live(self) -> bool:
        return bool(self._flow)

    @property
    def live_is_shown(self) -> bool:
        """Has everything had its turn?"""
        return self._live_turns.is_idle

    @property
    def graph(self) -> Graph:
        return self.document.graph


def _united(rects: Iterable[QRectF]) -> QRectF:
    found = QRectF()
    for rect in rects:
        found = found.united(rect)
    return found
