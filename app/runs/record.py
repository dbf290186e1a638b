"""What the history of a run says in a line: the fields of :class:`engine.runs.RunInfo` that grow with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.recorded.best import best_row
from app.recorded.history import RunHistory


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


def _row(history: RunHistory, row: int) -> dict[str, float]:
    values = history.evaluations.table[row].tolist()
    return {name: value for name, value in zip(history.evaluations.names, values, strict=True) if value == value}
