"""The guard against left-overs, which is only worth having if it sees them."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
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


def test_a_window_told_to_go_is_given_the_chance_however_long_looking_takes(qtbot: QtBot, monkeypatch) -> None:
    monkeypatch.setattr(leaks, "GRACE_SECONDS", 0.0)
    before = leaks.snapshot(with_qt=True)
    QWidget().deleteLater()
    assert leaks.left_since(before) == []


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_window_of_qts_own_hides_no_other(qtbot: QtBot) -> None:
    """Python knows Qt's own windows only while it looks: the identity of what it sees then is free for the next."""
    ground = QWidget()
    qtbot.addWidget(ground)
    QToolTip.showText(QPoint(0, 0), "a tip", ground)
    before = leaks.snapshot(with_qt=True)
    assert any("qtooltip_label" in name for name in before["top-level widget"].values())
    assert leaks.left_since(before) == []
    for _ in range(20):
        widget = QWidget()
        left = leaks.left_since(before)
        widget.deleteLater()
        assert len(left) == 1
        assert leaks.left_since(before) == []
    tips = [window for window in QApplication.topLevelWidgets() if window.objectName() == "qtooltip_label"]
    for tip in tips:
        tip.deleteLater()


def test_an_announced_error_is_allowed(expect_error_log) -> None:
    expect_error_log("went wrong")
    logging.getLogger("chainrule.test").error("it went wrong")


def test_settings_go_to_the_tests_own_folder(private_folders: Path, qapp: object) -> None:
    settings = QSettings("Chainrule", "Chainrule")
    settings.setValue("seen", True)
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(private_folders)
