"""What can be done with blocks, and with layers that are left out for a while, each as one undoable step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.gesture_move import CopyNodes, MoveNodes
from app.canvas.gesture_peek import PeekInside
from app.canvas.gestures import Gesture, Modifiers
from engine.graph import edits, groups
from engine.graph.elements import MOST_REPEATS
from engine.graph.model import Graph
from engine.issues import ChainruleError

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

PEEK_KEY = Qt.Key.Key_P


class Grouping:
    """Acts on the selected layers and the blocks they make up."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    @property
    def _graph(self) -> Graph:
        return self._view.document.graph

    def target(self) -> str:
        """The block that is meant: the outermost one all of whose layers are selected, else the innermost one around
        the selection; "" for none."""
        chosen = self._view.document.selection
        whole = self._view.canvas.blocks.selected(chosen)
        if whole or not chosen:
            return whole[0] if whole else ""
        return groups.open_home(self._graph, chosen)

    # -- edits ---------------------------------------------------------------------------------------------

    def group(self) -> None:
        """Makes a block of the selected layers."""
        chosen = self._view.document.selection
        try:
            graph, block = groups.group(self._graph, self._in_order(chosen))
        except ChainruleError as error:
            self._say(error)
            return
        self._view.document.commit(graph, "Group")
        self._view.document.select(groups.members(graph, block))

    def ungroup(self) -> None:
        """Takes the frame of a block away; its layers stay."""
        block = self.target()
        if block:
            graph = groups.fold(self._graph, block, False)
            self._view.document.commit(groups.ungroup(graph, block), f"Ungroup {self._graph.groups[block].label}")

    def toggle(self, block: str = "") -> None:
        """Collapses a block, or opens it; the selected one by default."""
        block = block or self.target()
        if not block:
            return
        self._view.canvas.blocks.peek("")
        group = self._graph.groups[block]
        verb = "Open" if group.collapsed else "Collapse"
        before = {i: (item.x(), item.y()) for i, item in self._view.canvas.nodes.items()}
        self._view.document.commit(groups.fold(self._graph, block, not group.collapsed), f"{verb} {group.label}")
        self._view.glide.start(before)

    def open_around(self, node_id: str) -> None:
        """Opens every collapsed block around a node, or a block, so that it can be seen."""
        graph = self._graph
        if node_id not in graph.nodes and node_id not in graph.groups:
            return
        home = graph.nodes[node_id].group if node_id in graph.nodes else graph.groups[node_id].parent
        closed = [i for i in groups.around(graph, home) if graph.groups[i].collapsed]
        for block in closed[::-1]:
            graph = groups.fold(graph, block, False)
        self._view.canvas.blocks.peek("")
        if closed:
            self._view.document.commit(graph, f"Open {graph.groups[closed[-1]].label}")

    def take_out(self) -> None:
        """Takes the selected layers out of the block they are in."""
        chosen = self._view.document.selection
        home = groups.open_home(self._graph, chosen) if chosen else ""
        if home:
            outside = self._graph.groups[home].parent
            direct = [i for i in chosen if self._graph.nodes[i].group == home]
            self._view.document.commit(groups.adopt(self._graph, direct, outside), "Take out of the block")

    def bypass(self) -> None:
        """Leaves the selected layers and blocks out of computing, or takes them in again where all are left out."""
        chosen = self._view.document.selection
        if chosen:
            on = not any(self._graph.nodes[i].enabled for i in chosen)
            self._view.document.commit(self._graph.enable(chosen, on), "Enable" if on else "Bypass")

    def rename(self, block: str) -> None:
        """Opens the field over a block's title."""
        group = self._graph.groups[block]
        self._ask(block, group.label, "Name of the block", lambda name: self._renamed(block, name))

    def _renamed(self, block: str, name: str) -> None:
        try:
            self._view.document.commit(groups.rename(self._graph, block, name), f"Rename {name or block}")
        except ChainruleError as error:
            self._say(error)

    def ask_repeat(self, block: str = "") -> None:
        """Opens a field for how many times a block stands in a row."""
        block = block or self.target()
        if block:
            group = self._graph.groups[block]
            self._ask(block, str(group.repeat), f"Times in a row, 1 to {MOST_REPEATS}",
                      lambda text: self._repeat(block, text))

    def _repeat(self, block: str, text: str) -> None:
        times = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= times <= MOST_REPEATS:
            self._view.message.emit(
                "warning", f"A block cannot stand {text!r} times in a row. Expected a whole number from 1 to "
                f"{MOST_REPEATS}. Ask for the repeat again.")
            return
        changed = replace(self._graph.groups[block], repeat=times)
        self._view.document.commit(groups.put(self._graph, changed), f"Repeat {changed.label} ×{times}")

    def save(self) -> None:
        """Asks for the selected block, or layers, to be kept in the palette."""
        chosen = self._view.document.selection
        if not chosen:
            self._view.message.emit("warning", "Nothing is selected. Select layers or a block to save to the palette.")
            return
        whole = self._view.canvas.blocks.selected(chosen)
        exact = [i for i in whole if set(groups.members(self._graph, i)) == chosen]
        if exact:
            self._view.block_saved.emit(self._graph.groups[exact[0]].label, edits.copy_text(self._graph, chosen))
        else:  # layers that are no block become one in the palette
            part, _ = groups.group(self._graph, self._in_order(chosen), "My block")
            self._view.block_saved.emit("My block", edits.copy_text(part, chosen))

    # -- mouse and keys ------------------------------------------------------------------------------------

    def press(self, at: QPointF, block: str, modifiers: Modifiers) -> Gesture | None:
        """The gesture that a press on a block's card or header begins: all its layers go together."""
        inside = frozenset(groups.members(self._graph, block))
        document = self._view.document
        chosen = document.selection
        pressed = min(inside)
        if modifiers & Modifiers.ControlModifier and document.graph.groups[block].collapsed:
            return CopyNodes(self._view, at, pressed)
        if modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier):
            document.select(chosen | inside)
        elif not inside <= chosen:
            document.select(inside)
        card = self._view.canvas.blocks.items[block]
        if not modifiers and card.eye.contains(self._view.mapToScene(at.toPoint())):
            return PeekInside(self._view, at, block)
        return MoveNodes(self._view, at, pressed, narrow=False, lifting=bool(modifiers & Modifiers.AltModifier))

    def peek(self) -> bool:
        """Shows the inside of the collapsed block under the pointer, or of the selected one, until :meth:`unpeek`."""
        block = self._view.block_at(self._view.hands.pointer) or self.target()
        return bool(block) and self._view.canvas.blocks.peek(block)

    def unpeek(self) -> None:
        self._view.canvas.blocks.peek("")

    # -- inside --------------------------------------------------------------------------------------------

    def _in_order(self, ids: frozenset[str]) -> list[str]:
        return [i for i in self._graph.nodes if i in ids]

    def _say(self, error: ChainruleError) -> None:
        self._view.message.emit("warning", str(error))

    def _ask(self, block: str, text: str, label: str, done: Callable[[str], None]) -> None:
        item = self._view.canvas.blocks.items[block]
        self._view.reveal(item.grip)
        self._view.popups.ask(item.title_rect, text, label, done)
