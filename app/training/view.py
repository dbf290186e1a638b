"""What is known of the run that is shown: its curves, its snapshots, and the step that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.recorded.history import RunHistory
from app.training.branching import history_until
from app.training.timeline import Timeline
from engine.train import events
from engine.train.commands import Job
from engine.train.config import TrainingConfig


class RunView(QObject):
    """The part of a session that reads: history, timeline, and every view's common place in them."""

    updated = Signal()  # history has grown; at most some sixty times a second
    cursor_changed = Signal(object)  # the step that is looked at, None for now
    weights_changed = Signal()  # viewed_weights are others; some ten times a second at most while a run goes on
    parting = Signal()  # the history is about to be cleared, or cut off for another run: the last moment to keep it
    snapshot_kept = Signal(object)  # events.Snapshot: it is in the timeline now
    branching = Signal(int)  # the next Run begins a branch at this step: curves and snapshots end there now

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.history = RunHistory()
        self.timeline = Timeline()
        self._cursor: int | None = None
        self._standing: int | None = None
        self._weights_of: int | None = None
        self._job: Job | None = None
        self._resume_state: Mapping[str, Any] | None = None
        self._branched = False
        self._passing: Mapping[str, np.ndarray] | None = None  # newer than the document's, but not to go on from

    @property
    def job(self) -> Job | None:
        """What the run was begun with: the graph and the data its weights belong to. None before any run."""
        return self._job

    @property
    def resume_state(self) -> Mapping[str, Any] | None:
        """What going on exactly needs beside the weights (optimizer, random numbers, order): saved with a project."""
        return self._resume_state

    @property
    def cursor(self) -> int | None:
        """The step of the run that is looked at; None where that is the newest."""
        return self._cursor

    @property
    def standing(self) -> int | None:
        """The step whose weights are in force, from which the next Run goes on, where that is not the newest: older
        ones were brought back. None where it is."""
        return self._standing

    @property
    def weights_of(self) -> int | None:
        """The step of which the weights of a finished run are, where early stopping brought back better ones; None
        where they are of the newest step."""
        return self._weights_of

    @property
    def waits_to_branch(self) -> bool:
        """Does the next Run begin a branch at the newest step there is?"""
        return self._branched

    @property
    def viewed_step(self) -> int:
        """The step that is looked at."""
        return self.history.progress.step if self._cursor is None else self._cursor

    @property
    def viewed_weights(self) -> Mapping[str, np.ndarray] | None:
        """Weights by "node.name" as they were at :attr:`viewed_step` or shortly before; None before any run."""
        snapshot = self._viewed_snapshot()
        if snapshot is not None:
            return snapshot.weights
        return self.document.weights if self._passing is None else self._passing

    @property
    def weights_step(self) -> int:
        """The step of which :attr:`viewed_weights` are."""
        snapshot = self._viewed_snapshot()
        if snapshot is None and self._cursor is None:
            snapshot = self.timeline.at(self.viewed_step)
        return self.viewed_step if snapshot is None else snapshot.step

    @property
    def viewed_job(self) -> Job | None:
        """The graph and the data that :attr:`viewed_weights` belong to; None before any run of this session."""
        return self.timeline.job_at(self.viewed_step)

    def look_at(self, step: int | None) -> None:
        """Has every view show the run as it was at ``step``; None: as it is, at :attr:`standing` or the newest."""
        step = self._standing if step is None else step
        if step != self._cursor:
            before = self.viewed_weights
            self._cursor = step
            self.cursor_changed.emit(step)
            if self.viewed_weights is not before:
                self.weights_changed.emit()

    def _viewed_snapshot(self) -> events.Snapshot | None:
        return None if self._cursor in (None, self._standing) else self.timeline.at(self._cursor)

    def recall(self, history: RunHistory, timeline: Timeline, step: int) -> None:
        """Shows the run that the document's weights come from, those of ``step`` (−1 where that is not
        known): weights and states stay as they are."""
        self._show(history, timeline, step if step >= 0 else None)

    def _show(self, history: RunHistory, timeline: Timeline, standing: int | None = None) -> None:
        """Shows another run, as it is now or at the step whose weights were brought back."""
        self.history, self.timeline = history, timeline
        self._standing = standing if standing is not None and standing < history.progress.step else None
        self._cursor, self._passing, self._weights_of = self._standing, None, None
        self.updated.emit()
        self.cursor_changed.emit(self._cursor)
        self.weights_changed.emit()

    def _leave(self, step: int) -> None:
        """Shows a copy of the run up to ``step``, with which a branch begins: the run itself stays as it is."""
        self.parting.emit()
        self._branched = True
        self._show(history_until(self.history, step), self.timeline.until(step))

    def _begin(self, event: events.Started) -> None:
        """A run begins, or goes on: what is later than its first step is over."""
        self._standing = self._weights_of = None
        self.look_at(None)
        if not self._branched:
            self.parting.emit()
        self.history.begin(event)
        self.timeline.drop_after(event.step if event.step else -1)
        self.timeline.monitor = TrainingConfig.of(self._job.training).monitor if self._job else "loss"
        if self._branched:
            self.timeline.branches.add(event.step)
        self._branched = False

    def _keep(self, snapshot: events.Snapshot) -> None:
        """Takes in a snapshot: what the next Run goes on from."""
        self.document.weights = dict(snapshot.weights)
        self._resume_state = snapshot.state
        self.timeline.add(snapshot, self._job, self.cursor)
        self._pass(None)
        self.snapshot_kept.emit(snapshot)

    def _record(self, event: events.Event) -> bool:
        """Takes in what a run measured; returns whether the history has grown."""
        if isinstance(event, events.Weights):
            self._pass(event.weights)
        elif isinstance(event, events.Evaluated):
            self.timeline.note(event)
        return self.history.take(event)

    def _pass(self, weights: Mapping[str, np.ndarray] | None) -> None:
        """Weights between two snapshots are known, or (None) those of the newest snapshot are newer."""
        self._passing = weights
        if self._cursor is None:
            self.weights_changed.emit()
