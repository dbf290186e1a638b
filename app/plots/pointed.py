"""What painted plots have in common in which places can be pointed at, and which fill what they scroll in."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

Place = TypeVar("Place", bound=Hashable)


class Pointed(QWidget, Generic[Place]):
    """Keeps the place under the pointer, or the one the keys are at. Stands in a scroll area; that one's viewport is
    to be given this widget as event filter."""

    #: The place that stands for none.
    nowhere: ClassVar[Hashable]

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.place: Place = self.nowhere

    # -- what a subclass fills in -----------------------------------------------------------------------------

    def place_at(self, point: QPointF) -> Place:
        """The place at a point."""
        raise NotImplementedError(type(self).__name__)

    def tell(self) -> None:
        """Another place is pointed at."""

    def press(self, point: QPointF) -> None:
        """The left button was pressed and let go at a point."""

    def fit(self) -> None:
        """What it scrolls in has another size."""

    # -- what the person does ---------------------------------------------------------------------------------

    def point(self, place: Place) -> None:
        """Points at a place."""
        if place != self.place:
            self.place = place
            self.update()
            self.tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point(self.place_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.press(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(self.nowhere)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)


class Walked(Pointed[int]):
    """Places are numbered, and the arrow keys go from one to the next; Return is a click there."""

    nowhere = -1
    #: By how much a key changes the place.
    ways: ClassVar[dict[int, int]] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}

    def count(self) -> int:
        """How many places there are."""
        raise NotImplementedError(type(self).__name__)

    def enter(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        """A place was clicked, or Return pressed at it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.enter(place, event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = self.ways.get(event.key(), 0)
        if way and self.count():
            first = 0 if way > 0 else self.count() - 1
            self.point(min(max(self.place + way, 0), self.count() - 1) if self.place >= 0 else first)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.place >= 0:
            self.enter(self.place, event.modifiers())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason) and self.count():
            self.point(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.point(-1)
