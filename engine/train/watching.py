"""When whoever looks at the network is sent its weights again, between two snapshots."""

from __future__ import annotations

from time import perf_counter, thread_time

from engine.compute import Weights as Vectors
from engine.train.events import Weights

#: Share of the time that sending weights to lookers may cost.
SHARE = 0.01
#: What a byte costs besides its copy: it goes through a pipe, which takes the training process about this long.
_SECONDS_PER_BYTE = 1.7e-9
#: Larger networks are seen as their snapshots come.
MOST_BYTES = 20_000_000


class Watching:
    """Nobody looks until :meth:`set` says how often, and no more often than costs ``SHARE`` of the time."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._bytes = vectors.values.nbytes + vectors.state.nbytes
        self._every = 0.0
        self._cost = 0.0
        self._sent = -1e9

    def set(self, seconds: float) -> None:
        """From now on every so many seconds; 0 for nobody."""
        self._every = seconds

    def is_due(self, now: float) -> bool:
        """Are the weights to be sent now?"""
        return 0.0 < self._every <= now - self._sent and self._bytes <= MOST_BYTES \
            and now - self._sent >= self._cost / SHARE

    def sent(self, now: float) -> None:
        """A snapshot has shown the weights."""
        self._sent = now

    def weights(self, step: int) -> Weights:
        """The weights as they are, copied."""
        begun = thread_time()  # of the processor's time: others may have it in between
        event = Weights(step, self._vectors.copies())
        self._sent = perf_counter()
        self._cost = thread_time() - begun + self._bytes * _SECONDS_PER_BYTE
        return event
