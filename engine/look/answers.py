"""Answers to questions about a subject; a question that cannot be answered raises a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.data.errors import DataError
from engine.look.forecasting import forecast
from engine.look.judging import are_probabilities, judge, told
from engine.look.pictures import fitted, picture_shape
from engine.look.questions import (
    Answer,
    Forecast,
    Grid,
    Gridded,
    Judge,
    Look,
    Looked,
    Question,
    Rowed,
    Rows,
)
from engine.look.subject import Subject
from engine.shapes import text
from engine.train.metrics import class_labels
from engine.train.targets import to_targets


def answer(subject: Subject, question: Question) -> Answer:
    """Raises :class:`~engine.issues.ChainruleError` with what to tell the person."""
    return _ANSWERS[type(question)](subject, question)


def grid(subject: Subject, question: Grid) -> Gridded:
    """The answer to :class:`Grid`."""
    shape = subject.dataset.signature.input_shape
    if shape != (2,):
        raise DataError(f"An example of the data is {text(shape)}.", "A plane has two numbers.",
                        "Choose data with two inputs.")
    across = np.linspace(question.low[0], question.high[0], question.size)
    down = np.linspace(question.low[1], question.high[1], question.size)
    points = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    node = question.node or subject.loss_node
    if node not in subject.bare_model.report.order:
        raise DataError("The layer that was looked at is not part of the network any more.", "", "Choose another.")
    found = [np.array(program.output(node).reshape(rows.stop - rows.start, -1), np.float32)
             for rows, program in subject.passes(subject.dataset.scaler.apply(points))]
    values = np.concatenate(found)
    if node == subject.loss_node and not subject.tells_classes:
        values = subject.dataset.target_scaler.undo(values).astype(np.float32)
    return Gridded(values.reshape(question.size, question.size, -1), question.low, question.high, question.node)


def look(subject: Subject, question: Look) -> Looked:
    """The answer to :class:`Look`."""
    names = subject.class_names
    if question.ink is not None:
        part, row, count, label, x = "", -1, 0, -1, _drawn(subject, question.ink)
    else:
        part, inputs, targets = subject.part(question.part)
        count = len(inputs)
        row = min(max(question.row, 0), count - 1)
        x = inputs[row : row + 1]
        wanted = to_targets(targets[row : row + 1], subject.loss, subject.bare_model.report.shapes[subject.loss_node])
        label = int(class_labels(wanted)[0]) if names else -1
    ((_, program),) = subject.passes(x)
    outputs = {node: np.array(program.output(node)[0], np.float32) for node in program.order}
    output = outputs[subject.loss_node][None]
    told_class = int(told(output, subject.loss.boundary)[0]) if names else -1
    shown = output if names else subject.dataset.target_scaler.undo(output).astype(np.float32)
    return Looked(
        subject.dataset.scaler.undo(x[0]).astype(np.float32), outputs, shown.reshape(-1), names,
        bool(names) and are_probabilities(output), told_class, label, part, row, count,
    )


def rows(subject: Subject, question: Rows) -> Rowed:
    """The answer to :class:`Rows`; numbers beyond the part are left out."""
    part, inputs, targets = subject.part(question.part)
    inside = tuple(row for row in question.rows if 0 <= row < len(inputs))
    names = subject.class_names
    labels = None
    if names:
        shape = subject.bare_model.report.shapes[subject.loss_node]
        labels = class_labels(to_targets(targets[list(inside)], subject.loss, shape))
    shown = subject.dataset.scaler.undo(inputs[list(inside)]).astype(np.float32)
    return Rowed(part, inside, shown, labels, names)


def _drawn(subject: Subject, ink: np.ndarray) -> np.ndarray:
    """A drawing as the network's input, (1, …) float32."""
    shape = subject.dataset.signature.input_shape
    picture = picture_shape(shape)
    if picture is None or picture[2] != 1:
        raise DataError(f"An example of the data is {text(shape)}.", "A drawing needs pictures of one channel.",
                        "Choose data of grey pictures.")
    ground, full = subject.ink_range
    raw = ground + (full - ground) * fitted(ink, *picture[:2])
    return subject.dataset.scaler.apply(raw.reshape(1, *shape))


_ANSWERS: dict[type, Callable[[Subject, Any], Answer]] = {
    Judge: judge, Grid: grid, Look: look, Rows: rows, Forecast: forecast,
}
