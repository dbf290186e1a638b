"""The guard against left-overs, which is only worth having if it sees them."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import leaks


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "GRACE_SECONDS", 0.05)


def test_a_thread_is_seen() -> None:
    before = leaks.snapshot(with_qt=False)
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()
    left = leaks.left_since(before)
    end.set()
    thread.join()
    assert left == ["thread: forgotten"]
    assert leaks.left_since(before) == []


def test_a_process_is_seen() -> None:
    before = leaks.snapshot(with_qt=False)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    left = leaks.left_since(before)
    process.communicate(b"\n")
    assert len(left) == 1
    assert "input()" in left[0]
    assert leaks.left_since(before) == []


def test_a_running_timer_is_seen(qtbot: QtBot) -> None:
    before = leaks.snapshot(with_qt=True)
    timer = QTimer()
    timer.start(10_000)
    left = leaks.left_since(before)
    timer.stop()
    assert left == ["running timer: QTimer of None, every 10000 ms"]
    assert leaks.left_since(before) == []


def test_a_window_is_seen(qtbot: QtBot) -> None:
    before = leaks.snapshot(with_qt=True)
    widget = QWidget()
    widget.setObjectName("forgotten")
    left = leaks.left_since(before)
    widget.deleteLater()
    assert left == ["top-level widget: QWidget “forgotten”"]
    assert leaks.left_since(before) == []


def test_an_announced_error_is_allowed(expect_error_log) -> None:
    expect_error_log("went wrong")
    logging.getLogger("chainrule.test").error("it went wrong")


def test_settings_go_to_the_tests_own_folder(private_folders: Path, qapp: object) -> None:
    settings = QSettings("Chainrule", "Chainrule")
    settings.setValue("seen", True)
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(private_folders)
