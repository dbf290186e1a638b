"""Writes what is to be kept of runs, in a thread of its own, so that the window never waits for the disk."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.background import courier
from engine.issues import ChainruleError

log = logging.getLogger(__name__)
Job = Callable[[], object]
Then = Callable[[Any], object]


class Writer(QObject):
    """Does jobs one after the other, in the order in which they came. A job under the same key as one that still waits
    takes its place: only the newest curves of a run need be written.

    The thread lives while there is something to do. What a job returns is handed to its ``then``, and ``failed(key,
    sentence)`` emitted, in the thread this was made in.
    """

    failed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: OrderedDict[Hashable, tuple[Job, Then | None]] = OrderedDict()
        self._unanswered = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Is there anything to do, or an outcome still to be told?"""
        return self._unanswered > 0

    def put(self, key: Hashable, job: Job, then: Then | None = None) -> None:
        """Has ``job`` done soon."""
        with self._lock:
            self._unanswered += key not in self._jobs
            self._jobs[key] = (job, then)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chainrule-runs", daemon=True)
                self._thread.start()

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
                key, (job, then) = self._jobs.popitem(last=False)
            self._carry_out(key, job, then)

    def _carry_out(self, key: Hashable, job: Job, then: Then | None) -> None:
        try:
            result = job()
        except ChainruleError as error:
            log.warning("a run could not be kept: %s", error)
            courier.send(self, self._tell, key, str(error))
        except Exception as error:
            log.exception("keeping a run failed")
            courier.send(self, self._tell, key, f"The run could not be kept because of an error in the program "
                         f"({type(error).__name__}).")
        else:
            courier.send(self, self._hand_over, then, result)

    # -- back in the window's thread -------------------------------------------------------------------------

    def _hand_over(self, then: Then | None, result: object) -> None:
        self._answered()
        if then is not None:
            then(result)

    def _tell(self, key: Hashable, sentence: str) -> None:
        self._answered()
        self.failed.emit(key, sentence)

    def _answered(self) -> None:
        with self._lock:
            self._unanswered -= 1
