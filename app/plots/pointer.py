"""Where the pointer is on the axis of steps: every plot over steps shows the same step at once."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal


class Pointer(QObject):
    """The step that is hovered in any plot of a session; NaN where none is."""

    moved = Signal(object)  # the plot whose pointer it is; the others follow

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.step = math.nan

    @classmethod
    def of(cls, session: QObject) -> Pointer:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    def move(self, plot: QObject, step: float) -> None:
        """The pointer is over ``plot``, at ``step``."""
        if step != self.step:
            self.step = step
            self.moved.emit(plot)

    def leave(self, plot: QObject) -> None:
        """The pointer has left ``plot``."""
        self.step = math.nan
        self.moved.emit(plot)
