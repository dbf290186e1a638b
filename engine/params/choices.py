"""Parameters that are a switch, one of a few names, or a line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.issues import near_miss
from engine.params.base import Param


class Bool(Param[bool]):
    """On or off."""

    def problem(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else f"{self.label} must be true or false."

    def range_text(self) -> str:
        return "on or off"


class Choice(Param[str]):
    """One of a few named options; ``options`` maps each stored name to what a person reads."""

    def __init__(self, default: str, help: str, *, options: Mapping[str, str], **display: Any) -> None:
        super().__init__(default, help, **display)
        self.options = dict(options)

    def problem(self, value: Any) -> str | None:
        if isinstance(value, str) and value in self.options:
            return None
        hint = near_miss(value, self.options) if isinstance(value, str) else ""
        return f"{self.label} must be {self.range_text()}. {hint}".rstrip()

    def range_text(self) -> str:
        return "one of " + ", ".join(self.options)


class Text(Param[str]):
    """A line of text of at most ``longest`` characters."""

    def __init__(self, default: str, help: str, *, longest: int = 200, **display: Any) -> None:
        super().__init__(default, help, **display)
        self.longest = longest

    def problem(self, value: Any) -> str | None:
        if isinstance(value, str) and len(value) <= self.longest:
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"text of at most {self.longest} characters"
