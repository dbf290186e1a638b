"""What can be wrong, as values: checking returns issues and never raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum


class Severity(Enum):
    """How bad an issue is: an error forbids training, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that one click can apply: an edit named here, with its arguments.

    ``edit`` is a name in ``engine.graph.fixes.FIXES``; ``arguments`` are plain values.
    """

    title: str
    edit: str
    arguments: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem: what happened, what was expected and how to mend it.

    ``where`` is a node id ("" for the whole graph); ``parameter`` names the field, if one is to blame.
    """

    code: str
    happened: str
    expected: str
    fix: str
    where: str = ""
    severity: Severity = Severity.ERROR
    parameter: str = ""
    mends: tuple[Fix, ...] = ()

    def at(self, where: str) -> Issue:
        """The same issue, placed on a node; mends that lack a node are meant for this one."""
        mends = tuple(
            fix if any(name == "node" for name, _ in fix.arguments)
            else replace(fix, arguments=(("node", where), *fix.arguments))
            for fix in self.mends
        )
        return replace(self, where=where, mends=mends)

    def sentence(self) -> str:
        """The whole message in one line."""
        return " ".join(part for part in (self.happened, self.expected, self.fix) if part)


class ChainruleError(Exception):
    """An error that a person may read: its text says what happened, what was expected, what to do."""

    def __init__(self, happened: str, expected: str = "", fix: str = "") -> None:
        super().__init__(" ".join(part for part in (happened, expected, fix) if part))
        self.happened = happened
        self.expected = expected
        self.fix = fix


class GraphError(ChainruleError):
    """The graph has errors, so it cannot be compiled; ``issues`` lists them."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        first = self.issues[0]
        more = f" ({len(self.issues) - 1} more)" if len(self.issues) > 1 else ""
        place = f"{first.where}: " if first.where else ""
        super().__init__(place + first.happened, first.expected, first.fix + more)


def near_miss(name: object, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known name, or "" where none is near."""
    matches = get_close_matches(name, list(known), n=1) if isinstance(name, str) else []
    return f"Did you mean {matches[0]!r}?" if matches else ""


def shown(value: object, most: int = 80) -> str:
    """A value that somebody gave, as a sentence names it: cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[:most]}…"
