"""L-BFGS at work: the two-loop recursion over the last steps (Nocedal 1980), and its line search."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.compute.program import Halt
from engine.compute.threads import Lanes
from engine.compute.weights import Weights
from engine.train.line_search import LineSearch, Point
from engine.train.optim import LBFGS, Optimizer
from engine.train.update import Again, Update

#: A step along which the gradient changes less than this teaches nothing about the curvature.
_LEAST_CURVATURE = 1e-10


def updating(optimizer: Optimizer, weights: Weights, lanes: Lanes | None = None) -> Update:
    """``optimizer`` at work on ``weights``; ``lanes`` share large ones."""
    return QuasiNewton(optimizer, weights) if isinstance(optimizer, LBFGS) else Update(optimizer, weights, lanes)


class QuasiNewton(Update):
    """An :class:`Update` whose step computes the loss anew along its way."""

    optimizer: LBFGS

    def __init__(self, optimizer: LBFGS, weights: Weights) -> None:
        super().__init__(optimizer, weights)
        size, dtype = weights.values.size, weights.values.dtype
        self._iterations = 0
        self._t = self._scale = 1.0
        self._direction = np.zeros(size, dtype)
        self._previous = np.zeros(size, dtype)
        self._start = np.zeros(size, dtype)
        #: Steps s and the differences y of the gradients at their ends, oldest first.
        self._pairs: deque[tuple[np.ndarray, np.ndarray]] = deque()

    def _record(self) -> None:
        """Nothing is written down: how many passes a step takes is known only when it is made."""

    def step(self, loss: float = 0.0, again: Again | None = None, stop: Halt | None = None) -> None:
        """Up to ``max_iter`` iterations, from the gradients of the pass that was just made."""
        assert again is not None, "L-BFGS computes the loss several times a step"
        optimizer = self.optimizer
        self.steps += 1
        evaluations = 1
        if self.learning_rate == 0.0:
            return
        for _ in range(optimizer.max_iter):
            gradient = self._weights.gradients
            if gradient.size == 0 or np.abs(gradient).max() <= optimizer.tolerance_grad:
                return
            self._choose_direction(gradient)
            slope = float(gradient.dot(self._direction))
            if slope > -optimizer.tolerance_change:
                return
            origin = Point(0.0, loss, slope, self._previous)
            found, trials = self._search(again, origin, optimizer.max_eval - evaluations)
            evaluations += trials
            moved = abs(self._t) * float(np.abs(self._direction).max())
            change, loss = abs(found.loss - loss), found.loss
            over = evaluations >= optimizer.max_eval
            if over or moved <= optimizer.tolerance_change or change < optimizer.tolerance_change:
                return

    def _first_length(self) -> float:
        if self._iterations > 1:
            return self.learning_rate
        return min(1.0, 1.0 / float(np.abs(self._previous).sum())) * self.learning_rate

    def _search(self, again: Again, origin: Point, most: int) -> tuple[Point, int]:
        """Moves the weights to where the line search leads, and leaves the gradients of that place."""
        values, gradients = self._weights.values, self._weights.gradients
        self._start[:] = values

        def evaluate(t: float) -> Point:
            self._move(t)
            loss = again()
            return Point(t, loss, float(gradients.dot(self._direction)), gradients.copy())

        reach = float(np.abs(self._direction).max())
        search = LineSearch(evaluate, origin, reach, self.optimizer.tolerance_change, most)
        found = search.run(self._first_length())
        self._t = found.t
        self._move(found.t)
        gradients[:] = found.gradient
        return found, search.trials

    def _move(self, t: float) -> None:
        values = self._weights.values
        np.multiply(self._direction, t, values)
        np.add(values, self._start, values)

    def _choose_direction(self, gradient: np.ndarray) -> None:
        """Direction ← −H·gradient, H guessed from the pairs; the gradient itself to begin with."""
        if self._iterations:
            self._remember(gradient)
        self._iterations += 1
        direction = self._direction
        np.negative(gradient, direction)
        shares: list[tuple[float, float]] = []
        for s, y in reversed(self._pairs):
            inverse = 1.0 / float(y.dot(s))
            share = float(s.dot(direction)) * inverse
            shares.append((share, inverse))
            direction -= share * y
        direction *= self._scale
        for (s, y), (share, inverse) in zip(self._pairs, reversed(shares), strict=True):
            direction += (share - float(y.dot(direction)) * inverse) * s
        self._previous[:] = gradient

    def _remember(self, gradient: np.ndarray) -> None:
        y, s = gradient - self._previous, self._direction * self._t
        curvature = float(y.dot(s))
        if curvature > _LEAST_CURVATURE:
            if len(self._pairs) == self.optimizer.history_size:
                self._pairs.popleft()
            self._pairs.append((s, y))
            self._scale = curvature / float(y.dot(y))

    # -- taking up a run again -------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        return {**super().values(), "iterations": self._iterations, "pairs": len(self._pairs), "t": self._t,
                "scale": self._scale}

    def vectors(self) -> dict[str, np.ndarray]:
        pairs = {f"{name}{i}": vector for i, pair in enumerate(self._pairs)
                 for name, vector in zip("sy", pair, strict=True)}
        return {"direction": self._direction, "previous": self._previous, **pairs}

    def restore(self, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Takes everything over, or begins anew where a vector is missing: half a memory would mislead."""
        super().restore(values, arrays)
        count = min(int(values["pairs"]), self.optimizer.history_size)
        self._pairs = deque((np.zeros_like(self._start), np.zeros_like(self._start)) for _ in range(count))
        if self._take_over(self.vectors(), arrays):
            self._iterations = int(values["iterations"])
            self._t, self._scale = float(values["t"]), float(values["scale"])
        else:
            self._pairs.clear()
