"""Training in one call, for code that does not care for events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.compute import Model, require_room
from engine.compute.borders import as_examples, in_precision
from engine.compute.threads import threads
from engine.issues import ChainruleError, shown
from engine.train.checks import Arrays, TrainingData
from engine.train.config import TrainingConfig
from engine.train.events import Evaluated, Event, Failed, Snapshot, Steps
from engine.train.loop import train
from engine.train.threads import choose_threads


@dataclass(frozen=True, eq=False)
class History:
    """What a training run was like. ``steps`` (int64) and ``losses`` (float32), (k,), are of the single steps."""

    steps: np.ndarray
    losses: np.ndarray
    evaluations: tuple[Evaluated, ...]
    #: What going on exactly needs; a project stores it.
    state: dict[str, Any]


def fit(
    model: Model, data: TrainingData | tuple[Any, Any], config: TrainingConfig | None = None, *,
    on_event: Callable[[Event], object] | None = None, **settings: Any,
) -> History:
    """Trains ``model`` in place on a data set or a pair (x, y), and returns how it went.

    ``settings`` are those of :class:`TrainingConfig`: ``fit(model, (x, y), epochs=10, optimizer=SGD())``.
    ``on_event`` is given every event. While it trains, matrix products use as many threads as the settings say, for a
    light network one. Raises :class:`ChainruleError` where data and network do not fit, where a step would not fit
    into the free memory, or where loss or gradients stop being finite: the weights are then those before that step.
    """
    chosen = TrainingConfig.of({**(config.to_dict() if config else {}), **settings})
    examples = _arrays(model, data) if isinstance(data, tuple) else data
    if not hasattr(examples, "x_train"):
        raise ChainruleError(f"The data are {shown(data)}.", "Expected a data set, or a pair (x, y) of arrays.",
                             "Give examples and targets as a pair.")
    steps, losses, evaluations = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)], []
    state: dict[str, Any] = {}
    rows = chosen.rows_per_step(len(examples.x_train))
    require_room(model, max(rows, 1), chosen.build_optimizer().vectors)
    count = choose_threads(model.report, rows, chosen)
    with threads(count):
        for event in train(model, examples, chosen, threads=count):
            if on_event is not None:
                on_event(event)
            if isinstance(event, Steps):
                steps.append(event.step)
                losses.append(event.loss)
            elif isinstance(event, Evaluated):
                evaluations.append(event)
            elif isinstance(event, Snapshot):
                state = dict(event.state)
            elif isinstance(event, Failed):
                raise ChainruleError(event.sentence)
    return History(np.concatenate(steps), np.concatenate(losses), tuple(evaluations), state)


def _arrays(model: Model, pair: tuple[Any, ...]) -> Arrays:
    """The pair as arrays: inputs in the network's precision, targets as they are (whole numbers may be labels)."""
    if len(pair) != 2:
        raise ChainruleError(f"The data are {len(pair)} arrays.", "Expected a pair, examples and targets.",
                             "Give (x, y).")
    x, y = as_examples(pair[0], "The input"), as_examples(pair[1], "The target")
    return Arrays(in_precision(x, model.dtype, "The input") if x.dtype.kind in "fiub" else x, y)
