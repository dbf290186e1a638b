"""A sweep of a session: the same network trained with many settings, beside whatever the session does.

A sweep belongs to the project it was begun in. Where another project is opened meanwhile it goes on, and its runs are
kept with the others of its own project; it ends with the window.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.runs.runs import Runs
from app.runs.scores import badness, metric_of, metric_text, title_of
from app.sweep.cluster import RemoteCluster
from app.sweep.record import Kept, keep
from app.sweep.words import run_name
from app.training.session import INFO, WARNING, Session
from engine import runs
from engine.runs import RunInfo, RunStore
from engine.sweep import Cores, Result, Trial
from engine.sweep.space import Combination

WAITING, TRAINING, DONE, FAILED, CANCELLED = "waiting", "training", "done", "failed", "cancelled"
OVER = (DONE, FAILED, CANCELLED)
#: Milliseconds between two looks at the processes.
_LOOK_EVERY = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep does: ``trials`` and the ``combinations`` they were made of, in so many ``processes`` of this
    machine, or on the cluster at ``address``."""

    trials: tuple[Trial, ...]
    combinations: tuple[Combination, ...]
    processes: int = 1
    address: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """How one trial stands. ``share`` is how far it is, ``best`` its best evaluation, ``run`` the run it became ("" for
    none), ``sentence`` how it ended; ``rank`` orders rows, the best first."""

    number: int
    values: Mapping[str, Any]
    state: str = WAITING
    share: float = 0.0
    best: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    run: str = ""
    sentence: str = ""
    rank: tuple[float, float] = (math.inf, math.inf)


class Sweep(QObject):
    """At most one sweep at a time. One for each session: :meth:`of`."""

    changed = Signal()  # rows are others, or further
    started = Signal()
    finished = Signal()  # every trial is over, or the sweep was given up; what was trained is kept

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._runs = session, Runs.of(session)
        self.plan: Plan | None = None
        #: "Sweep 3": the group of its runs; and the project it belongs to.
        self.title = self.project = ""
        self._rows: dict[int, Row] = {}
        self._executor: Cores | RemoteCluster | None = None
        self._store: RunStore | None = None
        self._unkept = 0
        self._begun = 0.0
        #: What went wrong with the sweep as a whole: the cluster does not answer, the disk is full.
        self.problem = ""
        self._timer = QTimer(self, interval=_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        session.ending.connect(self.close)
        self._runs.closed.connect(self.close)

    @classmethod
    def of(cls, session: Session) -> Sweep:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every trial, in order."""
        return tuple(self._rows.values())

    @property
    def ranked(self) -> tuple[Row, ...]:
        """Every trial, the best first; those without numbers as they are numbered."""
        return tuple(sorted(self._rows.values(), key=lambda row: (row.state == FAILED, row.rank)))

    @property
    def is_running(self) -> bool:
        return self._executor is not None or self._unkept > 0

    @property
    def over(self) -> int:
        """How many trials are over."""
        return sum(row.state in OVER for row in self._rows.values())

    @property
    def fraction(self) -> float:
        """How much is done, 0 … 1."""
        done = sum(1.0 if row.state in OVER else row.share for row in self._rows.values())
        return done / len(self._rows) if self._rows else 0.0

    @property
    def seconds_left(self) -> float:
        """As far as can be told from what is done; NaN before."""
        fraction = self.fraction
        return (monotonic() - self._begun) * (1 - fraction) / fraction if fraction > 0 else math.nan

    # -- what a person can ask -------------------------------------------------------------------------------

    def start(self, plan: Plan) -> None:
        """Begins; nothing happens while a sweep runs. A cluster that does not answer is told by message."""
        if self.is_running:
            return
        self.plan, self.project = plan, self._session.document.project_id
        self.title, self._store = self._next_title(), self._runs.store
        self._rows = {trial.number: Row(trial.number, trial.values) for trial in plan.trials}
        self.problem, self._begun = "", monotonic()
        if plan.address:
            self._executor = RemoteCluster(plan.trials, plan.address)
        else:
            self._executor = Cores(plan.trials, plan.processes)
        self._timer.start()
        self.started.emit()
        self.changed.emit()

    def cancel(self) -> None:
        """Gives up what is not over; what is over stays."""
        self._leave_executor(wait=False)

    def close(self) -> None:
        """The same, and waits until every process is gone."""
        self._leave_executor(wait=True)

    def combination(self, number: int) -> Combination:
        """The parameters and values of a trial."""
        assert self.plan is not None, "no sweep was begun"
        return next(combination for trial, combination in zip(self.plan.trials, self.plan.combinations, strict=True)
                    if trial.number == number)

    # -- on the way ------------------------------------------------------------------------------------------

    def _next_title(self) -> str:
        """"Sweep 4": one more than the highest number there is in the project."""
        found = [info.group.removeprefix("Sweep ") for info in self._runs.infos if info.project == self.project]
        return f"Sweep {max((int(n) for n in found if n.isdecimal()), default=0) + 1}"

    def _look(self) -> None:
        executor = self._executor
        if executor is None:
            return
        for result in executor.poll():
            self._take(result)
        for number, share in executor.running().items():
            if self._rows[number].state not in OVER:
                self._rows[number] = replace(self._rows[number], state=TRAINING, share=share)
        if executor.done:
            self.problem = getattr(executor, "problem", "")
            self._leave_executor(wait=False)
        else:
            self.changed.emit()

    def _leave_executor(self, wait: bool) -> None:
        executor, self._executor = self._executor, None
        self._timer.stop()
        if executor is None:
            return
        for row in self.rows:
            if row.state in (WAITING, TRAINING):
                self._rows[row.number] = replace(row, state=CANCELLED, share=0.0)
        if wait:
            executor.close()
        else:  # processes take a moment to go, which the window is not to wait for
            threading.Thread(target=executor.close, name="chainrule-sweep-end", daemon=True).start()
        self.changed.emit()
        self._finish_when_kept()

    def _take(self, result: Result) -> None:
        """Makes a run of what came of a trial, in the thread that knows the disk."""
        trial = result.trial
        row = self._rows[trial.number]
        self._rows[trial.number] = replace(row, state=DONE if result.finished else FAILED, share=1.0,
                                           sentence=getattr(result.ending, "sentence", ""))
        info = RunInfo(
            runs.new_id(), self.project, run_name(trial.number, trial.values), runs.now(), dict(trial.job.source),
            dict(trial.job.training), group=self.title, values=dict(trial.values),
        )
        store, plan = self._store, self.plan
        where = {"cluster": plan.address} if plan and plan.address else {}
        self._unkept += 1
        self._runs.do(("sweep", info.id), lambda: keep(result, info, store, where),
                      lambda kept: self._kept(trial.number, kept))

    def _kept(self, number: int, kept: Kept) -> None:
        self._unkept -= 1
        info = kept.info
        self._rows[number] = replace(self._rows[number], best=info.best, seconds=info.seconds,
                                     run=info.id if kept.stepped else "", rank=badness(info.best))
        here = self._runs.store is self._store
        if kept.stepped and here:
            self._runs.put(info, on_disk=False)
        self.problem = self.problem or kept.problem
        self.changed.emit()
        self._finish_when_kept()

    def _finish_when_kept(self) -> None:
        if self._executor is not None or self._unkept:
            return
        self._runs.keep_to_limit()
        if self.problem:
            self._session.message.emit(WARNING, self.problem)
        else:
            self._session.message.emit(INFO, self.summary)
        self.finished.emit()

    @property
    def summary(self) -> str:
        """How it ended, in a sentence."""
        done = sum(row.state == DONE for row in self.rows)
        ended = f"{self.title}: {done} of {len(self._rows)} runs are done."
        first = next(iter(self.ranked), None)
        name, value = metric_of(first.best) if first is not None else ("", 0.0)
        if first is None or not name:
            return ended
        best = f"{title_of(name).lower()} {metric_text(name, value)}"
        return f"{ended} Best: {run_name(first.number, first.values)}, {best}."
