"""The History panel: every change by name, the present state marked; a click goes back, or forward again."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QUndoView, QVBoxLayout, QWidget

from app.document import Document
from app.style import theme
from app.style.icons import icon


class History(QWidget):
    """The document's undo steps as a list. The first line is the state in which the project was opened."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QUndoView(document.undo_stack)
        self.list.setEmptyLabel("As it was opened")
        self.list.setAccessibleName("History of changes")
        title = QLabel("History")
        title.setProperty("role", "title")
        note = QLabel("A click goes back to a state, or forward again.")
        note.setProperty("role", "small")
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 6, 8)
        column.setSpacing(6)
        for widget in (title, note, self.list):
            column.addWidget(widget)
        theme.signals.changed.connect(self._mark_saved)
        self._mark_saved()

    def _mark_saved(self) -> None:
        """The state that the file holds bears a mark."""
        self.list.setCleanIcon(icon("mdi6.content-save-outline", "quiet"))
