"""What is measured at every step, gathered in columns until somebody reads it."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.compute.program import Call, Halt, replay
from engine.compute.weights import Weights

#: Numbers of a gradient whose squares are added up between two looks at whether somebody waits: some 20 ms.
_STRETCH = 1 << 25
#: A reader that falls behind further than this much memory gets every other step.
_BYTES = 8_000_000
_FEWEST, _MOST = 256, 65_536
#: Numbers that are copied in the time that looking for one that is not 0 takes.
_DEAR = 4096
#: Sums of squares that float32 holds without loss, with room for the steps until somebody looks closely again.
_WELL_WITHIN = (1e-26, 1e32)


class StepLog:
    """Columns with a row for each step, laid out once: adding one allocates nothing.

    The gradient norm of each weight array is the root of its dot product with itself, taken in the weights' own
    precision. That is quick, but float32 says 0 of norms below 1e-19 and infinity of those above 1e19; arrays that come
    near either end, as they do where gradients vanish or explode, are measured in float64 from then on.
    """

    def __init__(self, weights: Weights) -> None:
        segments = weights.trainable
        self.weight_keys = tuple(segment.key for segment in segments)
        self._capacity = min(max(_BYTES // (4 * (2 * len(segments) + 5)), _FEWEST), _MOST)
        self.count = 0
        self.step = np.zeros(self._capacity, np.int64)
        self.loss = np.zeros(self._capacity, np.float32)
        self.accuracy = np.zeros(self._capacity, np.float32)
        self.learning_rate = np.zeros(self._capacity, np.float32)
        self._squares = np.zeros((self._capacity, len(segments)), np.float64)
        self._now = np.zeros(len(segments), weights.values.dtype)
        self._exact = np.zeros(len(segments), np.float64)
        self._ones = np.ones_like(self._now)
        self._gradients = [weights.gradients[s.start : s.stop] for s in segments]
        self._calls = [call for i, gradient in enumerate(self._gradients) for call in self._norm(gradient, i)]
        #: Which arrays are measured in float64.
        self._at_the_ends: list[int] = []

    def _norm(self, gradient: np.ndarray, index: int) -> list[Call]:
        total, further = self._now[index : index + 1].reshape(()), np.zeros((), gradient.dtype)
        first = gradient[:_STRETCH]
        calls: list[Call] = [partial(first.dot, first, total)]
        for start in range(_STRETCH, gradient.size, _STRETCH):
            part = gradient[start : start + _STRETCH]
            calls += [partial(part.dot, part, further), partial(np.add, total, further, total)]
        return calls

    def measure(self, closely: bool = True, stop: Halt | None = None) -> bool:
        """Takes the norms of the present gradients; returns whether the gradients are all finite.

        Only ``closely`` is it found out which arrays have come near the ends of float32: to be done now and then.
        Raises :class:`~engine.compute.program.Interrupted` where ``stop`` says so in between.
        """
        replay(self._calls, stop)
        fits = bool(self._now.dot(self._ones) < np.inf)  # false for NaN too
        if closely or not fits:
            low, high = _WELL_WITHIN
            self._at_the_ends = [i for i, square in enumerate(self._now.tolist()) if not low < square < high]
        if not self._at_the_ends:
            return fits
        self._exact[:] = self._now
        for i in self._at_the_ends:
            self._exact[i] = _square(self._gradients[i])
        return bool(np.isfinite(self._exact).all())

    @property
    def _measured(self) -> np.ndarray:
        return self._exact if self._at_the_ends else self._now

    def norms(self) -> np.ndarray:
        """(weights,) the norms measured last, as a copy."""
        return np.sqrt(self._measured)

    def add(self, step: int, loss: float, accuracy: float, learning_rate: float) -> None:
        """A row, with the norms measured last."""
        if self.count == self._capacity:
            self._thin()
        row = self.count
        self.step[row] = step
        self.loss[row] = loss
        self.accuracy[row] = accuracy
        self.learning_rate[row] = learning_rate
        self._squares[row] = self._measured
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
        with np.errstate(over="ignore"):  # the norm of many of the largest float32 is infinite as one
            norms = np.sqrt(self._squares[rows]).astype(np.float32)
        return {
            "step": self.step[rows].copy(),
            "loss": self.loss[rows].copy(),
            "accuracy": self.accuracy[rows].copy(),
            "learning_rate": self.learning_rate[rows].copy(),
            "gradient_norms": norms,
        }


def _square(values: np.ndarray) -> float:
    """The sum of the squares of a vector of any finite size. Often all are 0, which is asked where a copy is dear."""
    if values.size > _DEAR and not values.any():
        return 0.0
    exact = values.astype(np.float64)
    return float(exact.dot(exact))
