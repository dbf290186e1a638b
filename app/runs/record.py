"""What the history of a run says in a line: the fields of :class:`engine.runs.RunInfo` that grow with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.recorded.history import PARTS, RunHistory
from app.training.live import graph_needs_restart
from engine.graph.model import Graph
from engine.params import ParameterError
from engine.runs import RunInfo
from engine.train import stopping
from engine.train.config import TrainingConfig


def measured(history: RunHistory, training: Mapping[str, Any], seconds_before: float = 0.0) -> dict[str, Any]:
    """Steps, epochs, seconds (``seconds_before`` are those of earlier sittings), and the last and best evaluation."""
    progress, started = history.progress, history.started
    found: dict[str, Any] = {"steps": progress.step, "epochs": progress.epoch,
                             "seconds": seconds_before + progress.seconds}
    if started is not None:
        found["parameters"] = started.parameters
    table = history.evaluations
    if table.count:
        best = best_row(history, training)
        found |= {"last": _row(history, table.count - 1), "best": _row(history, best),
                  "best_step": int(table.steps[best])}
    return found


def watched(history: RunHistory, training: Mapping[str, Any]) -> tuple[str, bool]:
    """The column of evaluations by which one is better than another, as early stopping has it, and whether more is."""
    part = PARTS[1] if history.has_validation else PARTS[0]
    try:
        monitor = TrainingConfig.of(training).monitor
    except ParameterError:
        monitor = "loss"
    names = {name.partition(".")[2] for name in history.evaluations.names if name.startswith(f"{part}.")}
    name, sign = stopping.watched(monitor, names)
    return f"{part}.{name}", sign > 0


def best_row(history: RunHistory, training: Mapping[str, Any]) -> int:
    """The row of the best evaluation; the first of equals, the last row where none is a number."""
    name, more = watched(history, training)
    values = history.evaluations.column(name)
    if not np.isfinite(values).any():
        return len(values) - 1
    return int(np.nanargmax(np.where(np.isfinite(values), values if more else -values, np.nan)))


def same_settings(
    graph: Graph, source: Mapping[str, Any], training: Mapping[str, Any], info: RunInfo, before: Graph | None
) -> bool:
    """Would a run with these settings be the one of ``info``, whose network is ``before``?"""
    return (before is not None and dict(source) == dict(info.source) and dict(training) == dict(info.training)
            and not graph_needs_restart(before, graph))


def _row(history: RunHistory, row: int) -> dict[str, float]:
    values = history.evaluations.table[row].tolist()
    return {name: value for name, value in zip(history.evaluations.names, values, strict=True) if value == value}
