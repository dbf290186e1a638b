"""What a network is judged by: loss, accuracy, MAE, RMSE and R², averaged over examples exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from engine.compute import Model
from engine.compute.borders import as_examples, in_precision, whole
from engine.compute.program import Halt, Interrupted, Program
from engine.layer import LossLayer
from engine.train.checks import part_problems, require_sound
from engine.train.targets import to_targets

#: Metric name → what a person reads, in the order they are shown. The only such list.
TITLES = {
    "accuracy": "Accuracy", "top5": "Among the likeliest five", "precision": "Precision", "recall": "Recall",
    "f1": "F1", "auc": "Area under the ROC curve", "mae": "Mean absolute error", "rmse": "Root mean squared error",
    "r2": "R²",
}


#: The same where there is little room; a name that is not here is short enough.
SHORT = {"auc": "AUC", "mae": "MAE", "rmse": "RMSE", "r2": "R²"}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Loss (NaN where there were no rows) and metrics by name; "node.name" for every loss after the first."""

    loss: float
    metrics: Mapping[str, float] = field(default_factory=dict)


def correct(prediction: np.ndarray, target: np.ndarray, boundary: float = 0.5) -> np.ndarray:
    """Which rows are told right, (N,) bool.

    ``prediction`` is (N, C) against labels (N,) or 0/1 columns (N, C): the largest must be in the right place; or
    (N, 1) against 0/1: above ``boundary`` (that of the loss) where the target is 1.
    """
    if target.ndim == 1:
        return prediction.argmax(axis=1) == target
    rows = prediction.reshape(len(prediction), -1)
    wanted = target.reshape(len(target), -1)
    if rows.shape[1] == 1:
        return (rows[:, 0] > boundary) == (wanted[:, 0] > 0.5)
    return rows.argmax(axis=1) == wanted.argmax(axis=1)


def class_labels(target: np.ndarray) -> np.ndarray:
    """Class numbers (N,) of targets as a loss has them: labels, 0/1 columns (N, C), or (N, 1) where above ½ is 1."""
    if target.ndim == 1:
        return target
    rows = target.reshape(len(target), -1)
    return (rows[:, 0] > 0.5).astype(np.int64) if rows.shape[1] == 1 else rows.argmax(axis=1)


class Score:
    """Adds up one loss's metrics over batches. Sums are float64, so that many rows do not blur them.

    ``unit``, () or (outputs,), is what 1 of a target stands for: where targets were scaled, errors are told in the
    data's own units.
    """

    def __init__(self, classification: bool, boundary: float = 0.5, unit: np.ndarray | float = 1.0) -> None:
        self.classification = classification
        self._unit = np.asarray(unit, np.float64)
        self._boundary = boundary
        self._rows = 0
        self._right = 0
        self._numbers = 0
        self._absolute = self._squared = 0.0
        self._mean: np.ndarray | None = None
        self._spread: np.ndarray | None = None

    def add(self, prediction: np.ndarray, target: np.ndarray) -> None:
        """Takes in a batch: (N, …) both, or (N,) labels as target."""
        if self.classification:
            self._right += int(np.count_nonzero(correct(prediction, target, self._boundary)))
        else:
            self._add_numbers(prediction.reshape(len(target), -1), target.reshape(len(target), -1))
        self._rows += len(target)

    def _add_numbers(self, prediction: np.ndarray, target: np.ndarray) -> None:
        unit = np.resize(self._unit, target.shape[1])
        wanted = target.astype(np.float64) * unit
        error = prediction * unit - wanted
        self._numbers += error.size
        self._absolute += float(np.abs(error).sum())
        self._squared += float(np.square(error).sum())
        mean = wanted.mean(axis=0)
        spread = np.square(wanted - mean).sum(axis=0)
        if self._mean is None or self._spread is None:
            self._mean, self._spread = mean, spread
            return
        # Two parts' sums of squares about their means, joined (Chan, Golub & LeVeque 1983): nothing cancels.
        before, now = self._rows, len(target)
        shift = mean - self._mean
        self._spread = self._spread + spread + np.square(shift) * (before * now / (before + now))
        self._mean = self._mean + shift * (now / (before + now))

    def result(self) -> dict[str, float]:
        """The metrics of all rows so far; {} where there were none."""
        if self._rows == 0:
            return {}
        if self.classification:
            return {"accuracy": self._right / self._rows}
        found = {"mae": self._absolute / self._numbers, "rmse": math.sqrt(self._squared / self._numbers)}
        spread = float(self._spread.sum()) if self._spread is not None else 0.0
        if spread > 0.0:  # R² compares with always predicting the mean, which is perfect where nothing varies
            found["r2"] = 1.0 - self._squared / spread
        return found


def is_classification(loss: LossLayer, y: np.ndarray) -> bool:
    """Is accuracy what counts: does the loss tell classes apart, or are the raw targets ``y`` labels?"""
    return loss.target_kind == "class" or (y.dtype.kind in "iub" and y.ndim == 1)


class Examples:
    """Rows to evaluate on: inputs, and the targets of each loss node in the form that loss wants."""

    def __init__(
        self, x: np.ndarray, targets: Mapping[str, np.ndarray], classification: Mapping[str, bool],
        boundaries: Mapping[str, float], unit: np.ndarray | float = 1.0,
    ) -> None:
        self.x = x
        self.targets = targets
        self.classification = classification
        #: Above which a single prediction means yes.
        self.boundaries = boundaries
        #: As :class:`Score` takes it.
        self.unit = unit

    @classmethod
    def of(cls, model: Model, x: np.ndarray, y: np.ndarray, unit: np.ndarray | float = 1.0) -> Examples:
        """Inputs ``x`` (N, …) of any numbers and raw targets ``y``. Raises :class:`~engine.data.errors.DataError`."""
        report = model.report
        losses = {node_id: cast(LossLayer, report.layers[node_id]) for node_id in report.losses}
        return cls(
            in_precision(x, model.dtype, "The input"),  # rows are copied into buffers, which takes one type of number
            {node_id: to_targets(y, loss, report.shapes[node_id]) for node_id, loss in losses.items()},
            {node_id: is_classification(loss, y) for node_id, loss in losses.items()},
            {node_id: loss.boundary for node_id, loss in losses.items()},
            unit,
        )

    def take(self, rows: np.ndarray | slice) -> Examples:
        """Only these rows."""
        targets = {node_id: target[rows] for node_id, target in self.targets.items()}
        return Examples(self.x[rows], targets, self.classification, self.boundaries, self.unit)


class Evaluator:
    """One evaluation, a batch at a time, so that whoever drives it can attend to a command in between."""

    def __init__(self, model: Model, examples: Examples, batch: int = 256) -> None:
        self._model = model
        self._examples = examples
        self._batch = batch
        self._losses = {i: cast(LossLayer, model.report.layers[i]) for i in model.report.losses}
        #: For each batch, the terms of its loss, and how much each counts.
        self._terms: list[list[float]] = []
        self._masses: list[list[float]] = []
        self._scores = {i: Score(c, examples.boundaries[i], examples.unit) for i, c in examples.classification.items()}

    def batches(self, stop: Halt | None = None) -> Iterator[Program]:
        """Computes one batch for each item taken, the ragged last one included, and yields the program that did.

        Where ``stop`` has a batch given up, the program is yielded, too, and computes that batch again."""
        x, targets = self._examples.x, self._examples.targets
        start = 0
        while start < len(x):
            rows = slice(start, min(start + self._batch, len(x)))
            count = rows.stop - rows.start
            program = self._model.program(count, training=False)
            for buffer in program.inputs.values():
                np.copyto(buffer, x[rows])
            for node_id, buffer in program.targets.items():
                np.copyto(buffer, targets[node_id][rows])
            try:
                program.forward(stop)
            except Interrupted:
                yield program
                continue
            with np.errstate(all="ignore"):  # a diverged network is reported, not warned of
                for node_id, score in self._scores.items():
                    score.add(program.predictions[node_id], targets[node_id][rows])
            terms = program.loss_terms()
            masses = [loss.mass(targets[node_id][rows]) for node_id, loss in self._losses.items()]
            self._terms.append(terms)
            self._masses.append(masses + [float(count)] * (len(terms) - len(masses)))
            start = rows.stop
            yield program

    def result(self) -> Evaluation:
        """Loss and metrics of the batches so far."""
        metrics: dict[str, float] = {}
        for position, (node_id, score) in enumerate(self._scores.items()):
            prefix = f"{node_id}." if position else ""
            metrics.update({prefix + name: value for name, value in score.result().items()})
        return Evaluation(self._mean_loss(), metrics)

    def _mean_loss(self) -> float:
        """Each term is a mean over what counted for it (with class weights, some rows count more than others), so
        that the sum does not depend on how rows were cut into batches. NaN where there were none."""
        if not self._terms:
            return math.nan
        masses = np.array(self._masses)
        total = masses.sum(axis=0)
        means = (np.array(self._terms) * masses).sum(axis=0) / np.where(total > 0.0, total, 1.0)
        return float(means.sum())


def evaluate(model: Model, x: np.ndarray, y: np.ndarray, batch: int = 256) -> Evaluation:
    """Loss and metrics of ``model`` in inference mode on inputs ``x`` (N, …) and raw targets ``y``.

    ``y`` is int (N,) labels or float (N, …) numbers. The loss is that of all rows at once, whatever the batch
    size. Raises :class:`~engine.data.errors.DataError` where they do not fit each other or the network.
    """
    x, y = as_examples(x, "The input"), as_examples(y, "The target")
    if len(x) or len(y):
        require_sound(part_problems(model, "given", x, y))
    evaluator = Evaluator(model, Examples.of(model, x, y), whole(batch, "batch size", 1))
    for _ in evaluator.batches():
        pass
    return evaluator.result()
