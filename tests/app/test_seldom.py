"""What is told seldom: the first at once, the last always, and nothing in between."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.seldom import Seldom


def test_the_first_is_told_at_once_and_the_last_in_time(qtbot, monkeypatch):
    monkeypatch.setattr(Seldom, "pace", 1.0)
    parent, newest, told = QObject(), [0], []
    seldom = Seldom(parent, lambda: told.append(newest[0]), every=60_000)
    for newest[0] in range(5):
        seldom.ask()
    assert told == [0]
    seldom.now()
    assert told == [0, 4]
    soon = Seldom(parent, lambda: told.append("soon"), every=20)
    soon.ask()
    soon.ask()
    qtbot.waitUntil(lambda: told == [0, 4, "soon", "soon"])
    parent.deleteLater()


def test_all_is_told_where_nothing_is_seldom(monkeypatch):
    monkeypatch.setattr(Seldom, "pace", 0.0)
    parent, told = QObject(), []
    seldom = Seldom(parent, lambda: told.append(1))
    seldom.ask()
    seldom.ask()
    assert told == [1, 1]
    parent.deleteLater()
