"""The one drawing of a session: the pad makes it, the feature maps can show what becomes of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal


class Drawing(QObject):
    """``ink`` (side, side) float32, 0 (ground) … 1, as the person drew it."""

    SIDE = 280
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.ink = np.zeros((self.SIDE, self.SIDE), np.float32)

    @classmethod
    def of(cls, session: QObject) -> Drawing:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    @property
    def is_blank(self) -> bool:
        return not self.ink.any()

    def show(self, ink: np.ndarray) -> None:
        """Another drawing."""
        self.ink = ink
        self.changed.emit()
