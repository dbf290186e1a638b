"""Trials on the cores of this machine: so many training processes, each with one thread."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from engine.sweep.trials import Result, Told, Trial
from engine.train.client import WorkerProcess
from engine.train.events import Started, Steps

_NICENESS = 5


@dataclass
class _Place:
    """A process and what it trains."""

    worker: WorkerProcess
    told: Told | None = None
    steps: int = 1
    share: float = 0.0


class Cores:
    """Carries out trials in ``processes`` processes of its own. Call :meth:`poll` now and then, :meth:`close` at the
    end. A process that dies costs the trial it was at, no more.

    Starting a process takes a moment, so the first is started here and each of the others by a call of :meth:`poll`.
    """

    def __init__(self, trials: Sequence[Trial], processes: int) -> None:
        self._waiting = deque(trials)
        self._wanted = min(max(processes, 1), len(trials))
        self._places: list[_Place] = []
        self._start_another()

    @property
    def done(self) -> bool:
        """Is every trial over?"""
        return not self._waiting and all(place.told is None for place in self._places)

    def running(self) -> dict[int, float]:
        """The number of each trial that is trained now, and how far it is, 0 … 1."""
        return {place.told.trial.number: place.share for place in self._places if place.told}

    def poll(self) -> list[Result]:
        """The trials that are over since the last call."""
        self._start_another()
        return [result for place in self._places if (result := self._look(place))]

    def cancel(self) -> None:
        """Ends the trials that are trained now, and begins no others."""
        self._waiting.clear()
        self.close()

    def close(self) -> None:
        """Ends every process. May be called again."""
        for place in self._places:
            place.worker.kill()
            place.told = None

    def _start_another(self) -> None:
        if self._waiting and len(self._places) < self._wanted:
            self._places.append(_Place(_new_process()))
            self._next(self._places[-1])

    def _look(self, place: _Place) -> Result | None:
        if place.told is None:
            return None
        for event in place.worker.poll():
            if isinstance(event, Started):
                place.steps = max(event.total_steps, 1)
            elif isinstance(event, Steps):
                place.share = min(float(event.step[-1]) / place.steps, 1.0)
            if place.told.take(event):
                result = place.told.result()
                self._next(place)
                return result
        return None

    def _next(self, place: _Place) -> None:
        """Gives a process the next trial; a new process where it has died."""
        place.told = None
        if not self._waiting:
            return
        if place.worker.died:
            place.worker.kill()
            place.worker = _new_process()
        trial = self._waiting.popleft()
        place.told, place.share = Told(trial), 0.0
        place.worker.run(trial.job)


def _new_process() -> WorkerProcess:
    """One that gives way to the window and to its own run where all cores are busy."""
    worker = WorkerProcess()
    lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else _NICENESS
    with suppress(psutil.Error):  # it may be gone already, which poll() tells
        psutil.Process(worker.pid).nice(lower)
    return worker
