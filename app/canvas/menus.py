"""The context menus, built from the same methods that keys and gestures call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.canvas.gesture_dots import add_dot
from app.canvas.ways import EdgeKey
from engine.graph import edits
from engine.graph.elements import NOTE_COLOURS
from engine.layers import LAYERS

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Entry(NamedTuple):
    """A line of a menu; the shortcut is shown only, the canvas itself listens for the key."""

    text: str
    shortcut: str
    run: Callable[[], object]
    enabled: bool = True


_LINE = None


def canvas_entries(view: CanvasView, at: QPointF) -> list[Entry | None]:
    """For the empty ground."""
    place = view.mapToScene(at.toPoint())
    some = bool(view.document.graph.nodes)
    return [
        Entry("Add layer…", "Tab", lambda: view.adding.search(at)),
        Entry("Paste", "Ctrl+V", lambda: view.transfer.paste(place)),
        Entry("Add frame", "Ctrl+Alt+F", lambda: view.annotating.frame(at)),
        Entry("Add comment", "Ctrl+Alt+C", lambda: view.annotating.comment(at)),
        _LINE,
        Entry("Select all", "Ctrl+A", view.select_all, some),
        Entry("Tidy up", "Ctrl+L", view.tidy_up, some),
        Entry("Fit in view", "Ctrl+0", view.fit, some),
        _LINE,
        Entry("Save a picture…", "Ctrl+Shift+E", view.picture_wanted.emit, some),
    ]


def node_entries(view: CanvasView, node_id: str) -> list[Entry | None]:
    """For a node; acts on all that is selected."""
    one = len(view.document.selection) == 1
    return [
        *_mends(view, node_id),
        Entry("Rename", "F2", view.rename_selected, one),
        Entry("Duplicate", "Ctrl+D", view.transfer.duplicate),
        Entry("Copy", "Ctrl+C", view.transfer.copy),
        Entry("Cut", "Ctrl+X", view.transfer.cut),
        _LINE,
        Entry("Wire in order, left to right", "F", view.editor.wire_selected, not one),
        Entry("Unplug all wires", "", lambda: view.unplug(node_id), one and bool(_wires(view, node_id))),
        Entry("Centre in view", "", lambda: view.centre_on(node_id)),
        _LINE,
        Entry("Group", "Ctrl+G", view.grouping.group),
        Entry("Take out of the block", "", view.grouping.take_out, bool(view.document.graph.nodes[node_id].group)),
        Entry("Bypass" if view.document.graph.nodes[node_id].enabled else "Enable", "Ctrl+B", view.grouping.bypass),
        Entry("Save to palette…", "", view.grouping.save),
        _LINE,
        Entry("Delete", "Del", view.editor.delete),
    ]


def block_entries(view: CanvasView, block: str) -> list[Entry | None]:
    """For a block; all of its layers are selected."""
    group, grouping = view.document.graph.groups[block], view.grouping
    return [
        *_mends(view, block),
        Entry("Open" if group.collapsed else "Collapse", "Ctrl+Shift+B", lambda: grouping.toggle(block)),
        Entry("Rename", "F2", lambda: grouping.rename(block)),
        Entry("Repeat…", "Ctrl+Alt+G", lambda: grouping.ask_repeat(block)),
        Entry("Ungroup", "Ctrl+Shift+G", grouping.ungroup),
        Entry("Bypass" if any(view.document.graph.nodes[i].enabled for i in view.document.selection) else "Enable",
              "Ctrl+B", grouping.bypass),
        _LINE,
        Entry("Save to palette…", "", grouping.save),
        Entry("Duplicate", "Ctrl+D", view.transfer.duplicate),
        Entry("Copy", "Ctrl+C", view.transfer.copy),
        Entry("Cut", "Ctrl+X", view.transfer.cut),
        _LINE,
        Entry("Delete", "Del", view.editor.delete),
    ]


def note_entries(view: CanvasView, note: str) -> list[Entry | None]:
    """For a frame or a comment."""
    annotating = view.annotating
    colours: list[Entry | None] = [
        Entry(f"Colour: {colour}", "", partial(annotating.recolour, note, colour),
              view.document.graph.notes[note].colour != colour) for colour in NOTE_COLOURS]
    return [Entry("Write…", "", lambda: annotating.edit(note)), _LINE, *colours, _LINE,
            Entry("Delete", "Del", lambda: annotating.delete(note))]


def wire_entries(view: CanvasView, key: EdgeKey, at: QPointF) -> list[Entry | None]:
    """For a wire."""
    kinds = [kind for kind in LAYERS if edits.fits_on_wire(kind)]
    place = view.mapToScene(at.toPoint())
    return [
        Entry("Insert layer…", "", lambda: view.adding.search(
            at, kinds, "Insert on this wire", lambda kind: view.editor.add_on_wire(kind, key, place))),
        Entry("Add a dot", "", lambda: add_dot(view, key, at)),
        _LINE,
        Entry("Delete wire", "Del", lambda: view.editor.disconnect([key])),
    ]


def build(view: CanvasView, entries: list[Entry | None]) -> QMenu:
    """The menu of these entries."""
    menu = QMenu(view)
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        # The key is part of the text: as a shortcut it would be a second one for the same action in the window.
        shown = QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        action = QAction(f"{entry.text}\t{shown}" if shown else entry.text, menu)
        action.setEnabled(entry.enabled)
        action.triggered.connect(lambda checked=False, run=entry.run: run())
        menu.addAction(action)
    return menu


def _mends(view: CanvasView, node_id: str) -> list[Entry | None]:
    """What would mend the problems of a node, in one click."""
    document = view.document
    found: list[Entry | None] = [
        Entry(fix.title, "", lambda issue=issue, fix=fix: document.apply_fix(issue, fix))
        for issue in document.report.at(node_id) for fix in issue.mends
    ]
    return [*found, _LINE] if found else []


def _wires(view: CanvasView, node_id: str) -> list[EdgeKey]:
    graph = view.document.graph
    return [edge.key for edge in (*graph.inputs(node_id), *graph.outputs(node_id))]
