"""The bare fields that editors are made of, drawn to suit the theme: a number with arrows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from app.style import theme
from app.style.combo import ARROW_ROOM, draw_arrow


class SpinArrows(QWidget):
    """Two arrows at the right edge of a spin box; the upper half steps up, the lower one down."""

    def __init__(self, owner: QAbstractSpinBox) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.signals.changed.connect(self.update)

    def place(self) -> None:
        """Follows the size of its owner."""
        self.setGeometry(self._owner.width() - ARROW_ROOM, 1, ARROW_ROOM - 2, self._owner.height() - 2)

    def mousePressEvent(self, event: Any) -> None:
        self._owner.setFocus(Qt.FocusReason.MouseFocusReason)
        self._owner.stepBy(1 if event.position().y() < self.height() / 2 else -1)

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self.mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() / 2
        draw_arrow(painter, self.width() / 2, middle - 4.5, -1)
        draw_arrow(painter, self.width() / 2, middle + 4.5, 1)
