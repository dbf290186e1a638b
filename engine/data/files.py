"""What every source that reads a person's file has in common."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from engine.data.errors import DataError
from engine.data.source import Category, Source, Task
from engine.data.table import existing_file
from engine.params import Text


class FileSource(Source):
    """A file named by its path."""

    category = Category.FILE
    task = Task.OPEN
    kinds_of_file: ClassVar[str] = "a file"
    suffixes: ClassVar[tuple[str, ...]] = ()
    """Endings (with the dot) of the files this source reads."""

    path = Text("", "Where the file is.", longest=4096)

    def file(self) -> Path:
        """The file. Raises :class:`~engine.data.errors.DataError` where there is none."""
        return existing_file(self.path, self.kinds_of_file)

    def stamp(self) -> tuple[object, ...]:
        return file_stamp(self.file())


def file_stamp(path: Path) -> tuple[object, ...]:
    """Changes when the file does."""
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read: {error.strerror}.",
            "Expected a readable file.",
            "Choose the file again.",
        ) from error
    return (str(path), status.st_mtime_ns, status.st_size)
