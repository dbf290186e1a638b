"""How far the values of a plot reach, and the round ends between which they are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

#: Parts of a decade, and of a round spacing, to which the ends of the vertical axis are rounded.
_LOG_PART = 0.25
#: So many decades below 1, or below a top that is less, values are as good as nothing and are cut off. Above nothing
#: is: a run that blows up is to be seen beside what it was before.
_MOST_DECADES = 12.0


@dataclass
class Reach:
    """The lowest and the highest of some values; infinite where there are none."""

    low: float = math.inf
    high: float = -math.inf

    def include(self, values: np.ndarray) -> None:
        """Widens it to hold the values; NaN is passed over."""
        if values.size:
            self.low = float(np.fmin(self.low, np.fmin.reduce(values, axis=None)))
            self.high = float(np.fmax(self.high, np.fmax.reduce(values, axis=None)))

    def unite(self, other: Reach) -> None:
        """Widens it to hold another."""
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

    def on_axis(self, log: bool) -> Reach:
        """The same as the axis counts: in exponents of ten on a logarithmic one."""
        return Reach(_log(self.low), _log(self.high)) if log else self


@dataclass
class Extent:
    """How far what is drawn reaches: anywhere, and at the steps that a legend on the left or right would cover."""

    all: Reach = field(default_factory=Reach)
    left: Reach = field(default_factory=Reach)
    right: Reach = field(default_factory=Reach)

    def unite(self, other: Extent) -> None:
        """Widens this one to hold another."""
        for mine, theirs in ((self.all, other.all), (self.left, other.left), (self.right, other.right)):
            mine.unite(theirs)

    def on_axis(self, log: bool) -> Extent:
        """The same as the axis counts."""
        return Extent(*(reach.on_axis(log) for reach in (self.all, self.left, self.right)))


def round_ends(reach: Reach, log: bool) -> tuple[float, float] | None:
    """Round ends (exponents of ten on a logarithmic axis) that hold every value; None without any."""
    on_axis = reach.on_axis(log)
    if not (math.isfinite(on_axis.low) and math.isfinite(on_axis.high)):
        return None
    return _log_ends(on_axis) if log else _linear_ends(on_axis)


def _log(value: float) -> float:
    return math.log10(value) if 0 < value < math.inf else math.copysign(math.inf, value - 1)


def _log_ends(ends: Reach) -> tuple[float, float]:
    """Exponents of ten, at least half a decade apart."""
    top = math.ceil((ends.high + 0.04) / _LOG_PART) * _LOG_PART
    bottom = math.floor((ends.low - 0.04) / _LOG_PART) * _LOG_PART
    return max(min(bottom, top - 2 * _LOG_PART), min(top, 0.0) - _MOST_DECADES), top


def _linear_ends(ends: Reach) -> tuple[float, float]:
    span = max(ends.high - ends.low, abs(ends.high) * 1e-3, 1e-12)
    part = 10.0 ** math.floor(math.log10(span)) / 2
    return math.floor((ends.low - 0.02 * span) / part) * part, math.ceil((ends.high + 0.02 * span) / part) * part
