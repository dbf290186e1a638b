"""What must hold before the first step, and who is to blame when numbers stop being finite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np

from engine.compute import Model
from engine.compute.program import Program
from engine.data.errors import DataError, require_finite
from engine.issues import ChainruleError, Issue
from engine.layer import LossLayer
from engine.numbers import count
from engine.shapes import text
from engine.train.targets import to_targets


class TrainingData(Protocol):
    """What training reads of a :class:`engine.data.Dataset`: inputs (N, …) and targets, the validation part too."""

    @property
    def x_train(self) -> np.ndarray: ...
    @property
    def y_train(self) -> np.ndarray: ...
    @property
    def x_val(self) -> np.ndarray: ...
    @property
    def y_val(self) -> np.ndarray: ...
    @property
    def target_unit(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Arrays:
    """Training data from arrays at hand: x (N, …) numbers; y int (N,) labels or float (N, …) numbers."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    y_val: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    #: What 1 of each target stands for, where they were scaled: errors are told in that.
    target_unit: np.ndarray = field(default_factory=lambda: np.ones(()))


def require_sound(problems: Iterable[Issue]) -> None:
    """Raises the first of ``problems``, if there are any, as :class:`~engine.data.errors.DataError`."""
    for issue in problems:
        raise DataError(issue.happened, issue.expected, issue.fix)


def check_data(model: Model, data: TrainingData) -> tuple[Issue, ...]:
    """Everything about the data that forbids training ``model`` on it; () where nothing does."""
    return tuple(_problems(model, data))


def _problems(model: Model, data: TrainingData) -> Iterator[Issue]:
    if len(data.x_train) == 0:
        yield Issue("no_rows", "The training part of the data is empty.", "Training needs at least one example.",
                    "Hold back a smaller part for validation, or choose other data.")
        return
    for part, x, y in (("training", data.x_train, data.y_train), ("validation", data.x_val, data.y_val)):
        if len(x):
            yield from part_problems(model, part, x, y)


def part_problems(model: Model, part: str, x: np.ndarray, y: np.ndarray) -> Iterator[Issue]:
    """What is wrong with examples ``x`` (N, …), of which there is at least one, and their raw targets ``y``."""
    if len(x) != len(y):
        yield Issue("rows_differ", f"The {part} part has {count(len(x))} examples but {count(len(y))} targets.",
                    "Every example needs one target.", "Choose the data again.")
        return
    if x.dtype.kind not in "fiub" or y.dtype.kind not in "fiub":
        wrong = x.dtype if x.dtype.kind not in "fiub" else y.dtype
        yield Issue("not_numbers", f"The {part} part holds {wrong} values.", "Expected numbers.",
                    "Convert texts to categories or numbers first.")
        return
    for node_id in model.report.order:
        layer, shape = model.report.layers[node_id], model.report.shapes[node_id]
        if not layer.inputs and not layer.variadic and shape != x.shape[1:]:
            yield Issue("input_shape", f"The Input is {text(shape)}, an example of the {part} part is "
                        f"{text(x.shape[1:])}.", "The two must be the same.", "Set the Input's shape to the data's.",
                        node_id, parameter="shape")
    yield from _input_problems(model, x)
    try:
        require_finite(x, f"The {part} part")
    except DataError as error:
        yield _as_issue("not_finite", error)
    for node_id in model.report.losses:
        loss = cast(LossLayer, model.report.layers[node_id])
        try:
            to_targets(y, loss, model.report.shapes[node_id])
        except ChainruleError as error:
            yield _as_issue("targets", error, node_id)


def _input_problems(model: Model, x: np.ndarray) -> Iterator[Issue]:
    """What the layers that read an Input directly cannot take, such as tokens outside a vocabulary."""
    for node_id, layer in model.report.layers.items():
        sources = [model.report.layers[edge.source] for edge in model.graph.inputs(node_id)]
        reads_input = any(not source.inputs and not source.variadic for source in sources)
        if reads_input and (issue := layer.input_problem(x)) is not None:
            yield issue.at(node_id)


def _as_issue(code: str, error: ChainruleError, where: str = "") -> Issue:
    return Issue(code, error.happened, error.expected, error.fix, where)


@dataclass(frozen=True, slots=True)
class Culprit:
    """Where numbers first were not finite: the node, and what of it in words ("" where nothing needs
    to be added)."""

    node: str
    what: str


def first_not_finite(program: Program) -> Culprit:
    """Walks a program after a pass whose loss or gradients were not finite: forward values in the order of
    computing, then gradients in the order of the backward pass."""
    model = program.model
    arrays = model.weights.arrays()
    for node_id in program.order:
        for segment in model.weights.segments:
            if segment.node == node_id and not np.isfinite(arrays[segment.key]).all():
                return Culprit(node_id, f"the first whose weights ({segment.name}) are")
        if not np.isfinite(program.values[node_id]).all():
            return Culprit(node_id, "the first layer whose output is")
        if not np.isfinite(program.losses.get(node_id, 0.0)):
            return Culprit(node_id, "")  # that the loss was not finite is said already
    gradients = model.weights.gradient_arrays()
    for node_id in reversed(program.order):
        for key, gradient in gradients.items():
            if key.rpartition(".")[0] == node_id and not np.isfinite(gradient).all():
                return Culprit(node_id, "the first layer, from the loss backwards, whose gradient is")
    return Culprit("", "")
