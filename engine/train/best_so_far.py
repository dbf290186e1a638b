"""The network as it was at its best evaluation, whole, however seldom snapshots are sent."""

from __future__ import annotations

from collections.abc import Iterator

from engine.compute import COPIED_BYTES
from engine.train.events import Event, Snapshot
from engine.train.trainer import Trainer

#: The largest state that is held as a copy: this one and one that is being sent then take no more memory than the
#: largest snapshot that is copied, which is what the plan of memory counts. Copying it costs less than a hundredth of
#: the steps between two evaluations.
HELD_BYTES = COPIED_BYTES // 2


class BestSoFar:
    """Holds a copy of what was evaluated better than all before, until it is sent or a better one takes its place.

    It is sent with the next snapshot, two seconds later at most: a process that is killed loses it with the steps since
    the last one.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._held: Snapshot | None = None

    def hold(self) -> bool:
        """The network as it is is the best. Returns false where it is too large to be held: it is to be sent at once,
        which such networks can afford, since their evaluations are far apart."""
        fits = self._trainer.state_bytes <= HELD_BYTES
        self._held = self._trainer.snapshot() if fits else None
        return fits

    def send(self) -> Iterator[Event]:
        """What is held, unless it is of the present step: a snapshot of that is about to follow."""
        held, self._held = self._held, None
        if held is not None and held.step != self._trainer.step_number:
            yield held
