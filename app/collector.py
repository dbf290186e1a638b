"""Python's garbage collector, kept to the window's thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Objects made before the youngest are looked at, and rounds of a generation before the next older one is.
_THRESHOLDS = (5_000, 80, 20)
#: Milliseconds between two looks at whether a round is due.
_EVERY = 200


class Collector(QObject):
    """Collects circles of objects in the thread it was made in, from a timer.

    By itself Python collects in whichever thread happens to make an object, also in those that bring runs to the disk
    or talk to a cluster. A widget or timer in such a circle would be deleted there, while the window's thread may just
    send it an event: Qt ends the program for that, now and then.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_due)
        self._timer.start(_EVERY)


def collect_due() -> None:
    """Collects the oldest generation that is due, as Python does by itself; the younger ones go with it."""
    for generation in reversed(range(len(_THRESHOLDS))):
        if gc.get_count()[generation] > _THRESHOLDS[generation]:
            gc.collect(generation)
            return
