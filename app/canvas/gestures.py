"""Gestures: each an object that begins with a press, is told of every move and has one ending.

A gesture shows what it would do without touching the document; ``finish`` makes it one undoable edit, ``cancel``
(Escape, or the graph changing underneath) leaves everything as it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from app.canvas import metrics as m
from app.canvas.style import style

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Modifiers = Qt.KeyboardModifier


class Gesture(ABC):
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

    @abstractmethod
    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        """The pointer has moved farther than a tremor."""

    @abstractmethod
    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        """The button was let go."""

    @abstractmethod
    def cancel(self) -> None:
        """Everything back as it was before the press."""


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


class RubberBand(Gesture):
    """Selects the nodes and comments that a rectangle touches and the frames it holds; with Shift or Ctrl added to
    what is selected."""

    def __init__(self, view: CanvasView, at: QPointF, *, adding: bool) -> None:
        super().__init__(view, at)
        self._corner = view.mapToScene(at.toPoint())
        self._before = (view.document.selection, view.canvas.notes.selected)
        self._kept = self._before if adding else (frozenset[str](), frozenset[str]())
        self._band: QGraphicsRectItem | None = None

    def drag(self, at: QPointF, modifiers: Modifiers) -> None:
        rect = QRectF(self._corner, self.view.mapToScene(at.toPoint())).normalized()
        if self._band is None:
            self._band = self.view.canvas.addRect(rect, *_band_look())
            self._band.setZValue(9)
        self._band.setRect(rect)
        canvas = self.view.canvas
        touched = {i for i, item in canvas.nodes.items() if item.scene_rect.intersects(rect)}
        canvas.choose(self._kept[0] | touched, self._kept[1] | canvas.notes.touched(rect))

    def finish(self, at: QPointF, modifiers: Modifiers) -> None:
        self._remove()
        if not self.moved:
            self.view.canvas.choose(*self._kept)
            self.view.canvas.select_wires(())

    def cancel(self) -> None:
        self._remove()
        self.view.canvas.choose(*self._before)

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
