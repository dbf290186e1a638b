"""What changes with every report of a run is told no more often than it can be read."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

from PySide6.QtCore import QObject, QTimer

#: Milliseconds after which what was passed over is told, where nobody asks again until then: a little more than
#: lies between two reports.
_PATIENCE = 50


class Seldom(QObject):
    """Calls something at once, and then not again for ``every`` milliseconds, however often it is asked for: the first
    to ask after that has it called in the same turn as what it does itself. What was asked for last is always told.

    Where several follow the same reports, they had better have different times, or all come in the same turn.
    """

    #: Set to zero, all is told at once.
    pace: ClassVar[float] = 1.0

    def __init__(self, parent: QObject, act: Callable[[], object], every: int = 100) -> None:
        super().__init__(parent)
        self._act, self._every = act, every
        self._last = -1e9
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.now)

    def ask(self, _: object = None) -> None:
        """Has it called, now or soon."""
        left = self._every * self.pace - (perf_counter() - self._last) * 1000
        if left <= 0:
            self.now()
        elif not self._timer.isActive():
            self._timer.start(round(left) + _PATIENCE)

    def now(self) -> None:
        """Calls it at once."""
        self._timer.stop()
        self._last = perf_counter()
        self._act()
