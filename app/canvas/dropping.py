"""A layer dragged in from the palette: a ghost under the pointer, and the wire it would be inserted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.canvas import metrics as m
from app.canvas.face import Face
from app.canvas.node_item import NodeItem
from app.canvas.ways import EdgeKey
from engine.graph import edits
from engine.layers import LAYERS
from engine.project.templates import TEMPLATES

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

#: What the palette's drags carry: the kind of the layer as UTF-8 text.
LAYER_MIME = "application/x-chainrule-layer"
#: … or a saved block, as the text that copying makes.
BLOCK_MIME = "application/x-chainrule-block"
#: … or a template, by its id.
TEMPLATE_MIME = "application/x-chainrule-template"
_GHOST_OPACITY = 0.65


def dragged_kind(mime: QMimeData) -> str | None:
    """The layer that a drag carries; None where it carries something else."""
    if not mime.hasFormat(LAYER_MIME):
        return None
    kind = _text(mime, LAYER_MIME)
    return kind if kind in LAYERS else None


def _text(mime: QMimeData, form: str) -> str:
    return bytes(mime.data(form).data()).decode("utf-8", errors="replace")


def begin_drop(view: CanvasView, mime: QMimeData) -> LayerDrop | None:
    """What a drag from the palette would add; None where it carries nothing of ours."""
    kind = dragged_kind(mime)
    if kind is not None:
        return LayerDrop(view, kind)
    if mime.hasFormat(BLOCK_MIME):
        return BlockDrop(view, _text(mime, BLOCK_MIME))
    template = _text(mime, TEMPLATE_MIME)
    return TemplateDrop(view, template) if template in TEMPLATES else None


class LayerDrop:
    """Lives from the drag's entry to its drop or leaving; the document knows nothing until the drop."""

    def __init__(self, view: CanvasView, kind: str) -> None:
        self._view = view
        self._kind = kind
        self._wire: EdgeKey | None = None
        face = self._face()
        self._ghost = NodeItem("", face, (), has_output=False, spare=False)
        self._ghost.setOpacity(_GHOST_OPACITY)
        self._ghost.setZValue(4)
        view.canvas.addItem(self._ghost)

    def _face(self) -> Face:
        layer = LAYERS[self._kind]
        return Face(layer.title, layer.category.title, layer.category.colour, "")

    def _fits_on_wire(self) -> bool:
        return edits.fits_on_wire(self._kind)

    def move(self, at: QPointF) -> None:
        """The pointer moved."""
        self._ghost.setPos(*m.corner(self._view.mapToScene(at.toPoint())))
        wire = self._view.wire_at(at) if self._fits_on_wire() else None
        if wire != self._wire:
            self._light(self._wire, False)
            self._light(wire, True)
            self._wire = wire
        if wire is not None:
            self._view.hint.say("Let go to insert it on this wire", at.toPoint())
        else:
            self._view.hint.hide()

    def drop(self, at: QPointF) -> None:
        """Let go: one undoable edit."""
        self.move(at)
        wire = self._wire
        self.cancel()
        centre = self._view.mapToScene(at.toPoint())
        self._add(centre, wire)

    def _add(self, centre: QPointF, wire: EdgeKey | None) -> None:
        if wire is not None:
            self._view.editor.add_on_wire(self._kind, wire, centre)
        else:
            self._view.editor.add(self._kind, centre)

    def cancel(self) -> None:
        """The drag left, or was given up."""
        self._light(self._wire, False)
        self._wire = None
        self._view.canvas.removeItem(self._ghost)
        self._view.hint.hide()

    def _light(self, key: EdgeKey | None, on: bool) -> None:
        if key is not None and key in self._view.canvas.wires:
            self._view.canvas.wires[key].set_hovered(on)


class BlockDrop(LayerDrop):
    """The same for a block that the person has saved."""

    def _face(self) -> Face:
        return Face("My block", "drop it on the canvas", "data", "")

    def _fits_on_wire(self) -> bool:
        return True

    def _add(self, centre: QPointF, wire: EdgeKey | None) -> None:
        self._view.transfer.add_block(self._kind, centre, wire)


class TemplateDrop(LayerDrop):
    """The same for a template's whole network."""

    def _face(self) -> Face:
        entry = TEMPLATES[self._kind]
        return Face(entry.title, f"{len(entry.make_graph().nodes)} layers", "data", "")

    def _fits_on_wire(self) -> bool:
        return False

    def _add(self, centre: QPointF, wire: EdgeKey | None) -> None:
        self._view.transfer.add_template(self._kind, centre)


class Drops:
    """The drag that is over the canvas now, if any."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._carried: LayerDrop | None = None

    def enter(self, event: QDragEnterEvent) -> None:
        """A drag comes in; what is not ours is ignored."""
        self._carried = begin_drop(self._view, event.mimeData())
        self.move(event)

    def move(self, event: QDragMoveEvent) -> None:
        """The drag moves on."""
        if self._carried is None:
            event.ignore()
            return
        self._carried.move(event.position())
        event.acceptProposedAction()

    def leave(self) -> None:
        """The drag left, or was given up."""
        if self._carried is not None:
            self._carried.cancel()
            self._carried = None

    def drop(self, event: QDropEvent) -> bool:
        """Let go: one edit. False where there was nothing of ours."""
        carried, self._carried = self._carried, None
        if carried is None:
            event.ignore()
            return False
        carried.drop(event.position())
        event.acceptProposedAction()
        return True
