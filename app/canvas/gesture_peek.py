"""Looking into a collapsed block for as long as the button is held on its eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gestures import Gesture, Modifiers

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class PeekInside(Gesture):
    """Shows the block open; letting go, or Escape, shows the card again. Nothing is edited."""

    scrolls = False

    def __init__(self, view: CanvasView, at: QPointF, block: str) -> None:
        super().__init__(view, at)
        view.canvas.blocks.peek(block)

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        pass

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        self.view.grouping.unpeek()

    def cancel(self) -> None:
        self.view.grouping.unpeek()
