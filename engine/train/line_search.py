"""A step length along a direction that fulfils Wolfe's strong conditions.

The method is that of Nocedal & Wright, "Numerical Optimization" (2006), algorithms 3.5 and 3.6, with cubic
interpolation; constants and order of tests are PyTorch's, so that the two make the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Share of the descent promised at the start that a step must deliver, and of the slope that may be left.
SUFFICIENT, CURVATURE = 1e-4, 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A place along the line: how far, the loss there, its slope along the line, and its gradient (a copy)."""

    t: float
    loss: float
    slope: float
    gradient: np.ndarray


class LineSearch:
    """Searches from ``origin`` along a direction whose largest component is ``reach``; ``evaluate`` goes to t.

    ``most`` trials follow the first one; ``tolerance`` is the smallest move of a weight worth a trial.
    """

    def __init__(
        self, evaluate: Callable[[float], Point], origin: Point, reach: float, tolerance: float, most: int = 25
    ) -> None:
        self._evaluate = evaluate
        self._origin = origin
        self._reach = reach
        self._tolerance = tolerance
        self._most = most
        self.trials = 0

    def run(self, first: float) -> Point:
        """The point to go to, from ``first`` as the first guess of t; the best one met where trials run out."""
        low, high, done = self._bracket(first)
        return low if done or high is None else self._zoom(low, high)

    def _try(self, t: float) -> Point:
        self.trials += 1
        point = self._evaluate(t)
        # What is not finite is uphill.
        return point if math.isfinite(point.loss) else Point(t, math.inf, math.nan, point.gradient)

    def _too_high(self, point: Point) -> bool:
        return point.loss > self._origin.loss + SUFFICIENT * point.t * self._origin.slope

    def _flat(self, point: Point) -> bool:
        return abs(point.slope) <= -CURVATURE * self._origin.slope

    def _bracket(self, first: float) -> tuple[Point, Point | None, bool]:
        """Two points between which there is an acceptable one, or an acceptable one itself (and True)."""
        before, now = self._origin, self._try(first)
        while self.trials <= self._most:
            if self._too_high(now) or (self.trials > 2 and now.loss >= before.loss):
                return before, now, False
            if self._flat(now):
                return now, None, True
            if now.slope >= 0:
                return before, now, False
            low, high = now.t + 0.01 * (now.t - before.t), now.t * 10
            before, now = now, self._try(interpolate(before, now, low, high))
        return (self._origin if self._origin.loss <= now.loss else now), None, True

    def _zoom(self, left: Point, right: Point) -> Point:
        """Shrinks the bracket until its better end is acceptable."""
        bracket = [left, right]
        stuck = False
        while True:
            low = 0 if bracket[0].loss <= bracket[1].loss else 1
            width = abs(bracket[1].t - bracket[0].t)
            if self.trials > self._most or width == 0.0 or width * self._reach < self._tolerance:
                return bracket[low]
            t, stuck = _inside(interpolate(bracket[0], bracket[1]), bracket, stuck)
            now = self._try(t)
            if self._too_high(now) or now.loss >= bracket[low].loss:
                bracket[1 - low] = now
                continue
            if self._flat(now):
                return now
            if now.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = now


def _inside(t: float, bracket: list[Point], stuck: bool) -> tuple[float, bool]:
    """``t``, or a point a tenth of the bracket from its nearer end where t has come too close to it twice."""
    low, high = min(p.t for p in bracket), max(p.t for p in bracket)
    margin = 0.1 * (high - low)
    if min(high - t, t - low) >= margin:
        return t, False
    if not stuck and low < t < high:
        return t, True
    return (high - margin if abs(t - high) < abs(t - low) else low + margin), False


def interpolate(a: Point, b: Point, low: float = math.nan, high: float = math.nan) -> float:
    """Where the cubic through two points and their slopes is least, held in [low, high] (between the points where
    these are not given); the middle where it has no least value."""
    left, right = (a, b) if a.t <= b.t else (b, a)
    if math.isnan(low):
        low, high = left.t, right.t
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    below = right.slope - left.slope + 2 * d2
    if below == 0.0:
        return (low + high) / 2.0
    return min(max(right.t - (right.t - left.t) * ((right.slope + d2 - d1) / below), low), high)
