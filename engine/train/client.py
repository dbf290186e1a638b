"""The other end of the training process: starts it, tells it what to do, hears what happens, and ends it.

It knows no Qt: a window watches :attr:`WorkerProcess.events_handle` and :attr:`WorkerProcess.sentinel` with whatever
it has, or calls :meth:`WorkerProcess.poll` from a timer.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawValue
from time import monotonic

from engine.train import worker
from engine.train.commands import Command, Job, Pause, Quit, Resume, SetLive, Step, Stop, TakeSnapshot
from engine.train.events import Event, Failed, Ready, Snapshot, Steps
from engine.train.pipes import Sender, receive

#: Messages taken in one call of poll: bounds the time it takes after a pause of the reader.
_MOST_MESSAGES = 64
_SIGKILL = 9  # what Linux ends a process with when memory runs out; Windows does not know the name
_starting = threading.Lock()


class WorkerProcess:
    """A training process. It may carry out several jobs, one after another.

    Call :meth:`close` when done; a process that is forgotten ends with this one. Where it dies unasked,
    :meth:`poll` ends with a Failed that says so, and :attr:`died` is true.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        commands, self._commands = context.Pipe(duplex=False)
        self._events, events = context.Pipe(duplex=False)
        self._flag = RawValue(ctypes.c_int, 0)
        self._process = context.Process(
            target=worker.main, args=(commands, events, self._flag), name="chainrule-training", daemon=True
        )
        with _nothing_to_import_as_main():
            self._process.start()
        # Only the worker may hold these, or its end would not be noticed.
        commands.close()
        events.close()
        self._sender = Sender(self._commands, "commands", sent=self._raise_flag)
        self._quitting = self._over = False
        self._step = 0
        self.pid = self._process.pid
        self.sentinel = self._process.sentinel
        #: Has it imported what it needs? A job sent before waits until it has.
        self.ready = False
        #: Did it end without being told to?
        self.died = False
        #: The newest weights it sent.
        self.snapshot: Snapshot | None = None

    @property
    def events_handle(self) -> int:
        """What becomes readable when events wait (a file descriptor; on Windows a handle)."""
        return self._events.fileno()

    @property
    def is_alive(self) -> bool:
        return not self._over and self._process.is_alive()

    def _raise_flag(self) -> None:
        self._flag.value = 1

    # -- telling ---------------------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Tells the worker; returns at once, also where it is gone."""
        self._sender.put(command)

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

    def step(self, count: int = 1) -> None:
        self.send(Step(count))

    def stop(self) -> None:
        self.send(Stop())

    def set_live(self, name: str, value: float) -> None:
        self.send(SetLive(name, value))

    def take_snapshot(self) -> None:
        self.send(TakeSnapshot())

    # -- hearing ---------------------------------------------------------------------------------------------

    def poll(self, wait: float = 0.0) -> list[Event]:
        """The events that have come; waits up to ``wait`` seconds for the first."""
        found: list[Event] = []
        try:
            while not self._over and len(found) < _MOST_MESSAGES and self._events.poll(wait):
                found += receive(self._events)
                wait = 0.0
        except (EOFError, OSError):  # it is gone, perhaps in the middle of a message
            self._over = True
            self._process.join()
            if not self._quitting:
                self.died = True
                found.append(self._death())
        for event in found:
            self._note(event)
        return found

    def _note(self, event: Event) -> None:
        if isinstance(event, Snapshot):
            self.snapshot = event
        elif isinstance(event, Ready):
            self.ready = True
        if isinstance(event, Steps):
            self._step = int(event.step[-1])

    def _death(self) -> Failed:
        code = self._process.exitcode or 0
        how = f"was ended by {_signal_name(-code)}" if code < 0 else f"ended by itself (exit status {code})"
        memory = " Memory may have run out." if -code == _SIGKILL else ""
        kept = (
            f"The curves so far and the weights of step {self.snapshot.step} are kept: run again to go on from there."
            if self.snapshot
            else "The curves so far are kept: run again to start anew."
        )
        return Failed(self._step, f"The training process {how}.{memory} {kept}", f"exit code {code}")

    # -- ending ----------------------------------------------------------------------------------------------

    def close(self, timeout: float = 2.0) -> None:
        """Ends the process: asks it to, and kills it where it has not gone after ``timeout`` seconds."""
        self._quitting = True
        self.send(Quit())
        deadline = monotonic() + timeout
        while not self._over and monotonic() < deadline:
            self.poll(wait=deadline - monotonic())  # what it still sends is taken, or it could not end
        self.kill()

    def kill(self) -> None:
        """Ends the process at once and frees what it held. May be called again."""
        self._quitting = True
        self._over = True
        self._process.kill()
        self._process.join()
        self._sender.close()
        self._commands.close()
        self._events.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _nothing_to_import_as_main() -> Iterator[None]:
    """While it holds, a spawned process imports nothing in place of this one's main module.

    Otherwise it would run the program's start file again, with all that imports (a window, a test runner), and a
    script without the ``if __name__ == "__main__"`` guard would start itself without end.
    """
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
