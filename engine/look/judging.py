"""Rows of data judged one by one: what the network puts out, which class that is, and each row's own loss."""

from __future__ import annotations

import numpy as np

from engine.compute import Model, Program
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.layers.data import Input
from engine.look.questions import Judge, Judged
from engine.look.subject import Subject
from engine.train.metrics import class_labels
from engine.train.targets import to_targets


def judge(subject: Subject, question: Judge) -> Judged:
    """The answer to :class:`Judge`. Raises :class:`~engine.data.errors.DataError` where the data do not fit."""
    part, x, y = subject.part(question.part)
    rows = _spread(len(x), question.most_rows)
    x, y = x[rows], y[rows]
    node, model = subject.loss_node, subject.bare_model
    targets = to_targets(y, subject.loss, model.report.shapes[node])
    outputs, losses = [], []
    charge = RowLoss(model, node)
    for taken, program in subject.passes(x):
        outputs.append(np.ascontiguousarray(program.predictions[node], np.float32))
        losses.append(charge.of(program, targets[taken]))
    output, names = np.concatenate(outputs), subject.class_names
    labels = answers = None
    if subject.tells_classes:
        labels, answers = class_labels(targets), told(output, subject.loss.boundary)
    else:
        output, y = _own_units(subject, output), _own_units(subject, y.reshape(len(y), -1))
    dataset = subject.dataset
    return Judged(part, rows, y, output, np.concatenate(losses), labels, answers, names, dataset.signature.input_shape,
                  bool(names) and are_probabilities(output), dataset.preparation.target_names)


def told(output: np.ndarray, boundary: float) -> np.ndarray:
    """The classes (N,) int64 that outputs (N, …) tell: the largest; of a single one, 1 above the boundary."""
    rows = output.reshape(len(output), -1)
    if rows.shape[1] == 1:
        return (rows[:, 0] > boundary).astype(np.int64)
    return rows.argmax(axis=1)


def are_probabilities(output: np.ndarray) -> bool:
    """Is each row (N, …) a probability, or several that sum to one?"""
    rows = output.reshape(len(output), -1)
    if not (np.isfinite(rows).all() and rows.min(initial=0.0) >= 0.0 and rows.max(initial=0.0) <= 1.0 + 1e-5):
        return False
    return rows.shape[1] == 1 or bool(np.allclose(rows.sum(axis=1), 1.0, atol=1e-3))


class RowLoss:
    """The loss of each row alone: the loss layer by itself, over one row at a time. A network's loss is the mean over
    a batch, of which the rows cannot be told."""

    def __init__(self, model: Model, node: str) -> None:
        (edge,) = model.graph.inputs(node)
        self._source = edge.source
        shape = model.report.shapes[edge.source]
        graph, scores = Graph().add("Input", {"shape": shape})
        kind = model.graph.nodes[node]
        graph, loss = graph.add(kind.kind, dict(kind.params))
        graph = graph.connect(scores, loss)
        report = Report(
            order=(scores, loss), layers={scores: Input(shape=shape), loss: model.report.layers[node]},
            shapes={scores: shape, loss: model.report.shapes[node]}, weights={scores: {}, loss: {}},
        )
        self._program = Model(graph, 1, str(model.dtype), report=report).program(1, training=False)
        self._loss = loss

    def of(self, program: Program, targets: np.ndarray) -> np.ndarray:
        """(N,) float32 of the program's last pass over N rows with these ``targets`` (N, …)."""
        alone = self._program
        found = np.empty(len(targets), np.float32)
        scores = program.output(self._source)
        for i, target in enumerate(targets):
            alone.input[0] = scores[i]
            alone.target[0] = target
            alone.forward()
            found[i] = alone.losses[self._loss]
        return found


def _own_units(subject: Subject, values: np.ndarray) -> np.ndarray:
    return subject.dataset.target_scaler.undo(values).astype(np.float32)


def _spread(count: int, most: int) -> np.ndarray:
    """At most ``most`` numbers below ``count``, evenly spaced."""
    step = max(1, -(-count // max(1, most)))
    return np.arange(0, count, step, dtype=np.int64)
