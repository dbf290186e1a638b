"""The curves of a made-up run as they lie on the disk."""

from __future__ import annotations

import numpy as np

from app.recorded.history import RunHistory
from app.recorded.history_file import to_arrays
from tests.app.making import evaluated, started, steps


def recorded(reports: int = 3) -> dict[str, np.ndarray]:
    """So many reports of twenty steps, each with an evaluation."""
    history = RunHistory()
    history.begin(started())
    for number in range(reports):
        history.add_steps(steps(20 * number + 1, 20))
        history.add_evaluation(evaluated(20 * number + 20, 0.5, 0.25, accuracy=(0.5, 0.6)))
    return to_arrays(history)
