"""What the program remembers between starts: window, theme, recent files. All of it may be lost without harm."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

ORGANISATION = "Chainrule"
APPLICATION = "Chainrule"
_MOST_RECENT = 8


class Settings(QObject):
    """Typed access to the stored settings; a value of a strange type counts as absent."""

    recent_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION)

    @property
    def folder(self) -> Path:
        """Where the settings lie; what else a person keeps lies beside them."""
        return Path(self._store.fileName()).parent

    def text(self, key: str, default: str = "") -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def set_text(self, key: str, value: str) -> None:
        self._store.setValue(key, value)

    def blob(self, key: str) -> QByteArray:
        """Bytes of a layout; empty where there are none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_blob(self, key: str, value: QByteArray) -> None:
        self._store.setValue(key, value)

    def flag(self, key: str, default: bool = False) -> bool:
        return self.text(key, "true" if default else "false") == "true"

    def set_flag(self, key: str, value: bool) -> None:
        self.set_text(key, "true" if value else "false")

    def remove(self, key: str) -> None:
        self._store.remove(key)

    def sync(self) -> None:
        """Writes what is not written yet."""
        self._store.sync()

    # -- recent files -------------------------------------------------------------------------------------

    @property
    def recent(self) -> list[Path]:
        """Project files opened or saved of late that still exist, the latest first."""
        value = self._store.value("recent", [])
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(text) for text in texts if isinstance(text, str) and text and Path(text).is_file()]

    def add_recent(self, path: Path) -> None:
        whole = path.resolve()
        self._set_recent([whole, *(other for other in self.recent if other != whole)])

    def forget_recent(self) -> None:
        """Empties the list."""
        self._set_recent([])

    def _set_recent(self, paths: list[Path]) -> None:
        self._store.setValue("recent", [str(path) for path in paths[:_MOST_RECENT]])
        self.recent_changed.emit()
