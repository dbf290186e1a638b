"""Singular values of a network's weight matrices, measured slowly: one matrix at a time, at a pace its cost allows."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from engine.compute.weights import Segment, Weights
from engine.shapes import size

#: Seconds in which all matrices are measured once, at the soonest, and the share of the time this may take.
EVERY, SHARE = 1.0, 0.015
#: Multiply–adds beyond which a matrix is left out: an answer to the person must not wait for it.
MOST_WORK = 150_000_000
_NONE = np.zeros(0)


class Spectra:
    """The newest singular values of each matrix of ``weights``."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._matrices = [s for s in weights.trainable if len(s.shape) > 1 and _work(s) <= MOST_WORK]
        self._found: dict[str, np.ndarray] = {}
        self._turn = 0
        self._next = 0.0

    def of(self, key: str) -> np.ndarray:
        """(r,) float64, largest first; empty where there are none."""
        return self._found.get(key, _NONE)

    def go_on(self) -> None:
        """Measures the next matrix if it is time for it."""
        begun = perf_counter()
        if not self._matrices or begun < self._next:
            return
        segment = self._matrices[self._turn % len(self._matrices)]
        self._turn += 1
        self._found[segment.key] = singular_values(segment.public(self._weights.values))
        now = perf_counter()
        first_round = self._turn < len(self._matrices)
        pause = 0.0 if first_round else EVERY / len(self._matrices)
        self._next = now + max(pause, (now - begun) / SHARE)


def singular_values(weight: np.ndarray) -> np.ndarray:
    """(r,) float64, largest first, of a weight in its public layout; kernels as (filters, all the rest).

    What is below σ₁·ε times the larger side is rounding, and 0 (as in NumPy's matrix_rank): equal rows make a matrix
    of rank 1, whose other values would come out as noise of 1e-17, different each time.
    """
    matrix = weight.reshape(len(weight), -1).astype(np.float64)
    if not np.isfinite(matrix).all():
        return _NONE
    values = np.linalg.svd(matrix, compute_uv=False)
    values[values < values.max(initial=0.0) * max(matrix.shape) * np.finfo(np.float64).eps] = 0.0
    return values


def condition(values: np.ndarray) -> float:
    """κ = σ₁ / σᵣ; infinite where the smallest is zero, NaN where there are no values."""
    if not len(values):
        return float("nan")
    return float(values[0] / values[-1]) if values[-1] > 0.0 else float("inf")


def _work(segment: Segment) -> int:
    rows, columns = segment.shape[0], size(segment.shape[1:])
    return rows * columns * min(rows, columns)
