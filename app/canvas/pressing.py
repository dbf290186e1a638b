"""What a press, a double click or the menu button means at a point of the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu

from app.canvas import menus
from app.canvas.gesture_dots import add_dot, press_dot
from app.canvas.gesture_knife import Knife
from app.canvas.gesture_move import CopyNodes, MoveNodes
from app.canvas.gestures import Gesture, Modifiers, Pan, RubberBand
from app.canvas.wiring import wire_gesture
from engine.graph import groups

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_ADDING = Modifiers.ShiftModifier | Modifiers.ControlModifier


def gesture_for(view: CanvasView, event: QMouseEvent) -> Gesture | None:
    """The gesture that a press begins; None where the press itself was all."""
    at, button = event.position(), event.button()
    if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and view.pans_by_hand):
        return Pan(view, at)
    if button == Qt.MouseButton.RightButton and event.modifiers() & Modifiers.ControlModifier:
        return Knife(view, at)
    return _press(view, at, event.modifiers()) if button == Qt.MouseButton.LeftButton else None


def _press(view: CanvasView, at: QPointF, modifiers: Modifiers) -> Gesture | None:
    """What lies on top is meant: port, node, block, dot, wire, note, ground."""
    port = view.port_at(at)
    if port is not None:
        return wire_gesture(view, at, port)
    node_id = view.node_at(at)
    if node_id is not None:
        return _press_node(view, at, node_id, modifiers)
    block = view.block_at(at)
    if block is not None:
        return view.grouping.press(at, block, modifiers)
    dot = press_dot(view, at, modifiers)
    if dot is not None:
        return dot
    view.canvas.ways.select_dot(None)
    wire = view.wire_at(at)
    if wire is not None:
        view.canvas.choose(())
        view.canvas.select_wires(view.canvas.selected_wires ^ {wire} if modifiers & _ADDING else {wire})
        return None
    return view.annotating.press(at, modifiers) or RubberBand(view, at, adding=bool(modifiers & _ADDING))


def _press_node(view: CanvasView, at: QPointF, node_id: str, modifiers: Modifiers) -> Gesture | None:
    chosen = view.document.selection
    if modifiers & Modifiers.ControlModifier:
        return CopyNodes(view, at, node_id)
    if modifiers & Modifiers.ShiftModifier:
        view.canvas.choose(chosen | {node_id}, view.canvas.notes.selected)
    elif node_id not in chosen:
        view.canvas.choose([node_id])
    # A click on one of several selected nodes selects it alone, but only once it is no drag of them all.
    several = len(chosen) + len(view.canvas.notes.selected) > 1
    return MoveNodes(view, at, node_id, narrow=not modifiers & Modifiers.ShiftModifier and several
                     and node_id in chosen, lifting=bool(modifiers & Modifiers.AltModifier))


def double_click(view: CanvasView, at: QPointF) -> None:
    """Renames a node, folds a block, leads a wire, writes a note, or searches for a layer to add."""
    if view.port_at(at) is not None:
        return
    node_id = view.node_at(at)
    if node_id is not None:
        view.document.select([node_id])
        view.rename(node_id)
    elif (block := view.block_at(at)) is not None:
        view.grouping.toggle(block)
    elif (wire := view.wire_at(at)) is not None:
        if view.dot_at(at) is None:
            add_dot(view, wire, at)
    elif (note := view.annotating.at(at)) is not None:
        view.annotating.edit(note)
    else:
        view.adding.search(at)


def menu_at(view: CanvasView, at: QPointF) -> QMenu:
    """The menu of what is at a point of the viewport, which becomes selected."""
    node_id, wire = view.node_at(at), view.wire_at(at)
    if node_id is not None:
        if node_id not in view.document.selection:
            view.document.select([node_id])
        return menus.build(view, menus.node_entries(view, node_id))
    block = view.block_at(at)
    if block is not None:
        view.document.select(groups.members(view.document.graph, block))
        return menus.build(view, menus.block_entries(view, block))
    if wire is not None:
        view.canvas.choose(())
        view.canvas.select_wires({wire})
        return menus.build(view, menus.wire_entries(view, wire, at))
    note = view.annotating.at(at)
    if note is not None:
        if note not in view.canvas.notes.selected:
            view.canvas.choose((), [note])
        return menus.build(view, menus.note_entries(view, note))
    return menus.build(view, menus.canvas_entries(view, at))
