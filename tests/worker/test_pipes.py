"""Messages through a pipe: whole, in order, without holding the sender up, and an end that is noticed."""

from __future__ import annotations

import multiprocessing
import os
import struct
import threading
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from engine.train import pipes
from engine.train.commands import Pause, Quit, SetLive, Stop
from engine.train.pipes import Receiver, Sender, receive, send
from engine.train.worker import Inbox

PATIENCE = 30.0


@pytest.fixture
def pipe():
    reader, writer = multiprocessing.Pipe(duplex=False)
    yield reader, writer
    reader.close()
    writer.close()


def received(reader, count: int) -> list:
    found: list = []
    while len(found) < count:
        assert reader.poll(PATIENCE)
        found += receive(reader)
    return found


def cut_off(writer) -> None:
    """Begins a message of a thousand bytes, and writes some of it."""
    os.write(writer.fileno(), struct.pack("<Q", 1000) + b"...")


def test_messages_arrive_whole_and_in_order_however_large(pipe):
    reader, writer = pipe
    rng = np.random.default_rng(0)
    sent = [rng.normal(size=size) for size in (3, 200_000, 10, 100_000)]
    sent.append(np.asfortranarray(rng.normal(size=(300, 90))))
    sender = Sender(writer, "test")
    for number, array in enumerate(sent):
        sender.put((number, array))
    for number, (key, array) in enumerate(received(reader, len(sent))):
        assert key == number
        assert np.array_equal(array, sent[number])
        array += 1  # what arrives belongs to the reader
    sender.close()


def test_messages_arrive_where_a_pipe_keeps_together_what_is_written_at_once(pipe, monkeypatch):
    """As on Windows."""
    monkeypatch.setattr(pipes, "_write", pipes._write_pieces)
    monkeypatch.setattr(pipes, "_read", pipes._read_piece)
    reader, writer = pipe
    sent = [np.arange(10.0), np.arange(400_000.0)]
    sender = Sender(writer, "test")
    for array in sent:
        sender.put(array)
    assert all(np.array_equal(one, other) for one, other in zip(sent, received(reader, 2), strict=True))
    sender.close()


def test_a_large_message_is_read_a_bit_at_a_time(pipe):
    reader, writer = pipe
    sent = [np.arange(4_000_000), np.arange(10), np.arange(2_000_000)]
    sender = Sender(writer, "test")
    receiver, heard, calls = Receiver(reader), [], 0
    for array in sent:
        sender.put(array)
    while len(heard) < len(sent):
        receiver.read(heard, PATIENCE, 4_000_000)
        calls += 1
    assert calls >= 48_000_000 / 5_100_000  # no call reads more than a piece too much
    assert all(np.array_equal(one, other) for one, other in zip(sent, heard, strict=True))
    heard[0] += 1  # what arrives belongs to the reader
    sender.close()


def test_a_reader_does_not_wait_for_the_rest_of_a_message_that_comes_slowly(pipe):
    """Between two writes the training process computes: the window goes on meanwhile."""
    reader, writer = pipe
    through, into = multiprocessing.Pipe(duplex=False)
    sender = Sender(into, "test")
    sender.put(np.arange(4000.0))
    sender.close()
    message = os.read(through.fileno(), 1 << 20)
    into.close()
    receiver, heard = Receiver(reader), []
    for start in range(0, len(message), 1000):
        assert heard == []
        assert receiver.is_amid == (start > 0)
        os.write(writer.fileno(), message[start : start + 1000])
        receiver.read(heard, 0.0, 1 << 40)
    assert not receiver.is_amid
    assert np.array_equal(heard[0], np.arange(4000.0))
    through.close()


def test_messages_that_are_whole_are_kept_where_the_next_one_is_cut_off(pipe):
    reader, writer = pipe
    send(writer, ["whole"])
    cut_off(writer)
    writer.close()
    receiver, heard = Receiver(reader), []
    with pytest.raises((EOFError, OSError)):
        receiver.read(heard, PATIENCE, 1 << 40)
    assert heard == ["whole"]


def test_putting_never_waits_for_the_reader(pipe):
    reader, writer = pipe
    sender = Sender(writer, "test")
    for number in range(50):
        sender.put(np.full(50_000, number))  # 20 MB; a pipe holds 64 kB
    assert not sender.is_idle()
    assert [int(array[0]) for array in received(reader, 50)] == list(range(50))
    sender.close()
    assert sender.is_idle()


def test_lending_waits_until_everything_is_written(pipe):
    reader, writer = pipe
    sender = Sender(writer, "test")
    array = np.zeros(1_000_000)
    sink = threading.Thread(target=lambda: heard.extend(received(reader, 1)))
    heard: list = []
    sink.start()
    assert sender.lend(array)
    assert sender.is_idle()
    array[:] = 1.0  # what was lent may change now
    sink.join()
    assert not heard[0].any()
    sender.close()


def test_what_is_lent_may_be_taken_back_and_all_else_comes(pipe):
    """In the middle, by a reader that takes its time; from a list of arrays, none of which is large by itself."""
    reader, writer = pipe
    sender = Sender(writer, "test")
    receiver, heard, come = Receiver(reader), [], []

    def reads() -> None:
        while len(heard) < 4:
            receiver.read(heard, PATIENCE, 200_000)
            come.append(receiver.progress)

    sink = threading.Thread(target=reads)
    sink.start()
    sender.put("before")
    assert not sender.lend([np.full(50_000, number) for number in range(250)], lambda: max(come, default=0.0) > 0.1)
    assert 0.1 < max(come) < 1.0
    sender.put("after")
    assert sender.lend([np.full(50_000, number) for number in range(25)], lambda: False)
    sender.put("end")
    sink.join()
    assert heard[0] == "before" and heard[1] == "after" and heard[3] == "end"
    assert [int(array[-1]) for array in heard[2]] == list(range(25))
    sender.close()


def test_what_was_taken_back_before_it_was_written_is_never_written(pipe):
    reader, writer = pipe
    sender = Sender(writer, "test")
    sender.put(np.zeros(1_000_000))  # more than the pipe holds: nobody reads yet
    heard: list = []
    sink = threading.Thread(target=lambda: heard.extend(received(reader, 2)))

    def given_up() -> bool:
        sink.start()
        return True

    assert not sender.lend("lent", given_up)
    sender.put("after")
    sink.join()
    assert heard[1] == "after"
    sender.close()


def test_lending_ends_where_the_reader_is_gone(pipe):
    reader, writer = pipe
    sender = Sender(writer, "test")
    reader.close()
    assert not sender.lend(np.zeros(1_000_000))
    assert sender.broken.is_set()
    sender.close()


def test_sent_is_called_after_each_write(pipe):
    reader, writer = pipe
    called = threading.Event()
    sender = Sender(writer, "test", sent=called.set)
    sender.put("a")
    assert called.wait(PATIENCE)
    assert receive(reader) == ["a"]
    sender.close()


def test_a_reader_that_leaves_ends_the_sender(pipe):
    reader, writer = pipe
    sender = Sender(writer, "test")
    sender.put(np.zeros(1_000_000))  # the thread is in the middle of writing
    reader.close()
    assert sender.broken.wait(PATIENCE)
    sender.put("nobody hears this")
    sender.close()


def test_a_sender_that_dies_in_the_middle_of_a_message_is_noticed(pipe):
    reader, writer = pipe
    cut_off(writer)
    writer.close()
    with pytest.raises((EOFError, OSError)):
        receive(reader)


def test_a_large_array_is_not_copied_on_its_way_out(pipe):
    reader, writer = pipe
    array = np.zeros(4_000_000)
    sink = threading.Thread(target=lambda: received(reader, 1))
    tracemalloc.start()
    try:
        sender = Sender(writer, "test")
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        sink.start()
        sender.put(array)
        sender.close()
        sink.join()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 1.2 * array.nbytes  # the reader's own buffer, and nothing of that size beside it


def test_messages_that_come_together_are_all_obeyed(pipe):
    """One raised flag may stand for several messages: the second must not wait for a third."""
    reader, writer = pipe
    outbox = Sender(multiprocessing.Pipe(duplex=False)[1], "events")
    flag = SimpleNamespace(value=0)
    inbox = Inbox(reader, flag, outbox)
    send(writer, [SetLive("learning_rate", 0.5)])
    send(writer, [Pause()])
    flag.value = 1
    heard = []
    while inbox.pending():
        heard.append(inbox.receive(wait=False))
    assert heard == [SetLive("learning_rate", 0.5), Pause()]
    outbox.close()


def test_a_sender_that_is_gone_ends_the_run_after_what_it_said_last(pipe):
    reader, writer = pipe
    outbox = Sender(multiprocessing.Pipe(duplex=False)[1], "events")
    inbox = Inbox(reader, SimpleNamespace(value=1), outbox)
    send(writer, [Pause()])
    writer.close()
    assert inbox.receive(wait=False) == Pause()
    assert inbox.receive(wait=True) == Stop()
    assert isinstance(inbox.wait(), Quit)
    outbox.close()
