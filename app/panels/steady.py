"""A text that changes many times a second without the window being laid out anew each time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

#: Its width is a multiple of so many pixels, and shrinks only where so many would be free.
_NOTCH, _FREE = 12, 36


class Steady(QWidget):
    """Holds a label and asks for more room only where its text needs it.

    A label tells its layout of every new text, that tells the next one, and in the end the main window places all its
    docks and paints what lies in them: some 2 ms for one digit.
    """

    def __init__(self, label: QLabel, least: int = 0) -> None:
        super().__init__()
        self.label = label
        self._least = least
        label.setParent(self)
        self._asked = QSize()
        self._fit()

    def text(self) -> str:
        """What is shown."""
        return self.label.text()

    def setText(self, text: str) -> None:
        """Shows this."""
        if text != self.label.text():
            self.label.setText(text)
            self._fit()

    def sizeHint(self) -> QSize:
        return self._asked

    def minimumSizeHint(self) -> QSize:
        return self._asked

    def _fit(self) -> None:
        needs = self.label.sizeHint()
        width = max(needs.width(), self._least)
        free = self._asked.width() - width
        if free < 0 or free > _FREE or needs.height() != self._asked.height() or not self.label.text():
            width = max(-(-width // _NOTCH) * _NOTCH, self._least) if self.label.text() else 0
            if self._asked != QSize(width, needs.height()):
                self._asked = QSize(width, needs.height())
                self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.label.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # the label's font or margins are others
            self._fit()
        return super().event(event)
