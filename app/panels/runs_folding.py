"""The runs of a sweep under one row: folded at first, so that forty trials do not hide what a person ran by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.numbers import count
from app.runs.scores import badness
from engine import runs
from engine.runs import RunInfo

#: A sweep of which fewer runs are listed needs no row of its own.
_FEWEST = 2
#: The outcome of a sweep is the first of these that one of its runs has.
_RANK = (runs.RUNNING, runs.FINISHED, runs.STOPPED, runs.INTERRUPTED, runs.FAILED, runs.DAMAGED)


class Folding:
    """Which rows stand for a sweep, what is under them, and which of them are open. Their ids are no run's."""

    def __init__(self) -> None:
        self._members: dict[str, tuple[RunInfo, ...]] = {}
        self._open: set[str] = set()

    def members(self, id: str) -> tuple[RunInfo, ...]:
        """The runs under a row; () where it stands for no sweep."""
        return self._members.get(id, ())

    def heading_of(self, id: str) -> str:
        """The row that a run is under; "" where it is under none."""
        return next((heading for heading, found in self._members.items() if any(info.id == id for info in found)), "")

    def is_open(self, id: str) -> bool:
        """Are the runs under a row shown?"""
        return id in self._open

    def set_open(self, id: str, on: bool) -> None:
        """Has the runs under a row shown, or no longer."""
        (self._open.add if on else self._open.discard)(id)

    def gather(self, infos: Sequence[RunInfo]) -> list[RunInfo]:
        """The same with one heading in place of all runs of each sweep."""
        groups: dict[tuple[str, str], list[RunInfo]] = {}
        for info in infos:
            if info.group:
                groups.setdefault((info.project, info.group), []).append(info)
        headed = {key: heading(found) for key, found in groups.items() if len(found) >= _FEWEST}
        self._members = {head.id: tuple(groups[key]) for key, head in headed.items()}
        alone = [info for info in infos if (info.project, info.group) not in headed]
        return [*alone, *headed.values()]


def heading(members: Iterable[RunInfo]) -> RunInfo:
    """What is listed for the runs of a sweep: the best of their results, the sum of their steps and times, and the
    beginning of the first."""
    found = sorted(members, key=lambda info: info.id)
    first, best = found[0], min(found, key=lambda info: badness(info.best))
    return RunInfo(
        f"{first.id}/{first.group}", first.project, f"{first.group} ({count(len(found))})", first.created,
        starred=all(info.starred for info in found), steps=sum(info.steps for info in found),
        seconds=sum(info.seconds for info in found), best=best.best, group=first.group,
        outcome=min((info.outcome for info in found), key=_RANK.index),
    )
