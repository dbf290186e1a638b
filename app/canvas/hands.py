"""What hands do to the canvas: the gesture under way, where the pointer is, and which keys are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent

from app.canvas import keys, pressing
from app.canvas.edge_scroll import EdgeScroll
from app.canvas.gestures import Gesture, Modifiers, Pan
from app.canvas.grouping import PEEK_KEY

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Hands(QObject):
    """Begins, leads and ends gestures; one at a time."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.gesture: Gesture | None = None
        self.pointer = QPointF(-1, -1)
        self.space_held = False
        self._space_used = False
        self.edge = EdgeScroll(self, self._scroll_on)

    # -- mouse ---------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """A button went down: what is open over the canvas closes, and a gesture begins."""
        view = self._view
        self.pointer = event.position()
        view.popups.settle_rename()
        view.hide_focus()
        view.hint.hide()
        if self.gesture is not None:
            return
        view.glide.stop()
        self.gesture = pressing.gesture_for(view, event)
        self._space_used |= isinstance(self.gesture, Pan)
        if self.gesture is not None and self.gesture.cursor is not None:
            view.viewport().setCursor(self.gesture.cursor)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved, with a button held or without."""
        self.pointer = event.position()
        if self.gesture is None:
            self._view.hover.look(event.position())
            return
        self.gesture.move(event.position(), event.modifiers())
        if self.gesture is not None and self.gesture.scrolls and self.gesture.moved:
            self.edge.feel(event.position(), QRectF(self._view.viewport().rect()))

    def release(self, event: QMouseEvent) -> None:
        """The button was let go: the gesture becomes an edit."""
        gesture, self.gesture = self.gesture, None
        self.edge.stop()
        if gesture is not None:
            gesture.finish(event.position(), event.modifiers())
        self._view.hover.show_cursor()

    def _scroll_on(self, delta: QPointF) -> None:
        """The pointer rests at the edge in the middle of a gesture."""
        if self.gesture is None:
            self.edge.stop()
            return
        self._view.pan_by(delta)
        self.gesture.move(self.pointer, Modifiers.NoModifier)

    def give_up(self) -> bool:
        """Cancels the gesture; was there one?"""
        gesture, self.gesture = self.gesture, None
        self.edge.stop()
        if gesture is not None:
            gesture.cancel()
            self._view.hover.show_cursor()
        return gesture is not None

    def open_menu(self, event: QContextMenuEvent) -> None:
        """Opens the menu of what is under the pointer."""
        # Some desktops ask for the menu when the button is let go: after a stroke of the knife it is not meant.
        knife = event.reason() == QContextMenuEvent.Reason.Mouse and event.modifiers() & Modifiers.ControlModifier
        if self.gesture is None and not knife:
            menu = self._view.context_menu(QPointF(event.pos()))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    # -- keys ----------------------------------------------------------------------------------------------

    def key_down(self, event: QKeyEvent) -> None:
        """Space pans while it is held, P looks into a block; every other key stands for an edit or a look."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.space_held, self._space_used = True, False
                self._view.hover.show_cursor()
        elif event.key() == PEEK_KEY and not event.modifiers():
            if not event.isAutoRepeat():
                self._view.grouping.peek()
        elif not keys.press(self._view, event):
            event.ignore()

    def key_up(self, event: QKeyEvent) -> None:
        """A key that was held is let go."""
        if event.key() == Qt.Key.Key_Space and self.space_held and not event.isAutoRepeat():
            self.space_held = False
            self._view.hover.show_cursor()
            if not self._space_used:
                self._view.space_tapped.emit()
        elif event.key() == PEEK_KEY and not event.isAutoRepeat():
            self._view.grouping.unpeek()
        else:
            event.ignore()

    def let_go(self) -> None:
        """The focus went elsewhere: nothing is held any longer."""
        self.space_held = False
        self._view.grouping.unpeek()
