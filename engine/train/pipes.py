"""Messages between two processes, sent from a thread so that a busy reader never holds the sender up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


class Sender:
    """Writes messages to one end of a pipe; all that wait go as one list.

    ``sent`` is called, in the thread, after each write. ``broken`` is set once the other end is gone.
    """

    def __init__(self, pipe: Connection, name: str, sent: Callable[[], None] = lambda: None) -> None:
        self._pipe = pipe
        self._sent = sent
        self._waiting: list[Any] = []
        self._changed = threading.Condition()
        self._closing = False
        self._writing = False
        self.broken = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, message: Any) -> None:
        """Sends ``message`` after all others; returns at once."""
        with self._changed:
            self._waiting.append(message)
            self._changed.notify()

    def is_idle(self) -> bool:
        """Has everything put so far been written?"""
        return not (self._waiting or self._writing)

    def close(self) -> None:
        """Writes what waits, then ends the thread; returns at once where the other end is gone."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._pipe.send(batch)
            except OSError:  # the reader is gone
                self.broken.set()
                return
            self._writing = False
            self._sent()

    def _next(self) -> list[Any]:
        with self._changed:
            while not (self._waiting or self._closing):
                self._changed.wait()
            batch, self._waiting = self._waiting, []
            self._writing = bool(batch)
            return batch
