"""Training in one call, for code that does not care for events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.compute import Model
from engine.compute.threads import threads
from engine.issues import ChainruleError
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
    light network one. Raises :class:`ChainruleError` where data and network do not fit, or where
    loss or gradients stop being finite: the weights are then those before that step.
    """
    chosen = TrainingConfig.of({**(config.to_dict() if config else {}), **settings})
    examples = _arrays(model, *data) if isinstance(data, tuple) else data
    steps, losses, evaluations = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)], []
    state: dict[str, Any] = {}
    count = choose_threads(model.report, chosen.rows_per_step(len(examples.x_train)), chosen)
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


def _arrays(model: Model, x: Any, y: Any) -> Arrays:
    """The pair as arrays: inputs in the network's precision, targets as they are (whole numbers may be labels)."""
    try:
        return Arrays(np.asarray(x, dtype=model.dtype), np.asarray(y))
    except (TypeError, ValueError) as error:
        raise ChainruleError(f"The examples are no array of numbers: {error}.",
                             "Expected x of (examples, …) and y of as many targets.",
                             "Give every example the same shape.") from error
