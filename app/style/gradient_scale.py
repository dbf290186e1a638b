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
        self.low, self.high = FIRST_DECADES

    def reset(self) -> None:
        self.low, self.high = FIRST_DECADES

    def include(self, values: Iterable[float]) -> bool:
        """Widens the scale to hold these values; True where it had to."""
        usable = [math.log10(value) for value in values if 0 < value < math.inf]
        if not usable:
            return False
        low = max(min(math.floor(min(usable)), self.low), _LOWEST)
        high = min(max(math.ceil(max(usable)), self.high), _HIGHEST)
        grown = (low, high) != (self.low, self.high)
        self.low, self.high = low, high
        return grown

    def position(self, value: float) -> float:
        """0 at the lowest decade, 1 at the highest; what is not finite lies at the top, zero at the bottom."""
        if not math.isfinite(value):
            return 1.0
        if value <= 0:
            return 0.0
        return min(max((math.log10(value) - self.low) / (self.high - self.low), 0.0), 1.0)
