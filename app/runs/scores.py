"""How well a run did: the one metric and the loss it is judged by, as numbers, as words, and which of two is better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app import numbers

#: Metrics in percent; those that are better where they are larger.
_SHARES = ("accuracy", "top5", "precision", "recall", "f1", "auc")
_LARGER = (*_SHARES, "r2")
_PARTS = {"validation": "validation", "train": "training"}


def metric_of(values: Any) -> tuple[str, float]:
    """Name ("validation.accuracy") and value of the metric that judges a run best: of the validation part, accuracy
    before errors; ("", NaN) where there is none."""
    for part in ("validation", "train"):
        names = [name for name in values if name.startswith(f"{part}.") and not name.endswith(".loss")]
        for wanted in (*_SHARES, "r2", "rmse", "mae"):
            for name in names:
                if name.rpartition(".")[2] == wanted:
                    return name, values[name]
    return "", math.nan


def metric_text(name: str, value: float) -> str:
    """A metric as a person reads it: "97.4 %", "0.083"."""
    if math.isnan(value):
        return "–"
    return numbers.percent(value) if name.rpartition(".")[2] in _SHARES else numbers.number(value)


def loss_of(values: Any) -> float:
    """The loss of the validation part, of the training part where nothing is held back; NaN for none."""
    return values.get("validation.loss", values.get("train.loss", math.nan))


def time_spent(seconds: float) -> str:
    """"0.4 s", "12 s", "03:20"."""
    if seconds < 60:
        return f"{numbers.number(seconds, 2 if seconds < 10 else 3)}{numbers.NO_BREAK_SPACE}s"
    return numbers.duration(seconds)


def larger_is_better(name: str) -> bool:
    """Is more of "validation.accuracy" better? Losses and errors are better where they are smaller."""
    return name.rpartition(".")[2] in _LARGER


def title_of(name: str) -> str:
    """"validation.accuracy" → "Validation accuracy"."""
    part, _, rest = name.partition(".")
    return f"{_PARTS.get(part, part).capitalize()} {rest}"


def badness(values: Mapping[str, float]) -> tuple[float, float]:
    """What runs are ordered by, the best first: their metric, then their loss; runs without numbers come last."""
    name, value = metric_of(values)
    loss = loss_of(values)
    judged = loss if not name else -value if larger_is_better(name) else value
    return _finite(judged), _finite(loss)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.inf
