"""How commands reach a running loop: from nowhere, from the same process, or through a pipe (see worker)."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from engine.train.commands import Command, Pause, Resume, SetLive, Step, Stop, TakeSnapshot, Watch

#: What the loop itself obeys; a worker turns the others into these.
RunCommand = Pause | Resume | Step | Stop | SetLive | Watch | TakeSnapshot


class Control(Protocol):
    """What the loop asks. ``pending`` is asked at every step, so it has to be cheap."""

    def pending(self) -> bool:
        """May a command be waiting?"""
        ...

    def receive(self, wait: bool) -> RunCommand | None:
        """The next command; None where there is none. With ``wait`` the run is paused: None then ends the pause."""
        ...

    def ready(self) -> bool:
        """Does the reader keep up, so that more steps may be reported?"""
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

    def receive(self, wait: bool) -> RunCommand | None:
        return self._waiting.popleft() if self._waiting else None

    def ready(self) -> bool:
        return True


def as_run_command(command: Command) -> RunCommand:
    """A command as a running loop obeys it: whatever is not about this run ends it."""
    if isinstance(command, (Pause, Resume, Step, Stop, SetLive, Watch, TakeSnapshot)):
        return command
    return Stop()
