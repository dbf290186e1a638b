"""Ways to wait that miss nothing, however fast a run is over and however busy the machine is.

A state that only lasts for a moment may begin and end between two looks at it. What is waited for is therefore
either a signal that is heard since before the act that leads to it, or something that stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytestqt.qtbot import QtBot

from app.document import Document
from app.training.session import PAUSED, Session
from engine.train.conditions import StepReached

#: Milliseconds: on a busy machine much takes long, and only where something is broken does anybody wait so long.
PATIENCE = 60_000


@contextmanager
def reaching(qtbot: QtBot, session: Session, *states: str) -> Iterator[None]:
    """Waits, after what is done in the block, until the session has come into one of these states since it began."""
    with qtbot.waitSignal(session.state_changed, check_params_cb=lambda reached: reached in states):
        yield


def rest_after(qtbot: QtBot, session: Session, step: int) -> None:
    """Trains as far as this step, where a snapshot is taken in any case, and rests."""
    session.run_until(StepReached(step=step).to_dict())
    until_paused_at(qtbot, session, step)


def until_paused_at(qtbot: QtBot, session: Session, step: int) -> None:
    """Waits until the run rests after this step, with its snapshot; a run that starts paused rests at step 0, too."""
    qtbot.waitUntil(lambda: session.state == PAUSED and session.history.progress.step == step
                    and session.timeline.newest is not None and session.timeline.newest.step == step)


class Waiting:
    """A document, a session that trains it, and ways to wait for it."""

    def __init__(self, document: Document, qtbot: QtBot) -> None:
        self.document = document
        self.session = Session(document)
        self.qtbot = qtbot

    def until(self, *states: str) -> None:
        """Waits until the session is in one of these states. What was asked for just before has to lead there: a
        state that it may have left already is waited for by :func:`reaching`."""
        if self.session.state not in states:
            with reaching(self.qtbot, self.session, *states):
                pass

    def rest_after(self, step: int) -> None:
        rest_after(self.qtbot, self.session, step)

    def until_paused_at(self, step: int) -> None:
        until_paused_at(self.qtbot, self.session, step)

    def until_snapshots(self, count: int) -> None:
        """Waits until the timeline has so many snapshots."""
        while len(self.session.timeline) < count:
            with self.qtbot.waitSignal(self.session.snapshot_kept):
                pass
