"""The groups of the scene: which layers a collapsed block stands for, where frames lie, what blocks say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app import numbers
from app.canvas.block_item import BlockFace, BlockItem, worst
from app.numbers import amount
from engine.graph import groups
from engine.graph.check import Report
from engine.graph.diff import GraphDiff
from engine.graph.model import Edge, Graph

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene


class Blocks:
    """Keeps an item for each group. Layers inside a collapsed block stay in the scene, unseen: whatever asks where
    such a layer lies is told where the block does."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.items: dict[str, BlockItem] = {}
        #: From each hidden node to the block that stands for it.
        self.stand_ins: dict[str, str] = {}
        self.peeked = ""
        self._homes: dict[str, str] = {}

    def stand_in(self, node_id: str) -> BlockItem | None:
        """The block that is drawn in the place of a node."""
        block = self.stand_ins.get(node_id)
        return self.items[block] if block else None

    def together(self, node_id: str) -> frozenset[str]:
        """The nodes that are seen as one with this one: all in its collapsed block, or it alone."""
        block = self.stand_ins.get(node_id)
        return frozenset(groups.members(self._scene.graph, block) if block else [node_id])

    def room_of(self, node_id: str) -> str:
        """Under which key the place of a node is known: its own id, or that of the block that hides it."""
        return self.stand_ins.get(node_id, node_id)

    # -- following the document ----------------------------------------------------------------------------

    def follow(self, changes: GraphDiff) -> set[str]:
        """Takes up an edit; the nodes, hidden or not, whose wires have to lie anew, and the blocks."""
        graph = self._scene.graph
        if not graph.groups and not self.items:
            return set()
        rehomed = any(self._homes.get(i, "") != graph.nodes[i].group for i in (*changes.changed, *changes.added))
        if changes.groups or rehomed or not self._homes.keys().isdisjoint(changes.removed):
            return self.sync()
        for edge in changes.edges_added:
            self._show_wire(edge)
        wires = (*changes.edges_added, *changes.edges_removed)
        return self.settle({*changes.moved, *(i for edge in wires for i in (edge.source, edge.target))}, anew=True)

    def sync(self) -> set[str]:
        """Brings items, hidden layers and wires in step with the graph; see :meth:`follow`."""
        graph = self._scene.graph
        before, gone = self.stand_ins, self.items.keys() - graph.groups.keys()
        self._homes = {node.id: node.group for node in graph.nodes.values() if node.group}
        if self.peeked not in graph.groups:
            self.peeked = ""
        self.stand_ins = groups.stand_ins(self._seen(graph))
        for group_id in gone:
            self._scene.removeItem(self.items.pop(group_id))
        for group_id in graph.groups.keys() - self.items.keys():
            self.items[group_id] = item = BlockItem(group_id)
            self._scene.addItem(item)
        for group_id, item in self.items.items():
            item.peeked = group_id == self.peeked
        self._hide(graph)
        laid = self.settle()
        self.refresh(self._scene.document.report)
        self.show_selection(self._scene.document.selection)
        changed = {i for i in (*before, *self.stand_ins) if before.get(i) != self.stand_ins.get(i)}
        return {*changed, *laid, *gone, *(i for i, item in self.items.items() if not item.collapsed)}

    def _seen(self, graph: Graph) -> Graph:
        """The graph as it is shown: a block that is peeked into is open for the moment."""
        if not self.peeked:
            return graph
        return groups.put(graph, replace(graph.groups[self.peeked], collapsed=False))

    def _hide(self, graph: Graph) -> None:
        raised = set(groups.members(graph, self.peeked)) if self.peeked else set[str]()
        for node_id, item in self._scene.nodes.items():
            item.set_stand_in(self.stand_in(node_id))
            item.setZValue(5 if node_id in raised else 2 if item.selected else 1)
        for wire in self._scene.wires.values():
            self._show_wire(wire.edge)
            wire.setZValue(4.5 if raised and {wire.edge.source, wire.edge.target} & raised else 0)

    def _show_wire(self, edge: Edge) -> None:
        """A wire with both ends in one card is unseen."""
        begin = self.stand_ins.get(edge.source)
        self._scene.wires[edge.key].setVisible(begin is None or begin != self.stand_ins.get(edge.target))

    def settle(self, node_ids: Iterable[str] | None = None, *, anew: bool = False) -> set[str]:
        """Lays frames and cards around where their layers are now, those around some nodes or all; ``anew`` looks at
        their ports too. The hidden nodes that lie elsewhere for it."""
        if not self.items:
            return set()
        graph = self._seen(self._scene.graph)
        touched = set(graph.groups) if node_ids is None else {
            block for i in node_ids if i in graph.nodes for block in groups.around(graph, graph.nodes[i].group)}
        moved = set()
        for group_id in sorted(touched, key=lambda i: -groups.depth(graph, i)):
            before = self.items[group_id].layout
            self._lay(graph, group_id, anew=anew or node_ids is None)
            if self.items[group_id].layout != before:
                moved.add(group_id)
        return {i for i, block in self.stand_ins.items() if block in moved}

    def _lay(self, graph: Graph, group_id: str, *, anew: bool) -> None:
        item = self.items[group_id]
        nodes, within = graph.homes[group_id]
        above = list(groups.around(graph, graph.groups[group_id].parent))
        item.setVisible(not any(graph.groups[i].collapsed for i in above))
        inside = QRectF()
        for node_id in nodes:
            inside = inside.united(self._scene.nodes[node_id].own_rect)
        for other in within:
            inside = inside.united(self.items[other].scene_rect)
        if not graph.groups[group_id].collapsed:
            item.open_around(inside, len(above))
        elif anew or not item.collapsed:
            item.close_at(inside.center(), groups.ports(graph, group_id))
        else:
            item.stand_at(inside.center())

    # -- what they say -------------------------------------------------------------------------------------

    def refresh(self, report: Report) -> None:
        """Brings words and problems in step with a new report."""
        graph = self._scene.graph
        if not self.items:
            return
        learned: dict[str, int] = {}
        for node_id, count in report.counts.items():
            origin = report.origin.get(node_id, node_id)
            learned[origin] = learned.get(origin, 0) + count
        for group_id, item in self.items.items():
            if group_id not in graph.groups:
                continue
            group, inside = graph.groups[group_id], groups.members(graph, group_id)
            told = {*inside, group_id} if group.collapsed else {group_id}
            parameters = sum(learned.get(i, 0) for i in inside)
            layers = amount(len(inside), "layer")
            learns = f" · {numbers.count(parameters)} params" if parameters else ""
            severity = worst(issue.severity for issue in report.issues if issue.where in told)
            enabled = any(graph.nodes[i].enabled for i in inside)
            told_as = layers + learns if enabled else "bypassed"
            item.set_face(BlockFace(group.label, told_as, group.repeat, severity, enabled))

    def show_selection(self, ids: frozenset[str]) -> None:
        """A block is selected where all of its layers are."""
        if self.items:
            chosen = set(self.selected(ids))
            for group_id, item in self.items.items():
                item.set_selected(group_id in chosen)

    def selected(self, ids: Iterable[str]) -> list[str]:
        """The blocks all of whose layers are among these, the outermost first."""
        graph, chosen = self._scene.graph, set(ids)
        whole = [i for i in self.items if i in graph.groups and chosen.issuperset(groups.members(graph, i))]
        return sorted(whole, key=lambda i: groups.depth(graph, i))

    def home_at(self, point: QPointF) -> str:
        """The innermost open block around a point of the scene; "" for none."""
        found = [item for item in self.items.values()
                 if item.isVisible() and not item.collapsed and item.scene_rect.contains(point)]
        return max(found, key=lambda item: item.zValue()).group_id if found else ""

    # -- looking inside ------------------------------------------------------------------------------------

    def peek(self, group_id: str) -> bool:
        """Shows a collapsed block open for as long as it is looked into ("" ends it); was there anything to do?"""
        if group_id == self.peeked or (group_id and not self._scene.graph.groups[group_id].collapsed):
            return False
        self.peeked = group_id
        self._scene.renew_blocks()
        return True

    def bounds(self) -> QRectF:
        """The rectangle around every block that is seen."""
        found = QRectF()
        for item in self.items.values():
            if item.isVisible():
                found = found.united(item.scene_rect)
        return found
