"""Files that are dropped on the window: a project, or data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDropEvent

from engine.project import SUFFIX

if TYPE_CHECKING:
    from app.window.window import Window


def file_of(event: QDropEvent) -> Path | None:
    """The first file of a drop; None where it is something else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if urls and urls[0].isLocalFile() else None


def take(window: Window, path: Path) -> None:
    """Opens a project, or trains on the data; says what can be used where it is neither."""
    if path.suffix.lower() == SUFFIX:
        window.files.open(path)
    elif window.tabs.data.open_file(path):
        window.show_workspace()
        window.tabs.show_data()
    else:
        window.messages.say("warning", f"{path.name} cannot be used here. A project ends in {SUFFIX}; data are CSV, "
                            "NPZ or IDX files.")
