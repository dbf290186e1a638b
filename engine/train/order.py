"""The order in which examples come: a permutation, or a weighted draw, an epoch, from a generator of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

#: Keeps the draw of the order apart from that of the weights, which begin with the same seed.
_STREAM = 1


class Order:
    """Cuts every epoch's permutation into batches; the last one holds what is left over.

    With ``weights`` (rows,) an epoch is as many independent draws, each in proportion to its row's weight.
    """

    def __init__(
        self, rows: int, batch: int, *, shuffle: bool, seed: int, weights: np.ndarray | None = None
    ) -> None:
        self.rows = rows
        self.batch = min(batch, rows)
        self.steps_per_epoch = -(-rows // self.batch)
        #: Epochs completed, and steps done in the present one.
        self.epoch = 0
        self.position = 0
        self._wanted = self.batch
        self._may_shuffle = shuffle
        self._cumulative = None if weights is None else np.cumsum(weights, dtype=np.float64)
        self._seed = seed
        self._rng = np.random.Generator(np.random.PCG64([seed, _STREAM]))
        self._drawn_from: Mapping[str, Any] = {}
        self._sorted = np.arange(rows)
        self._indices = self._sorted.copy()
        self._batches = self._cut()
        self._draw()

    @property
    def balanced(self) -> bool:
        """Are rows drawn by weights?"""
        return self._cumulative is not None

    @property
    def sizes(self) -> set[int]:
        """How many examples a batch may hold."""
        return {len(batch) for batch in self._batches}

    def next(self) -> np.ndarray:
        """Row numbers of the next batch: a view that stays as it is until the epoch's end."""
        if self.position == self.steps_per_epoch:
            self.position = 0
            self._draw()
        batch = self._batches[self.position]
        self.position += 1
        if self.position == self.steps_per_epoch:
            self.epoch += 1
        return batch

    def back(self) -> None:
        """The batch given last was not used: the next one is it again."""
        if self.position == self.steps_per_epoch:
            self.epoch -= 1
        self.position -= 1

    def want_batch(self, batch: int) -> None:
        """Batches are to have another size from the next epoch on; whoever counts steps calls :meth:`cut_anew`."""
        self._wanted = min(batch, self.rows)

    @property
    def will_change(self) -> bool:
        """Will the next epoch have batches of another size?"""
        return self._wanted != self.batch

    @property
    def cut_due(self) -> bool:
        """Is an epoch about to begin, with batches of another size?"""
        return self.will_change and self.position in (0, self.steps_per_epoch)

    def cut_anew(self) -> None:
        """Gives batches the wanted size; between two epochs only."""
        at_end, shuffled = self.position == self.steps_per_epoch, self._shuffle
        self.batch = self._wanted
        self.steps_per_epoch = -(-self.rows // self.batch)
        self._batches = self._cut()
        self.position = self.steps_per_epoch if at_end else 0
        if not (at_end or shuffled):
            self._draw()

    def _cut(self) -> list[np.ndarray]:
        return [self._indices[i : i + self.batch] for i in range(0, self.rows, self.batch)]

    @property
    def _shuffle(self) -> bool:
        # A batch of all rows has the same mean gradient in any order.
        return (self._may_shuffle and self.steps_per_epoch > 1) or self.balanced

    @property
    def _setup(self) -> dict[str, Any]:
        return {"rows": self.rows, "batch": self.batch, "shuffle": self._shuffle, "seed": self._seed,
                "balanced": self.balanced}

    def _draw(self) -> None:
        if not self._shuffle:
            return
        self._drawn_from = self._rng.bit_generator.state
        if self._cumulative is not None:
            drawn = self._rng.random(self.rows) * self._cumulative[-1]
            np.minimum(self._cumulative.searchsorted(drawn, side="right"), self.rows - 1, out=self._indices)
            return
        self._indices[:] = self._sorted
        self._rng.shuffle(self._indices)

    def state(self) -> dict[str, Any]:
        """Plain values from which :meth:`restore` goes on with the very next batch."""
        return {**self._setup, "epoch": self.epoch, "position": self.position, "rng": dict(self._drawn_from)}

    def restore(self, state: Mapping[str, Any]) -> bool:
        """Goes on where ``state`` was taken; where data or settings have changed since, at the next epoch.

        Returns whether the very next batch is the same as it would have been.
        """
        self.epoch = int(state["epoch"])
        if any(state.get(name, False) != value for name, value in self._setup.items()):
            return False
        if self._shuffle:
            self._rng.bit_generator.state = state["rng"]
            self._draw()
        self.position = int(state["position"])
        return True
