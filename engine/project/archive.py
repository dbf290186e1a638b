"""The ``.chainrule`` file: a zip archive, written atomically and read with suspicion.

``resources/docs/file-format.md`` describes it entry by entry.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engine.numbers import count
from engine.project.atomic import FileError, read_error

MIMETYPE = "application/vnd.chainrule+zip"
SUFFIX = ".chainrule"
_MOST_ENTRIES = 1000
_LARGEST_JSON = 64 << 20
_LARGEST_TENSORS = 8 << 30
#: No text of ours shrinks below a hundredth, and tensors are stored as they are; a bomb shrinks a thousandfold.
_STEEPEST = 200
#: What zipfile raises for entries that are cut off, garbled, encrypted or packed in a way it does not know.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive; text is compressed, tensors hardly would be."""

    name: str
    data: bytes
    compressed: bool = True


def write_archive(file: BinaryIO, entries: Iterable[Entry]) -> None:
    """Writes the archive; the mimetype comes first and uncompressed, so that its bytes identify the file."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_info("mimetype"), MIMETYPE, zipfile.ZIP_STORED)
        for entry in entries:
            method = zipfile.ZIP_DEFLATED if entry.compressed else zipfile.ZIP_STORED
            archive.writestr(_info(entry.name), entry.data, method)


def _info(name: str) -> zipfile.ZipInfo:
    # A fixed date: equal projects make equal files.
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    return info


class Archive:
    """An archive being read; every failure is a :class:`FileError` with a sentence."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        content = self._content(path)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise self._damaged("its end is missing or garbled") from error
        self._entries = {info.filename: info for info in self._zip.infolist()}
        if len(self._entries) > _MOST_ENTRIES:
            raise self._damaged(f"it holds {len(self._entries)} entries")
        if self.read("mimetype", 200).strip() != MIMETYPE.encode():
            raise FileError(f"{self.name} is a zip archive of another kind.", f"Expected the type {MIMETYPE}.",
                            "Choose a file that Chainrule saved.")

    def _content(self, path: Path) -> bytes:
        try:
            if not path.is_dir() and path.exists() and not path.is_file():  # a device may never end
                raise FileError(f"{path} is no ordinary file.", "", "Choose a file that ends in .chainrule.")
            with path.open("rb") as file:
                start = file.read(2)
                # The rest only where it can be a project: anything else may be of any size.
                content = start + file.read() if start == b"PK" else start
        except OSError as error:
            raise read_error(path, error) from error
        if not content:
            raise FileError(f"{self.name} is empty.", "Expected a Chainrule project.",
                            "Open an older copy of the file.")
        if not content.startswith(b"PK"):
            raise FileError(f"{self.name} is not a Chainrule project.", "A project is a zip archive; this file is not.",
                            "Choose a file that ends in .chainrule.")
        return content

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, largest: int) -> bytes:
        """The bytes of an entry of at most ``largest`` bytes."""
        info = self._entries.get(name)
        if info is None and name == "mimetype":
            raise FileError(f"{self.name} is a zip archive, but no Chainrule project.", f"It has no entry {name!r}.",
                            "Choose a file that Chainrule saved.")
        if info is None:
            raise self._damaged(f"its entry {name!r} is missing")
        steep = info.file_size > (1 << 20) and info.file_size > _STEEPEST * max(info.compress_size, 1)
        if info.file_size > largest or steep:
            raise FileError(f"{self.name} claims {count(info.file_size)} bytes for {name!r}.",
                            "That is far more than a project needs.",
                            "Do not open it unless you know where it is from.")
        try:
            return self._zip.read(info)
        except _UNREADABLE as error:
            raise self._damaged(f"its entry {name!r} cannot be read") from error

    def json(self, name: str) -> Any:
        """The plain values of a JSON entry."""
        try:
            return json.loads(self.read(name, _LARGEST_JSON).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"its entry {name!r} is not valid JSON") from error

    def tensors(self, name: str) -> bytes:
        """The bytes of a tensors entry."""
        return self.read(name, _LARGEST_TENSORS)

    def _damaged(self, how: str) -> FileError:
        return FileError(f"{self.name} is damaged: {how}.", "Expected a complete Chainrule project.",
                         "Open an older copy of the file.")
