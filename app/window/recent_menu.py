"""The menu of projects opened lately."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from app.files import Files
from app.settings import Settings


class RecentMenu(QMenu):
    """Opens one of them, or forgets them all; empty, it cannot be opened."""

    def __init__(self, files: Files, settings: Settings, parent: QWidget) -> None:
        super().__init__("Open recent", parent)
        self._files = files
        self._settings = settings
        settings.recent_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.clear()
        for path in self._settings.recent:
            action = self.addAction(path.stem)
            action.setStatusTip(str(path))
            action.triggered.connect(partial(self._open, path))
        self.setEnabled(not self.isEmpty())
        if not self.isEmpty():
            self.addSeparator()
            self.addAction("Forget these").triggered.connect(self._settings.forget_recent)

    def _open(self, path: Path, checked: bool = False) -> None:
        self._files.open(path)
