"""Work that takes a while, done off the window's thread; its outcome comes back into it."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from engine.issues import ChainruleError

log = logging.getLogger(__name__)


class Courier(QObject):
    """Carries calls from other threads into the window's. There is one, as long as the program runs: whoever waits for
    an outcome may be deleted at any moment, and a signal of it that another thread emits just then would end the
    program."""

    _sent = Signal(object, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._sent.connect(self._deliver)

    def send(self, receiver: QObject, act: Callable[..., object], *values: Any) -> None:
        """Has ``act`` called with these values in the thread of the window, unless the receiver is gone by then."""
        try:
            self._sent.emit(receiver, act, values)
        except RuntimeError:  # the program is ending, and this with it
            log.info("an outcome came when the program was ending")

    def _deliver(self, receiver: QObject, act: Callable[..., object], values: tuple[Any, ...]) -> None:
        if isValid(receiver):
            act(*values)
        else:
            log.info("an outcome came after whoever waited for it had gone")


courier = Courier()


class Task(QObject):
    """One piece of work. ``done(result)`` or ``failed(sentence, details)`` is emitted in the thread it was made in,
    unless it was cancelled: Python cannot stop the work itself, so its result is dropped."""

    done = Signal(object)
    failed = Signal(str, str)

    def __init__(self, work: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.cancelled = False

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
            courier.send(self, self._fail, str(error), "")
        except MemoryError:
            courier.send(self, self._fail, "There is not enough memory for this. Choose something smaller.", "")
        except Exception as error:
            log.exception("background work failed")
            courier.send(self, self._fail, f"An error in the program ({type(error).__name__}) stopped this. "
                         "Nothing was changed.", traceback.format_exc())
        else:
            courier.send(self, self._succeed, result)

    def _succeed(self, result: object) -> None:
        if not self.cancelled:
            self.done.emit(result)

    def _fail(self, sentence: str, details: str) -> None:
        if not self.cancelled:
            self.failed.emit(sentence, details)
