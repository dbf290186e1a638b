"""Dragging nodes: over the grid, onto a wire, out of their chain (Alt, or a shake), or as a copy (Ctrl)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas import metrics as m
from app.canvas.gestures import Gesture, Modifiers
from app.canvas.guides import Guides
from app.canvas.lifting import Lifting
from app.canvas.node_item import NodeItem
from app.canvas.ways import EdgeKey
from engine.graph import edits
from engine.graph.elements import Note
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

#: A shake: so many turns to and fro, each so far on the screen, within so many seconds.
_SHAKE_TURNS, _SHAKE_REACH, _SHAKE_TIME = 4, 14.0, 1.2
_GHOST_OPACITY = 0.6


class MoveNodes(Gesture):
    """Drags the selected nodes over the grid; all of it is one undo step.

    ``narrow``: a click that turns out to be no drag selects the pressed node alone. ``lifting``: the nodes leave
    their chain at once; otherwise a shake makes them.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, view: CanvasView, at: QPointF, node_id: str, *, narrow: bool, lifting: bool = False) -> None:
        super().__init__(view, at)
        self._pressed = node_id
        self._narrow = narrow
        self._grip = view.mapToScene(at.toPoint())
        self._origins = {i: view.document.graph.nodes[i].position for i in view.document.selection}
        self._notes = self._notes_along()
        self._lifting = Lifting(view, self._origins)
        self._wants_lift = lifting
        self._shake = Shake(at.x())
        self._loose = self._is_loose()
        self._guides = Guides(view.canvas, self._origins)
        self._wire: EdgeKey | None = None

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        if self._pressed not in self._origins:
            return
        way = self.view.mapToScene(at.toPoint()) - self._grip
        x, y = self._origins[self._pressed]
        # The node under the pointer snaps, the others keep their distance from it. Alt moves freely.
        dx, dy = way.x(), way.y()
        self._guides.clear()
        if self._wants_lift or not modifiers & Modifiers.AltModifier:
            dx, dy = self._snapped(x, y, dx, dy)
        self.view.canvas.place({i: (px + dx, py + dy) for i, (px, py) in self._origins.items()})
        self.view.canvas.notes.place(self._notes, dx, dy)
        if (self._shake.feel(at.x()) or self._wants_lift) and self._lifting.begin():
            self._loose = self._is_loose()
        self._light(self.view.wire_at(at) if self._loose else None)
        self._tell(at)

    def _tell(self, at: QPointF) -> None:
        if self._wire is not None:
            self.view.hint.say("Let go to insert it on this wire", at.toPoint())
        elif self._lifting.is_on:
            self.view.hint.say("Let go to take it out of its chain", at.toPoint())
        else:
            self.view.hint.hide()

    def _snapped(self, x: float, y: float, dx: float, dy: float) -> tuple[float, float]:
        """The way to the neighbours' row and column where they are near, to the grid otherwise."""
        item = self.view.canvas.nodes[self._pressed]
        rect = item.rect.translated(x + dx, y + dy)
        guide_x, guide_y = self._guides.snap(rect, self.view.zoom, self.view.visible_rect())
        return (dx + guide_x if self._guides.in_column else m.snap(x + dx) - x,
                dy + guide_y if self._guides.in_row else m.snap(y + dy) - y)

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        wire, lifted = self._wire, self._lifting.is_on
        self._clear()
        if self.moved and self._pressed in self._origins:
            nodes = self.view.canvas.nodes
            places = {i: (nodes[i].x(), nodes[i].y()) for i in self._origins}
            if lifted or wire is not None:
                self.view.editor.lift(places, wire)
            else:
                x, y = self._origins[self._pressed]
                way = (places[self._pressed][0] - x, places[self._pressed][1] - y)
                self.view.editor.move(places, notes=[note.shifted(*way) for note in self._notes])
        elif self._narrow:
            self.view.canvas.choose([self._pressed])

    def cancel(self) -> None:
        self._clear()
        self.view.canvas.place({i: p for i, p in self._origins.items() if i in self.view.document.graph.nodes})
        self.view.canvas.notes.place(self._notes, 0, 0)

    def _notes_along(self) -> list[Note]:
        """The notes that are selected too, with what lies in them."""
        nodes, notes = self.view.canvas.notes.carried(self.view.canvas.notes.selected)
        graph = self.view.document.graph
        self._origins |= {i: graph.nodes[i].position for i in nodes}
        return [graph.notes[i] for i in notes]

    def _clear(self) -> None:
        self._light(None)
        self._lifting.end()
        self._guides.clear()
        self.view.hint.hide()

    def _is_loose(self) -> bool:
        """One node alone that could stand on a wire and hangs on none: dropped on a wire it is inserted."""
        graph, only = self.view.document.graph, self._pressed
        kind = graph.nodes[only].kind
        free = self._lifting.is_on or not (graph.inputs(only) or graph.outputs(only))
        return list(self._origins) == [only] and kind in LAYERS and edits.fits_on_wire(kind) and free

    def _light(self, wire: EdgeKey | None) -> None:
        """Lights the wire that letting go would insert the node on."""
        if wire == self._wire:
            return
        for key, on in ((self._wire, False), (wire, True)):
            if key is not None and key in self.view.canvas.wires:
                self.view.canvas.wires[key].set_hovered(on)
        self._wire = wire


class CopyNodes(Gesture):
    """Ctrl-drag: copies of the selected nodes follow the pointer, to be wired like the originals.

    A Ctrl-click that is no drag adds the pressed node to the selection, or takes it out.
    """

    cursor = Qt.CursorShape.DragCopyCursor

    def __init__(self, view: CanvasView, at: QPointF, node_id: str) -> None:
        super().__init__(view, at)
        self._pressed = node_id
        self._grip = view.mapToScene(at.toPoint())
        chosen = view.document.selection
        self._own = view.canvas.blocks.together(node_id)
        self._ids = sorted(chosen if node_id in chosen else self._own)
        self._ghosts: list[NodeItem] = []

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        if not self._ghosts:
            self._ghosts = [self._ghost(self.view.canvas.nodes[i]) for i in self._ids]
        dx, dy = self._way(at)
        for node_id, ghost in zip(self._ids, self._ghosts, strict=True):
            x, y = self.view.document.graph.nodes[node_id].position
            ghost.setPos(x + dx, y + dy)
        self.view.hint.say("Let go to add a copy with its wiring", at.toPoint())

    def _ghost(self, item: NodeItem) -> NodeItem:
        ghost = NodeItem("", item.face, item.input_names, has_output=bool(item.port("")), spare=False)
        ghost.setOpacity(_GHOST_OPACITY)
        ghost.setZValue(4)
        self.view.canvas.addItem(ghost)
        return ghost

    def _way(self, at: QPointF) -> tuple[float, float]:
        way = self.view.mapToScene(at.toPoint()) - self._grip
        return m.snap(way.x()), m.snap(way.y())

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        self._remove()
        if self.moved:
            self.view.transfer.duplicate_wired(self._ids, self._way(at))
        else:
            chosen = self.view.document.selection
            self.view.document.select(chosen - self._own if self._own <= chosen else chosen | self._own)

    def cancel(self) -> None:
        self._remove()

    def _remove(self) -> None:
        for ghost in self._ghosts:
            self.view.canvas.removeItem(ghost)
        self._ghosts = []
        self.view.hint.hide()


class Shake:
    """Tells a shake from a drag: quick turns to and fro."""

    def __init__(self, x: float) -> None:
        self._turning_point = x
        self._heading = 0
        self._turns: list[float] = []

    def feel(self, x: float) -> bool:
        """The pointer is at ``x``; has it just been shaken?"""
        way = x - self._turning_point
        heading = (way > 0) - (way < 0)
        if heading == self._heading:
            self._turning_point = x  # further the same way
        elif abs(way) >= _SHAKE_REACH:
            now = time.monotonic()
            if self._heading:
                self._turns = [turn for turn in self._turns if now - turn < _SHAKE_TIME] + [now]
            self._heading, self._turning_point = heading, x
        return len(self._turns) >= _SHAKE_TURNS
