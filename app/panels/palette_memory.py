"""What the palette remembers between starts: favourites, what was used of late, which categories are folded."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from app.settings import Settings
from engine.layers import LAYERS

_MOST_RECENT = 5
_FAVOURITES, _RECENT, _FOLDED = "palette/favourites", "palette/recent", "palette/folded"
_TEMPLATES = "palette/templates"


class PaletteMemory(QObject):
    """Kept in the settings where there are any; kinds that no longer exist are passed over."""

    changed = Signal()

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.favourites = [kind for kind in self._read(_FAVOURITES) if kind in LAYERS]
        self.recent = [kind for kind in self._read(_RECENT) if kind in LAYERS][:_MOST_RECENT]
        self.folded = set(self._read(_FOLDED))
        self.templates_open = self._read(_TEMPLATES) == ["open"]

    def toggle_favourite(self, kind: str) -> None:
        """Stars a layer, or takes the star away."""
        if kind in self.favourites:
            self.favourites.remove(kind)
        else:
            self.favourites.append(kind)
        self._write(_FAVOURITES, self.favourites)
        self.changed.emit()

    def note_use(self, kind: str) -> None:
        """A layer was added to the network: it stands first among the recent ones."""
        if kind in LAYERS and self.recent[:1] != [kind]:
            self.recent = [kind, *(other for other in self.recent if other != kind)][:_MOST_RECENT]
            self._write(_RECENT, self.recent)
            self.changed.emit()

    def toggle_folded(self, title: str) -> None:
        """Folds a category, or unfolds it."""
        self.folded ^= {title}
        self._write(_FOLDED, sorted(self.folded))
        self.changed.emit()

    def set_templates_open(self, is_open: bool) -> None:
        """Shows the templates, or folds them."""
        self.templates_open = is_open
        self._write(_TEMPLATES, ["open"] if is_open else [])

    def _read(self, key: str) -> list[str]:
        text = self._settings.text(key) if self._settings is not None else ""
        return [part for part in text.split("|") if part]

    def _write(self, key: str, values: Iterable[str]) -> None:
        if self._settings is not None:
            self._settings.set_text(key, "|".join(values))
