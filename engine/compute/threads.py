"""Threads: how many the matrix products use, and lanes in which the parts of a pass run side by side.

Matrix products as large as those of wide Dense layers share the cores by themselves. Those of a convolution are too
small for that, and everything else NumPy does runs on one core. So a layer may write a pass down in parts that do not
touch each other (:meth:`engine.layer.Context.parts`); each runs in a thread of its own, and its products on one core.
NumPy lets other threads go on while it computes. A part computes to the bit what it would have computed in turn.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

import numpy as np
from threadpoolctl import LibController, ThreadpoolController

Calls = Sequence[Callable[[], Any]]


def use_threads(count: int) -> None:
    """Sets how many threads matrix products use in this process, until it is set again."""
    for library in _libraries():
        library.set_num_threads(count)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """While it holds, matrix products use so many threads; then as many as before."""
    before = [(library, library.get_num_threads()) for library in _libraries()]
    use_threads(count)
    try:
        yield
    finally:
        for library, number in before:
            library.set_num_threads(number)


@lru_cache(maxsize=1)
def _libraries() -> list[LibController]:
    # Looks through all loaded libraries, so it is done once.
    return ThreadpoolController().select(user_api="blas").lib_controllers


class Lanes:
    """``count`` threads, the caller's among them. The others begin when they are first needed and end with this
    object; they inherit the caller's floating-point environment (see :mod:`engine.train.denormals`)."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._given: list[SimpleQueue[Calls | None]] = []
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()

    def run(self, parts: Sequence[Calls]) -> None:
        """Carries out every part, at most ``count``, each in a thread of its own, and waits for all of them."""
        if not self._given:
            self._begin()
        use_threads(1)
        for queue, calls in zip(self._given, parts[1:], strict=False):
            queue.put(calls)
        try:
            for call in parts[0]:
                call()
        finally:
            problems = [self._done.get() for _ in parts[1:]]
            use_threads(self.count)
        for problem in problems:
            if problem is not None:
                raise problem

    def _begin(self) -> None:
        self._given = [SimpleQueue() for _ in range(self.count - 1)]
        for queue in self._given:
            threading.Thread(target=_lane, args=(queue, self._done), name="lane", daemon=True).start()
        weakref.finalize(self, _end, self._given)


def _lane(given: SimpleQueue[Calls | None], done: SimpleQueue[BaseException | None]) -> None:
    with np.errstate(all="ignore"):  # as where the pass runs: numbers are looked at, not flags
        while (calls := given.get()) is not None:
            problem = None
            try:
                for call in calls:
                    call()
            except BaseException as error:  # whoever waits raises it
                problem = error
            del calls  # they hold arrays that nobody else may need any more
            done.put(problem)


def _end(queues: Sequence[SimpleQueue[Calls | None]]) -> None:
    for queue in queues:
        queue.put(None)
