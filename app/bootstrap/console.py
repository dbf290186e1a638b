"""What the set-up tells the person at the terminal: one line of progress, and errors as sentences."""

from __future__ import annotations

import shutil
import sys
import time


class SetupError(Exception):
    """Set-up cannot go on. The text says what happened and what to do; `status` is the exit status."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


def say(text: str) -> None:
    """Print one line for the person, beside the program's own output."""
    print(text, file=sys.stderr, flush=True)


def report(problem: SetupError) -> int:
    """Print a set-up problem and return the exit status for it."""
    say(f"chainrule: {problem}")
    return problem.status


class ProgressLine:
    """One line that is rewritten in place on a terminal, and printed once where output goes to a file."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._start = time.monotonic()
        self._terminal = bool(sys.stderr and sys.stderr.isatty())
        if not self._terminal:
            say(f"{title} …")

    def show(self, doing: str) -> None:
        """Say what is going on now, after the title and the time it has taken so far."""
        if not self._terminal:
            return
        line = f"{self.title} · {self._elapsed()} · {doing}"
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + line[:width])
        sys.stderr.flush()

    def end(self, outcome: str) -> None:
        """Replace the line by its outcome."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
        say(f"{self.title}: {outcome} after {self._elapsed()}.")

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        return f"{minutes}:{seconds:02d}"
