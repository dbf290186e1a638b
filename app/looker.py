"""Questions of the window about the network as it is looked at, answered by a process beside training.

A plot asks, and is called when the answer is there; nobody waits meanwhile. One question is answered at a time, in
turns, and while training runs the process rests four times as long as it worked: it takes a fifth of a core at most.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from app.training.session import RUNNING, STARTING, Session
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.look.client import LookProcess
from engine.look.questions import Answer, Answered, Question, Scene
from engine.train.config import TrainingConfig

log = logging.getLogger(__name__)

Then = Callable[[Answer], None]

#: Milliseconds between two looks for an answer.
_LOOK_EVERY = 8
#: How long the process rests after an answer while training runs, times what the answer took.
_REST = 4.0
#: Milliseconds without a question after which the process is ended, and its memory free.
_IDLE_AFTER = 60_000
#: A process that died is replaced this often for one scene, unless it answers in between.
_RESTARTS = 1
_NOT_SOUND = "The network has problems, so it cannot be looked into. Mend them first: the Problems tab says how."


def looked_at(session: Session) -> tuple[Graph, Mapping[str, Any], Report, Mapping[str, Any]]:
    """What the weights that are looked at belong to: the network of the run while one goes on or its past is looked at,
    else the one that is drawn. Graph, data source, what checking found, and training settings."""
    document = session.document
    job = session.job if session.is_active and session.cursor is None else None
    if session.cursor is not None:
        job = session.viewed_job
    if job is not None and job.report is not None:
        return job.graph, job.source, job.report, job.training
    return document.graph, document.source, document.report, document.training


class Looker(QObject):
    """The one for a session; :meth:`of` makes it when first needed, and the process starts with the first question."""

    failed = Signal(object, str)  # who asked, and a sentence that says why there is no answer

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._process: LookProcess | None = None
        self._waiting: dict[QObject, tuple[Question, Then]] = {}
        self._asked: tuple[QObject, Question, Then] | None = None
        self._number = 0
        self._scene: Scene | None = None
        self._settings: Mapping[str, Any] | None = None
        self._given: Mapping[str, np.ndarray] | None = None
        self._given_up = ""
        self._deaths = 0
        self._answers_timer = self._timer(self._hear)
        self._answers_timer.setInterval(_LOOK_EVERY)
        self._rest_timer = self._timer(self._next)
        self._rest_timer.setSingleShot(True)
        self._idle_timer = self._timer(self.end)
        self._idle_timer.setSingleShot(True)
        session.ending.connect(self.end)

    @classmethod
    def of(cls, session: Session) -> Looker:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    def _timer(self, timeout: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(timeout)
        return timer

    # -- what others call ------------------------------------------------------------------------------------

    def ask(self, asker: QObject, question: Question, then: Then, first: bool = False) -> None:
        """Asks about the network with the weights that are looked at when its turn comes. A question of the same
        asker that still waits is dropped. Where there will be no answer, :attr:`failed` says so. ``first`` goes before
        all that wait: for what is quickly answered and the person has just pointed at."""
        self._waiting[asker] = (question, then)
        if first:
            self._waiting = {asker: self._waiting.pop(asker), **self._waiting}
        self._idle_timer.stop()
        if self._asked is None and not self._rest_timer.isActive():
            self._rest_timer.start(0)

    def leave(self, asker: QObject) -> None:
        """The asker wants no answer any more."""
        self._waiting.pop(asker, None)
        if self._asked is not None and self._asked[0] is asker:
            self._asked = (asker, self._asked[1], _ignore)

    def end(self) -> None:
        """Ends the process. The next question starts another."""
        for timer in (self._answers_timer, self._rest_timer, self._idle_timer):
            timer.stop()
        self._waiting.clear()
        self._drop()

    # -- asking ----------------------------------------------------------------------------------------------

    def _next(self) -> None:
        while self._waiting and self._asked is None:
            asker = next(iter(self._waiting))
            question, then = self._waiting.pop(asker)
            if not isValid(asker):
                continue
            scene = self._current_scene()
            if scene is None:
                self.failed.emit(asker, _NOT_SOUND)
            elif self._deaths > _RESTARTS:
                self.failed.emit(asker, self._given_up)
            else:
                self._put(asker, question, then, scene)
        if self._asked is None and self._process is not None:
            self._idle_timer.start(_IDLE_AFTER)

    def _put(self, asker: QObject, question: Question, then: Then, scene: Scene) -> None:
        if self._process is None:
            self._process, self._given = LookProcess(), None
            self._process.show(scene)
        weights = self._session.viewed_weights
        if weights is not self._given:
            self._process.use(weights or {})
            self._given = weights
        self._number += 1
        self._asked = (asker, question, then)
        self._process.ask(self._number, question)
        self._answers_timer.start()

    def _current_scene(self) -> Scene | None:
        """What is looked at, for the process; None where it cannot be computed."""
        graph, source, report, settings = looked_at(self._session)
        if not (report.ok and report.losses):
            return None
        if not self._is_shown(graph, source, report, settings):
            self._settings = settings
            self._scene = Scene(graph, source, report, TrainingConfig.of(settings).seed)
            self._deaths = 0
            if self._process is not None:
                self._process.show(self._scene)
                self._given = None
        return self._scene

    def _is_shown(
        self, graph: Graph, source: Mapping[str, Any], report: Report, settings: Mapping[str, Any]
    ) -> bool:
        scene = self._scene
        return (scene is not None and scene.graph is graph and scene.report is report and scene.source == source
                and self._settings is settings)

    # -- answers ---------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        if self._process is None:
            return
        for answered in self._process.poll():
            self._take(answered)
        if self._process is not None and self._process.died:
            self._bury(self._process)

    def _take(self, answered: Answered) -> None:
        if answered.number != self._number or self._asked is None:
            return
        asker, question, then = self._asked
        self._asked = None
        self._deaths = 0
        self._answers_timer.stop()
        runs = self._session.state in (STARTING, RUNNING)
        self._rest_timer.start(round(_REST * answered.seconds * 1000) if runs else 0)
        if answered.answer is not None:
            self._hand_on(question, answered.answer)
        if not isValid(asker) or then is _ignore:
            return
        if answered.answer is None:
            self.failed.emit(asker, answered.sentence)
        else:
            then(answered.answer)

    def _hand_on(self, question: Question, answer: Answer) -> None:
        """Gives the answer to all who wait for one to the same question about the same weights."""
        if self._session.viewed_weights is not self._given or not self._is_shown(*looked_at(self._session)):
            return
        for other in [asker for asker, (asked, _) in self._waiting.items() if asked == question]:
            _, then = self._waiting.pop(other)
            if isValid(other):
                then(answer)

    def _bury(self, process: LookProcess) -> None:
        """The process died unasked: another one answers the question, unless that died over it too."""
        log.warning("the looking process %s", process.how_it_died())
        self._deaths += 1
        self._given_up = (f"The process that looks into the network {process.how_it_died()} Training is not touched by "
                          "this. Change the network or its data to try again.")
        asked = self._asked
        self._drop()
        if asked is not None:
            asker, question, then = asked
            self._waiting = {asker: (question, then), **self._waiting}
        self._next()

    def _drop(self) -> None:
        self._answers_timer.stop()
        self._asked = None
        if self._process is not None:
            self._process.kill()
            self._process = None


def _ignore(_: Answer) -> None:
    """Takes an answer that nobody waits for any more."""
