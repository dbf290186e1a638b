"""The canvas's keys, in one table. Those that the window's menus have too are answered here only where no menu is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.canvas.metrics import GRID

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Key = Qt.Key
_Run = Callable[["CanvasView"], object]
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
#: A step with Shift held.
_FAR = 5

_STANDARD: tuple[tuple[QKeySequence.StandardKey, _Run], ...] = (
    (QKeySequence.StandardKey.Undo, lambda view: view.document.undo_stack.undo()),
    (QKeySequence.StandardKey.Redo, lambda view: view.document.undo_stack.redo()),
    (QKeySequence.StandardKey.Copy, lambda view: view.transfer.copy()),
    (QKeySequence.StandardKey.Cut, lambda view: view.transfer.cut()),
    (QKeySequence.StandardKey.Paste, lambda view: view.paste()),
    (QKeySequence.StandardKey.SelectAll, lambda view: view.select_all()),
    (QKeySequence.StandardKey.ZoomIn, lambda view: view.zoom_in()),
    (QKeySequence.StandardKey.ZoomOut, lambda view: view.zoom_out()),
)
_PLAIN: dict[tuple[Key, Qt.KeyboardModifier], _Run] = {
    (Key.Key_Delete, _NONE): lambda view: view.editor.delete(),
    (Key.Key_Backspace, _NONE): lambda view: view.editor.delete(),
    (Key.Key_Escape, _NONE): lambda view: view.escape(),
    (Key.Key_Tab, _NONE): lambda view: view.adding.search_and_append(),
    (Key.Key_Slash, _NONE): lambda view: view.adding.search_and_append(),
    (Key.Key_F2, _NONE): lambda view: view.rename_selected(),
    (Key.Key_F, _NONE): lambda view: view.editor.wire_selected(),
    (Key.Key_Home, _NONE): lambda view: view.fit(),
    (Key.Key_0, _CTRL): lambda view: view.fit(),
    (Key.Key_1, _CTRL): lambda view: view.zoom_reset(),
    (Key.Key_Equal, _CTRL): lambda view: view.zoom_in(),
    (Key.Key_D, _CTRL): lambda view: view.transfer.duplicate(),
    (Key.Key_L, _CTRL): lambda view: view.tidy_up(),
    (Key.Key_G, _CTRL): lambda view: view.grouping.group(),
    (Key.Key_G, _CTRL | _SHIFT): lambda view: view.grouping.ungroup(),
    (Key.Key_B, _CTRL): lambda view: view.grouping.bypass(),
    (Key.Key_B, _CTRL | _SHIFT): lambda view: view.grouping.toggle(),
}
#: Keys that a shortcut of the window must not take while the canvas has the focus.
_OURS = {Key.Key_Space, Key.Key_Slash, Key.Key_Tab, *_ARROWS}


def is_ours(event: QKeyEvent) -> bool:
    """Is this a key that the canvas answers even where the window has it as a shortcut?"""
    return event.key() in _OURS and _modifiers(event) in (_NONE, _SHIFT)


def press(view: CanvasView, event: QKeyEvent) -> bool:
    """Does what a key stands for; False where it stands for nothing."""
    modifiers = _modifiers(event)
    if event.key() in _ARROWS:
        return _arrow(view, *_ARROWS[Key(event.key())], modifiers)
    # Layouts that reach / only with Shift still mean /.
    plain = _NONE if event.text() == "/" else modifiers
    run = _PLAIN.get((Key.Key_Slash if event.text() == "/" else Key(event.key()), plain))
    if run is None:
        run = next((action for standard, action in _STANDARD if event.matches(standard)), None)
    if run is None:
        return False
    run(view)
    return True


def _arrow(view: CanvasView, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Arrows move the selection by the grid, Shift further. Ctrl walks to the next node, as they do where
    nothing is selected; with Shift too the node is added to the selection."""
    if modifiers & _CTRL or not (view.document.selection or view.canvas.notes.selected):
        view.walk(dx, dy, adding=bool(modifiers & _SHIFT))
    else:
        step = GRID * (_FAR if modifiers & _SHIFT else 1)
        view.editor.nudge(dx * step, dy * step)
    return True


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
