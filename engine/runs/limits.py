"""What goes first where runs take more room than they may: old snapshots, then the oldest runs without a star."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from engine.runs.info import RunInfo


@dataclass(frozen=True)
class Weighed:
    """A run with what it takes: bytes of each snapshot by step, and of all else."""

    info: RunInfo
    snapshots: dict[int, int]
    rest: int

    @property
    def total(self) -> int:
        return sum(self.snapshots.values()) + self.rest


@dataclass(frozen=True, slots=True)
class Removal:
    """Something to remove: a snapshot of a run or, where ``step`` is None, the whole run."""

    run: str
    step: int | None
    bytes: int


def removals(runs: Iterable[Weighed], limit: int, branched: Set[tuple[str, int]] = frozenset()) -> list[Removal]:
    """What to remove so that the rest takes at most ``limit`` bytes, in order.

    Best and last snapshots stay as long as their run does, and those that a run was ``branched`` from. A starred run
    and one that is training stay whole but for their other snapshots, even where the limit cannot be met then.
    """
    oldest_first = sorted(runs, key=lambda run: run.info.id)
    excess = sum(run.total for run in oldest_first) - limit
    found: list[Removal] = []
    removed: dict[str, int] = {}
    for candidate in (*_snapshots(oldest_first, branched), *_runs(oldest_first)):
        if excess <= 0:
            break
        gained = candidate.bytes - (removed.get(candidate.run, 0) if candidate.step is None else 0)
        removed[candidate.run] = removed.get(candidate.run, 0) + gained
        excess -= gained
        found.append(candidate)
    whole = {removal.run for removal in found if removal.step is None}
    return [removal for removal in found if removal.step is None or removal.run not in whole]


def _snapshots(runs: list[Weighed], branched: Set[tuple[str, int]]) -> Iterator[Removal]:
    """Every snapshot that may go, those of finished runs before those of one that is training."""
    for run in sorted(runs, key=lambda run: run.info.is_running):
        last = max(run.snapshots, default=-1)
        for step in sorted(run.snapshots):
            if step not in (last, run.info.best_step, run.info.best_kept) and (run.info.id, step) not in branched:
                yield Removal(run.info.id, step, run.snapshots[step])


def _runs(runs: list[Weighed]) -> Iterator[Removal]:
    for run in runs:
        if not run.info.starred and not run.info.is_running:
            yield Removal(run.info.id, None, run.total)
