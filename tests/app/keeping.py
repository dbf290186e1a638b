"""A session whose runs are kept, and ways to wait for it, for the tests of runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.runs.going_back import RunReturn
from app.runs.keeper import RunKeeper
from app.runs.runs import Runs
from app.training.session import FINISHED, IDLE, RUNNING
from tests.app.making import document_of
from tests.app.waiting import Waiting, reaching

LIMIT = 1_000_000_000


class Kept(Waiting):
    """A document, a session that trains it, and the runs that are kept in ``folder``."""

    def __init__(self, folder: Path, qtbot, template: str = "xor", **settings) -> None:
        super().__init__(document_of(template, **settings), qtbot)
        self.runs = Runs.of(self.session)
        self.keeper = RunKeeper(self.session, self.runs)
        self.going_back = RunReturn(self.session, self.runs, self.keeper)
        self.messages: list[str] = []
        for teller in (self.runs, self.going_back):
            teller.message.connect(lambda severity, text: self.messages.append(text))
        self.runs.keep_in(folder, LIMIT)
        self.settle()

    def until_steps(self, count: int) -> None:
        """Waits until so many steps are in the history."""
        while self.session.history.training.count < count:
            with self.qtbot.waitSignal(self.session.updated):
                pass

    def settle(self) -> None:
        """Until the other thread has nothing left to do, and what it found has come here."""
        self.qtbot.waitUntil(lambda: self.runs.writer.finish(0.05) and not self.runs.pending)

    def train(self) -> str:
        """Trains to the end; returns the id of the run."""
        return self.to_the_end(self.session.run)

    def to_the_end(self, begin: Callable[..., object], *arguments: object) -> str:
        """Does what begins a run, at once or a little later, and waits for the end of that run; returns its id."""
        with reaching(self.qtbot, self.session, FINISHED):
            begin(*arguments)
        self.settle()
        return self.runs.current

    def train_until(self, steps: int) -> str:
        """Trains for so many steps and stops."""
        self.session.run()
        self.until(RUNNING)
        self.until_steps(steps)
        self.session.stop()
        self.until(IDLE)
        self.settle()
        return self.runs.current
