"""Going back to a run that was kept: to its settings, to its weights, or on with it as if it had not rested."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Content
from app.numbers import count
from app.recorded.history import PARTS, RunHistory
from app.recorded.history_file import from_arrays
from app.recorded.in_force import settings_at
from app.runs.keeper import RunKeeper
from app.runs.runs import Runs
from app.training.session import Session
from app.training.timeline import Timeline
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.runs import Run, RunInfo
from engine.train.events import Evaluated, Snapshot

log = logging.getLogger(__name__)

LAST, BEST = "last", "best"


@dataclass(frozen=True)
class Recalled:
    """What showing a run again needs: read from the disk in one go."""

    info: RunInfo
    graph: Graph
    history: RunHistory
    timeline: Timeline


@dataclass(frozen=True)
class Stored(Recalled):
    """What taking up a run at ``snapshot`` needs."""

    snapshot: Snapshot


class RunReturn(QObject):
    """Takes runs up again. What of it changes the document is one undoable edit; the run that is left is kept."""

    message = Signal(str, str)

    def __init__(self, session: Session, runs: Runs, keeper: RunKeeper) -> None:
        super().__init__(runs)
        self._session, self._runs, self._keeper = session, runs, keeper
        self._waiting: Callable[[], object] | None = None
        session.state_changed.connect(self._go_on)
        runs.reopened.connect(self.reopen)

    # -- what a person can ask -------------------------------------------------------------------------------

    def step_of(self, info: RunInfo, which: str) -> int | None:
        """The step whose weights are kept as the best or the last of a run; None where they are not."""
        steps = self._runs.snapshot_steps(info.id)
        if which == LAST:
            return steps[-1] if steps else None
        return next((step for step in (info.best_step, info.best_kept) if step in steps), None)

    def restore(self, id: str, which: str = LAST) -> None:
        """Brings back network, settings and weights of a run, and its curves; the next Run goes on from there."""
        if id == self._runs.current and self._session.is_active:  # what is its best or last is known when it rests
            self._when_at_rest(lambda: self._runs.do(("rests", id), lambda: None, lambda _: self.restore(id, which)))
            return
        info = self._runs.info(id)
        step = self.step_of(info, which) if info is not None else None
        if info is None or step is None:
            self.message.emit("warning", _nothing_kept(info, which))
            return
        self.restore_at(id, step)

    def restore_at(self, id: str, step: int, then: Callable[[], object] | None = None) -> None:
        """The same for the snapshot of exactly this step; ``then`` is called when it is done."""
        self._load(id, step, lambda stored: self._when_at_rest(lambda: self._take_up(stored, then)))

    def resume(self, id: str) -> None:
        """Goes on with a run from where it rested, exactly as if it had not."""
        self.branch(id, None)

    def branch(self, id: str, step: int | None) -> None:
        """Goes on from a step of a run (None: the last). From an earlier one it is a branch."""
        info = self._runs.info(id)
        at = step if step is not None else self.step_of(info, LAST) if info is not None else None
        if at is None:
            self.message.emit("warning", _nothing_kept(info, LAST))
            return
        self.restore_at(id, at, self._session.run)

    def open_settings(self, id: str) -> None:
        """Makes network, data and settings of a run the present ones; weights stay where they fit. It can be undone."""
        info = self._runs.info(id)
        run = self._runs.run(id)
        if info is not None and run is not None:
            self._runs.do(("graph", id), run.graph, lambda graph: self._commit(info, graph))

    def graph_of(self, id: str, then: Callable[[Graph], object]) -> None:
        """Reads the network of a run."""
        run = self._runs.run(id)
        if run is not None:
            self._runs.do(("graph of", id, object()), run.graph, then)

    def reopen(self, id: str) -> None:
        """A project was opened: shows the curves of the run that its weights come from, where that was kept."""
        store, state = self._runs.store, self._session.resume_state
        if not id or store is None or not state:
            return
        step = state["values"].get("step", -1) if isinstance(state.get("values"), dict) else -1

        def read() -> Recalled | None:
            run = next((run for run in store.runs() if run.id == id), None)
            if run is None or run.info.is_damaged or run.info.is_running:
                return None
            history = from_arrays(run.load_curves())
            return Recalled(run.info, run.graph(), history, _timeline(run, history))

        self._runs.do(("reopen",), read, lambda found: self._recall(found, state, step))

    def _recall(self, found: Recalled | None, state: object, step: int) -> None:
        """Meanwhile another project may be open, or a run be going on."""
        session = self._session
        if found is None or session.resume_state is not state or session.is_active or not session.history.is_empty:
            return
        session.recall(found.history, found.timeline, step)
        self._keeper.begin_from(found.info, found.graph, found.timeline, step)
        self._runs.changed.emit()
        self._runs.overlays_changed.emit()

    # -- inside ----------------------------------------------------------------------------------------------

    def _load(self, id: str, step: int, then: Callable[[Stored], object]) -> None:
        run = self._runs.run(id)
        if run is None:
            return
        current = self._session.history if id == self._runs.current else None
        self._runs.do(("take up",), lambda: _read(run, step, current), then)

    def _when_at_rest(self, then: Callable[[], object]) -> None:
        """Stops the run that goes on, and waits until it has."""
        if self._session.is_active:
            self._waiting = then
            self._session.stop()
        else:
            then()

    def _go_on(self, _: str) -> None:
        if self._waiting is not None and not self._session.is_active:
            waiting, self._waiting = self._waiting, None
            # In the next pass of the event loop: others have still to hear of this state.
            QTimer.singleShot(0, self, waiting)

    def _take_up(self, stored: Stored, then: Callable[[], object] | None) -> None:
        info, snapshot = stored.info, stored.snapshot
        training, graph = settings_at(info.training, stored.graph, stored.history.marks, snapshot.step)
        self._commit(info.but(training=training), graph)
        self._session.take_up(stored.history, snapshot, stored.timeline)
        self._keeper.begin_from(info, stored.graph, stored.timeline, snapshot.step)
        self._runs.changed.emit()
        self._runs.overlays_changed.emit()
        if then is not None:
            then()
        else:
            best = ", its best evaluation" if snapshot.step == info.best_step else (
                ", the best of which weights are kept" if snapshot.step == info.best_kept else "")
            self.message.emit("info", f"“{info.name}” is back as it was at step {count(snapshot.step)}{best}. Run goes "
                              "on from there.")

    def _commit(self, info: RunInfo, graph: Graph) -> None:
        content = Content(graph, dict(info.source), dict(info.training))
        self._session.document.commit_content(content, f"Open “{info.name}”")


def _read(run: Run, step: int, history: RunHistory | None) -> Stored:
    """Everything from the disk; curves that cannot be read do not keep anyone from the weights."""
    snapshot, graph = run.load_snapshot(step), run.graph()
    if history is None:
        try:
            history = from_arrays(run.load_curves())
        except ChainruleError as problem:
            log.warning("a run is taken up without its curves: %s", problem)
            history = RunHistory()
    return Stored(run.info, graph, history, _timeline(run, history), snapshot)


def _timeline(run: Run, history: RunHistory) -> Timeline:
    """The snapshots that lie on the disk, with how each was evaluated. A damaged one is left out."""
    timeline, table = Timeline(), history.evaluations
    timeline.monitor = str(run.info.training.get("monitor", "loss"))
    rows = {int(step): dict(zip(table.names, row.tolist(), strict=True)) for step, row in
            zip(table.steps, table.table, strict=True)}
    for step in run.snapshot_steps():
        try:
            timeline.add(run.load_snapshot(step))
        except ChainruleError as problem:
            log.warning("a snapshot is left out: %s", problem)
            continue
        if step in rows:
            train, held_back = (_of_part(rows[step], part) for part in PARTS)
            losses = [values.pop("loss", math.nan) for values in (train, held_back)]
            timeline.note(Evaluated(step, 0, losses[0], train, losses[1], held_back))
    return timeline


def _of_part(row: dict[str, float], part: str) -> dict[str, float]:
    """Loss and metrics of one part, by name."""
    return {name.partition(".")[2]: value for name, value in row.items() if name.startswith(f"{part}.")}


def _nothing_kept(info: RunInfo | None, which: str) -> str:
    if info is None:
        return "That run is no longer there."
    what = f"of step {count(info.best_step)}, its best evaluation," if which == BEST else ""
    return " ".join(f"No weights {what} are kept of “{info.name}”. Its settings and curves are.".split())
