"""Small widgets that several panels use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget


def label(text: str = "", role: str = "", *, wrap: bool = True) -> QLabel:
    """A label with a role of the style sheet; its text can be selected where it wraps."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def scrolled(content: QWidget) -> QScrollArea:
    """The content in an area that scrolls downwards only."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def column(content: QWidget, *, margins: tuple[int, int, int, int] = (14, 14, 14, 14), spacing: int = 8) -> QVBoxLayout:
    """A column layout on a widget."""
    layout = QVBoxLayout(content)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout


class Card(QFrame):
    """A raised box with a column of things in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.column = column(self, margins=(12, 10, 12, 12), spacing=4)
