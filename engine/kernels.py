"""Geometry and array helpers that several layers share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

#: Up to so many multiply–adds OpenBLAS multiplies without laying the operands out anew, which is up to 1.5 times as
#: fast, but not where the second operand is transposed.
SMALL_PRODUCT = 1_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel that slides along one axis of ``length``, with zeros (or nothing) before and after.

    ``dilation`` is the distance of the kernel's entries.
    """

    length: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        """How many places the kernel spans."""
        return reach(self.kernel, self.dilation)

    @property
    def out(self) -> int:
        """How many places the kernel takes; ≤ 0 where it does not fit."""
        return (self.length + self.before + self.after - self.reach) // self.stride + 1

    def inside(self, entry: int) -> tuple[slice, slice]:
        """For an entry of the kernel: which outputs it meets data at, and which data those are."""
        offset = entry * self.dilation
        first = max(0, -(-(self.before - offset) // self.stride))
        last = min(self.out - 1, (self.length - 1 + self.before - offset) // self.stride)
        start = first * self.stride + offset - self.before
        stop = last * self.stride + offset - self.before + 1
        if last < first:
            return slice(0, 0), slice(0, 0)
        return slice(first, last + 1), slice(start, stop, self.stride)


def reach(kernel: int, dilation: int) -> int:
    """How many places a kernel of ``kernel`` entries spans that lie ``dilation`` apart."""
    return (kernel - 1) * dilation + 1


def window(length: int, kernel: int, stride: int, padding: str | int, dilation: int = 1) -> Window:
    """The window that ``padding`` means: "valid" none, "same" out = ⌈length / stride⌉ (the odd zero after), "causal"
    the same with every zero before, or n on either side."""
    if padding in ("same", "causal"):
        out = -(-length // stride)
        total = max((out - 1) * stride + reach(kernel, dilation) - length, 0)
        before = total // 2 if padding == "same" else reach(kernel, dilation) - 1
        return Window(length, kernel, stride, before, max(total - before, 0), dilation)
    pad = 0 if padding == "valid" else int(padding)
    return Window(length, kernel, stride, pad, pad, dilation)


@cache
def whole_columns(width: int, n: int, each: int) -> int:
    """The most columns of ``n`` numbers, a divisor of ``width``, whose product is a small one at ``each`` multiply–adds
    a number; 0 where one column is too many."""
    return max((c for c in range(1, width + 1) if width % c == 0 and c * n * each <= SMALL_PRODUCT), default=0)


def channel_axis(rank: int) -> int:
    """The axis of the channels (features) in the engine's layout, for examples of this rank."""
    return {1: 0, 2: 1, 3: 1}.get(rank, rank - 1)


def along_channels(vector: np.ndarray, rank: int) -> np.ndarray:
    """A view of one number per channel that broadcasts over the engine's layout."""
    shape = [1] * (rank + 1)
    shape[channel_axis(rank)] = vector.shape[0]
    return vector.reshape(shape)
