"""The training run of the open project: owns the training process, hands out what it reports.

Views listen to the signals and read :attr:`Session.history`; actions call ``run``, ``pause``, ``step`` … at any time:
what does not apply in the present state does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from app.document import Document
from app.recorded.history import RunHistory
from app.training.branching import any_fits, branch_sentence
from app.training.edits import Edits
from app.training.live import why_not_train
from app.training.process import RunProcess
from app.training.states import ACTIVE, FAILED, FINISHED, HALTED, IDLE, PAUSED, RUNNING, STARTING
from app.training.timeline import Timeline
from app.training.view import RunView
from engine.train import events
from engine.train.commands import Job

log = logging.getLogger(__name__)

INFO, WARNING, ERROR = "info", "warning", "error"
#: To take one of these in takes as long as to show what has come: that is done in a turn of its own.
_HEAVY = (events.Snapshot, events.Statistics, events.Advised)


class Session(RunView):
    """Trains what a :class:`Document` holds. Weights stay from run to run until :meth:`reset`.

    Call :meth:`shutdown` at the end; the process also ends with the application, and with this process however
    it ends.
    """

    state_changed = Signal(str)
    started = Signal(object)  # events.Started: a run begins; history is already cleared or continued
    asked_changed = Signal(str)  # what the person has asked for and waits to see: see Session.asked
    handing = Signal(float)  # the share of a large network that has come while no step runs; 0 once it is whole
    message = Signal(str, str)  # severity ("info", "warning", "error") and a sentence for the person
    ending = Signal()  # the training process is ended; what else runs for this session is to end too

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(document, parent)
        #: Why the last run failed; its ``node`` is the layer to blame, "" for none.
        self.failure: events.Failed | None = None
        self._state = IDLE
        self._asked = ""
        self._then: Callable[[], None] | None = None
        self._process = RunProcess(self)
        self._process.heard.connect(self._hear)
        self._grown = QTimer(self, singleShot=True, interval=0)
        self._grown.timeout.connect(self.updated)
        self._process.handing.connect(self.handing)
        self._live: dict[str, float] = {}
        self._branch: events.Snapshot | None = None
        #: Tells what edits mean for the run, and knows which layers will begin anew.
        self.edits = Edits(self)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """"idle", "starting", "running", "paused", "halted", "finished" or "failed"."""
        return self._state

    @property
    def asked(self) -> str:
        """"pause", "stop" or "run" from when the person asks for it until it is so; else ""."""
        return self._asked

    @property
    def is_active(self) -> bool:
        """Does a run go on, or wait?"""
        return self._state in ACTIVE

    # -- what a person can ask -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Starts the training process ahead of the first run, which then begins without delay."""
        self._process.prepare()

    def run(self) -> None:
        """Starts training, or goes on after a pause. Where it cannot, a message says why."""
        self.document.set_typing(False)
        if self._state == HALTED:
            self._do_then(self.run)
        elif self._state == PAUSED and self.edits.are_followed:
            self._process.send("resume")
        elif self._state not in (STARTING, RUNNING):
            self._start(paused=False)

    def pause(self) -> None:
        """Pauses after the step that runs; one that takes long is given up, and done when the run goes on."""
        if self._state in (STARTING, RUNNING):
            self._process.send("pause")
            self._ask("pause")

    def toggle(self) -> None:
        """Run or pause, whichever applies."""
        if self._state in (STARTING, RUNNING):
            self.pause()
        else:
            self.run()

    def step(self, count: int = 1, epochs: int = 0) -> None:
        """Does ``count`` steps, or those to the end of so many ``epochs``, then pauses; starts a run where there is
        none."""
        self.document.set_typing(False)
        self._advance("step", count, epochs)

    def run_until(self, condition: Mapping[str, Any]) -> None:
        """Runs until a :class:`~engine.train.conditions.Condition`, given as a plain dict, is met."""
        self._advance("run_until", condition)

    def _advance(self, command: str, *arguments: Any) -> None:
        if self._state == HALTED:
            self._do_then(partial(self._advance, command, *arguments))
            return
        goes_on = self._state in (STARTING, RUNNING) or (self._state == PAUSED and self.edits.are_followed)
        if goes_on or self._start(paused=True):
            self._process.send(command, *arguments)

    def _do_then(self, act: Callable[[], None]) -> None:
        """Once the last run is handed over, with which the next one begins."""
        self._then = act
        self._ask("run")

    def slow_down(self, steps_per_second: float) -> None:
        """At most so many steps a second, in this run and the next ones; 0 for full speed."""
        self._process.order("slow_down", steps_per_second, self.is_active)

    def stop(self) -> None:
        """Ends the run; its weights and curves stay. While a run starts, this ends the process that starts it."""
        if self._state == STARTING:
            self._process.drop()
            self._enter(IDLE)
            self.prepare()
        elif self._state in (RUNNING, PAUSED):
            self._process.send("stop")
            self._ask("stop")

    def reset(self) -> None:
        """Ends the run and forgets weights and curves: the next run begins with fresh weights."""
        self.forget()
        self.document.weights = None
        self.edits.look_for_fresh()

    def forget(self, resume_state: Mapping[str, Any] | None = None) -> None:
        """Another project is open: ends the run and forgets its curves. The document's weights are left alone.

        ``resume_state`` is the one stored with the project, if any.
        """
        was_active = self.is_active
        if was_active:
            self._process.drop()  # at once, so that nothing it still says can be taken for the next run's
        self.parting.emit()
        self._job = self._branch = self.failure = self._then = None
        self._branched = False
        self._resume_state = resume_state
        self.document.set_advice(())
        self._enter(IDLE)
        self._show(RunHistory(), Timeline())
        if was_active:
            self.prepare()

    def take_up(self, history: RunHistory, snapshot: events.Snapshot, timeline: Timeline | None = None) -> None:
        """Goes back to a run that was kept: its curves are shown, and the next Run goes on from ``snapshot``.

        The document is to hold its network already. What of ``history`` lies after the snapshot is dropped then.
        """
        self.forget(snapshot.state)
        self.document.weights = dict(snapshot.weights)
        timeline = timeline or Timeline()
        timeline.add(snapshot)
        self._show(history, timeline, snapshot.step)

    def continue_from(self, step: int | None = None) -> None:
        """Goes back to the snapshot at ``step`` (the step that is looked at) or before. The next Run begins a branch
        there, with the network and the settings as they are by then. The run that is left is ended first, and kept as
        it was."""
        snapshot = self.timeline.at(self.viewed_step if step is None else step)
        problem = why_not_train(self.document) if snapshot else "There is no snapshot to continue from: train first."
        if problem:
            self.message.emit(ERROR, problem)
            return
        self._branch, self._then = snapshot, None
        if self._state == STARTING:
            self._process.drop()
        elif self.is_active:
            self._process.send("stop")  # what it did last is to be known; then the branch begins
            return
        self._begin_branch()

    def _begin_branch(self) -> None:
        snapshot, self._branch = self._branch, None
        if snapshot is None:
            return
        self._enter(IDLE)
        self.prepare()
        self._leave(snapshot.step)
        self.document.weights = dict(snapshot.weights)
        self._resume_state = snapshot.state
        self.edits.look_for_fresh()
        self.branching.emit(snapshot.step)
        self.message.emit(INFO, branch_sentence(snapshot.step))

    def set_live(self, name: str, value: float) -> None:
        """Changes a live parameter of the run that goes on: the optimizer's by its name ("learning_rate"), a layer's
        as "node.name". Committing the change to the document does this by itself."""
        if self.is_active and self._live.get(name) != value:
            self._live[name] = value
            self._process.send("set_live", name, value)

    def watch(self, seconds: float) -> None:
        """Has weights come about every so many seconds while a run goes on, since somebody looks; 0 for nobody."""
        self._process.order("watch", seconds, self.is_active)

    def shutdown(self) -> None:
        """Ends the training process. The session may be used again afterwards."""
        self.ending.emit()
        self._process.drop()
        self._grown.stop()
        self._then = None
        if self.is_active:
            self._enter(IDLE)

    # -- starting --------------------------------------------------------------------------------------------

    def _start(self, paused: bool) -> bool:
        problem = why_not_train(self.document)
        if problem:
            self.message.emit(ERROR, problem)
            return False
        document = self.document
        weights = document.weights if any_fits(document.report, document.weights or {}) else None
        job = Job(document.graph, document.source, document.training, weights or {},
                  self._resume_state if weights else None, paused, document.report)  # fmt: skip
        if job.step and not (self._branched or self._job is None or self.edits.are_followed):
            self._leave(job.step)  # with other settings or another network it is another run
        self.failure = None
        self.edits.begin()
        self._live.clear()
        self._job = job
        self._process.run(job)
        self._enter(STARTING)
        return True

    # -- the process -----------------------------------------------------------------------------------------

    def _ask(self, wish: str) -> None:
        if wish != self._asked:
            self._asked = wish
            self.asked_changed.emit(wish)

    def _enter(self, state: str) -> None:
        self._process.listen(state in ACTIVE)
        if state != self._state:
            self._state = state
            if state != RUNNING:
                self._ask("")
            self.state_changed.emit(state)

    def _hear(self, heard: list[events.Event]) -> None:
        grown = False
        for event in heard:
            grown |= self._take(event)
        if grown and self._state == RUNNING and any(isinstance(event, _HEAVY) for event in heard):
            self._grown.start()
        elif grown:  # a run that rests is shown as it is, at once
            self._grown.stop()
            self.updated.emit()

    def _take(self, event: events.Event) -> bool:
        """Takes in one event; returns whether the history has grown."""
        if self._state == STARTING and not isinstance(event, (events.Started, events.Noted, events.Failed)):
            return False  # the end of the run before
        if isinstance(event, events.Snapshot):
            self._keep(event)
        else:
            self._take_change(event)
        return self._record(event)

    def _take_change(self, event: events.Event) -> None:
        """Takes in an event that says how the run goes."""
        match event:
            case events.Started():
                self.document.set_advice(())
                self._begin(event)
                self._enter(RUNNING)
                self.started.emit(event)
                for note in event.notes:
                    self.message.emit(INFO, note)
            case events.Paused():
                self._enter(PAUSED)
                if event.sentence:
                    self.message.emit(INFO, event.sentence)
            case events.Advised():
                self.document.set_advice(event.advice)
            case events.Resumed():
                self._enter(RUNNING)
            case events.Noted():
                self.message.emit(INFO, event.sentence)
            case events.Halted():
                self._enter(HALTED)
            case events.Stopped():
                self._enter(IDLE)
            case events.Finished():
                self._weights_of = event.weights_of if event.weights_of >= 0 else None
                self._enter(FINISHED)
                self.message.emit(INFO, event.sentence)
            case events.Failed():
                self._fail(event)
        if isinstance(event, events.ENDINGS):
            self._begin_branch()
            then, self._then = self._then, None
            if then is not None:
                then()

    def _fail(self, event: events.Failed) -> None:
        log.warning("the run failed at step %d: %s", event.step, event.details or event.sentence)
        self.failure = event
        self._passing = None
        if self._process.died:
            self.prepare()
        self._enter(FAILED)
        self.message.emit(ERROR, event.sentence)
