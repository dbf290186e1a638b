"""When a run is copied whole, so that it can be gone back to, and which of the copies are kept."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from engine.compute import Weights

#: Share of the time that taking snapshots may cost, and seconds that they may cost besides, lest a single one that
#: was interrupted put off all others.
SHARE, GRACE = 0.015, 0.02
#: Seconds between two snapshots at first, and at most where they cost little.
FIRST_EVERY, EVERY = 0.05, 2.0
#: What the time between two grows by, as a share of what the run has lasted.
GROWTH = 0.04
#: Most snapshots that are kept, however small.
MOST = 400
#: Bytes that a snapshot takes besides its arrays, and each array besides its numbers.
_PLAIN_BYTES, _ARRAY_BYTES = 8_000, 200


class Cadence:
    """Says when the next snapshot is due: often at first, for a run that is over in a second, more seldom later, and
    never so often that they would take more than ``SHARE`` of the time. Times are those of one clock, in seconds."""

    def __init__(self, now: float) -> None:
        self._begun = self._taken = now
        self._spent = 0.0

    def is_due(self, now: float) -> bool:
        """May one be taken?"""
        lasted = now - self._begun
        spacing = min(max(FIRST_EVERY, GROWTH * lasted), EVERY)
        affordable = self._spent <= SHARE * lasted + GRACE
        return affordable and now - self._taken >= spacing

    def took(self, begun: float, now: float) -> None:
        """One was taken, from ``begun`` until ``now``."""
        self._taken = now
        self._spent += now - begun


def are_finite(weights: Weights) -> bool:
    """Are weights and running statistics finite, so that a run may go on from them?"""
    return all(_all_finite(vector) for vector in (weights.values, weights.state))


def _all_finite(vector: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        square = vector.dot(vector)  # takes a fifth of the time of looking, but overflows early
    return bool(np.isfinite(square)) or bool(np.isfinite(vector).all())


def size_of(arrays: Sequence[int]) -> int:
    """Bytes of a snapshot whose arrays take so many each."""
    return _PLAIN_BYTES + sum(arrays) + _ARRAY_BYTES * len(arrays)


def surplus(
    steps: Sequence[int], sizes: Sequence[int], budget: int, kept: Container[int] = (), most: int = MOST
) -> list[int]:
    """The steps of snapshots to let go, so that the others take at most ``budget`` bytes and are at most ``most``.

    ``steps`` ascend; ``sizes`` are bytes. The first, the newest and those in ``kept`` are never let go. Of the others
    goes, again and again, the one that leaves the smallest gap for its age: (t₊ − t₋) / (T − t₋) with its neighbours
    t₋, t₊ and the newest T. So gaps grow with age. n snapshots of equal size (none in ``kept``) that came one by one,
    never closer than d, leave no gap wider than the share 1 − (d / (T − t₀))^(2 / (n − 2)) of its age T − t₋, where it
    is not as it came: if every candidate's share were r or more, the ages of every other snapshot would fall by the
    factor 1 − r from T − t₀, and only down to d.
    """
    left = list(range(len(steps)))
    total = sum(sizes)
    gone: list[int] = []
    while (total > budget or len(left) > most) and (
        candidates := [i for i in range(1, len(left) - 1) if steps[left[i]] not in kept]
    ):
        newest = steps[left[-1]]

        def gap(i: int, left: list[int] = left, newest: int = newest) -> float:
            before, after = steps[left[i - 1]], steps[left[i + 1]]
            return (after - before) / (newest - before)

        index = left.pop(min(candidates, key=gap))
        gone.append(steps[index])
        total -= sizes[index]
    return gone
