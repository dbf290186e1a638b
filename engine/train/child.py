"""A process of this program's own, seen from the one that starts it: two pipes, how it ends, what is left of it.

It knows no Qt: a window calls :meth:`Child.hear` from a timer.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from time import monotonic
from typing import Any

from engine.train.pipes import Receiver, Sender, widen

#: Bytes read in one call of hear, a millisecond's worth; where more comes, hear is to be called again soon.
_MOST_BYTES = 1_000_000
_SIGKILL = 9  # what Linux ends a process with when memory runs out; Windows does not know the name
_PR_SET_PDEATHSIG = 1
_starting = threading.Lock()


class Child:
    """A spawned process that runs ``main(receiving end, sending end, *more)`` and ends with this one.

    Call :meth:`kill` or :meth:`close` when done. ``farewell`` is the message that asks it to end; ``sent`` is called,
    in a thread, after messages have been written.
    """

    def __init__(
        self, main: Callable[..., None], name: str, farewell: Any, more: tuple[Any, ...] = (),
        sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._farewell = farewell
        context = multiprocessing.get_context("spawn")
        inward, self._outward = context.Pipe(duplex=False)
        self._inward, outward = context.Pipe(duplex=False)
        widen(self._inward)
        self._process = context.Process(target=main, args=(inward, outward, *more), name=name, daemon=True)
        with _nothing_to_import_as_main():
            self._process.start()
        # Only the child may hold these, or its end would not be noticed.
        inward.close()
        outward.close()
        self._receiver = Receiver(self._inward)
        self._sender = Sender(self._outward, name, sent=sent)
        self._quitting = self._over = False
        self.pid = self._process.pid
        self.sentinel = self._process.sentinel
        #: Did it end without being told to?
        self.died = False

    @property
    def handle(self) -> int:
        """What becomes readable when messages wait (a file descriptor; on Windows a handle)."""
        return self._inward.fileno()

    @property
    def is_alive(self) -> bool:
        return not self._over and self._process.is_alive()

    @property
    def is_amid(self) -> bool:
        """Has a message begun to come whose rest :meth:`hear` has still to read?"""
        return not self._over and self._receiver.is_amid

    @property
    def progress(self) -> float:
        """The share that has come of a message that takes a while; 0 where none is on its way."""
        return 0.0 if self._over else self._receiver.progress

    def put(self, message: Any) -> None:
        """Sends a message; returns at once, also where the child is gone."""
        self._sender.put(message)

    def hear(self, wait: float = 0.0) -> list[Any]:
        """The messages that have come; waits up to ``wait`` seconds for the first. Sets :attr:`died`."""
        found: list[Any] = []
        try:
            if not self._over:
                self._receiver.read(found, wait, _MOST_BYTES)
        except (EOFError, OSError):  # it is gone, perhaps in the middle of a message
            self._over = True
            self._process.join()
            self.died = not self._quitting
        return found

    @property
    def exit_code(self) -> int:
        """How it ended; a signal as its negative number."""
        return self._process.exitcode or 0

    def how_it_died(self) -> str:
        """The end of a sentence: "was ended by SIGKILL. Memory may have run out."."""
        code = self.exit_code
        how = f"was ended by {_signal_name(-code)}" if code < 0 else f"ended by itself (exit status {code})"
        return f"{how}.{' Memory may have run out.' if -code == _SIGKILL else ''}"

    def close(self, timeout: float = 2.0) -> None:
        """Ends the child: asks it to, and kills it where it has not gone after ``timeout`` seconds."""
        self._quitting = True
        self.put(self._farewell)
        deadline = monotonic() + timeout
        while not self._over and monotonic() < deadline:
            self.hear(wait=deadline - monotonic())  # what it still sends is taken, or it could not end
        self.kill()

    def kill(self) -> None:
        """Ends the child at once and frees what it held. May be called again."""
        self._quitting = True
        self._over = True
        self._process.kill()
        self._process.join()
        self._sender.close()
        self._outward.close()
        self._inward.close()


def settle_in() -> None:
    """To be called first in the child: it ends when the window is killed, and leaves Ctrl+C to the window.

    Linux ends it at once; elsewhere the closed pipe does, a little later.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = parent_process()
    if parent is None or os.getppid() != parent.pid:  # it died before the call above
        os._exit(1)


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
