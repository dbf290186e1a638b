"""Messages between two processes, sent from a thread so that a busy reader never holds the sender up.

Large arrays go beside the pickled rest, from their own memory into the reader's: nothing is copied in between.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

#: Bytes from which an array travels by itself.
_LARGE = 65_536
#: Bytes of it written at a time: what the reading end holds twice for a moment.
_PIECE = 1_048_576


def send(pipe: Connection, messages: list[Any]) -> None:
    """Writes messages for :func:`receive`. Raises OSError where the other end is gone."""
    apart: list[memoryview] = []

    def keep_within(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < _LARGE:
            return True
        apart.append(raw)
        return False

    # Both ends are this program's own processes; what is read here never comes from a file or a network.
    body = pickle.dumps(messages, protocol=5, buffer_callback=keep_within)
    pipe.send((body, [raw.nbytes for raw in apart]))
    for raw in apart:
        for start in range(0, raw.nbytes, _PIECE):
            pipe.send_bytes(raw[start : start + _PIECE])


def receive(pipe: Connection) -> list[Any]:
    """What :func:`send` wrote. Raises EOFError or OSError where the other end is gone, also in the middle."""
    body, sizes = pipe.recv()
    buffers = [bytearray(size) for size in sizes]
    for buffer in buffers:
        filled = 0
        while filled < len(buffer):
            filled += pipe.recv_bytes_into(buffer, filled)
    return pickle.loads(body, buffers=buffers)


class Receiver:
    """Reads what :func:`send` writes a bit at a time, so that a large message does not hold the reader up."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._body = b""
        self._apart: list[np.ndarray] = []
        self._whole = self._filled = 0  # buffers that are full, bytes in the one after them

    def read(self, found: list[Any], wait: float, most: int) -> None:
        """Adds to ``found`` the messages that are whole once some ``most`` bytes have been read. Waits up to ``wait``
        seconds for the first byte. Raises EOFError or OSError where the other end is gone, also in the middle."""
        came = 0
        while came < most and self._pipe.poll(wait):
            wait = 0.0
            came += self._read_piece() if self._body else self._begin()
            if self._body and self._whole == len(self._apart):
                found += pickle.loads(self._body, buffers=self._apart)
                self._body, self._apart, self._whole = b"", [], 0

    def _begin(self) -> int:
        self._body, sizes = self._pipe.recv()
        self._apart = [np.empty(size, np.uint8) for size in sizes]  # a bytearray would be filled with zeros first
        return len(self._body)

    def _read_piece(self) -> int:
        buffer = self._apart[self._whole]
        count = self._pipe.recv_bytes_into(buffer.data, self._filled)
        self._filled += count
        if self._filled == len(buffer):
            self._whole, self._filled = self._whole + 1, 0
        return count


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
            self._changed.notify_all()

    def is_idle(self) -> bool:
        """Has everything put so far been written?"""
        return not (self._waiting or self._writing)

    def flush(self) -> None:
        """Waits until everything put so far has been written, or the other end is gone."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_idle() or self.broken.is_set())

    def close(self) -> None:
        """Writes what waits, then ends the thread; returns at once where the other end is gone."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            try:
                send(self._pipe, batch)
            except OSError:  # the reader is gone
                self._written(broken=True)
                return
            del batch  # or it would occupy its memory until the next message
            self._written()
            self._sent()

    def _written(self, broken: bool = False) -> None:
        with self._changed:
            self._writing = False
            if broken:
                self.broken.set()
            self._changed.notify_all()

    def _next(self) -> list[Any]:
        with self._changed:
            while not (self._waiting or self._closing):
                self._changed.wait()
            batch, self._waiting = self._waiting, []
            self._writing = bool(batch)
            return batch
