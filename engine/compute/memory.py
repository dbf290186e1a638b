"""Where a program's arrays lie: taken once when it is made, shared by the programs of one model.

Programs of one model (the full batch, the ragged last one, evaluation) never run at the same time and carry nothing
over from one step to the next, so they may use the same blocks: the i-th array of each lies in block i.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


class Blocks:
    """Numbered blocks of raw memory that grow to the largest request made for their number."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self._next = 0

    def rewind(self) -> None:
        """Begins again at the first block."""
        self._next = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """The next block, as an array of any content."""
        need = math.prod(shape) * dtype.itemsize
        if self._next == len(self._blocks):
            self._blocks.append(np.empty(need, np.uint8))
        elif self._blocks[self._next].nbytes < need:
            self._blocks[self._next] = np.empty(need, np.uint8)
        block = self._blocks[self._next]
        self._next += 1
        return as_array(block, shape, dtype)

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)


class Pool:
    """Blocks that are handed out, given back and handed out again: gradients live only from the layer that writes
    them to the layer that reads them."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self._free: list[np.ndarray] = []

    def rewind(self) -> None:
        """Takes every block back."""
        self._free = list(self._blocks)

    def take(self, nbytes: int) -> np.ndarray:
        """The smallest free block that is large enough, or a new one."""
        fitting = [block for block in self._free if block.nbytes >= nbytes]
        if not fitting:
            block = np.empty(nbytes, np.uint8)
            self._blocks.append(block)
            return block
        block = min(fitting, key=lambda b: b.nbytes)
        self._free = [b for b in self._free if b is not block]
        return block

    def give_back(self, block: np.ndarray) -> None:
        self._free.append(block)

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)


class Memory:
    """All memory of one model's programs."""

    def __init__(self) -> None:
        self.arrays = Blocks()
        self.scratch = Blocks()
        self.gradients = Pool()

    @property
    def nbytes(self) -> int:
        return self.arrays.nbytes + self.scratch.nbytes + self.gradients.nbytes


def as_array(block: np.ndarray, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """The beginning of a raw block as an array."""
    return block[: math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)
