"""Metrics over steps: accuracy of a classifier, errors and R² of a regression."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from app import numbers
from app.plots.curves import CurvePlot
from app.plots.series import EVALUATIONS, TRAINING, Series
from app.recorded.history import ACCURACY, PARTS
from engine.train.metrics import SHORT
from engine.train.trainer import EVALUATION_ROWS

_COLOURS = {"train": ("value", "spectrum", "data"), "validation": ("accent", "recurrent", "shape")}
#: Shares: shown in percent, on an axis of their own.
_SHARES = ("accuracy",)
#: At first switched off: R² can be any negative number and would take the errors' scale; RMSE runs beside MAE.
_HIDDEN = ("rmse", "r2")


class MetricsPlot(CurvePlot):
    """How good the network is, in the terms of the task."""

    id = "metrics"
    title = "Metrics"
    about = ("Accuracy, or the errors of a regression in the target's own units; of the training part by an even "
             f"sample of {numbers.count(EVALUATION_ROWS)} at most")
    remark = "train · validation"
    promise = "Press Run: accuracy, or for regression the mean errors, will appear here after each evaluation."
    shown = False
    behind = "loss"
    keeps_raw = False

    def restart(self) -> None:
        names = self._names()
        self.percent = bool(names) and all(name.rpartition(".")[2] in _SHARES for name in names)
        self.limits = (-0.02, 1.02) if self.percent else (-math.inf, math.inf)
        # Away from where such curves end: errors fall, accuracy rises.
        self.place.usual = Qt.Corner.BottomRightCorner if self.percent else Qt.Corner.TopRightCorner
        self.frame.left.set_percent(self.percent)
        what = " · ".join(dict.fromkeys(_label(name) for name in names if name not in _HIDDEN))
        self.remark = f"{what} · train · validation" if self.history.has_validation else what or type(self).remark
        self.detail.say(self.standing_remark())
        super().restart()

    def _names(self) -> tuple[str, ...]:
        return self.history.metrics

    def series(self) -> list[Series]:
        columns, names = self.history.evaluations.names, self._names()
        parts = PARTS if self.history.has_validation else PARTS[:1]
        found = [
            Series(f"{part}.{name}", part if len(names) == 1 else f"{part} {_label(name)}",
                   _COLOURS[part][place % len(_COLOURS[part])], EVALUATIONS, columns.index(f"{part}.{name}"),
                   shown=name.rpartition(".")[2] not in _HIDDEN)
            for place, name in enumerate(names)
            for part in parts
        ]  # fmt: skip
        if "accuracy" in names:
            found.append(Series("batches", "batches", "data", TRAINING, ACCURACY, shown=False, smoothed=True))
        return found


def _label(name: str) -> str:
    """"mae" → "MAE"; "loss_2.accuracy" keeps the name of its loss."""
    node, _, metric = name.rpartition(".")
    return f"{node} {SHORT.get(metric, metric)}".strip()
