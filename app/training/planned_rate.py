"""The learning rate as settings plan it, for a whole run: base rate times schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.params import ParameterError
from engine.train.config import TrainingConfig


def planned_rate(
    training: Mapping[str, Any], steps_per_epoch: int, points: int = 500
) -> tuple[np.ndarray, np.ndarray] | None:
    """Numbers of steps (int64, from 1) and the rate of each (float64), at most ``points`` of them, to the last step.

    None where the settings are out of range, or where there is no step. What only the loss decides (see
    :class:`engine.train.schedule.ReduceOnPlateau`) is not planned: there the rate stays as it begins.
    """
    try:
        config = TrainingConfig.of(training)
        rate, schedule = config.build_optimizer().learning_rate, config.build_schedule()
    except ParameterError:
        return None
    if steps_per_epoch < 1:
        return None
    done, factors = schedule.curve(config.epochs * steps_per_epoch, steps_per_epoch, points)
    return done + 1, rate * factors
