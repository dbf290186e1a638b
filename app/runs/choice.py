"""Which snapshots of a run are worth their room on the disk."""

from __future__ import annotations

from app.training.timeline import Timeline
from engine.train.snapshots import surplus

#: Snapshots of one run on the disk, and the bytes they may take together (newest and best aside).
MOST, BUDGET = 24, 128_000_000


def wanted_of(timeline: Timeline, best_step: int, resting: bool) -> tuple[set[int], int]:
    """The steps of the snapshots that are to lie on the disk: the newest and the best, and where the run is
    ``resting`` others, closer together where they are newer; and the best evaluated step among them, −1 for none.

    ``best_step`` is that of the best evaluation. ``timeline`` is not empty."""
    steps = timeline.steps
    best = best_step if best_step in steps else -1 if timeline.best is None else timeline.best
    wanted = {steps[-1], best} - {-1}
    if resting:
        each = timeline.size // len(steps)
        gone = surplus(steps, [each] * len(steps), BUDGET, wanted | timeline.branches, MOST)
        wanted |= set(steps) - set(gone)
    return wanted, best
