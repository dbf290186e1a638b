"""The person's own blocks: small files in the settings folder, each a piece of a network under a name."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.graph.edits import read_text
from engine.issues import ChainruleError
from engine.project.atomic import read_error, write_atomically

log = logging.getLogger(__name__)
_SUFFIX = ".block.json"
_LONGEST = 60
#: A block is some layers; a file beyond this is none.
_MOST_BYTES = 4_000_000


class BlockStore(QObject):
    """Blocks by name. Files that are no blocks are passed over; the log says so."""

    changed = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder

    def blocks(self) -> dict[str, str]:
        """Every block's text by its name, in the order of names."""
        found: dict[str, str] = {}
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                if path.stat().st_size <= _MOST_BYTES:
                    text = path.read_text("utf-8")
                    read_text(text)
                    found[self._name(path, text)] = text
            except (OSError, ValueError, ChainruleError) as error:
                log.warning("%s is no block: %s", path.name, error)
        return dict(sorted(found.items(), key=lambda entry: entry[0].casefold()))

    def save(self, name: str, text: str) -> str:
        """Keeps a block, under another name where this one is taken; the name it got. Raises
        :class:`ChainruleError` where it cannot be written."""
        wanted = name.strip()[:_LONGEST] or "My block"
        taken = {known.casefold() for known in self.blocks()}
        chosen, number = wanted, 2
        while chosen.casefold() in taken or self._path(chosen).exists():
            chosen, number = f"{wanted} {number}", number + 1
        content = json.dumps({**json.loads(text), "name": chosen}, indent=1)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise read_error(self._folder, error) from error
        write_atomically(self._path(chosen), lambda file: file.write(content.encode("utf-8")))
        self.changed.emit()
        return chosen

    def rename(self, name: str, wanted: str) -> None:
        """Gives a block another name."""
        text = self.blocks().get(name)
        if text is not None and wanted.strip() and wanted.strip() != name:
            self.save(wanted, text)
            self.remove(name)

    def remove(self, name: str) -> None:
        """Forgets a block."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            try:
                if self._name(path, path.read_text("utf-8")) == name:
                    path.unlink()
            except (OSError, ValueError) as error:
                log.warning("%s stays: %s", path.name, error)
        self.changed.emit()

    def _path(self, name: str) -> Path:
        return self._folder / (re.sub(r"[^\w-]+", "_", name.casefold()) + _SUFFIX)

    def _name(self, path: Path, text: str) -> str:
        data = json.loads(text)
        told = data.get("name") if isinstance(data, dict) else None
        return told[:_LONGEST] if isinstance(told, str) and told else path.name.removesuffix(_SUFFIX)
