"""Which evaluation of a run is its best: by what early stopping watches, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.params import ParameterError
from engine.train import stopping
from engine.train.config import TrainingConfig

if TYPE_CHECKING:
    from app.recorded.history import RunHistory


def watched(history: RunHistory, training: Mapping[str, Any]) -> tuple[str, bool]:
    """The column of evaluations by which one is better than another ("validation.loss"), and whether more is."""
    part = "validation" if history.has_validation else "train"
    try:
        monitor = TrainingConfig.of(training).monitor
    except ParameterError:
        monitor = "loss"
    names = {name.partition(".")[2] for name in history.evaluations.names if name.startswith(f"{part}.")}
    name, sign = stopping.watched(monitor, names)
    return f"{part}.{name}", sign > 0


def best_row(history: RunHistory, training: Mapping[str, Any]) -> int:
    """The row of the best evaluation; the first of equals, −1 where none is a number."""
    name, more = watched(history, training)
    values = history.evaluations.column(name)
    if not np.isfinite(values).any():
        return -1
    return int(np.nanargmax(np.where(np.isfinite(values), values if more else -values, np.nan)))
