"""A growing table of numbers by step, which can be drawn at any length in the time one screen of points takes.

Rows are kept as they come. Beside them stands one row for each block of ``BLOCK`` rows: its lowest and highest values
and its mean. A view of more rows than it has room for is reduced from the blocks, so that a million rows cost a
plot no more than some ten thousand, and no peak is ever left out.
"""

from __future__ import annotations

import math

import numpy as np

#: Rows summed up in one block.
BLOCK = 64
_FIRST_ROWS = 1024
#: Memory after which every other row is dropped (blocks add about a twentieth), but so many rows are always kept.
_MOST_BYTES = 200_000_000
_FEWEST_ROWS = 65_536


class Columns:
    """Rows of float32 columns in the order of their step. Appending costs the same however many there are."""

    def __init__(self, names: tuple[str, ...], most_rows: int = 0) -> None:
        self.names = names
        most_rows = most_rows or max(_MOST_BYTES // (8 + 4 * len(names)), _FEWEST_ROWS)
        self._limit = max(most_rows // BLOCK, 2) // 2 * 2 * BLOCK
        self.count = 0
        self._steps = np.zeros(_FIRST_ROWS, np.int64)
        self._table = np.zeros((_FIRST_ROWS, len(names)), np.float32)
        self._low = np.zeros((_FIRST_ROWS // BLOCK, len(names)), np.float32)
        self._high = np.zeros_like(self._low)
        self._mean = np.zeros_like(self._low)

    @property
    def steps(self) -> np.ndarray:
        """(rows,) int64; a view, read-only by agreement."""
        return self._steps[: self.count]

    @property
    def table(self) -> np.ndarray:
        """(rows, columns) float32; a view, read-only by agreement."""
        return self._table[: self.count]

    def column(self, name: str) -> np.ndarray:
        """(rows,) float32, one column."""
        return self.table[:, self.names.index(name)]

    def append(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Adds rows (k, columns) whose ``steps`` (k,) follow on those that are here.

        Where memory would pass its limit, every other row goes first: what is old is kept more coarsely.
        """
        start = 0
        while start < len(steps):
            if self.count == self._limit:
                self._thin()
            stop = min(start + self._limit - self.count, len(steps))
            self._append(steps[start:stop], rows[start:stop])
            start = stop

    def _append(self, steps: np.ndarray, rows: np.ndarray) -> None:
        first, last = self.count, self.count + len(steps)
        self._reserve(last)
        self._steps[first:last] = steps
        self._table[first:last] = rows
        self.count = last
        self._sum_up(first)

    def drop_after(self, step: int) -> None:
        """Forgets every row later than ``step``: a run goes on from an earlier snapshot."""
        first = int(np.searchsorted(self.steps, step, side="right"))
        if first < self.count:
            self.count = first
            self._sum_up(max(first - 1, 0))

    @property
    def bytes(self) -> int:
        """What the rows take of memory, with the room kept for the next ones."""
        return sum(array.nbytes for array in (self._steps, self._table, self._low, self._high, self._mean))

    def renamed(self, names: tuple[str, ...]) -> Columns:
        """The same rows with these columns: those that are here keep their values, the others are NaN."""
        others = Columns(names, self._limit if self.names else 0)
        table = np.full((self.count, len(names)), np.nan, np.float32)
        for index, name in enumerate(names):
            if name in self.names:
                table[:, index] = self.column(name)
        others.append(self.steps, table)
        return others

    def row_at(self, step: float) -> int:
        """The row whose step is nearest; -1 where there is none."""
        if self.count == 0:
            return -1
        after = int(np.searchsorted(self.steps, math.ceil(step)))  # a float would have all steps converted
        if after == 0:
            return 0
        if after == self.count:
            return self.count - 1
        return after if self._steps[after] - step < step - self._steps[after - 1] else after - 1

    # -- for drawing -----------------------------------------------------------------------------------------

    def peaks(self, columns: list[int], first: float, last: float, bins: int) -> tuple[np.ndarray, np.ndarray]:
        """What to draw between the steps ``first`` and ``last``: steps (p,) float64 and values (p, columns) float32.

        All rows where they are few, else the lowest and highest of some ``bins`` groups, one after the other. One
        row beyond either end is included, so that lines leave the picture.
        """
        start, stop = self._rows(first, last)
        if stop - start <= 2 * bins:
            rows = slice(start, stop)
            return self._steps[rows].astype(np.float64), self._table[rows][:, columns]
        if stop - start <= 2 * bins * BLOCK:
            low = high = self._table[:stop, columns]
            size = 1
        else:
            start, stop, size = start // BLOCK, -(-stop // BLOCK), BLOCK
            low, high = self._low[:stop, columns], self._high[:stop, columns]
        groups = _group_starts(start, stop, bins)
        pairs = np.empty((2 * len(groups), len(columns)), np.float32)
        pairs[0::2] = np.fmin.reduceat(low, groups, axis=0)
        pairs[1::2] = np.fmax.reduceat(high, groups, axis=0)
        return np.repeat(self._steps[groups * size].astype(np.float64), 2), pairs

    def highest(self, columns: list[int], edges: np.ndarray) -> np.ndarray:
        """The highest values between each two of ``edges`` (pixels + 1,), for a picture of a pixel each: (pixels,
        columns) float32. A pixel without rows has the values of the row before; NaN where nothing is known yet, or any
        more. Where rows are many, a value may count for the pixel before its own."""
        start, stop = self._rows(edges[0], edges[-1])
        size = 1
        if stop - start > 2 * len(edges) * BLOCK:
            start, stop, size = start // BLOCK, -(-stop // BLOCK), BLOCK
        values = (self._table if size == 1 else self._high)[start:stop, columns]
        steps = self._steps[start * size : stop * size : size]
        if not len(steps):
            return np.full((len(edges) - 1, len(columns)), np.nan, np.float32)
        whole = np.ceil(edges).astype(np.int64)
        first = np.searchsorted(steps, whole[:-1], side="left")
        after = np.searchsorted(steps, whole[1:], side="left")
        after[-1] = np.searchsorted(steps, math.floor(edges[-1]), side="right")
        picture = values[np.maximum(first - 1, 0)]
        some = after > first
        if some.any():
            picture[some] = np.fmax.reduceat(values[: after[-1]], first[some], axis=0)
        early = edges[1:] <= steps[0]
        early[-1] = edges[-1] < steps[0]
        picture[early | (edges[:-1] > self._steps[self.count - 1])] = np.nan
        return picture

    def means(
        self, columns: list[int], first: float, last: float, points: int, window: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean over the last ``window`` steps (fewer at the beginning) at up to some ``points`` rows in view.

        Returns steps (p,) float64 and values (p, columns) float64; NaN is left out of a mean, and the mean of
        nothing is NaN.
        """
        start, stop = self._rows(first, last)
        size = 1
        if stop - start > 2 * points * BLOCK:
            start, stop, size = start // BLOCK, -(-stop // BLOCK), BLOCK
        values = (self._table if size == 1 else self._mean)[:stop, columns]
        shown = _group_starts(start, stop, points)
        if stop > start and (len(shown) == 0 or shown[-1] != stop - 1):
            shown = np.append(shown, stop - 1)
        at = self._steps[np.minimum(shown * size + (size - 1), self.count - 1)]
        rows = np.searchsorted(self.steps, at - window, side="right")  # rows may lie any number of steps apart
        since = np.minimum(np.rint(rows / size).astype(np.int64), shown)
        before = int(since[0]) if len(since) else 0
        return at.astype(np.float64), _running_mean(values[before:stop], shown - before, since - before)

    def _rows(self, first: float, last: float) -> tuple[int, int]:
        steps = self.steps
        start = int(np.searchsorted(steps, math.ceil(first), side="left"))
        stop = int(np.searchsorted(steps, math.floor(last), side="right"))
        return max(start - 1, 0), min(stop + 1, self.count)

    # -- inside ----------------------------------------------------------------------------------------------

    def _reserve(self, rows: int) -> None:
        capacity = len(self._steps)
        if rows <= capacity:
            return
        while capacity < rows:
            capacity *= 2
        self._steps = _grown(self._steps, capacity)
        self._table = _grown(self._table, capacity)
        for name in ("_low", "_high", "_mean"):
            setattr(self, name, _grown(getattr(self, name), capacity // BLOCK))

    def _sum_up(self, first: int) -> None:
        """Sums up anew every block from the one that holds row ``first``."""
        block, stop = first // BLOCK, -(-self.count // BLOCK)
        if block >= stop or not self.names:
            return
        rows = self._table[block * BLOCK : self.count]
        starts = np.arange(0, len(rows), BLOCK)
        self._low[block:stop] = np.fmin.reduceat(rows, starts, axis=0)
        self._high[block:stop] = np.fmax.reduceat(rows, starts, axis=0)
        finite = np.isfinite(rows)
        counts = np.add.reduceat(finite, starts, axis=0, dtype=np.float64)
        sums = np.add.reduceat(np.where(finite, rows, 0.0), starts, axis=0, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            self._mean[block:stop] = sums / counts

    def _thin(self) -> None:
        """Keeps every other row, the newest among them."""
        kept = self.count // 2
        self._steps[:kept] = self._steps[1 : self.count : 2].copy()
        self._table[:kept] = self._table[1 : self.count : 2].copy()
        self.count = kept
        self._sum_up(0)


def _grown(array: np.ndarray, rows: int) -> np.ndarray:
    larger = np.zeros((rows, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger


def _group_starts(start: int, stop: int, groups: int) -> np.ndarray:
    """Where groups of rows begin. Their size is a power of two and their beginnings are multiples of it, so that they
    stay put while rows are added, and the picture does not flicker."""
    size = 1
    while (stop - start) > groups * size:
        size *= 2
    return np.arange(start // size * size, stop, size)


def _running_mean(values: np.ndarray, at: np.ndarray, since: np.ndarray) -> np.ndarray:
    """Mean of the rows from each of ``since`` to the row ``at`` beside it; NaN left out."""
    finite = np.isfinite(values)
    sums = np.zeros((len(values) + 1, values.shape[1]))
    counts = np.zeros_like(sums)
    np.cumsum(np.where(finite, values, 0.0), axis=0, dtype=np.float64, out=sums[1:])
    np.cumsum(finite, axis=0, dtype=np.float64, out=counts[1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        return (sums[at + 1] - sums[since]) / (counts[at + 1] - counts[since])
