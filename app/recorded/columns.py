"""A growing table of numbers by step, which can be drawn at any length in the time one screen of points takes.

Rows are kept as they come. Beside them stands one row for each block of 16, and of 256, rows: its lowest and highest
values and its mean. A view of more rows than it has room for is reduced from the blocks, so that a million rows cost a
plot no more than some ten thousand, and no peak is ever left out.

Where the room for rows runs out, they go to a larger one, or every other of them to one of the same size. They are
carried over a few at a time while the last half of the room is filled: all at once would take a tenth of a second.
"""

from __future__ import annotations

import math
import threading

import numpy as np

from app.recorded.rows import BLOCKS, Rows

_FIRST_ROWS = 1024
#: Memory after which every other row is dropped (blocks add a fifth), but so many rows are always kept.
_MOST_BYTES = 200_000_000
_FEWEST_ROWS = 65_536
#: Memory that takes more than a millisecond to give back.
_MUCH = 16_000_000
#: Means are of single rows for so many times as long as extremes are: a window need not be of whole blocks then.
_FINER = 4


class Columns:
    """Rows of float32 columns in the order of their step. Appending costs the same however many there are."""

    def __init__(self, names: tuple[str, ...], most_rows: int = 0) -> None:
        self.names = names
        most_rows = most_rows or max(_MOST_BYTES // (8 + 4 * len(names)), _FEWEST_ROWS)
        self._limit = max(most_rows // (2 * BLOCKS[-1]), 1) * 2 * BLOCKS[-1]
        self._rows = Rows(min(_FIRST_ROWS, self._limit), len(names))
        self._next: Rows | None = None  # where they go when the room is full
        self._carried = self._begun = 0  # of the rows, how many have been, and how many there were when that began

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._rows.count

    @property
    def steps(self) -> np.ndarray:
        """(rows,) int64; a view, read-only by agreement."""
        return self._rows.steps[: self.count]

    @property
    def table(self) -> np.ndarray:
        """(rows, columns) float32; a view, read-only by agreement."""
        return self._rows.table[: self.count]

    def column(self, name: str) -> np.ndarray:
        """(rows,) float32, one column."""
        return self.table[:, self.names.index(name)]

    def append(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Adds rows (k, columns) whose ``steps`` (k,) follow on those that are here.

        Where memory would pass its limit, every other row goes first: what is old is kept more coarsely.
        """
        start = 0
        while start < len(steps):
            self._make_room(len(steps) - start)
            before = self.count
            stop = min(start + self._rows.room - before, len(steps))
            self._rows.write(steps[start:stop], rows[start:stop])
            self._carry(before)
            start = stop

    def _make_room(self, more: int) -> None:
        """Moves on where the room is full; at once to a much larger one where many rows come together."""
        wanted = min(2 * (self.count + more), self._limit)
        if wanted > 4 * self._rows.room:
            self._next = Rows(wanted // BLOCKS[-1] * BLOCKS[-1], len(self.names))
            self._next.write(self.steps, self.table)
            self._move_on()
        elif self._next is not None and self.count == self._rows.room:
            self._move_on()

    def _move_on(self) -> None:
        """Goes on in the next room. A thread gives the memory of this one back: the system takes 20 ms for 200 MB."""
        left, self._rows, self._next = [self._rows], self._next or self._rows, None
        if left[0].bytes > _MUCH:
            threading.Thread(target=left.clear, name="giving memory back", daemon=True).start()

    def _carry(self, before: int) -> None:
        """Has so many rows carried over as filling the room from ``before`` calls for: all, once it is full."""
        here, thins = self._rows, self._rows.room >= self._limit
        if here.count <= here.room // 2:
            return
        if self._next is None:
            room = self._limit if thins else min(2 * here.room, self._limit)
            self._next, self._carried = Rows(room, len(self.names)), 0
            self._begun = max(before, here.room // 2)
        until = here.room * (here.count - self._begun) // (here.room - self._begun) // 2 * 2
        steps, rows = here.steps[self._carried : until], here.table[self._carried : until]
        if thins:  # the newest among them stays
            steps, rows = steps[1::2], rows[1::2]
        self._next.write(steps, rows)
        self._carried = until

    def drop_after(self, step: int) -> None:
        """Forgets every row later than ``step``: a run goes on from an earlier snapshot."""
        first = int(np.searchsorted(self.steps, step, side="right"))
        if first < self.count:
            self._rows.cut(first)
            self._next = None

    @property
    def bytes(self) -> int:
        """What the rows take of memory, with the room kept for the next ones."""
        return self._rows.bytes + (self._next.bytes if self._next else 0)

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
        return after if self._rows.steps[after] - step < step - self._rows.steps[after - 1] else after - 1

    # -- for drawing -----------------------------------------------------------------------------------------

    def peaks(self, columns: list[int], first: float, last: float, bins: int) -> tuple[np.ndarray, np.ndarray]:
        """What to draw between the steps ``first`` and ``last``: steps (p,) float64 and values (p, columns) float32.

        All rows where they are few, else the lowest and highest of some ``bins`` groups, one after the other. One
        row beyond either end is included, so that lines leave the picture.
        """
        start, stop = self._seen(first, last)
        rows = self._rows
        if stop - start <= 2 * bins:
            seen = slice(start, stop)
            return rows.steps[seen].astype(np.float64), rows.table[seen][:, columns]
        size = _block(stop - start, bins)
        start, stop = start // size, -(-stop // size)
        groups = _group_starts(start, stop, bins)
        seen = slice(groups[0], stop)
        if size == 1:
            low = high = rows.table[seen, columns]
        else:
            blocks = rows.blocks(size)
            low, high = blocks.low[seen, columns], blocks.high[seen, columns]
        pairs = np.empty((2 * len(groups), len(columns)), np.float32)
        pairs[0::2] = np.fmin.reduceat(low, groups - groups[0], axis=0)
        pairs[1::2] = np.fmax.reduceat(high, groups - groups[0], axis=0)
        return np.repeat(rows.steps[groups * size].astype(np.float64), 2), pairs

    def highest(self, columns: list[int], edges: np.ndarray) -> np.ndarray:
        """The highest values between each two of ``edges`` (pixels + 1,), for a picture of a pixel each: (pixels,
        columns) float32. A pixel without rows has the values of the row before; NaN where nothing is known yet, or any
        more. Where rows are many, a value may count for the pixel before its own."""
        start, stop = self._seen(edges[0], edges[-1])
        rows, size = self._rows, _block(stop - start, 2 * len(edges))
        start, stop = start // size, -(-stop // size)
        values = (rows.table if size == 1 else rows.blocks(size).high)[start:stop, columns]
        steps = rows.steps[start * size : min(stop * size, rows.count) : size]
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
        picture[early | (edges[:-1] > rows.steps[rows.count - 1])] = np.nan
        return picture

    def means(
        self, columns: list[int], first: float, last: float, points: int, window: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean over the last ``window`` steps (fewer at the beginning) at up to some ``points`` rows in view.

        Returns steps (p,) float64 and values (p, columns) float64; NaN is left out of a mean, and the mean of
        nothing is NaN.
        """
        start, stop = self._seen(first, last)
        rows, size = self._rows, _block(stop - start, _FINER * points)
        start, stop = start // size, -(-stop // size)
        shown = _group_starts(start, stop, points)
        if stop > start and (len(shown) == 0 or shown[-1] != stop - 1):
            shown = np.append(shown, stop - 1)
        at = rows.steps[np.minimum(shown * size + (size - 1), self.count - 1)]
        windows = np.searchsorted(self.steps, at - window, side="right")  # rows may lie any number of steps apart
        since = np.minimum(np.rint(windows / size).astype(np.int64), shown)
        before = int(since[0]) if len(since) else 0
        values = (rows.table if size == 1 else rows.blocks(size).mean)[before:stop, columns]
        return at.astype(np.float64), _running_mean(values, shown - before, since - before)

    def _seen(self, first: float, last: float) -> tuple[int, int]:
        steps = self.steps
        start = int(np.searchsorted(steps, math.ceil(first), side="left"))
        stop = int(np.searchsorted(steps, math.floor(last), side="right"))
        return max(start - 1, 0), min(stop + 1, self.count)


def _block(rows: int, groups: int) -> int:
    """How many rows are to be read as one where so many are drawn as some ``groups``; 1 for each by itself."""
    return max((size for size in BLOCKS if rows > 2 * groups * size), default=1)


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
    if finite.all():
        np.cumsum(values, axis=0, dtype=np.float64, out=sums[1:])
        return (sums[at + 1] - sums[since]) / (at + 1 - since)[:, None]
    counts = np.zeros_like(sums)
    np.cumsum(np.where(finite, values, 0.0), axis=0, dtype=np.float64, out=sums[1:])
    np.cumsum(finite, axis=0, dtype=np.float64, out=counts[1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        return (sums[at + 1] - sums[since]) / (counts[at + 1] - counts[since])
