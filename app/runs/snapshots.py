"""Which snapshots of a run lie on the disk: the newest and the best while it runs, a choice of all when it rests."""

from __future__ import annotations

from app.numbers import engineering
from app.runs.choice import wanted_of
from app.runs.runs import Runs
from app.training.timeline import Timeline
from engine.train.events import Snapshot

#: Of all the room runs may take, what one snapshot may.
_SHARE = 0.4


class SnapshotKeeper:
    """Keeps snapshots of the present run on the disk in step with its timeline. Those from before are left alone."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._kept: set[int] = set()
        self._told = False

    def take_up(self, timeline: Timeline) -> None:
        """The present run is one that was kept: these are its snapshots on the disk."""
        self._kept = set(timeline.steps)

    def begin(self, step: int, again: bool) -> None:
        """A run begins; ``again`` where it goes on from ``step``: what was kept of later steps is over."""
        self._kept = {kept for kept in self._kept if kept <= step} if again else set()
        self._told = False
        run = self._runs.run(self._runs.current)
        if again and run is not None:
            def drop() -> None:
                for later in [s for s in run.snapshot_steps() if s > step]:
                    run.drop_snapshot(later)

            self._runs.do(("snapshots", run.id), drop)

    def sync(self, timeline: Timeline, best_step: int, resting: bool) -> int:
        """Brings the disk in step. ``best_step`` is the best evaluation's; ``resting`` says that no step runs.

        Returns the best evaluated step that is kept, −1 for none: while training runs, the very best may still be on
        its way."""
        if not timeline.steps or not self._runs.current:
            return -1
        wanted, best = wanted_of(timeline, best_step, resting)
        for step in sorted(wanted - self._kept):
            self._add(timeline.at(step))
        for step in self._kept - wanted:
            self._runs.drop_snapshot(step)
        self._kept = wanted
        return best

    def _add(self, snapshot: Snapshot | None) -> None:
        store = self._runs.store
        if snapshot is None or store is None:
            return
        size = sum(array.nbytes for array in (*snapshot.weights.values(), *snapshot.state.get("arrays", {}).values()))
        if size <= _SHARE * store.limit:
            self._runs.add_snapshot(snapshot)
        elif not self._told:
            self._told = True
            self._runs.message.emit(
                "warning", f"The weights of this run ({engineering(size, 'B')}) are not kept with it: all runs may "
                f"take {engineering(store.limit, 'B')}. Allow more under Train › Storage of runs.")
