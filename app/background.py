"""Work that takes a while, done off the window's thread; its outcome comes back as a signal."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.issues import ChainruleError

log = logging.getLogger(__name__)


class Task(QObject):
    """One piece of work. ``done(result)`` or ``failed(sentence, details)`` is emitted in the thread it was made in,
    unless it was cancelled: Python cannot stop the work itself, so its result is dropped."""

    done = Signal(object)
    failed = Signal(str, str)
    _returned = Signal(object)
    _raised = Signal(str, str)

    def __init__(self, work: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.cancelled = False
        self._returned.connect(self._on_returned)
        self._raised.connect(self._on_raised)

    def start(self) -> Task:
        threading.Thread(target=self.carry_out, name="chainrule-task", daemon=True).start()
        return self

    def cancel(self) -> None:
        """Nothing is emitted any more."""
        self.cancelled = True

    def carry_out(self) -> None:
        """Does the work; called in the other thread."""
        try:
            result = self._work()
        except ChainruleError as error:
            self._tell(self._raised, str(error), "")
        except MemoryError:
            self._tell(self._raised, "There is not enough memory for this. Choose something smaller.", "")
        except Exception as error:
            log.exception("background work failed")
            self._tell(self._raised, f"An error in the program ({type(error).__name__}) stopped this. Nothing was "
                       "changed.", traceback.format_exc())
        else:
            self._tell(self._returned, result)

    def _tell(self, signal: Any, *values: Any) -> None:
        try:
            signal.emit(*values)
        except RuntimeError:  # whoever waited for it is gone
            log.info("a result came too late")

    def _on_returned(self, result: object) -> None:
        if not self.cancelled:
            self.done.emit(result)

    def _on_raised(self, sentence: str, details: str) -> None:
        if not self.cancelled:
            self.failed.emit(sentence, details)
