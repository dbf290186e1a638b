"""Plots draw in turn, one in each pass of the event loop, so that the window never waits for all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

#: Milliseconds between two plots, at least; and times what the last one took, which leaves the larger part of the
#: time to everything else.
_GAP = 4
_SHARE = 2.0


class Turns(QObject):
    """Whose turn it is among the plots of one session."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[QObject, Callable[[], None]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._next)

    @classmethod
    def of(cls, session: QObject) -> Turns:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    def ask(self, plot: QObject, draw: Callable[[], None]) -> None:
        """Has ``draw`` called when it is this plot's turn; asking twice before that is asking once."""
        self._waiting.setdefault(plot, draw)
        if not self._timer.isActive():
            self._timer.start(0)

    def leave(self, plot: QObject) -> None:
        """The plot does not want to draw any more."""
        self._waiting.pop(plot, None)

    def _next(self) -> None:
        if not self._waiting:
            return
        plot = next(iter(self._waiting))
        draw = self._waiting.pop(plot)
        begin = perf_counter()
        draw()
        spent = (perf_counter() - begin) * 1000
        if self._waiting:
            self._timer.start(max(_GAP, round(_SHARE * spent)))
