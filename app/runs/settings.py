"""Where runs are kept, and how much room they may take: what the person set, and what holds otherwise."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.settings import Settings
from engine.runs import DEFAULT_LIMIT, beside

_FOLDER, _LIMIT, _BESIDE = "runs/folder", "runs/limit_mb", "runs/beside_project"
#: Megabytes, as disks are sold.
MEGABYTE = 1_000_000
SMALLEST = 10


class RunSettings:
    """Reads and writes the settings of runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @staticmethod
    def default_folder() -> Path:
        """In the person's data."""
        return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)) / "runs"

    @property
    def folder(self) -> Path:
        """Where the runs of all projects lie."""
        chosen = self._settings.text(_FOLDER)
        return Path(chosen) if chosen else self.default_folder()

    @folder.setter
    def folder(self, folder: Path) -> None:
        if folder == self.default_folder():
            self._settings.remove(_FOLDER)
        else:
            self._settings.set_text(_FOLDER, str(folder))

    @property
    def limit(self) -> int:
        """The most bytes that runs in one folder may take."""
        text = self._settings.text(_LIMIT)
        megabytes = int(text) if text.isdecimal() else DEFAULT_LIMIT // MEGABYTE
        return max(megabytes, SMALLEST) * MEGABYTE

    @limit.setter
    def limit(self, limit: int) -> None:
        self._settings.set_text(_LIMIT, str(limit // MEGABYTE))

    @property
    def beside_project(self) -> bool:
        """Do the runs of a project that has a file lie beside it?"""
        return self._settings.flag(_BESIDE)

    @beside_project.setter
    def beside_project(self, on: bool) -> None:
        self._settings.set_flag(_BESIDE, on)

    def folder_of(self, project: Path | None) -> Path:
        """Where the runs of a project lie, given its file."""
        return beside(project) if self.beside_project and project is not None else self.folder
