"""Early stopping: ends a run that no longer gets better, and goes back to its best weights."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from engine.compute.weights import Weights

#: Metrics that may be watched in place of the loss → what sentences call them; and whether more is better (1) or less
#: (−1).
_METRICS = {"accuracy": ("accuracy", 1), "rmse": ("root mean squared error", -1)}
#: What may be watched → what a person reads.
MONITORS = {"loss": "Loss", "metric": "Accuracy (error, where the targets are numbers)"}


def watched(monitor: str, metrics: Container[str]) -> tuple[str, int]:
    """What a run with these ``metrics`` goes by, and whether more of it is better (1) or less (−1)."""
    if monitor == "metric":
        for name, (_, sign) in _METRICS.items():
            if name in metrics:
                return name, sign
    return "loss", -1


def badness(monitor: str, loss: float, metrics: Mapping[str, float]) -> float:
    """A number that is less where an evaluation is better, inf where it says nothing. It has the precision that curves
    are kept in, so that all who look for the best find the same."""
    name, sign = watched(monitor, metrics)
    bad = -sign * float(np.float32(metrics.get(name, loss)))
    return bad if math.isfinite(bad) else math.inf


class EarlyStopping:
    """Remembers the best evaluation and its weights. ``patience`` 0 is off.

    An evaluation is better where it improves on the best by more than ``min_delta``. A run is over after ``patience``
    evaluations that were not.
    """

    def __init__(self, patience: int, min_delta: float, monitor: str, restore_best: bool) -> None:
        self.patience = patience
        self._min_delta = min_delta
        self._monitor = monitor
        self._restore_best = restore_best
        self.name = "loss"
        self.best = math.nan
        self.best_step = 0
        self.bad = 0
        self._better = -1  # the newest step that was better than the best, though perhaps not by enough
        self._weights: dict[str, np.ndarray] = {}

    @property
    def over(self) -> bool:
        """Should the run end?"""
        return self.patience > 0 and self.bad >= self.patience

    def observe(self, step: int, loss: float, metrics: Mapping[str, float], weights: Weights) -> None:
        """Takes in an evaluation: of the validation part, or of the training part where nothing is held back."""
        if not self.patience:
            return
        self.name, value, sign = self._watched(loss, metrics)
        better = math.isfinite(value) and not sign * (value - self.best) <= self._min_delta  # the first is, too
        if sign * (value - self.best) > 0:
            self._better = step
        if better:
            self.best, self.best_step, self.bad = value, step, 0
            self._weights = weights.copies() if self._restore_best else {}
        else:
            self.bad += 1

    def _watched(self, loss: float, metrics: Mapping[str, float]) -> tuple[str, float, int]:
        """Name and value of what is watched, and whether more is better (1) or less (−1)."""
        name, sign = watched(self._monitor, metrics)
        return _METRICS.get(name, (name, sign))[0], metrics.get(name, loss), sign

    def restore_best(self, step: int, weights: Weights) -> bool:
        """Gives ``weights`` the best values where the present ones, of ``step``, are not as good; tells whether."""
        if not self._weights or step in (self.best_step, self._better):
            return False
        weights.copy_fitting(self._weights)
        return True

    def begin_again(self) -> None:
        """A finished run goes on: it may be patient anew, and the best so far stays the one to beat."""
        self.bad = 0

    # -- taking up a run again -------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Plain values for :meth:`restore`; None stands for no evaluation yet."""
        return {"best": None if math.isnan(self.best) else self.best, "best_step": self.best_step, "bad": self.bad,
                "name": self.name}

    def arrays(self) -> dict[str, np.ndarray]:
        """The best weights, "best:node.name" → array."""
        return {f"best:{key}": array for key, array in self._weights.items()}

    def restore(self, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Goes on where ``state`` was taken."""
        self.best = math.nan if state["best"] is None else float(state["best"])
        self.best_step, self.bad, self.name = int(state["best_step"]), int(state["bad"]), str(state["name"])
        self._weights = {key.removeprefix("best:"): np.array(array) for key, array in arrays.items()
                         if key.startswith("best:")}
