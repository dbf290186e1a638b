"""Geometry and array helpers that several layers share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided




@dataclass(frozen=True, slots=True)
class Window:
    """A kernel that slides along one axis of ``length``, with zeros (or nothing) before and after."""

    length: int
    kernel: int
    stride: int
    before: int
    after: int

    @property
    def out(self) -> int:
        """How many places the kernel takes; ≤ 0 where it does not fit."""
        return (self.length + self.before + self.after - self.kernel) // self.stride + 1

    def inside(self, offset: int) -> tuple[slice, slice]:
        """For the kernel's entry ``offset``: which outputs it meets data at, and which data those are."""
        first = max(0, -(-(self.before - offset) // self.stride))
        last = min(self.out - 1, (self.length - 1 + self.before - offset) // self.stride)
        start = first * self.stride + offset - self.before
        stop = last * self.stride + offset - self.before + 1
        if last < first:
            return slice(0, 0), slice(0, 0)
        return slice(first, last + 1), slice(start, stop, self.stride)


def window(length: int, kernel: int, stride: int, padding: str | int) -> Window:
    """The window that ``padding`` means: "valid" none, "same" out = ⌈length / stride⌉ (the odd zero after), or n."""
    if padding == "same":
        out = -(-length // stride)
        total = max((out - 1) * stride + kernel - length, 0)
        return Window(length, kernel, stride, total // 2, total - total // 2)
    pad = 0 if padding == "valid" else int(padding)
    return Window(length, kernel, stride, pad, pad)


def channel_axis(rank: int) -> int:
    """The axis of the channels (features) in the engine's layout, for examples of this rank."""
    return {1: 0, 2: 1, 3: 1}.get(rank, rank - 1)


def along_channels(vector: np.ndarray, rank: int) -> np.ndarray:
    """A view of one number per channel that broadcasts over the engine's layout."""
    shape = [1] * (rank + 1)
    shape[channel_axis(rank)] = vector.shape[0]
    return vector.reshape(shape)


def row_bands(rows: np.ndarray, count: int, kernel: int, stride: int) -> np.ndarray:
    """Overlapping bands of ``kernel`` consecutive rows, as one batch of matrices over the same memory.

    ``rows`` is contiguous (H, K, M); the result is (count, kernel·K, M), band i beginning at row i·stride.
    """
    _, depth, width = rows.shape
    step, _, _ = rows.strides
    item = rows.itemsize
    return as_strided(rows, (count, kernel * depth, width), (stride * step, width * item, item))


