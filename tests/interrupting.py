"""Processes that can be interrupted by SIGINT, however the tests themselves were started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[None]:
    """A process started in the block obeys SIGINT. A shell has what it starts in the background ignore it, and what
    that starts in turn, these tests' processes among it, would ignore it too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
