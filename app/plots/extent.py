"""How far the values of a plot reach, and the round ends between which they are shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Parts of a decade, and of a round spacing, to which the ends of the vertical axis are rounded.
_LOG_PART = 0.25
_MOST_DECADES = 12.0


@dataclass
class Extent:
    """The lowest and highest value drawn: anywhere, and at steps that the legend stands above or below."""

    low: float = math.inf
    high: float = -math.inf
    low_beside: float = math.inf
    high_beside: float = -math.inf

    def include(self, values: np.ndarray, beside: np.ndarray) -> None:
        """Widens the extent to hold the values; NaN is passed over."""
        if len(values):
            self.low = float(np.fmin(self.low, np.fmin.reduce(values)))
            self.high = float(np.fmax(self.high, np.fmax.reduce(values)))
        if len(beside):
            self.low_beside = float(np.fmin(self.low_beside, np.fmin.reduce(beside)))
            self.high_beside = float(np.fmax(self.high_beside, np.fmax.reduce(beside)))

    def ends(self, log: bool) -> tuple[float, float] | None:
        """Round ends (exponents of ten on a logarithmic axis) that hold every value; None without any."""
        on_axis = self.on_axis(log)
        if not (math.isfinite(on_axis.low) and math.isfinite(on_axis.high)):
            return None
        return _log_ends(on_axis) if log else _linear_ends(on_axis)

    def on_axis(self, log: bool) -> Extent:
        """The same as the axis counts: in exponents of ten on a logarithmic one."""
        return self.transformed(_log if log else float)

    def unite(self, other: Extent) -> None:
        """Widens this one to hold another."""
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.low_beside = min(self.low_beside, other.low_beside)
        self.high_beside = max(self.high_beside, other.high_beside)

    def transformed(self, function: Callable[[float], float]) -> Extent:
        """The same on another scale."""
        return Extent(*map(function, (self.low, self.high, self.low_beside, self.high_beside)))


def _log(value: float) -> float:
    return math.log10(value) if 0 < value < math.inf else math.copysign(math.inf, value - 1)


def _log_ends(ends: Extent) -> tuple[float, float]:
    """Exponents of ten, at least half a decade apart."""
    top = math.ceil((ends.high + 0.04) / _LOG_PART) * _LOG_PART
    bottom = math.floor((ends.low - 0.04) / _LOG_PART) * _LOG_PART
    return max(min(bottom, top - 2 * _LOG_PART), top - _MOST_DECADES), top


def _linear_ends(ends: Extent) -> tuple[float, float]:
    span = max(ends.high - ends.low, abs(ends.high) * 1e-3, 1e-12)
    part = 10.0 ** math.floor(math.log10(span)) / 2
    return math.floor((ends.low - 0.02 * span) / part) * part, math.ceil((ends.high + 0.02 * span) / part) * part
