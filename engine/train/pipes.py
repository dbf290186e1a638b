"""Messages between two processes, sent from a thread so that a busy reader never holds the sender up.

Large arrays go beside the pickled rest, from their own memory into the reader's: nothing is copied in between.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

#: Bytes from which an array travels by itself.
_LARGE = 65_536
#: Bytes that a pipe holds, where the system allows: so many are read without waiting for whoever writes them.
_ROOM = 1_048_576
#: Pieces of a message of which a person is told how much has come: some 8 MB.
_MANY = 16
#: Seconds between two questions whether what is lent is to be taken back.
_ASK_EVERY = 0.01
#: Before each list of messages stands how many bytes its pickle takes.
_HEAD = struct.Struct("<Q")


def widen(pipe: Connection) -> None:
    """Lets a pipe hold more than the 64 kB it begins with, where the system can."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # where this user has many pipes open, messages come in smaller bits, that is all
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)


def _never() -> bool:
    return False


def send(pipe: Connection, messages: list[Any], given_up: Callable[[], bool] = _never) -> bool:
    """Writes messages for :func:`receive`. Raises OSError where the other end is gone.

    ``given_up`` is asked now and then between large arrays: where it says so, the other end drops all of the messages
    and this returns false."""
    apart: list[memoryview] = []

    def keep_within(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < _LARGE:
            return True
        apart.append(raw)
        return False

    # Both ends are this program's own processes; what is read here never comes from a file or a network.
    body = pickle.dumps(messages, protocol=5, buffer_callback=keep_within)
    inner = pickle.dumps((body, [raw.nbytes for raw in apart]))
    _write(pipe, _HEAD.pack(len(inner)), inner)
    for piece, asks in _pieces(apart):
        if asks:
            over = given_up()
            _write(pipe, bytes([over]))
            if over:
                return False
        _write(pipe, piece)
    return True


def _pieces(arrays: Iterable[memoryview]) -> Iterator[tuple[memoryview, bool]]:
    """What is written of large arrays at a time, and whether a byte before it says that there is no more to come."""
    since = 0
    for array in arrays:
        for start in range(0, len(array), _ROOM):
            piece = array[start : start + _ROOM]
            asks = since >= _ROOM
            since = len(piece) + (0 if asks else since)
            yield piece, asks


def receive(pipe: Connection) -> list[Any]:
    """What :func:`send` wrote, nothing where it gave up. Raises EOFError or OSError where the other end is gone, also
    in the middle."""
    found: list[Any] = []
    receiver = Receiver(pipe)
    receiver.read_bit(found)
    while receiver.is_amid:
        receiver.read_bit(found)
    return found


class Receiver:
    """Reads what :func:`send` writes a bit at a time: it takes what is in the pipe, and need not wait for the rest,
    which comes when whoever writes it is at leisure."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._begin()

    def _begin(self) -> None:
        self._buffers = [_buffer(_HEAD.size)]  # the head, then the pickle, then the pieces of the arrays
        self._whole = self._filled = 0  # buffers that are full, bytes in the one after them
        self._body = b""
        self._arrays: list[memoryview] = []
        self._asked: set[int] = set()  # which buffers say whether there is more to come

    @property
    def is_amid(self) -> bool:
        """Has a message begun to come whose rest is not here yet?"""
        return bool(self._whole or self._filled)

    @property
    def progress(self) -> float:
        """The share that has come of a message that takes a while; 0 where none is on its way."""
        return self._whole / len(self._buffers) if len(self._buffers) > _MANY else 0.0

    def read(self, found: list[Any], wait: float, most: int) -> None:
        """Adds to ``found`` the messages that are whole once some ``most`` bytes have been read, or all that are there.
        Waits up to ``wait`` seconds for more until one is whole. Raises EOFError or OSError where the other end is
        gone, also in the middle."""
        came = 0
        while came < most and self._pipe.poll(0.0 if found else wait):
            came += self.read_bit(found)

    def read_bit(self, found: list[Any]) -> int:
        """Reads what is there of one buffer, and adds the messages to ``found`` if they are whole by that. Waits where
        nothing is there. Returns how many bytes; raises as :meth:`read` does."""
        buffer = self._buffers[self._whole]
        count = _read(self._pipe, buffer[self._filled :])
        self._filled += count
        if self._filled == len(buffer):
            self._whole, self._filled = self._whole + 1, 0
            self._go_on(found)
        return count

    def _go_on(self, found: list[Any]) -> None:
        """What follows on a buffer that is full?"""
        if self._whole == 1:
            self._buffers.append(_buffer(_HEAD.unpack(self._buffers[0])[0]))
        elif self._whole == 2:
            self._body, sizes = pickle.loads(self._buffers[1])
            self._expect([_buffer(size) for size in sizes])
        if self._whole - 1 in self._asked and self._buffers[self._whole - 1][0]:
            self._begin()
        elif self._whole == len(self._buffers):
            found += pickle.loads(self._body, buffers=self._arrays)
            self._begin()

    def _expect(self, arrays: list[memoryview]) -> None:
        self._arrays = arrays
        for piece, asks in _pieces(arrays):
            if asks:
                self._asked.add(len(self._buffers))
                self._buffers.append(_buffer(1))
            self._buffers.append(piece)


def _buffer(size: int) -> memoryview:
    return np.empty(size, np.uint8).data  # a bytearray would be filled with zeros first


def _write_all(pipe: Connection, *parts: bytes | memoryview) -> None:
    """All in one call of the system while it can: nothing has this thread wait for its turn in between."""
    data = memoryview(b"".join(parts) if len(parts) > 1 else parts[0])
    while data:
        data = data[os.write(pipe.fileno(), data) :]


def _read_what_is_there(pipe: Connection, into: memoryview) -> int:
    """As far as it has room; waits where nothing is."""
    count = os.readv(pipe.fileno(), [into])
    if not count:
        raise EOFError
    return count


def _write_pieces(pipe: Connection, *parts: bytes | memoryview) -> None:
    for part in parts:
        for start in range(0, len(part), _ROOM):
            pipe.send_bytes(part[start : start + _ROOM])


def _read_piece(pipe: Connection, into: memoryview) -> int:
    return pipe.recv_bytes_into(into)


# A pipe of Windows keeps together what is written at once, and can be read in no other way.
_write, _read = (_write_all, _read_what_is_there) if hasattr(os, "readv") else (_write_pieces, _read_piece)


class Sender:
    """Writes messages to one end of a pipe; all that wait go as one list.

    ``sent`` is called, in the thread, after each write. ``broken`` is set once the other end is gone.
    """

    def __init__(self, pipe: Connection, name: str, sent: Callable[[], None] = lambda: None) -> None:
        self._pipe = pipe
        self._sent = sent
        self._waiting: list[Any] = []
        self._lent: Any = None
        self._taken_back = self._lent_whole = False
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

    def lend(self, message: Any, given_up: Callable[[], bool] = _never) -> bool:
        """Sends ``message`` after all others and waits until it has been written, since its arrays must not change
        before; or until ``given_up``, asked every hundredth of a second, has it taken back. Returns whether it was
        written whole; the other end never hears of one that was taken back."""
        with self._changed:
            self._lent, self._taken_back, self._lent_whole = message, False, False
            self._waiting.append(message)
            self._changed.notify_all()
            while not (self.is_idle() or self.broken.is_set()):
                self._changed.wait(_ASK_EVERY)
                self._taken_back = self._taken_back or given_up()
            self._lent = None
            return self._lent_whole

    def close(self) -> None:
        """Writes what waits, then ends the thread; returns at once where the other end is gone."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._write(batch)
            except OSError:  # the reader is gone
                self._written(broken=True)
                return
            del batch  # or it would occupy its memory until the next message
            self._written()
            self._sent()

    def _write(self, batch: list[Any]) -> None:
        """The one that is lent by itself: what else there is must come even where it is taken back."""
        lent = [message for message in batch if message is self._lent]
        if others := [message for message in batch if message is not self._lent]:
            send(self._pipe, others)
        if lent and not self._taken_back:
            self._lent_whole = send(self._pipe, lent, lambda: self._taken_back)

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
