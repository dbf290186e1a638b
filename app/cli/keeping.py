"""``chainrule train --runs``: a run without a window is kept like one with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from app.cli.files import PROGRAM, say
from app.recorded.history import RunHistory
from app.recorded.history_file import to_arrays
from app.runs.choice import wanted_of
from app.runs.record import measured, next_name, outcome_of
from app.training.timeline import Timeline
from engine.issues import ChainruleError
from engine.project import Project
from engine.runs import Origin, Run, RunInfo, RunStore, environment, new_id, now
from engine.runs.machine import this_process
from engine.train.config import TrainingConfig
from engine.train.events import ENDINGS, Evaluated, Event, Snapshot, Started

#: Seconds between two writings of curves and weights: what a run that is killed loses at most.
_EVERY = 15.0


@dataclass
class Book:
    """Keeps the run of ``project`` in ``folder``: the newest and the best weights while it goes on, a choice of all
    at its end. A disk that refuses before training begins raises :class:`ChainruleError`; later it is said once."""

    folder: Path
    project: Project
    config: TrainingConfig
    threads: int
    run: Run | None = None
    _history: RunHistory = field(default_factory=RunHistory)
    _timeline: Timeline = field(default_factory=Timeline)
    _written: float = -math.inf
    _told: bool = False

    def __post_init__(self) -> None:
        self._timeline.monitor = self.config.monitor
        self._store = RunStore(self.folder)

    def take(self, event: Event) -> None:
        """Takes in what the loop says, in the order in which it does."""
        if isinstance(event, Started):
            self._begin(event)
            return
        self._history.take(event)
        if isinstance(event, Evaluated):
            self._timeline.note(event)
        elif isinstance(event, Snapshot):
            self._timeline.add(event)
        over = isinstance(event, ENDINGS)
        if over or monotonic() - self._written >= _EVERY:
            self._try_to_write(event if over else None)

    def _begin(self, started: Started) -> None:
        self._history.begin(started)
        project = self.project
        others = [run.info for run in self._store.runs()]
        parent = Origin(project.run, started.step) if project.run and started.step else None
        info = RunInfo(
            new_id(), project.id, next_name(others, project.id), now(), dict(project.source), self.config.to_dict(),
            parent=parent, first_step=started.step, steps=started.step, parameters=started.parameters,
            process=this_process(), environment=environment(PROGRAM, self.threads),
        )
        self.run = self._store.write(info, project.graph)
        self._written = monotonic()

    def _try_to_write(self, ending: Event | None) -> None:
        try:
            self._write(ending)
        except ChainruleError as error:
            if not self._told:
                self._told = True
                say(f"chainrule: {error}")
        self._written = monotonic()

    def _write(self, ending: Event | None) -> None:
        run = self.run
        assert run is not None, "a run is written after it has begun"
        info = run.info.but(**measured(self._history, run.info.training))
        if ending is not None:
            info = info.but(outcome=outcome_of(ending), ending=getattr(ending, "sentence", ""), process=None)
        if self._timeline.steps:
            wanted, best = wanted_of(self._timeline, info.best_step, resting=ending is not None)
            info = info.but(best_kept=best)
            self._bring(run, wanted)
        run.save_curves(to_arrays(self._history))
        run.info = info
        run.write_info()

    def _bring(self, run: Run, wanted: set[int]) -> None:
        """Has exactly these snapshots on the disk."""
        there = set(run.snapshot_steps())
        for step in sorted(wanted - there):
            snapshot = self._timeline.at(step)
            if snapshot is not None:
                run.add_snapshot(snapshot)
        for step in there - wanted:
            run.drop_snapshot(step)
