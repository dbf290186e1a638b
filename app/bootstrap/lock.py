"""A lock between processes, so that two starts at once do not install into the same folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap.console import say


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock file `path` for the length of the block; gives its file descriptor.

    Waits, after saying so, while another process holds it. The lock goes with the last process that has the
    descriptor open, so an installer that was given it keeps others out even when its starter was killed.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(descriptor):
            say("Another start of Chainrule is setting up; waiting until it has finished …")
            while not _try_lock(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
