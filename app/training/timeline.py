"""The snapshots of a run, in memory: what the timeline shows and where a branch may begin.

They grow more seldom with age where they would take more than their budget (:func:`engine.train.snapshots.surplus`).
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort

from engine.train.commands import Job
from engine.train.events import Evaluated, Snapshot
from engine.train.snapshots import size_of, surplus
from engine.train.stopping import badness

#: Memory that the snapshots of a run may take.
BUDGET = 256_000_000


class Timeline:
    """Snapshots in the order of their step. First, newest, best and those a branch began from always stay."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._snapshots: dict[int, Snapshot] = {}
        self._sizes: dict[int, int] = {}
        self._jobs: dict[int, Job | None] = {}
        self._steps: list[int] = []
        #: What tells which evaluation is the best: that of early stopping.
        self.monitor = "loss"
        self._evaluated: dict[int, Evaluated] = {}  # of snapshots, and of later steps: one may follow
        #: Steps at which branches began, or at which this run branched off another.
        self.branches: set[int] = set()
        #: Counts changes of any kind: who draws the marks need not compare them.
        self.version = 0

    def __len__(self) -> int:
        return len(self._steps)

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of all snapshots, in order."""
        return tuple(self._steps)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(self._sizes.values())

    @property
    def newest(self) -> Snapshot | None:
        """The last snapshot."""
        return self._snapshots[self._steps[-1]] if self._steps else None

    @property
    def best(self) -> int | None:
        """The step of the snapshot that was evaluated best (of the validation part, where there is one), by what early
        stopping watches; the first of equals."""
        bad = {step: self._badness(event) for step, event in self._evaluated.items() if step in self._snapshots}
        best = min(bad, key=lambda step: (bad[step], step), default=None)
        return None if best is None or math.isinf(bad[best]) else best

    def _badness(self, event: Evaluated) -> float:
        if math.isnan(event.val_loss):
            return badness(self.monitor, event.train_loss, event.train_metrics)
        return badness(self.monitor, event.val_loss, event.val_metrics)

    def loss_at(self, step: int) -> float:
        """What the snapshot of this step was evaluated at; NaN where it was not."""
        event = self._evaluated.get(step) if step in self._snapshots else None
        if event is None:
            return math.nan
        return event.train_loss if math.isnan(event.val_loss) else event.val_loss

    def at(self, step: int) -> Snapshot | None:
        """The newest snapshot at ``step`` or before; None where there is none."""
        index = bisect_right(self._steps, step)
        return self._snapshots[self._steps[index - 1]] if index else None

    def job_at(self, step: int) -> Job | None:
        """What the run was begun with that the snapshot at ``step`` or before belongs to: before a branch began, that
        of its parent."""
        snapshot = self.at(step)
        return None if snapshot is None else self._jobs[snapshot.step]

    def before(self, step: int) -> int | None:
        """The step of the snapshot before ``step``."""
        return max((s for s in self._steps if s < step), default=None)

    def after(self, step: int) -> int | None:
        """The step of the snapshot after ``step``."""
        return min((s for s in self._steps if s > step), default=None)

    # -- writing ---------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forgets everything."""
        self.drop_after(-1)
        self.branches.clear()

    def add(self, snapshot: Snapshot, job: Job | None = None, looked_at: int | None = None) -> list[int]:
        """Takes in a snapshot of the run that was begun with ``job``; returns the steps of those that had to go.

        The one seen at the step ``looked_at`` stays for now.
        """
        step = snapshot.step
        if step not in self._snapshots:
            insort(self._steps, step)
        self._snapshots[step] = snapshot
        self._sizes[step], self._jobs[step] = _size(snapshot), job
        self._evaluated = {s: e for s, e in self._evaluated.items() if s > step or s in self._snapshots}
        viewed = None if looked_at is None else self.at(looked_at)
        kept = {*self.branches, self.best, viewed.step if viewed else None}
        gone = surplus(self._steps, [self._sizes[s] for s in self._steps], self._budget, kept)
        for old in gone:
            self._drop(old)
        self.version += 1
        return gone

    def note(self, event: Evaluated) -> None:
        """Remembers how the network of a step was evaluated: a snapshot of it may follow, or be here."""
        self._evaluated[event.step] = event
        if event.step in self._snapshots:
            self.version += 1

    def drop_after(self, step: int) -> None:
        """Forgets every snapshot later than ``step``: the run goes on from there."""
        for later in [s for s in self._steps if s > step]:
            self._drop(later)
        self.branches = {s for s in self.branches if s <= step}
        self._evaluated = {s: event for s, event in self._evaluated.items() if s in self._snapshots}
        self.version += 1

    def until(self, step: int) -> Timeline:
        """Another timeline with the same snapshots up to ``step``: the beginning of a branch."""
        begun = Timeline(self._budget)
        for earlier in [s for s in self._steps if s <= step]:
            begun._steps.append(earlier)
            begun._snapshots[earlier] = self._snapshots[earlier]
            begun._sizes[earlier], begun._jobs[earlier] = self._sizes[earlier], self._jobs[earlier]
        begun._evaluated = {s: event for s, event in self._evaluated.items() if s in begun._snapshots}
        begun.monitor = self.monitor
        begun.branches = {s for s in self.branches if s <= step}
        return begun

    def _drop(self, step: int) -> None:
        self._steps.remove(step)
        del self._snapshots[step], self._sizes[step], self._jobs[step]
        self._evaluated.pop(step, None)


def _size(snapshot: Snapshot) -> int:
    arrays = (*snapshot.weights.values(), *snapshot.state.get("arrays", {}).values())
    return size_of([array.nbytes for array in arrays])
