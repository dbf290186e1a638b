"""A small button that opens a list of which one is chosen: it takes less room in a header than a combo box."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget


class Chooser(QToolButton):
    """Shows what is chosen; ``chosen`` is emitted when the person chooses something else."""

    chosen = Signal(str)

    def __init__(self, name: str, options: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setAccessibleName(name)
        self.setProperty("role", "flat")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMenu(QMenu(self))
        self._options: dict[str, str] = {}
        self.current = ""
        self.set_options(options)

    def set_options(self, options: Mapping[str, str]) -> None:
        """What can be chosen: key → what a person reads. What is chosen stays so where it is still among them."""
        if dict(options) == self._options:
            return
        self._options = dict(options)
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        for key, text in options.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(key)
            group.addAction(action)
            action.triggered.connect(lambda _=False, key=key: self._take(key))
        self.choose(self.current if self.current in options else next(iter(options), ""))

    def choose(self, key: str) -> None:
        """Shows this as chosen; nothing is emitted."""
        self.current = key
        text = self._options.get(key, "")
        self.setText(f"{text} ▾")
        self.setToolTip(self._name)
        self.setAccessibleDescription(text)
        for action in self.menu().actions():
            action.setChecked(action.data() == key)

    def _take(self, key: str) -> None:
        if key != self.current:
            self.choose(key)
            self.chosen.emit(key)
