"""Runs that wait their turn: each a network with data and settings, trained from fresh weights."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Content
from app.numbers import amount, count, exact
from app.training.session import FAILED, FINISHED, IDLE, Session
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer


@dataclass(frozen=True, slots=True, eq=False)
class Queued:
    """A run to come: what is trained, and what a person reads of it."""

    content: Content
    name: str


class RunQueue(QObject):
    """Starts the next run when one has ended, by itself or by an error. A run that is stopped holds the queue."""

    changed = Signal()
    message = Signal(str, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: list[Queued] = []
        #: Does the next one start by itself?
        self.going = False
        self._starting = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._start_next)
        session.state_changed.connect(self._state_changed)
        session.document.opened.connect(self.hold)

    @property
    def waiting(self) -> tuple[Queued, ...]:
        """The runs to come, the next one first."""
        return tuple(self._waiting)

    # -- what a person can ask --------------------------------------------------------------------------------

    def add(self) -> None:
        """Queues the network, the data and the settings as they are now. Where nothing runs, it waits for a start."""
        document = self._session.document
        entry = Queued(document.content, f"{document.title} · {described(document.training)}")
        self._waiting.append(entry)
        self.going |= self._session.is_active
        when = "It starts when the present run ends." if self.going else "Start the queue in the Runs tab."
        self.message.emit("info", f"“{entry.name}” is queued. {when}")
        self.changed.emit()

    def remove(self, place: int) -> None:
        """Takes one out."""
        del self._waiting[place]
        self.going &= bool(self._waiting)
        self.changed.emit()

    def move(self, place: int, by: int) -> None:
        """Moves one up (−1) or down (+1)."""
        other = place + by
        if 0 <= other < len(self._waiting):
            self._waiting[place], self._waiting[other] = self._waiting[other], self._waiting[place]
            self.changed.emit()

    def start(self) -> None:
        """Runs one after the other from now on, or from the end of the run that goes on."""
        self.going = bool(self._waiting)
        if self.going and not self._session.is_active:
            self._soon.start()
        self.changed.emit()

    def hold(self) -> None:
        """Starts no further run."""
        self._soon.stop()
        if self.going:
            self.going = False
            self.changed.emit()

    # -- one after the other ----------------------------------------------------------------------------------

    def _state_changed(self, state: str) -> None:
        if self._starting or not self.going:
            return
        if state in (FINISHED, FAILED):
            self._soon.start()  # whoever else hears of the end is to hear of it first
        elif state == IDLE:
            self.hold()

    def _start_next(self) -> None:
        if self._session.is_active or not self._waiting:
            return
        entry = self._waiting.pop(0)
        document, self._starting = self._session.document, True
        document.commit_content(entry.content, f"Queued run: {entry.name}")
        self._session.reset()
        self._session.run()
        self._starting = False
        if not self._session.is_active:  # it could not start, and the session has said why
            self._soon.start()
        self.going = bool(self._waiting)
        self.changed.emit()


def described(training: dict[str, object]) -> str:
    """Settings in a line: what tells one queued run from another."""
    config = TrainingConfig.of(training)
    kind, rate = Optimizer.kinds[config.optimizer["kind"]].title, config.build_optimizer().learning_rate
    return (f"{kind} {exact(rate)} · batch {count(config.batch_size)} · {amount(config.epochs, 'epoch')} · "
            f"seed {config.seed}")
