"""The max-norm constraint: no unit's incoming weights are longer than a limit (Srebro & Shraibman 2005)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.compute.weights import Weights


def max_norm_calls(weights: Weights, limit: float) -> list[Callable[[], Any]]:
    """Calls that scale the rows of every weight array that decays down to the norm ``limit``, made once.

    A row is what the first axis of the public array counts: a Dense layer's units, a convolution's filters, a
    recurrent layer's gates. Arrays of one axis (gains, offsets) are left alone.
    """
    arrays = [segment.public(weights.values) for segment in weights.trainable
              if segment.spec.decays and len(segment.shape) > 1]
    memory = np.empty(max((array.size for array in arrays), default=0), weights.values.dtype)
    calls: list[Callable[[], Any]] = []
    for array in arrays:
        # The squares lie in memory as the weights do, whatever order of axes the public view shows.
        order = np.argsort([-stride for stride in array.strides], kind="stable")
        laid_out = memory[: array.size].reshape([array.shape[axis] for axis in order])
        squares = laid_out.transpose(np.argsort(order))
        axes = tuple(range(1, array.ndim))
        norms = np.empty((array.shape[0], *[1] * len(axes)), array.dtype)
        calls += [
            partial(np.multiply, array, array, squares),
            partial(np.add.reduce, squares, axes, None, norms, True),
            partial(np.sqrt, norms, norms),
            partial(np.maximum, norms, limit, out=norms),
            partial(np.divide, limit, norms, norms),
            partial(np.multiply, array, norms, array),
        ]
    return calls
