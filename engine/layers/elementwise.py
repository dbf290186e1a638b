"""The base of layers that treat each number by itself, and the curves that several of them are made of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from engine.issues import Issue
from engine.layer import Examples, Layer
from engine.shapes import Shape

#: Examples of every rank, for the contract suite.
SHAPES: Examples = (({}, ((5,),)), ({}, ((3, 2),)), ({}, ((2, 3, 4),)))


class Elementwise(Layer):
    """A function of each number by itself: the shape stays."""

    examples: ClassVar[Examples] = SHAPES

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def flat_ends(self) -> tuple[float, float]:
        """Outputs below the first number and above the second are saturated: the curve is all but level there. An
        infinite number stands for an end where it is not."""
        return -math.inf, math.inf


def row_shape(x: np.ndarray, axis: int) -> Shape:
    """The shape of ``x`` after a sum along ``axis`` that keeps it."""
    return tuple(1 if i == axis else n for i, n in enumerate(x.shape))


def sigmoid_calls(x: np.ndarray, out: np.ndarray) -> list[tuple]:
    """σ(z) = ½·tanh(z/2) + ½: exact, never overflows, and faster than the exponential."""
    return [(np.multiply, x, 0.5, out), (np.tanh, out, out), (np.multiply, out, 0.5, out), (np.add, out, 0.5, out)]


def softmax_calls(x: np.ndarray, out: np.ndarray, row: np.ndarray, axis: int) -> list[tuple]:
    """Softmax along ``axis``; the largest score is taken off first, so that no exponential overflows."""
    return [
        (np.maximum.reduce, x, axis, None, row, True),
        (np.subtract, x, row, out),
        (np.exp, out, out),
        (np.add.reduce, out, axis, None, row, True),
        (np.divide, out, row, out),
    ]


#: Numbers of a band: a few bands of this size stay in a core's own cache from one call to the next.
BAND = 32_768


def band_shape(shape: Shape) -> Shape:
    """The shape of the largest band of an array of this shape: whole rows of its first axis."""
    row = max(1, math.prod(shape[1:]))
    return (min(shape[0], max(1, BAND // row)), *shape[1:])


def band_slices(shape: Shape, part: slice | None = None) -> Iterator[slice]:
    """Slices of the first axis (or of a part of it), one a band. A chain of calls over large arrays is written band by
    band, so that each call finds in the cache what the one before it left there."""
    step = band_shape(shape)[0]
    begin, end = (part.start, part.stop) if part else (0, shape[0])
    for start in range(begin, end, step):
        yield slice(start, min(start + step, end))


def bands(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The arrays band by band. One that is shorter than the first is working space (of :func:`band_shape`): every band
    uses it from its beginning."""
    length = len(arrays[0])
    for band in band_slices(arrays[0].shape):
        count = band.stop - band.start
        yield tuple(a[band] if len(a) == length else a[:count] for a in arrays)
