"""Where a program's arrays lie: taken once when it is made, shared by the programs of one model.

Programs of one model (the full batch, the ragged last one, evaluation) never run at the same time and carry nothing
over from one step to the next, so they may use the same blocks: the i-th array of each lies in block i.

A *virtual* memory hands out arrays that have shape and strides and occupy nothing. A program made over it is never
run; it tells to the byte what the real one would take, before anything is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

#: Arrays begin at multiples of a cache line: a vector instruction then never reads from two.
ALIGNMENT = 64


#: The large pages of common systems: one address to translate in place of 512.
HUGE_PAGE = 1 << 21


def aligned(nbytes: int) -> np.ndarray:
    """Raw memory of any content that begins at a multiple of a cache line, or of a large page where it fills nearly
    whole ones: systems that have them take the last one whole too."""
    fills = nbytes >= HUGE_PAGE and -nbytes % HUGE_PAGE <= nbytes // 16
    alignment = HUGE_PAGE if fills else ALIGNMENT
    raw = np.empty(nbytes + alignment, np.uint8)
    offset = -raw.ctypes.data % alignment
    return raw[offset : offset + nbytes]


class Block:
    """A piece of raw memory, real or virtual."""

    __slots__ = ("_raw", "nbytes")

    def __init__(self, nbytes: int, virtual: bool) -> None:
        self.nbytes = nbytes
        self._raw = None if virtual else aligned(nbytes)

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """The beginning of the block as an array."""
        if self._raw is None:
            return _virtual_array(shape, dtype)
        return self._raw[: math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)


def _virtual_array(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """An array whose numbers do not exist. It cannot be written, so that a layer which fills an array while it
    writes its pass down fails here and not in memory that is not its own: tables are made with ``ctx.table``."""
    strides = [dtype.itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return as_strided(np.zeros(1, dtype), shape, strides, writeable=False)


def _bytes(shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    return math.prod(shape) * dtype.itemsize


class Blocks:
    """Numbered blocks, one an array; a later program of the same model takes the same ones again."""

    def __init__(self, virtual: bool) -> None:
        self._virtual = virtual
        self._blocks: list[Block] = []
        self._next = 0

    def rewind(self) -> None:
        """Begins again at the first block."""
        self._next = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """The next block, as an array of any content; a block that is too small is replaced by a larger one."""
        need = _bytes(shape, dtype)
        if self._next == len(self._blocks):
            self._blocks.append(Block(need, self._virtual))
        elif self._blocks[self._next].nbytes < need:
            self._blocks[self._next] = Block(need, self._virtual)
        block = self._blocks[self._next]
        self._next += 1
        return block.array(shape, dtype)

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)


class Pool:
    """Blocks that are handed out, given back and handed out again: gradients live only from the layer that writes
    them to the layer that reads them."""

    def __init__(self, virtual: bool) -> None:
        self._virtual = virtual
        self._blocks: list[Block] = []
        self._free: list[Block] = []

    def rewind(self) -> None:
        """Takes every block back."""
        self._free = list(self._blocks)

    def take(self, nbytes: int) -> Block:
        """The smallest free block that is large enough, or a new one."""
        fitting = [block for block in self._free if block.nbytes >= nbytes]
        if not fitting:
            block = Block(nbytes, self._virtual)
            self._blocks.append(block)
            return block
        block = min(fitting, key=lambda b: b.nbytes)
        self._free.remove(block)
        return block

    def give_back(self, block: Block) -> None:
        self._free.append(block)

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)


class Scratch:
    """One region that every pass of every node may use from its beginning, and nobody owns.

    How large it must be is known from the virtual program, so the real region is taken once, at its full size.
    """

    def __init__(self, virtual: bool) -> None:
        self._virtual = virtual
        self._region = Block(0, virtual)
        self._used = 0
        self.needed = 0

    def reserve(self, nbytes: int) -> None:
        """Makes room for passes that take this much."""
        if nbytes > self._region.nbytes:
            self._region = Block(nbytes, self._virtual)

    def rewind(self) -> None:
        """A new pass begins: what the last one took is free."""
        self._used = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """The next piece of the region, as an array of any content."""
        start, length = self._used, _bytes(shape, dtype)
        self._used = start + -(-length // ALIGNMENT) * ALIGNMENT
        self.needed = max(self.needed, self._used)
        if self._virtual:
            return self._region.array(shape, dtype)
        whole = self._region.array((self._region.nbytes,), np.dtype(np.uint8))
        return whole[start : start + length].view(dtype).reshape(shape)

    @property
    def nbytes(self) -> int:
        return self.needed if self._virtual else self._region.nbytes


class Memory:
    """All memory of one model's programs."""

    def __init__(self, virtual: bool = False) -> None:
        self.virtual = virtual
        self.arrays = Blocks(virtual)
        self.scratch = Scratch(virtual)
        self.gradients = Pool(virtual)
        self.kept_bytes = 0

    def zeros(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """Memory of one's own, zero at first, never shared."""
        self.kept_bytes += _bytes(shape, dtype)
        if self.virtual:
            return Block(0, True).array(shape, dtype)
        array = Block(_bytes(shape, dtype), False).array(shape, dtype)
        array.fill(0)
        return array

    def table(self, make: Callable[[], np.ndarray], shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """Numbers that a pass reads and nobody changes; they are made only for a real memory."""
        array = self.zeros(shape, dtype)
        if not self.virtual:
            array[...] = make()
            array.flags.writeable = False
        return array

    @property
    def nbytes(self) -> int:
        return self.arrays.nbytes + self.scratch.nbytes + self.gradients.nbytes + self.kept_bytes
