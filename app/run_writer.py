"""Writes what is to be kept of runs, in a thread of its own, so that the window never waits for the disk."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, Signal

from engine.issues import ChainruleError

log = logging.getLogger(__name__)
Job = Callable[[], object]


class Writer(QObject):
    """Does jobs one after the other, in the order in which they came. A job under the same key as one that still waits
    takes its place: only the newest curves of a run need be written.

    The thread lives while there is something to do. ``done(key, result)`` and ``failed(key, sentence)`` come in the
    thread this was made in.
    """

    done = Signal(object, object)
    failed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, key: Hashable, job: Job) -> None:
        """Has ``job`` done soon."""
        with self._lock:
            self._jobs[key] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chainrule-runs", daemon=True)
                self._thread.start()

    def waits(self, key: Hashable) -> bool:
        """Is there a job under this key that is not begun?"""
        with self._lock:
            return key in self._jobs

    def finish(self, timeout: float) -> bool:
        """Waits until everything is done, at most so many seconds; is it?"""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return self._thread is None

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                key, job = self._jobs.popitem(last=False)
            self._carry_out(key, job)

    def _carry_out(self, key: Hashable, job: Job) -> None:
        try:
            result = job()
        except ChainruleError as error:
            log.warning("a run could not be kept: %s", error)
            self._tell(self.failed, key, str(error))
        except Exception as error:
            log.exception("keeping a run failed")
            self._tell(self.failed, key, f"The run could not be kept because of an error in the program "
                       f"({type(error).__name__}).")
        else:
            self._tell(self.done, key, result)

    def _tell(self, signal: Signal, key: Hashable, value: object) -> None:
        try:
            signal.emit(key, value)
        except RuntimeError:  # the window is gone
            log.info("a run was kept after the window had closed")
