"""The other end of the training process: starts it, tells it what to do, hears what happens, and ends it.

It knows no Qt: a window watches :attr:`WorkerProcess.handle` and :attr:`WorkerProcess.sentinel` with whatever
it has, or calls :meth:`WorkerProcess.poll` from a timer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from multiprocessing.sharedctypes import RawValue
from typing import Any

from engine.numbers import count
from engine.train import worker
from engine.train.child import Child
from engine.train.commands import (
    Command,
    Job,
    Pause,
    Quit,
    Resume,
    RunUntil,
    SetLive,
    SlowDown,
    Step,
    Stop,
    TakeSnapshot,
    Watch,
)
from engine.train.events import Event, Failed, Ready, Snapshot, Steps


class WorkerProcess(Child):
    """A training process. It may carry out several jobs, one after another.

    Call :meth:`close` when done; a process that is forgotten ends with this one. Where it dies unasked,
    :meth:`poll` ends with a Failed that says so, and :attr:`died` is true.
    """

    def __init__(self) -> None:
        self._flag = RawValue(ctypes.c_int, 0)
        super().__init__(worker.main, "chainrule-training", Quit(), (self._flag,), sent=self._raise_flag)
        self._step = 0
        #: Has it imported what it needs? A job sent before waits until it has.
        self.ready = False
        #: The newest weights it sent.
        self.snapshot: Snapshot | None = None

    def _raise_flag(self) -> None:
        self._flag.value = 1

    # -- telling ---------------------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Tells the worker; returns at once, also where it is gone."""
        self.put(command)

    def run(self, job: Job) -> None:
        """Starts a run, ending the one that may be going on."""
        self._step = job.step
        # Until it sends others, the weights it begins with are what is left if it dies.
        self.snapshot = Snapshot(job.step, job.weights, job.state or {}) if job.weights else None
        self.send(job)

    def pause(self) -> None:
        self.send(Pause())

    def resume(self) -> None:
        self.send(Resume())

    def step(self, count: int = 1, epochs: int = 0) -> None:
        self.send(Step(count, epochs))

    def run_until(self, condition: Mapping[str, Any]) -> None:
        self.send(RunUntil(condition))

    def slow_down(self, steps_per_second: float) -> None:
        self.send(SlowDown(steps_per_second))

    def stop(self) -> None:
        self.send(Stop())

    def set_live(self, name: str, value: float) -> None:
        self.send(SetLive(name, value))

    def watch(self, seconds: float) -> None:
        self.send(Watch(seconds))

    def take_snapshot(self) -> None:
        self.send(TakeSnapshot())

    # -- hearing ---------------------------------------------------------------------------------------------

    def poll(self, wait: float = 0.0) -> list[Event]:
        """The events that have come; waits up to ``wait`` seconds for the first."""
        dead_before = self.died
        found: list[Event] = self.hear(wait)
        for event in found:
            self._note(event)
        if self.died and not dead_before:
            found.append(self._death())  # speaks of what came last, which may have come with it
        return found

    def _note(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self.snapshot = event
        elif isinstance(event, Ready):
            self.ready = True
        if isinstance(event, Steps):
            self._step = int(event.step[-1])

    def _death(self) -> Failed:
        kept = (
            f"The curves so far and the weights of step {count(self.snapshot.step)} are kept: run again to go on from "
            "there."
            if self.snapshot
            else "The curves so far are kept: run again to start anew."
        )
        return Failed(self._step, f"The training process {self.how_it_died()} {kept}", f"exit code {self.exit_code}")
