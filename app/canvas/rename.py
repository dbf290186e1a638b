"""Renaming in place: a field over the node's title."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.style import theme

LONGEST_NAME = 60
LONGEST_NOTE = 2000


class _EndsOnce:
    """A field that tells its outcome once, however often it is left."""

    _done: Callable[[str | None], None] | None

    def finish(self, text: str | None) -> None:
        """Ends the writing, with a text or without."""
        if self._done is not None:
            done, self._done = self._done, None
            done(text)


class RenameField(_EndsOnce, QLineEdit):
    """Calls ``done(text)`` once on Enter or when focus leaves, ``done(None)`` on Escape."""

    def __init__(self, parent: QWidget, name: str, done: Callable[[str | None], None]) -> None:
        super().__init__(name, parent)
        self._done = done
        self.setObjectName("rename_field")
        self.setAccessibleName("Name of the layer")
        self.setMaxLength(LONGEST_NAME)
        self.setFont(theme.font(theme.current().font_body, bold=True))
        self.returnPressed.connect(lambda: self.finish(self.text().strip()))

    def open_at(self, place: QRect) -> None:
        """Shows the field over a place of its parent."""
        self.setGeometry(place.x(), place.center().y() - 14, max(place.width(), 120), 28)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish(self.text().strip())


class NoteField(_EndsOnce, QPlainTextEdit):
    """The field for the words of a comment: Enter begins a new line, Ctrl+Enter or leaving it is done."""

    def __init__(self, parent: QWidget, text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(text, parent)
        self._done = done
        self.setObjectName("note_field")
        self.setTabChangesFocus(True)
        self.setPlaceholderText("Ctrl+Enter when done")

    def text(self) -> str:
        return self.toPlainText()[:LONGEST_NOTE]

    def open_at(self, place: QRect) -> None:
        """Shows the field over a place of its parent."""
        self.setGeometry(place.x(), place.y(), max(place.width(), 200), max(place.height(), 72))
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        done = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.finish(None)
        elif done:
            self.finish(self.text().strip())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish(self.text().strip())
