"""Follows a session and keeps every run it trains: settings at the start, curves some times a minute and at the end,
the weights whenever it rests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app import __version__
from app.recorded.history import RunHistory
from app.recorded.history_file import MOST_BYTES, to_arrays
from app.recorded.in_force import same_training, settings_at
from app.runs.record import measured, next_name
from app.runs.runs import Runs
from app.runs.snapshots import SnapshotKeeper
from app.training.live import graph_needs_restart
from app.training.session import FAILED, FINISHED, HALTED, PAUSED, RUNNING, STARTING, Session
from app.training.timeline import Timeline
from engine import runs as engine_runs
from engine.graph.model import Graph
from engine.runs import Origin, Run, RunInfo, environment, machine
from engine.runs.limits import Removal
from engine.train.commands import Job
from engine.train.events import Snapshot, Started

#: Milliseconds between two looks at how far a run has come; looks between two writings of its curves, and the first
#: looks after which they are written, so that little is lost where the program ends soon.
_LOOK_EVERY, _LOOKS, _FIRST_LOOKS = 1000, 15, (1, 5)
#: Bytes of a table that are copied while training runs: the window has little time then.
_MOST_BYTES_RUNNING = 2_000_000
_OUTCOMES = {FINISHED: engine_runs.FINISHED, FAILED: engine_runs.FAILED}


class RunKeeper(QObject):
    """Keeps what ``session`` trains in ``runs``. A run that goes on unchanged from where it rested is the same run;
    with other settings, another network, or from an earlier step it is a branch."""

    def __init__(self, session: Session, runs: Runs) -> None:
        super().__init__(runs)
        self._session, self._runs = session, runs
        self._graph: Graph | None = None
        self._origin: Origin | None = None
        self._seconds_before = 0.0
        self._looks = 0
        self._left: tuple[str, RunHistory | None] = ("", None)
        self._drawn = ""
        self._snapshots = SnapshotKeeper(runs)
        self._timer = QTimer(self, interval=_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        session.started.connect(self._begin)
        session.parting.connect(self._part)
        session.branching.connect(self._branch)
        session.document.opened.connect(self._forget_origin)
        session.state_changed.connect(self._state_changed)
        session.snapshot_kept.connect(self._snapshot_kept)
        session.updated.connect(self._notice_parting)
        session.ending.connect(runs.close)
        runs.closed.connect(self._part)

    def begin_from(self, info: RunInfo, graph: Graph, timeline: Timeline, step: int) -> None:
        """The next run goes on from this step of a run that was kept, which the session shows now with all that is
        kept of it in ``timeline``."""
        self._runs.current = info.id
        self._snapshots.take_up(timeline)
        self._graph = graph
        self._origin = Origin(info.id, step)

    def _branch(self, step: int) -> None:
        """The next run is a branch of the present one: that is drawn beside what the two have in common."""
        parent = self._runs.current or (self._origin.run if self._origin is not None else "")
        if parent:
            self._origin = Origin(parent, step)
            self._runs.leave()
            self._draw_parent(parent)

    def _forget_origin(self) -> None:
        self._origin = None

    # -- beginning -------------------------------------------------------------------------------------------

    def _begin(self, started: Started) -> None:
        job, store = self._session.job, self._runs.store
        if store is None or job is None:
            return
        before = self._runs.info(self._runs.current)
        if before is not None and self._goes_on(before, started):
            self._seconds_before = before.seconds
            changes: dict[str, Any] = {"outcome": engine_runs.RUNNING, "ending": "", "process": machine.this_process()}
            self._runs.put(before.but(**changes))
            self._snapshots.begin(started.step, again=True)
        else:
            self._begin_new(started, self._parent(before, started))
        self._graph, self._origin = job.graph, None
        self._left = ("", None)
        self._looks = 0
        self._timer.start()

    def _goes_on(self, before: RunInfo, started: Started) -> bool:
        job = self._session.job
        if started.step == 0 or job is None:
            return False
        where = started.step == before.steps or before.outcome in (engine_runs.FAILED, engine_runs.INTERRUPTED)
        return where and self._same_settings(job, before)

    def _same_settings(self, job: Job, info: RunInfo) -> bool:
        """Would a run of ``job`` be the one of ``info``, with what was changed while that went on?"""
        if self._graph is None or dict(job.source) != dict(info.source):
            return False
        history = self._session.history
        training, graph = settings_at(info.training, self._graph, history.marks, history.progress.step)
        return same_training(job.training, training) and not graph_needs_restart(graph, job.graph)

    def _parent(self, before: RunInfo | None, started: Started) -> Origin | None:
        if started.step == 0:
            return None
        return self._origin or (Origin(before.id, started.step) if before is not None else None)

    def _begin_new(self, started: Started, parent: Origin | None) -> None:
        job, store = self._session.job, self._runs.store
        assert job is not None and store is not None
        project = self._session.document.project_id
        info = RunInfo(
            engine_runs.new_id(), project, next_name(self._runs.infos, project), engine_runs.now(), _plain(job.source),
            _plain(job.training), parent=parent, first_step=started.step, steps=started.step,
            parameters=started.parameters, process=machine.this_process(),
        )
        self._seconds_before = 0.0
        self._runs.current = info.id
        self._runs.put(info, on_disk=False)
        threads, graph = started.threads, job.graph

        def create() -> tuple[RunInfo, list[Removal]]:
            kept = info.but(environment=environment(f"Chainrule {__version__}", threads))
            kept = store.write(kept, graph).info
            gone = store.enforce_limit(keep={info.id, parent.run if parent else ""})
            return kept, gone

        self._runs.do(("create", info.id), create, self._created)
        self._snapshots.begin(started.step, again=False)
        if parent is not None:
            self._draw_parent(parent.run)

    def _draw_parent(self, id: str) -> None:
        """The run that a branch began from stays in the plots; the one before that, which nobody ticked, goes."""
        if self._drawn not in ("", id):
            self._runs.overlay(self._drawn, False)
        self._drawn = "" if self._runs.is_overlaid(id) and self._drawn != id else id
        left, history = self._left
        if left == id and history is not None and history is not self._session.history:
            self._runs.overlay_history(id, history)
        else:
            self._runs.overlay(id, True)

    def _created(self, outcome: tuple[RunInfo, list[Removal]]) -> None:
        kept, gone = outcome
        known = self._runs.info(kept.id)
        if known is not None:
            self._runs.put(known.but(environment=kept.environment, network=kept.network))
        if any(removal.step is None for removal in gone):
            self._runs.made_room(gone)

    # -- on the way ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._looks += 1
        self._keep_numbers(on_disk=self._looks in _FIRST_LOOKS or self._looks % _LOOKS == 0)

    def _keep_numbers(self, on_disk: bool, **changes: Any) -> None:
        """Brings the list up to date, and the disk where asked to."""
        info = self._runs.info(self._runs.current)
        history = self._session.history
        if info is None or history.started is None:
            return
        info = info.but(**measured(history, info.training, self._seconds_before), **changes)
        self._runs.put(info, on_disk)
        if on_disk and self._runs.store is not None and not history.is_empty:
            most = _MOST_BYTES_RUNNING if info.is_running else MOST_BYTES
            run, arrays = Run(self._runs.store.folder / info.id, info), to_arrays(history, most)
            self._runs.do(("curves", info.id), lambda: run.save_curves(arrays))
            self._keep_snapshots(resting=not info.is_running)

    def _state_changed(self, state: str) -> None:
        if state in (RUNNING, STARTING):
            return
        info = self._runs.info(self._runs.current)
        if info is None or not info.is_running:
            return
        if state in (PAUSED, HALTED):
            self._keep_numbers(on_disk=True)  # a snapshot comes after
        else:
            self._end(_OUTCOMES.get(state, engine_runs.STOPPED))

    def _snapshot_kept(self, _: Snapshot) -> None:
        if self._session.state == PAUSED:
            self._keep_snapshots(resting=True)

    def _part(self) -> None:
        """The curves are about to go."""
        info = self._runs.info(self._runs.current)
        self._left = (self._runs.current, self._session.history)
        if info is not None and info.is_running:
            self._end(engine_runs.STOPPED)
        self._timer.stop()

    def _keep_snapshots(self, resting: bool) -> None:
        info = self._runs.info(self._runs.current)
        if info is not None:
            best = self._snapshots.sync(self._session.timeline, info.best_step, resting)
            if best not in (-1, info.best_kept):
                self._runs.put(info.but(best_kept=best))

    def _notice_parting(self) -> None:
        if self._session.history.is_empty and self._runs.current and not self._session.is_active:
            self._runs.leave()

    def _end(self, outcome: str) -> None:
        self._timer.stop()
        failure = self._session.failure
        ending = failure.sentence if outcome == engine_runs.FAILED and failure is not None else ""
        info = self._runs.info(self._runs.current)
        if info is None:
            return
        if max(self._session.history.progress.step, info.steps) <= info.first_step:
            self._runs.put(info.but(outcome=outcome), on_disk=False)
            self._runs.delete((info.id,))  # not one step was done
            return
        self._keep_numbers(on_disk=True, outcome=outcome, ending=ending, process=None)
        self._runs.keep_to_limit()


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return dict(settings)
