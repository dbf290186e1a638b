"""Icons from the icon font, in the theme's colours, and recoloured when the theme changes."""

from __future__ import annotations

from typing import Protocol

import qtawesome
from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon

from app.style import theme


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon) -> None: ...


def icon(name: str, token: str = "text") -> QIcon:
    """An icon of the font in a colour of the theme in force; greyed where disabled."""
    tokens = theme.current()
    return qtawesome.icon(name, color=getattr(tokens, token), color_disabled=tokens.quiet)


class ThemedIcon(QObject):
    """Keeps the icon of its owner in the theme's colours for as long as the owner lives."""

    def __init__(self, owner: QObject, name: str, token: str = "text") -> None:
        super().__init__(owner)
        self._name = name
        self._token = token
        theme.signals.changed.connect(self._apply)
        self._apply()

    def change(self, name: str, token: str = "text") -> None:
        """Another icon from now on."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self._apply()

    def _apply(self) -> None:
        self.parent().setIcon(icon(self._name, self._token))  # every owner HasIcon
