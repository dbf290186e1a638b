"""What training changes on the canvas is painted a few items at a time: the whole of it would hold the window up for
longer than a frame has time, thirty times a second, and the eye cannot follow that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRectF, Qt, QTimer

#: Items painted anew in one frame, and milliseconds between two.
_AT_ONCE, _EVERY = 5, 16

#: Takes over what came last, and says what is to be painted anew by that, in scene coordinates.
Show = Callable[[], Iterable[QRectF]]


class LiveTurns(QObject):
    """Whose turn it is. An item that is asked for again before its turn keeps its place, and shows what came last."""

    def __init__(self, parent: QObject, paint: Callable[[list[QRectF]], None]) -> None:
        super().__init__(parent)
        self._paint = paint
        self._waiting: dict[object, Show] = {}
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._next)

    @property
    def is_idle(self) -> bool:
        """Does nobody wait?"""
        return not self._waiting

    def ask(self, item: object, show: Show) -> None:
        """Has ``show`` called when it is this item's turn."""
        self._waiting[item] = show
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Nothing is to be shown any more."""
        self._waiting.clear()
        self._timer.stop()

    def _next(self) -> None:
        turns = list(self._waiting)[:_AT_ONCE]
        self._paint([rect for item in turns for rect in self._waiting.pop(item)()])
        if not self._waiting:
            self._timer.stop()
