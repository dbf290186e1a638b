"""A close look at single steps: how weights, gradients and outputs are spread, and what an update does to them.

What a look costs is measured, and the next is put off until all of them together take at most ``SHARE`` of the time.
The cost is the processor's time of the training thread: on a busy machine others have it in between, and a look that
was interrupted would seem dear and put off the next for seconds.
"""

from __future__ import annotations

import math
from time import perf_counter, thread_time

import numpy as np

from engine.compute import Model
from engine.compute.program import Program
from engine.compute.weights import Segment
from engine.layer import Category, LossLayer
from engine.layers.elementwise import Elementwise
from engine.train.events import Histogram, LayerStatistics, Statistics, WeightStatistics
from engine.train.spectra import Spectra

BINS = 64
#: Share of the training time that looking closely may take, and the seconds between two looks at least.
SHARE, EVERY = 0.03, 0.1
#: Most numbers of an array that go into a histogram, and into means and norms; of larger ones, evenly spaced ones.
HISTOGRAM_SAMPLE, SAMPLE = 4096, 131_072
#: Examples for which a unit must have been zero to count as dead (all, where the training part has fewer).
DEAD_AFTER = 256
_NOWHERE = (-math.inf, math.inf)


class Telemetry:
    """Looks at the steps of one model. ``rows`` is the size of the training part."""

    def __init__(self, model: Model, rows: int) -> None:
        self._weights = model.weights
        self._nodes = [i for i in model.report.order if not isinstance(model.report.layers[i], LossLayer)]
        self._layers = model.report.layers
        self._segments = model.weights.trainable
        self._watched = [_watched(s, model.weights.values) for s in self._segments]
        self._before = [np.empty_like(view) for view in self._watched]
        self._silent: dict[str, np.ndarray] = {}
        self._dead_after = min(DEAD_AFTER, rows)
        self._gradient: np.ndarray | None = None
        self._spectra = Spectra(model.weights)
        self._spent = 0.0
        self._next = 0.0

    def is_due(self, now: float) -> bool:
        """May the next step be looked at? ``now`` is on the clock of ``perf_counter``; asked at every step."""
        return now >= self._next

    def before_update(self, program: Program) -> None:
        """To be called after the backward pass: looks at outputs and gradients, and remembers the weights."""
        begun = thread_time()
        for copy, view in zip(self._before, self._watched, strict=True):
            np.copyto(copy, view)
        self._noise = self._gradient_noise()
        self._gradients = [histogram(self._weights.gradients[s.start : s.stop]) for s in self._segments]
        self._outputs = [self._look_at(node, program.values[node]) for node in self._nodes]
        self._spent = thread_time() - begun

    def after_update(self, step: int, learning_rate: float, gradient_norms: np.ndarray) -> Statistics:
        """What was seen; ``gradient_norms`` (weights,) are those of the step."""
        begun = thread_time()
        self._spectra.go_on()
        weights = [self._weight(i, float(norm)) for i, norm in enumerate(gradient_norms)]
        layers = tuple(
            LayerStatistics(node, *seen, tuple(w for w, s in zip(weights, self._segments, strict=True)
                                               if s.node == node))
            for node, seen in zip(self._nodes, self._outputs, strict=True)
        )
        self._next = perf_counter() + max(EVERY, (self._spent + thread_time() - begun) / SHARE)
        return Statistics(step, learning_rate, self._noise, layers)

    def _weight(self, index: int, gradient_norm: float) -> WeightStatistics:
        segment, before = self._segments[index], self._before[index]
        change, norm = _norm(self._watched[index] - before), _norm(before)
        return WeightStatistics(
            segment.key, float(before.mean(dtype=np.float64)), float(before.std(dtype=np.float64)), gradient_norm,
            change / norm if norm > 0.0 else math.nan, histogram(before), self._gradients[index],
            self._spectra.of(segment.key),
        )  # fmt: skip

    def _look_at(self, node: str, value: np.ndarray) -> tuple[float, float, int, float, float, Histogram]:
        """Mean, σ, units, dead, saturated and histogram of one layer's output, in the engine's layout."""
        layer = self._layers[node]
        some = spaced(value, SAMPLE)
        units, dead, saturated = value.shape[_unit_axis(value)], math.nan, math.nan
        if layer.category is Category.ACTIVATION:
            dead = self._dead(node, value)
            low, high = layer.flat_ends() if isinstance(layer, Elementwise) else _NOWHERE
            if (low, high) != _NOWHERE:
                saturated = float(np.count_nonzero((some < low) | (some > high)) / some.size)
        return (float(some.mean(dtype=np.float64)), float(some.std(dtype=np.float64)), units, dead, saturated,
                histogram(some))

    def _dead(self, node: str, value: np.ndarray) -> float:
        """Counts for how many examples each unit has been zero on end, over the batches looked at."""
        axis = _unit_axis(value)
        others = tuple(i for i in range(value.ndim) if i != axis)
        alive = (value.max(axis=others) != 0) | (value.min(axis=others) != 0)
        silent = self._silent.setdefault(node, np.zeros(len(alive), np.int64))
        silent += value.shape[-1]
        silent[alive] = 0
        return float(np.count_nonzero(silent >= self._dead_after) / len(silent))

    def _gradient_noise(self) -> float:
        now = spaced(self._weights.gradients, SAMPLE).astype(np.float64)
        before, self._gradient = self._gradient, now
        if before is None:
            return math.nan
        scale = _norm(before) * _norm(now)
        return 1.0 - float(before.dot(now)) / scale if scale > 0.0 else math.nan


def histogram(values: np.ndarray) -> Histogram:
    """The spread of an array over ``BINS`` equal bins between its ends. Where it is large, numbers evenly spaced are
    counted: ``HISTOGRAM_SAMPLE`` of them; the ends are those of ``SAMPLE``, since few numbers miss the outermost."""
    some = spaced(values, HISTOGRAM_SAMPLE).astype(np.float64)
    some = some[np.isfinite(some)]
    if not some.size:
        return Histogram(0.0, 0.0, np.zeros(BINS, np.int64))
    wide = spaced(values, SAMPLE)
    low, high = float(wide.min()), float(wide.max())
    if not math.isfinite(low) or not math.isfinite(high):
        low, high = float(some.min()), float(some.max())
    low, high = min(low, float(some.min())), max(high, float(some.max()))
    scale = BINS / (high - low) if high > low else 0.0
    bins = np.minimum(((some - low) * min(scale, 1e300)).astype(np.int64), BINS - 1)
    return Histogram(low, high, np.bincount(bins, minlength=BINS))


def spaced(values: np.ndarray, most: int) -> np.ndarray:
    """At most ``most`` evenly spaced numbers of an array, flat; all of a smaller one.

    The stride is odd: the examples of a batch lie side by side and are usually a power of two, of which an even
    stride would always meet the same.
    """
    flat = values.ravel(order="K")
    return flat[:: -(-flat.size // most) | 1] if flat.size > most else flat


def _watched(segment: Segment, values: np.ndarray) -> np.ndarray:
    return spaced(values[segment.start : segment.stop], SAMPLE)


def _unit_axis(value: np.ndarray) -> int:
    """Of (features, batch), (steps, features, batch) and (height, channels, width, batch)."""
    return min(value.ndim - 2, 1)


def _norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values.astype(np.float64, copy=False)))
