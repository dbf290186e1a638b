"""Plots draw in turn, a part in each pass of the event loop, so that the window never waits for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

#: Milliseconds after which a plot that draws in parts is left for the next pass of the event loop.
_PART = 1.5
#: Milliseconds between two passes, at least; and times what the last one took, which leaves the larger part of the
#: time to everything else, painting what was drawn among it.
_GAP = 4
_SHARE = 7.0

#: Draws, wholly or up to the first of the parts that follow.
Draw = Callable[[], "Iterator[None] | None"]


class Turns(QObject):
    """Whose turn it is among the plots of one session."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[QObject, Draw] = {}
        self._begun: tuple[QObject, Iterator[None]] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._next)

    @classmethod
    def of(cls, session: QObject) -> Turns:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    @property
    def is_idle(self) -> bool:
        """Has everybody drawn who wanted to?"""
        return not self._waiting and self._begun is None

    def ask(self, plot: QObject, draw: Draw) -> None:
        """Has ``draw`` called when it is this plot's turn; asking twice before that is asking once."""
        self._waiting.setdefault(plot, draw)
        if not self._timer.isActive():
            self._timer.start(0)

    def leave(self, plot: QObject) -> bool:
        """The plot does not want to draw any more. Returns whether it had drawn a part only."""
        self._waiting.pop(plot, None)
        begun = self._begun is not None and self._begun[0] is plot
        if begun:
            self._begun = None
        if self.is_idle:
            self._timer.stop()
        return begun

    def _next(self) -> None:
        begin = perf_counter()
        if self._begun is None and self._waiting:
            plot = next(iter(self._waiting))
            parts = self._waiting.pop(plot)()
            self._begun = None if parts is None else (plot, parts)
        while self._begun is not None and (perf_counter() - begin) * 1000 < _PART:
            self._go_on(self._begun)
        spent = (perf_counter() - begin) * 1000
        if not self.is_idle:
            self._timer.start(max(_GAP, round(_SHARE * spent)))

    def _go_on(self, begun: tuple[QObject, Iterator[None]]) -> None:
        try:
            next(begun[1])
        except StopIteration:
            if self._begun is begun:
                self._begun = None
        except BaseException:
            self._begun = None  # what cannot be drawn is not tried again and again
            raise
