"""The network as it was at its best evaluation, whole, however seldom snapshots are sent."""

from __future__ import annotations

from collections.abc import Iterator

from engine.compute import COPIED_BYTES
from engine.train.events import Event, Snapshot
from engine.train.judging import Judging
from engine.train.reporting import Reports
from engine.train.snapshots import are_finite
from engine.train.trainer import Trainer

#: The largest state that is held as a copy: this one and one that is being sent then take no more memory than the
#: largest snapshot that is copied, which is what the plan of memory counts. Copying it costs less than a hundredth of
#: the steps between two evaluations.
HELD_BYTES = COPIED_BYTES // 2


class BestSoFar:
    """Holds a copy of what was evaluated better than all before, until it is sent or a better one takes its place.

    A state too large to be held is sent at once: evaluations of such networks are far apart. With ``lend`` that one
    holds the arrays themselves.
    """

    def __init__(self, trainer: Trainer, judging: Judging, reports: Reports, lend: bool) -> None:
        self._trainer, self._judging, self._reports, self._lend = trainer, judging, reports, lend
        self._held: Snapshot | None = None

    def keep(self) -> Iterator[Event]:
        """The network as it is was evaluated just now."""
        if not self._judging.is_best or not are_finite(self._trainer.model.weights):
            return
        if self._trainer.state_bytes <= HELD_BYTES:
            self._held = self._trainer.snapshot()
            return
        self._held = None
        yield from self._reports.report()  # first, so that the curves are never behind the newest snapshot
        yield self._trainer.snapshot(lend_from=HELD_BYTES if self._lend else None)

    def send(self) -> Iterator[Event]:
        """What is held, unless it is of the present step: a snapshot of that is about to follow."""
        held, self._held = self._held, None
        if held is not None and held.step != self._trainer.step_number:
            yield held
