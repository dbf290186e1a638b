"""The max-norm constraint: no unit's incoming weights are longer than a limit (Srebro & Shraibman 2005)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.compute.weights import Weights

Call = Callable[[], Any]

#: Weights that are looked at together, where no row is longer: some 10 ms.
STRETCH = 1 << 22


def max_norm_calls(weights: Weights, limit: float) -> list[list[Call]]:
    """Calls that scale the rows of every weight array that decays down to the norm ``limit``, made once; those of some
    rows together.

    A row is what the first axis of the public array counts: a Dense layer's units, a convolution's filters, a
    recurrent layer's gates. Arrays of one axis (gains, offsets) are left alone.
    """
    arrays = [part for segment in weights.trainable if segment.spec.decays and len(segment.shape) > 1
              for part in _some_rows(segment.public(weights.values))]
    memory = np.empty(max((array.size for array in arrays), default=0), weights.values.dtype)
    return [_calls(array, memory[: array.size], limit) for array in arrays]


def _some_rows(array: np.ndarray) -> list[np.ndarray]:
    rows = max(1, STRETCH * len(array) // max(array.size, 1))
    return [array[start : start + rows] for start in range(0, len(array), rows)]


def _calls(array: np.ndarray, memory: np.ndarray, limit: float) -> list[Call]:
    # The squares lie in memory as the weights do, whatever order of axes the public view shows.
    order = np.argsort([-stride for stride in array.strides], kind="stable")
    squares = memory.reshape([array.shape[axis] for axis in order]).transpose(np.argsort(order))
    axes = tuple(range(1, array.ndim))
    norms = np.empty((array.shape[0], *[1] * len(axes)), array.dtype)
    return [
        partial(np.multiply, array, array, squares),
        partial(np.add.reduce, squares, axes, None, norms, True),
        partial(np.sqrt, norms, norms),
        partial(np.maximum, norms, limit, out=norms),
        partial(np.divide, limit, norms, norms),
        partial(np.multiply, array, norms, array),
    ]
