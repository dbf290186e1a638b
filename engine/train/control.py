"""How commands reach a running loop: from nowhere, from the same process, or through a pipe (see worker)."""

from __future__ import annotations

from collections import deque
from time import sleep
from typing import Protocol

from engine.train.commands import (
    Command,
    Pause,
    Resume,
    RunUntil,
    SetLive,
    SlowDown,
    Step,
    Stop,
    TakeSnapshot,
    Watch,
)

#: What the loop itself obeys; a worker turns the others into these.
RunCommand = Pause | Resume | Step | RunUntil | SlowDown | Stop | SetLive | Watch | TakeSnapshot
#: What may wait for the end of a step that takes long. For all else the step is given up, and repeated later.
PATIENT = (Resume, Step, RunUntil, SlowDown, SetLive, Watch, TakeSnapshot)
#: What may wait while a large snapshot is handed over, by what it is worth. For all else it is taken back: one that
#: another will follow; the only one of the best evaluation; what a run leaves behind.
BESIDE_ANY = (SlowDown, SetLive, Watch, TakeSnapshot)
BESIDE_BEST = PATIENT
BESIDE_LAST = (*PATIENT, Pause, Stop)


class Control(Protocol):
    """What the loop asks. ``pending`` is asked at every step, so it has to be cheap."""

    def pending(self) -> bool:
        """May a command be waiting?"""
        ...

    def urgent(self) -> bool:
        """Does a command wait that ends the run, or pauses it? Asked between the calls of a long step."""
        ...

    def rest(self, seconds: float) -> None:
        """Sleeps so long, or until a command comes."""
        ...

    def receive(self, wait: bool) -> RunCommand | None:
        """The next command; None where there is none. With ``wait`` the run is paused: None then ends the pause."""
        ...

    def ready(self) -> bool:
        """Does the reader keep up, so that more steps may be reported?"""
        ...

    def lend(self, patient: tuple[type, ...]) -> None:
        """The next snapshot may be lent: it is wanted back for any command but these."""
        ...

    def wants_back(self) -> bool:
        """Does a command wait that what is lent is wanted back for?"""
        ...

    def was_taken_in(self) -> bool:
        """Has the reader got the last one whole?"""
        ...


class Commands:
    """Commands given between the events of a loop in the same process."""

    def __init__(self) -> None:
        self._waiting: deque[RunCommand] = deque()

    def send(self, command: RunCommand) -> None:
        """The loop carries this out before its next step."""
        self._waiting.append(command)

    def pending(self) -> bool:
        return bool(self._waiting)

    def urgent(self) -> bool:
        return any(not isinstance(command, PATIENT) for command in self._waiting)

    def rest(self, seconds: float) -> None:
        if not self._waiting:
            sleep(seconds)

    def receive(self, wait: bool) -> RunCommand | None:
        return self._waiting.popleft() if self._waiting else None

    def ready(self) -> bool:
        return True

    def lend(self, patient: tuple[type, ...]) -> None:
        """Whoever drives the loop has the event before the next is made."""

    def wants_back(self) -> bool:
        return False

    def was_taken_in(self) -> bool:
        return True


def as_run_command(command: Command) -> RunCommand:
    """A command as a running loop obeys it: whatever is not about this run ends it."""
    if isinstance(command, RunCommand):
        return command
    return Stop()
