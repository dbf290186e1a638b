"""Circles of Qt's objects end in the window's thread, whichever thread makes garbage."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer

from app.collector import Collector, collect_due

#: Enough that Python by itself would have collected what is young, over and over.
MANY = 50_000


@pytest.fixture
def by_itself() -> Iterator[None]:
    """Python's own collector at work, as where a program begins."""
    was = gc.isenabled()
    gc.enable()
    yield
    gc.enable() if was else gc.disable()


class Circle(QObject):
    """Something of Qt's that only the collector can end; the timer must not end in another thread."""

    def __init__(self, ended: list[str]) -> None:
        super().__init__()
        self.itself = self
        self.timer = QTimer(self)
        self.timer.start(60_000)
        self.destroyed.connect(lambda: ended.append(threading.current_thread().name))


def make_garbage() -> None:
    for _ in range(MANY):
        circle: list[object] = []
        circle.append(circle)


def test_what_another_thread_makes_ends_no_widget_there(qapp, qtbot, by_itself) -> None:
    ended: list[str] = []
    collector = Collector(qapp)
    Circle(ended)
    other = threading.Thread(target=make_garbage)
    other.start()
    other.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread().name]
    collector.deleteLater()


def test_the_oldest_that_is_due_is_collected(monkeypatch) -> None:
    rounds: list[int] = []
    monkeypatch.setattr(gc, "collect", rounds.append)
    for count in ((5_000, 80, 20), (5_001, 0, 0), (5_001, 81, 0), (0, 81, 21)):
        monkeypatch.setattr(gc, "get_count", lambda count=count: count)
        collect_due()
    assert rounds == [0, 1, 2]
