"""What the history of a run says in a line: the fields of :class:`engine.runs.RunInfo` that grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.numbers import amount, count, engineering
from app.recorded.best import best_row
from app.recorded.history import RunHistory
from engine import runs
from engine.runs import RunInfo
from engine.runs.limits import Removal
from engine.train.events import Event, Failed, Finished

#: More runs than these are counted, not named.
_MOST_NAMED = 3


def measured(history: RunHistory, training: Mapping[str, Any], seconds_before: float = 0.0) -> dict[str, Any]:
    """Steps, epochs, seconds (``seconds_before`` are those of earlier sittings), and the last and best evaluation."""
    progress, started = history.progress, history.started
    found: dict[str, Any] = {"steps": progress.step, "epochs": progress.epoch,
                             "seconds": seconds_before + progress.seconds}
    if started is not None:
        found["parameters"] = started.parameters
    table = history.evaluations
    if table.count:
        best = best_row(history, training) % table.count  # the last where none is a number
        found |= {"last": _row(history, table.count - 1), "best": _row(history, best),
                  "best_step": int(table.steps[best])}
    return found


def outcome_of(ending: Event) -> str:
    """How a run ended, by its last event."""
    if isinstance(ending, Finished):
        return runs.FINISHED
    return runs.FAILED if isinstance(ending, Failed) else runs.STOPPED


def next_name(infos: Iterable[RunInfo], project: str) -> str:
    """"Run 4": one more than the highest number there is in the project."""
    numbers = [info.name.removeprefix("Run ") for info in infos if info.project == project]
    return f"Run {max((int(n) for n in numbers if n.isdecimal()), default=0) + 1}"


def removed_sentence(gone: Sequence[Removal], names: Mapping[str, str], limit: int, snapshots: bool) -> str:
    """Says which runs, and where ``snapshots`` are to be told how many of those, went to keep to the limit; "" for
    none. ``names`` are those of runs by id."""
    runs_gone = [f"“{names.get(removal.run, removal.run)}”" for removal in gone if removal.step is None]
    fewer = sum(removal.step is not None for removal in gone) if snapshots else 0
    parts = [amount(fewer, "old snapshot")] if fewer else []
    if len(runs_gone) > _MOST_NAMED:
        parts.append(f"{count(len(runs_gone))} runs")
    elif runs_gone:
        parts.append(", ".join(runs_gone))
    if not parts:
        return ""
    return f"Removed to keep runs to {engineering(limit, 'B')}: {' and '.join(parts)}. Star a run that is to stay."


def _row(history: RunHistory, row: int) -> dict[str, float]:
    values = history.evaluations.table[row].tolist()
    return {name: value for name, value in zip(history.evaluations.names, values, strict=True) if value == value}
