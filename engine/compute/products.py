"""Matrix products that would take long, written down as several calls: whoever waits for an answer is heard in between.

Each piece makes some rows of the result, or some matrices of a stack, or some columns of these. How a number of it is
added up does not depend on the others, so the pieces give what the whole gives (OpenBLAS: to the last bit, with edges
at multiples of 64). Operands are laid out for the processor anew for each piece: eight pieces of a product of 34 G
multiply–adds cost 12 % more time than the whole. Only what takes longer than :data:`LONGEST` is cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

#: Multiply–adds of a piece for each thread that shares it: some 30 ms of a processor that does 70 G a second.
LONGEST = 1 << 31
#: Edges lie at multiples of so many rows or columns, of which processors' kernels are divisors.
_ROWS = 64


def in_pieces(function: Callable[..., Any], arguments: tuple[Any, ...], most: int) -> list[Callable[[], Any]] | None:
    """Calls of at most about ``most`` multiply–adds for ``matmul(a, b, out)`` or ``a.dot(b, out)``; None where the call
    is something else or short enough."""
    owner = getattr(function, "__self__", None)
    if function is np.matmul:
        operands = arguments
    elif isinstance(owner, np.ndarray) and getattr(function, "__name__", "") == "dot":
        operands = (owner, *arguments)
    else:
        return None
    if len(operands) != 3 or any(operand.ndim < 2 for operand in operands):
        return None
    a, b, out = operands
    work = out.size * a.shape[-1]
    if work <= most:
        return None
    axis = max(range(-out.ndim, -1), key=lambda axis: _cuts(out, axis))
    count = max(min(math.ceil(work / most), _cuts(out, axis)), 1)
    across = min(math.ceil(work / most / count), max(_cuts(out, -1), 1))  # the columns only where that is not enough
    return [partial(np.matmul, _share(a, out, axis, part), columns(b if axis == -2 else _share(b, out, axis, part)),
                    columns(_share(out, out, axis, part)))
            for part in _parts(out.shape[axis], count, _step(axis))
            for columns in map(_columns, _parts(out.shape[-1], across, _ROWS))]


def _cuts(out: np.ndarray, axis: int) -> int:
    """The most parts an axis can be cut into."""
    return out.shape[axis] // _step(axis)


def _step(axis: int) -> int:
    return _ROWS if axis >= -2 else 1


def _columns(part: slice) -> Callable[[np.ndarray], np.ndarray]:
    return lambda array: array[..., part]


def _parts(length: int, count: int, step: int) -> Iterator[slice]:
    edges = [number * length // count // step * step for number in range(count)] + [length]
    return (slice(start, stop) for start, stop in pairwise(edges) if start < stop)


def _share(array: np.ndarray, out: np.ndarray, axis: int, part: slice) -> np.ndarray:
    """Part of an axis, counted from the last, where the array has it as ``out`` has."""
    if array.ndim < -axis or array.shape[axis] != out.shape[axis]:
        return array
    index: list[Any] = [Ellipsis, part, *[slice(None)] * (-axis - 1)]
    return array[tuple(index)]
