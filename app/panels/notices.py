"""What was noticed about something: the gravest first, the others behind a fold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.numbers import amount
from app.panels.widgets import column, label
from app.style.icons import ThemedIcon
from engine.issues import Issue, Severity

_MARKS = {Severity.ERROR: "✕", Severity.WARNING: "▲", Severity.ADVICE: "·"}


class Notices(QWidget):
    """Issues as sentences; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.others = label(role="quiet"), label(role="quiet")
        self.more = QToolButton()
        self.more.setProperty("role", "fold")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._icon = ThemedIcon(self.more, "mdi6.chevron-right", "quiet")
        self.more.toggled.connect(self._unfold)
        page = column(self, margins=(0, 0, 0, 0), spacing=6)
        for widget in (self.first, self.more, self.others):
            page.addWidget(widget)

    def show_notes(self, notes: Sequence[Issue]) -> None:
        """Shows these, folded; nothing folds where there is one."""
        order = list(_MARKS)
        lines = [f"{_MARKS[note.severity]} {note.sentence()}"
                 for note in sorted(notes, key=lambda note: order.index(note.severity))]
        self.first.setText("".join(lines[:1]))
        self.others.setText("\n\n".join(lines[1:]))
        self.more.setText(amount(len(lines) - 1, "more notice"))
        self.more.setChecked(False)
        self.more.setVisible(len(lines) > 1)
        self._unfold(False)
        self.setVisible(bool(lines))

    def _unfold(self, shown: bool) -> None:
        self.others.setVisible(shown)
        self._icon.change("mdi6.chevron-down" if shown else "mdi6.chevron-right", "quiet")
