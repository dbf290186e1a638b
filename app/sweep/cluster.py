"""A sweep on a Dask cluster, seen from the window: found, asked and left by a thread of its own, as each may wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from engine.issues import ChainruleError
from engine.sweep import Cluster, Result, Trial

log = logging.getLogger(__name__)
#: Seconds between two questions to the cluster, and that closing the window waits for leaving it.
_ASK_EVERY, _PATIENCE = 0.1, 3.0


class RemoteCluster:
    """Carries out trials as :class:`~engine.sweep.Cores` does; no call waits but :meth:`close`.

    ``problem`` says why the cluster cannot be used, "" for as long as it can.
    """

    def __init__(self, trials: Sequence[Trial], address: str) -> None:
        self.problem = ""
        self._trials, self._address = tuple(trials), address
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._running: dict[int, float] = {}
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._work, name="chainrule-cluster", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Is every trial over, or the cluster out of reach?"""
        return not self._thread.is_alive() and self._results.empty()

    def running(self) -> dict[int, float]:
        """The trials that the cluster has; how far they are is not known."""
        return self._running

    def poll(self) -> list[Result]:
        """The trials that are over since the last call."""
        found = []
        while True:
            try:
                found.append(self._results.get_nowait())
            except Empty:
                return found

    def cancel(self) -> None:
        """Gives up what is not over."""
        self._leave.set()

    def close(self) -> None:
        """Gives up what is not over, and waits until the cluster is left."""
        self._leave.set()
        self._thread.join(_PATIENCE)

    # -- the other thread ------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._carry_out()
        except ChainruleError as problem:
            self.problem = str(problem)
        except Exception as error:  # whatever a broken line to the cluster raises
            log.warning("the sweep lost its cluster", exc_info=True)
            self.problem = (f"The cluster at {self._address} was lost ({type(error).__name__}). What was trained "
                            "before is kept.")
        self._running = {}

    def _carry_out(self) -> None:
        cluster = Cluster(self._trials, self._address)
        try:
            while not cluster.done and not self._leave.is_set():
                for result in cluster.poll():
                    self._results.put(result)
                self._running = cluster.running()
                self._leave.wait(_ASK_EVERY)
            if self._leave.is_set():
                cluster.cancel()
        finally:
            cluster.close()
