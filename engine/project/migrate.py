"""Old files, brought to the present form one version at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.project.atomic import FileError

FORMAT = "chainrule"
VERSION = 1

#: From a version to the function that makes the description of that version into one of the next.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def migrate(data: Any, name: str) -> dict[str, Any]:
    """The description in the present form. Raises :class:`FileError` where it is foreign or newer."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FileError(f"{name} is not a Chainrule project.", "Its description names another format, or none.",
                        "Choose a file that Chainrule saved.")
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FileError(f"{name} is damaged: its version is {version!r}.", "Expected a whole number from 1.",
                        "Open an older copy of the file.")
    if version > VERSION:
        program = str(data.get("created_with") or "a newer version of Chainrule")
        raise FileError(f"{name} was made by {program} and has the newer file version {version}.",
                        f"This one reads versions up to {VERSION}.", "Update Chainrule, then open it again.")
    while version < VERSION:
        data = MIGRATIONS[version](data)
        version += 1
    return data
