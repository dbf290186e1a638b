"""What a test must not leave behind: threads, processes, running timers and open windows."""

from __future__ import annotations

import gc
import sys
import threading
import time
from pathlib import Path
from typing import Any

# Python's own helper of multiprocessing, started at most once and there until the end.
LASTING_PROCESSES = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
# A thread or process that has been told to end may take this long to be gone: on a machine that does much else, long.
GRACE_SECONDS = 10.0
# What it held goes pass by pass: a widget, then its menus. On a busy machine each pass takes its time.
PASSES = 5

Snapshot = dict[str, dict[int, str]]


def snapshot(with_qt: bool) -> Snapshot:
    """Return everything of the kinds watched that exists now: kind → identity → description.

    Finding the timers takes some 20 ms, so tests without Qt are spared it.
    """
    found = {"thread": _threads(), "process": _processes()}
    if with_qt:
        found |= {"running timer": _timers(), "top-level widget": _widgets()}
    return found


def left_since(before: Snapshot) -> list[str]:
    """Return a line for each thing that was not there before, after allowing it a moment to end.

    Some passes at least: late in a long run, looking alone takes longer than a short moment.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    left, passes = _new(before), 0
    while left:
        passes += 1
        gc.collect()
        _process_deletions()
        time.sleep(0.02)
        left = _new(before)
        if passes >= PASSES and time.monotonic() >= deadline:
            break
    return left


def _new(before: Snapshot) -> list[str]:
    return [
        f"{kind}: {description}"
        for kind, now in snapshot(with_qt="running timer" in before).items()
        for identity, description in now.items()
        if identity not in before[kind]
    ]


def _threads() -> dict[int, str]:
    return {id(thread): thread.name for thread in threading.enumerate() if not thread.daemon}


def _processes() -> dict[int, str]:
    """Return the child processes by id; only Linux tells without another package."""
    found = {}
    for children in Path("/proc/self/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                command = Path(f"/proc/{child}/cmdline").read_bytes().decode(errors="replace")
                if not any(name in command for name in LASTING_PROCESSES):
                    found[int(child)] = (
                        command.replace("\0", " ")[:200] or f"{child}, ended but not waited for"
                    )
        except OSError:
            continue  # the thread or process ended while we looked
    return found


def _qt(module: str) -> Any:
    """Return a Qt module if the test has loaded it; a test that has not is not made to."""
    return sys.modules.get(f"PySide6.{module}")


def _timers() -> dict[int, str]:
    core = _qt("QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return {}
    shiboken = sys.modules["shiboken6"]
    return {
        shiboken.getCppPointer(thing)[0]: f"{type(thing).__name__} of {thing.parent()!r}, every {thing.interval()} ms"
        for thing in gc.get_objects()
        if isinstance(thing, core.QTimer) and shiboken.isValid(thing) and thing.isActive()
    }


def _widgets() -> dict[int, str]:
    widgets = _qt("QtWidgets")
    if widgets is None or not isinstance(widgets.QApplication.instance(), widgets.QApplication):
        return {}
    shiboken = sys.modules["shiboken6"]
    return {
        # Where Qt made it, Python's object for it lives only while we look: its id would be another each time.
        shiboken.getCppPointer(widget)[0]: f"{type(widget).__name__} “{widget.objectName() or widget.windowTitle()}”"
        for widget in widgets.QApplication.topLevelWidgets()
    }


def _process_deletions() -> None:
    """Let Qt carry out the deleteLater() calls that wait for an event loop."""
    core = _qt("QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
        core.QCoreApplication.processEvents()
