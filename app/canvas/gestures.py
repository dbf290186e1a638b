"""Gestures: each an object that begins with a press, is told of every move and has one ending.

A gesture shows what it would do without touching the document; ``finish`` makes it one undoable edit, ``cancel``
(Escape, or the graph changing underneath) leaves everything as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from app.canvas import metrics as m
from app.canvas.guides import Guides
from app.canvas.scene import EdgeKey
from app.canvas.style import style
from engine.graph import edits
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Modifiers = Qt.KeyboardModifier


class Gesture:
    """Base: ``at`` is the pointer in the viewport."""

    cursor: Qt.CursorShape | None = None
    #: Does the view scroll on where the pointer comes to its edge?
    scrolls = True

    def __init__(self, view: CanvasView, at: QPointF) -> None:
        self.view = view
        self.start = at
        self.moved = False

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """The pointer moved; small tremors of a click are held back."""
        if not self.moved and (at - self.start).manhattanLength() < m.CLICK:
            return
        self.moved = True
        self.drag(at, modifiers)

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        raise NotImplementedError

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        """The button was let go."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Everything back as it was before the press."""
        raise NotImplementedError


class Pan(Gesture):
    """Moves the view with the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False

    def __init__(self, view: CanvasView, at: QPointF) -> None:
        super().__init__(view, at)
        self._last = at
        self._from = view.visible_rect().center()

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        self.view.pan_by(at - self._last)
        self._last = at

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        pass

    def cancel(self) -> None:
        self.view.centre_at(self._from)


class MoveNodes(Gesture):
    """Drags the selected nodes over the grid; all of it is one undo step."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, view: CanvasView, at: QPointF, node_id: str, *, narrow: bool) -> None:
        super().__init__(view, at)
        self._pressed = node_id
        self._narrow = narrow
        self._grip = view.mapToScene(at.toPoint())
        self._origins = {i: view.document.graph.nodes[i].position for i in view.document.selection}
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
        if not modifiers & Modifiers.AltModifier:
            dx, dy = self._snapped(x, y, dx, dy)
        self.view.canvas.place({i: (px + dx, py + dy) for i, (px, py) in self._origins.items()})
        self._light(self.view.wire_at(at) if self._loose else None)

    def _snapped(self, x: float, y: float, dx: float, dy: float) -> tuple[float, float]:
        """The way to the neighbours' row and column where they are near, to the grid otherwise."""
        item = self.view.canvas.nodes[self._pressed]
        rect = item.rect.translated(x + dx, y + dy)
        guide_x, guide_y = self._guides.snap(rect, self.view.zoom, self.view.visible_rect())
        return (dx + guide_x if self._guides.in_column else m.snap(x + dx) - x,
                dy + guide_y if self._guides.in_row else m.snap(y + dy) - y)

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        wire = self._wire
        self._light(None)
        self._guides.clear()
        if self.moved and self._origins:
            nodes = self.view.canvas.nodes
            places = {i: (nodes[i].x(), nodes[i].y()) for i in self._origins}
            if wire is not None:
                self.view.editor.drop_on_wire(self._pressed, wire, places[self._pressed])
            else:
                self.view.editor.move(places)
        elif self._narrow:
            self.view.document.select([self._pressed])

    def cancel(self) -> None:
        self._light(None)
        self._guides.clear()
        self.view.canvas.place({i: p for i, p in self._origins.items() if i in self.view.document.graph.nodes})

    def _is_loose(self) -> bool:
        """One node alone that could stand on a wire and has none yet: dropped on a wire it is inserted."""
        graph, only = self.view.document.graph, self._pressed
        kind = graph.nodes[only].kind
        return (list(self._origins) == [only] and kind in LAYERS and edits.fits_on_wire(kind)
                and not graph.inputs(only) and not graph.outputs(only))

    def _light(self, wire: EdgeKey | None) -> None:
        """Lights the wire that letting go would insert the node on."""
        if wire == self._wire:
            return
        for key, on in ((self._wire, False), (wire, True)):
            if key is not None and key in self.view.canvas.wires:
                self.view.canvas.wires[key].set_hovered(on)
        self._wire = wire


class RubberBand(Gesture):
    """Selects what a rectangle touches; with Shift or Ctrl added to what is selected."""

    def __init__(self, view: CanvasView, at: QPointF, *, adding: bool) -> None:
        super().__init__(view, at)
        self._corner = view.mapToScene(at.toPoint())
        self._before = view.document.selection
        self._kept = self._before if adding else frozenset[str]()
        self._band: QGraphicsRectItem | None = None

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        rect = QRectF(self._corner, self.view.mapToScene(at.toPoint())).normalized()
        if self._band is None:
            self._band = self.view.canvas.addRect(rect, *_band_look())
            self._band.setZValue(9)
        self._band.setRect(rect)
        touched = (i for i, item in self.view.canvas.nodes.items() if item.rect.translated(item.pos()).intersects(rect))
        self.view.document.select(self._kept | set(touched))

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        self._remove()
        if not self.moved:
            self.view.document.select(self._kept)
            self.view.canvas.select_wires(())

    def cancel(self) -> None:
        self._remove()
        self.view.document.select(self._before)

    def _remove(self) -> None:
        if self._band is not None:
            self.view.canvas.removeItem(self._band)
            self._band = None


def _band_look() -> tuple[QPen, QColor]:
    fill = QColor(style().accent)
    fill.setAlpha(28)
    pen = QPen(style().accent, 1, Qt.PenStyle.DashLine)
    pen.setCosmetic(True)
    return pen, fill
