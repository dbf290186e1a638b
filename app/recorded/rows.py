"""Rows of numbers in a fixed room, with the lowest, highest and mean of each block of them."""

from __future__ import annotations

import mmap

import numpy as np

#: Rows summed up in one block, from fine to coarse; each holds whole ones of the one before.
BLOCKS = (16, 256)
#: Rows that may wait to be summed up until somebody asks for blocks: one by one they would cost the same each.
_MOST_WAITING = 1024


#: Bytes from which numpy asks for pages of 2 MB; making one ready takes up to 10 ms where memory is scattered.
_LARGE = 4_194_304


def _zeros(rows: int, columns: int, kind: type) -> np.ndarray:
    """An array (rows, columns) that takes memory as it is written to, by small pages."""
    size = rows * columns * np.dtype(kind).itemsize
    if size < _LARGE:
        return np.zeros((rows, columns), kind)
    return np.frombuffer(mmap.mmap(-1, size), kind).reshape(rows, columns)


class Blocks:
    """One row for each block: its lowest, highest and mean values, (blocks, columns) float32."""

    def __init__(self, room: int, columns: int) -> None:
        self.low, self.high, self.mean = (_zeros(room, columns, np.float32) for _ in range(3))


class Rows:
    """Up to ``room`` rows, appended in the order of their steps. Memory is taken as they come."""

    def __init__(self, room: int, columns: int) -> None:
        self.room = room
        self.count = 0
        self.steps = _zeros(room, 1, np.int64)[:, 0]
        self.table = _zeros(room, columns, np.float32)
        self._blocks = {size: Blocks(-(-room // size), columns) for size in BLOCKS}
        self._summed = 0  # rows that the blocks hold already

    @property
    def bytes(self) -> int:
        summed = sum(3 * blocks.low.nbytes for blocks in self._blocks.values())
        return self.steps.nbytes + self.table.nbytes + summed

    def write(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Adds ``rows`` (k, columns), for which there is room."""
        first, self.count = self.count, self.count + len(steps)
        self.steps[first : self.count] = steps
        self.table[first : self.count] = rows
        if self.count - self._summed >= _MOST_WAITING:
            self._sum_up()

    def cut(self, count: int) -> None:
        """Forgets all but the first rows."""
        self.count = count
        self._summed = min(self._summed, max(count - 1, 0))  # the last block may have held more

    def blocks(self, size: int) -> Blocks:
        """All rows by blocks of ``size``, one of BLOCKS; the last may hold fewer."""
        if self._summed < self.count:
            self._sum_up()
        return self._blocks[size]

    def _sum_up(self) -> None:
        """Sums up anew every block from the first that does not hold all its rows."""
        first, self._summed = self._summed, self.count
        begin = first // BLOCKS[-1] * BLOCKS[-1]
        low = high = self.table[begin : self.count]
        if not low.size:
            return
        finite = np.isfinite(low)
        some_missing = not finite.all()
        sums = np.where(finite, low, 0.0) if some_missing else low
        counts: np.ndarray = finite if some_missing else np.ones((len(low), 1))
        before = 1
        for size, blocks in self._blocks.items():
            many = size // before
            low, high = _by_blocks(np.fmin, low, many), _by_blocks(np.fmax, high, many)
            sums, counts = _by_blocks(np.add, sums, many, np.float64), _by_blocks(np.add, counts, many, np.float64)
            place = slice(begin // size, begin // size + len(low))
            blocks.low[place], blocks.high[place] = low, high
            with np.errstate(invalid="ignore"):
                blocks.mean[place] = sums / counts
            before = size


def _by_blocks(operation: np.ufunc, rows: np.ndarray, size: int, kind: type = np.float32) -> np.ndarray:
    """Each ``size`` rows made one by an operation; the last of them may be fewer."""
    whole = len(rows) // size * size
    found = operation.reduce(rows[:whole].reshape(-1, size, rows.shape[1]), axis=1, dtype=kind)
    if whole == len(rows):
        return found
    return np.concatenate([found, operation.reduce(rows[whole:], axis=0, dtype=kind)[None]])
