"""The choice of theme: three checkable actions, one setting."""

from __future__ import annotations

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QApplication, QWidget

from app.actions import Actions
from app.settings import Settings
from app.style import theme

_KEY = "theme"


class Themes:
    """Applies a theme, remembers it, and keeps the menu's mark on it."""

    def __init__(self, actions: Actions, settings: Settings, window: QWidget) -> None:
        self._settings = settings
        self._actions = actions
        group = QActionGroup(window)
        for mode in theme.MODES:
            group.addAction(actions[f"theme_{mode}"])
        self._mark()

    def use_system(self) -> None:
        self._use("system")

    def use_dark(self) -> None:
        self._use("dark")

    def use_light(self) -> None:
        self._use("light")

    def _use(self, mode: str) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, mode)
        self._settings.set_text(_KEY, mode)
        self._mark()

    def _mark(self) -> None:
        self._actions[f"theme_{theme.mode()}"].setChecked(True)


def stored_mode(settings: Settings) -> str:
    """The mode chosen last; the desktop's at first."""
    mode = settings.text(_KEY, "system")
    return mode if mode in theme.MODES else "system"
