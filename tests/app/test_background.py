"""Work off the window's thread: its outcome comes back into it, and whoever waited may have been deleted by then."""

from __future__ import annotations

import threading

import shiboken6
from PySide6.QtCore import QObject

from app.background import Task, courier
from app.runs.writer import Writer
from engine.issues import ChainruleError


def test_what_comes_back_comes_into_the_thread_of_the_window(qtbot) -> None:
    task, where = Task(lambda: 42), []
    task.done.connect(lambda result: where.append((result, threading.current_thread())))
    with qtbot.waitSignal(task.done):
        task.start()
    assert where == [(42, threading.main_thread())]


def test_errors_come_back_as_sentences(qtbot, expect_error_log) -> None:
    def refuse() -> None:
        raise ChainruleError("That cannot be.", "", "Try something else.")

    expect_error_log("background work failed")
    for work, said in ((refuse, "That cannot be."), (lambda: 1 // 0, "An error in the program (ZeroDivisionError)")):
        task = Task(work)
        with qtbot.waitSignal(task.failed) as told:
            task.start()
        assert told.args[0].startswith(said)


def test_what_was_cancelled_and_whoever_is_gone_hear_nothing(qtbot) -> None:
    """Deleted while the work goes on, in the middle of whose last act another thread may be."""
    parent, heard, ended = QObject(), [], []
    cancelled, gone, writer = Task(lambda: "cancelled"), Task(lambda: "gone", parent), Writer(parent)
    for task in (cancelled, gone):
        task.done.connect(heard.append)
    cancelled.cancel()
    shiboken6.delete(parent)
    for task in (cancelled, gone):
        task.carry_out()
    writer._carry_out("key", lambda: "written", heard.append)
    courier.send(courier, ended.append, True)
    qtbot.waitUntil(lambda: bool(ended))
    assert heard == []


def test_deletion_in_the_middle_of_the_telling_breaks_nothing(qtbot) -> None:
    """Each of these is deleted while its thread tells the outcome, or about then."""
    for pause in range(300):
        parent, begun = QObject(), threading.Event()
        Task(begun.set, parent).start()
        begun.wait()
        for _ in range(pause):
            pass
        shiboken6.delete(parent)
    qtbot.waitUntil(lambda: not any(thread.name == "chainrule-task" for thread in threading.enumerate()))
