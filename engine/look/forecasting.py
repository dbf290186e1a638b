"""What a batch shows before the first step: how activations spread and how gradients come back at initialisation.

For weights drawn with variance σ² the variance of activations grows or shrinks by a factor at each layer (Glorot &
Bengio 2010), and so does that of gradients on their way back. It is measured here on one batch rather than derived, so
that it holds for every layer.
"""

from __future__ import annotations

import math
from functools import partial
from typing import cast

import numpy as np

from engine.compute import Program
from engine.compute.context import Call
from engine.issues import ChainruleError
from engine.layer import LossLayer
from engine.look.questions import Expected, Forecast, Forecasted
from engine.look.subject import Subject
from engine.train.targets import to_targets


def forecast(subject: Subject, question: Forecast) -> Forecasted:
    """The answer to :class:`Forecast`: one forward and one backward pass with first weights."""
    model = subject.bare_model
    subject.spoil()
    model.initialise(subject.scene.seed)
    try:
        count = min(question.rows, len(subject.dataset.x_train), model.batch_size)
        program, made_up = model.program(count), False
        _fill(subject, program)
    except ChainruleError:  # no data, or none that fit: the network can be looked at all the same
        program, made_up = model.program(min(question.rows, model.batch_size)), True
        _make_up(subject, program)
    program.forward()
    sigmas = {node: _sigma(program.values[node]) for node in program.order}
    gradients: dict[str, tuple[float, float]] = {}
    program.backward_watched(partial(_watch, gradients))
    nothing = (math.nan, math.nan)
    return Forecasted({node: Expected(sigma, *gradients.get(node, nothing)) for node, sigma in sigmas.items()}, made_up)


def _watch(found: dict[str, tuple[float, float]], node: str, dy: np.ndarray) -> Call:
    def measure() -> None:
        wide = dy.astype(np.float64)
        found[node] = (float(np.abs(wide).mean()), _sigma(wide))

    return measure


def _sigma(values: np.ndarray) -> float:
    """Standard deviation; infinite where any number is not finite."""
    wide = values.astype(np.float64)
    return float(wide.std()) if np.isfinite(wide).all() else math.inf


def _fill(subject: Subject, program: Program) -> None:
    """The first training examples."""
    dataset, report = subject.dataset, program.model.report
    for buffer in program.inputs.values():
        np.copyto(buffer, dataset.x_train[: program.batch])
    for node, buffer in program.targets.items():
        wanted = to_targets(dataset.y_train[: program.batch], cast(LossLayer, report.layers[node]), report.shapes[node])
        np.copyto(buffer, wanted)


def _make_up(subject: Subject, program: Program) -> None:
    """Random numbers, such as the layers can take."""
    rng = np.random.default_rng(subject.scene.seed)
    report, graph = program.model.report, program.model.graph
    for node, buffer in program.inputs.items():
        reader = next(i for i in program.order if node in program.sources[i])
        buffer[...] = report.layers[reader].example_input(rng, program.batch, report.shapes[node])
    for node, buffer in program.targets.items():
        (edge,) = graph.inputs(node)
        loss = cast(LossLayer, report.layers[node])
        buffer[...] = loss.example_target(rng, program.batch, report.shapes[edge.source])
