"""Handing the network over, whole, while a run goes on, when it rests and when it ends.

What is small is copied. What is large is lent, since a copy of it would take as much memory again: training stands
still while it is read, and a person's wish has it taken back. What was taken back is made good when the run rests.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from engine.compute import COPIED_BYTES
from engine.compute.program import Halt
from engine.train import best_so_far
from engine.train.best_so_far import BestSoFar
from engine.train.control import BESIDE_ANY, BESIDE_BEST, BESIDE_LAST, Control
from engine.train.denormals import flushed
from engine.train.events import Event, Halted
from engine.train.judging import Judging
from engine.train.reporting import Reports
from engine.train.snapshots import Cadence, are_finite
from engine.train.trainer import Trainer
from engine.train.watching import Watching


class Handing:
    """When and how snapshots of a trainer's network are handed over; ``lend`` as in :func:`engine.train.loop.train`."""

    def __init__(self, trainer: Trainer, judging: Judging, reports: Reports, control: Control, lend: bool) -> None:
        self._trainer, self._judging, self._reports, self._control = trainer, judging, reports, control
        self._lend = lend
        self._best = BestSoFar(trainer)
        self._cadence = Cadence(reports.at)
        self._taken_in = -1  # the step of which the reader has the network
        self.watching = Watching(trainer.model.weights)

    @property
    def owes(self) -> bool:
        """Has the reader no whole snapshot of this step?"""
        return self._taken_in != self._trainer.step_number

    @property
    def _is_best(self) -> bool:
        """Is the network as it is the best so far, and known to nobody else?"""
        return self.owes and self._judging.is_best and self._trainer.evaluated_step == self._trainer.step_number

    def settle(self, stop: Halt | None = None) -> None:
        """Finishes the update of the last step, where who waited was answered first; as far as ``stop`` lets it."""
        if self._trainer.update.is_unfinished:
            with flushed(), np.errstate(all="ignore"):  # as in any step
                self._trainer.update.finish(stop)

    def is_due(self, now: float) -> bool:
        """May a snapshot be taken in the middle of training?"""
        return self._cadence.is_due(now)

    def best(self) -> Iterator[Event]:
        """What is held of the best evaluation, unless it is of this step."""
        yield from self._best.send()

    def evaluated(self) -> Iterator[Event]:
        """The network as it is was evaluated just now: if it is the best so far it is held, or handed over."""
        if self._judging.is_best and are_finite(self._trainer.model.weights) and not self._best.hold():
            yield from self._reports.report()  # first, so that the curves are never behind the newest snapshot
            yield from self._hand_over(best_so_far.HELD_BYTES)

    def snapshot(self) -> Iterator[Event]:
        """The best since the last one, then the network as it is; where that is finite, or the last one is to stay."""
        yield from self._hand_over(COPIED_BYTES)

    def _hand_over(self, lend_from: int, last: bool = False) -> Iterator[Event]:
        begun = perf_counter()
        yield from self._best.send()
        self._control.lend(BESIDE_LAST if last else BESIDE_BEST if self._is_best else BESIDE_ANY)
        self.settle(None if last else self._control.wants_back)
        if self._trainer.update.is_unfinished:
            return
        if are_finite(self._trainer.model.weights):
            yield self._trainer.snapshot(lend_from if self._lend else None, last)
        if self._control.was_taken_in():
            self._taken_in = self._trainer.step_number
        now = perf_counter()
        self._cadence.took(begun, now)
        self.watching.sent(now)

    def before_steps(self) -> Iterator[Event]:
        """A rest is over: the best, if nobody has it yet, before it is changed."""
        if self._is_best:
            yield from self.snapshot()

    def last(self) -> Iterator[Event]:
        """What the run leaves behind; who waits for its end is told first where that takes a while."""
        if self._lend and self._trainer.state_bytes > COPIED_BYTES:
            yield Halted(self._trainer.step_number)
        yield from self._hand_over(COPIED_BYTES, last=True)
