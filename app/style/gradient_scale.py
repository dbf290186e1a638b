"""The logarithmic scale that gradient magnitudes are shown on: by the wires, their legend and the bars alike."""

from __future__ import annotations

import math
from collections.abc import Iterable

#: Decades of the scale when training begins, and the limits to which it may grow.
FIRST_DECADES = (-5, -1)
_LOWEST, _HIGHEST = -12, 4


class GradientScale:
    """Whole decades that hold every value seen since the run began; it only grows, so that colours keep still."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.low, self.high = FIRST_DECADES
        self._seen_below = self._seen_above = False

    def ends(self) -> tuple[str, str]:
        """What the two ends stand for, in words; values beyond the limits are told with them."""
        return (f"{'≤ ' if self._seen_below else ''}1e{self.low}", f"{'≥ ' if self._seen_above else ''}1e{self.high}")

    def include(self, values: Iterable[float]) -> bool:
        """Widens the scale to hold these values; True where it had to."""
        usable = [math.log10(value) for value in values if 0 < value < math.inf]
        if not usable:
            return False
        before = (self.low, self.high, *self.ends())
        self._seen_below |= min(usable) < _LOWEST
        self._seen_above |= max(usable) > _HIGHEST
        self.low = max(min(math.floor(min(usable)), self.low), _LOWEST)
        self.high = min(max(math.ceil(max(usable)), self.high), _HIGHEST)
        return (self.low, self.high, *self.ends()) != before

    def position(self, value: float) -> float:
        """0 at the lowest decade, 1 at the highest; what is not finite lies at the top, zero at the bottom."""
        if not math.isfinite(value):
            return 1.0
        if value <= 0:
            return 0.0
        return min(max((math.log10(value) - self.low) / (self.high - self.low), 0.0), 1.0)
