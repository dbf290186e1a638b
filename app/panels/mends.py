"""Buttons that mend problems, each with one undoable change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.document import Document
from app.panels.widgets import column
from engine.issues import ChainruleError, Fix, Issue

TIP = "Mend it: one change that can be undone"


class Mends(QWidget):
    """What the problems of one layer offer. ``failed(sentence)`` tells why a mend was refused."""

    failed = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._offered: list[tuple[Issue, Fix]] = []
        self.buttons: list[QPushButton] = []
        self._column = column(self, margins=(0, 0, 0, 0), spacing=4)
        self.hide()

    def offer(self, mends: Sequence[tuple[Issue, Fix]]) -> None:
        """Shows a button for each of these; those that are shown already stay as they are."""
        if list(mends) == self._offered:
            return
        self._offered = list(mends)
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(issue, fix) for issue, fix in mends]
        self.setVisible(bool(self.buttons))

    def _button(self, issue: Issue, fix: Fix) -> QPushButton:
        button = QPushButton(fix.title)
        button.setToolTip(TIP)
        button.clicked.connect(partial(self._mend, issue, fix))
        self._column.addWidget(button)
        return button

    def _mend(self, issue: Issue, fix: Fix) -> None:
        try:
            self._document.apply_fix(issue, fix)
        except ChainruleError as error:
            self.failed.emit(str(error))
