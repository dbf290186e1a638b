"""The training process of a session: started ahead, looked at some sixty times a second while it has a run."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.train.client import WorkerProcess
from engine.train.commands import Job

#: Milliseconds between two looks at what the process sent. It reports thirty times a second, so that a look finds at
#: most one report, and answers to pause and step are shown within a frame.
_LOOK_EVERY = 16
#: Share of a large message that comes between two words on it.
_TOLD_EVERY = 0.05
#: The same in the middle of a large message, of which a look takes a part.
_LOOK_AMID = 2


class RunProcess(QObject):
    """At most one :class:`WorkerProcess` at a time. What it says comes as ``heard``, while it is listened to."""

    heard = Signal(list)  # of engine.train.events, in the order in which they were sent; may be empty
    handing = Signal(float)  # the share that has come of a large message; 0 when it is whole

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.worker: WorkerProcess | None = None
        self._orders: dict[str, float] = {}
        self._handed = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    @property
    def died(self) -> bool:
        """Did it end without being told to?"""
        return self.worker is not None and self.worker.died

    def prepare(self) -> None:
        """Starts a process where there is none that lives."""
        if self.worker is None or not self.worker.is_alive:
            self.drop()
            self.worker = WorkerProcess()

    def send(self, command: str, *arguments: Any) -> None:
        """Calls a method of the :class:`WorkerProcess` by its name; nothing happens where there is none."""
        if self.worker is not None:
            getattr(self.worker, command)(*arguments)

    def order(self, command: str, value: float, now: bool) -> None:
        """What holds for every run from here on, and with ``now`` for the one that goes on."""
        if self._orders.get(command) != value:
            self._orders[command] = value
            if now:
                self.send(command, value)

    def run(self, job: Job) -> None:
        """Begins a run, in a process where there is none yet."""
        self.prepare()
        self.send("run", job)
        for command, value in self._orders.items():
            self.send(command, value)

    def listen(self, on: bool) -> None:
        """Looks at what it sends, or no longer."""
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def drop(self) -> None:
        """Ends the process at once: nothing it still says is heard."""
        self._timer.stop()
        if self.worker is not None:
            self.worker.kill()
            self.worker = None

    def _look(self) -> None:
        if self.worker is None:
            return
        heard, every = self.worker.poll(), _LOOK_AMID if self.worker.is_amid else _LOOK_EVERY
        if every != self._timer.interval():
            self._timer.setInterval(every)
        self.heard.emit(heard)
        self._tell_progress()

    def _tell_progress(self) -> None:
        share = self.worker.progress if self.worker is not None else 0.0
        if abs(share - self._handed) >= _TOLD_EVERY or (share != self._handed and share == 0.0):
            self._handed = share
            self.handing.emit(share)
