"""What is measured at every step, gathered in columns until somebody reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.compute.weights import Weights

#: A reader that falls behind further than this much memory gets every other step.
_BYTES = 8_000_000
_FEWEST, _MOST = 256, 65_536


class StepLog:
    """Columns with a row for each step, laid out once: adding one allocates nothing.

    The gradient norm of each weight array is the root of its dot product with itself, taken in the weights' own
    precision: float32 says 0 below 1e-23 and infinity above 1e19.
    """

    def __init__(self, weights: Weights) -> None:
        segments = weights.trainable
        self.weight_keys = tuple(segment.key for segment in segments)
        self._capacity = min(max(_BYTES // (4 * (len(segments) + 5)), _FEWEST), _MOST)
        self.count = 0
        self.step = np.zeros(self._capacity, np.int64)
        self.loss = np.zeros(self._capacity, np.float32)
        self.accuracy = np.zeros(self._capacity, np.float32)
        self.learning_rate = np.zeros(self._capacity, np.float32)
        self._squares = np.zeros((self._capacity, len(segments)), np.float32)
        self._now = np.zeros(len(segments), weights.values.dtype)
        self._ones = np.ones_like(self._now)
        self._calls = [self._norm(weights.gradients[s.start : s.stop], i) for i, s in enumerate(segments)]

    def _norm(self, gradient: np.ndarray, index: int) -> Callable[[], Any]:
        return partial(gradient.dot, gradient, self._now[index : index + 1].reshape(()))

    def measure(self) -> bool:
        """Takes the norms of the present gradients; returns whether their squares are all finite."""
        for call in self._calls:
            call()
        return bool(self._now.dot(self._ones) < np.inf)  # false for NaN too

    def norms(self) -> np.ndarray:
        """(weights,) the norms measured last, as a copy."""
        return np.sqrt(self._now)

    def add(self, step: int, loss: float, accuracy: float, learning_rate: float) -> None:
        """A row, with the norms measured last."""
        if self.count == self._capacity:
            self._thin()
        row = self.count
        self.step[row] = step
        self.loss[row] = loss
        self.accuracy[row] = accuracy
        self.learning_rate[row] = learning_rate
        self._squares[row] = self._now
        self.count = row + 1

    def _thin(self) -> None:
        """Keeps every other row, the newest among them."""
        for column in (self.step, self.loss, self.accuracy, self.learning_rate, self._squares):
            kept = column[1::2].copy()
            column[: len(kept)] = kept
        self.count = len(self.step[1::2])

    def take(self) -> dict[str, np.ndarray]:
        """Copies of all rows by the names of :class:`~engine.train.events.Steps`; the log is empty then."""
        rows = slice(0, self.count)
        self.count = 0
        return {
            "step": self.step[rows].copy(),
            "loss": self.loss[rows].copy(),
            "accuracy": self.accuracy[rows].copy(),
            "learning_rate": self.learning_rate[rows].copy(),
            "gradient_norms": np.sqrt(self._squares[rows]),
        }
