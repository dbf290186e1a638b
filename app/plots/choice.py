"""A small drop-down above a plot: what of many things is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from app.style.combo import draw_arrow


class Choice(QComboBox):
    """One of several (key, label); tells the key when the person takes another."""

    chosen = Signal(str)

    def __init__(self, name: str, options: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setProperty("role", "small")
        #: (key, label) of all there is to choose from.
        self.options: list[tuple[str, str]] = []
        self.offer(options)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    @property
    def current(self) -> str:
        """The key that is chosen, "" where there is nothing to choose from."""
        return self.currentData() or ""

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """What there is to choose from; the choice stays where it is still there."""
        if list(options) == self.options:
            return
        kept, self.options = self.current, list(options)
        self.blockSignals(True)
        self.clear()
        for key, label in self.options:
            self.addItem(label, key)
        self.setCurrentIndex(max(self.findData(kept), 0))
        self.blockSignals(False)

    def choose(self, key: str) -> bool:
        """Takes what has this key, without telling; False where there is no such thing or it is taken already."""
        index = self.findData(key)
        if index < 0 or index == self.currentIndex():
            return False
        self.setCurrentIndex(index)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_arrow(QPainter(self), self.width() - 11.0, self.height() / 2, 1)
