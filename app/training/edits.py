"""Edits while a run goes on or waits: what reaches it at once, and what the person is told of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.training import live
from app.training.branching import fresh_layers, fresh_sentence
from app.training.states import PAUSED
from engine.graph.diff import GraphDiff

if TYPE_CHECKING:
    from app.training.session import Session

#: Milliseconds without a key after which a number that is typed counts as whole.
TYPED = 1500


class Edits(QObject):
    """Watches the document of a session."""

    #: The layers that will begin with fresh weights at the next Run, since they do not fit any more, are others.
    fresh_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._document = session.document
        self._told: set[str] = set()
        self._fresh: tuple[str, ...] = ()
        #: Layers that were edited while a number is being typed.
        self._held: set[str] = set()
        self._typing = QTimer(self, singleShot=True, interval=TYPED)
        self._typing.timeout.connect(lambda: self._document.set_typing(False))
        self._document.typing_ended.connect(self._typed)
        self._document.setup_changed.connect(self._settings_changed)
        self._document.graph_changed.connect(self._graph_changed)
        self._document.report_changed.connect(self.look_for_fresh)
        self._document.opened.connect(self.look_for_fresh)
        session.snapshot_kept.connect(self.look_for_fresh)

    @property
    def fresh(self) -> tuple[str, ...]:
        """The layers that will begin anew at the next Run while others keep what they learned, in computing order."""
        return self._fresh

    @property
    def are_followed(self) -> bool:
        """Does the run do what the document says, so that it may simply go on? Live changes have reached it already."""
        job, document = self._session.job, self._document
        return job is not None and not (
            live.graph_needs_restart(job.graph, document.graph)
            or job.source != document.source
            or live.settings_waiting(job.training, document.training)
        )

    def begin(self) -> None:
        """A run begins: what was said of the one before may be said again."""
        self._told.clear()

    def _settings_changed(self) -> None:
        session, job = self._session, self._session.job
        if not session.is_active or job is None or self._waits():
            return
        for name, value in live.live_settings(job.training, self._document.training).items():
            session.set_live(name, value)
        waiting = live.settings_waiting(job.training, self._document.training)
        if job.source != self._document.source:
            waiting = (*waiting, "the data")
        for name in waiting:
            self._tell_once(name, self._applies_later(name, "the change"))

    def _graph_changed(self, difference: GraphDiff) -> None:
        session, job = self._session, self._session.job
        if job is not None and (session.is_active or self._document.weights):
            self._tell_of_beginnings(live.beginnings(job.graph, self._document.graph, difference.changed))
        if not session.is_active or job is None or difference.computes_same:
            return
        self._held.update(difference.changed)
        if self._waits():
            return
        self._follow_layers()

    def _tell_of_beginnings(self, nodes: tuple[str, ...]) -> None:
        """How weights begin reaches those that have begun only by a Reset."""
        for node in nodes:
            label = self._document.graph.nodes[node].label
            self._tell_once(f"beginning of {node}",
                            f"“{label}” keeps the weights it has. Reset and Run, and they begin as chosen.")

    def _waits(self) -> bool:
        """A rate of 0.003 is 0 at first, and 1e-2 is 1: the run does not follow every key."""
        if self._document.is_typing:
            self._typing.start()
        return self._document.is_typing

    def _typed(self) -> None:
        self._typing.stop()
        self._settings_changed()
        if self._held:
            self._follow_layers()

    def _follow_layers(self) -> None:
        session, job, graph = self._session, self._session.job, self._document.graph
        held, self._held = self._held & graph.nodes.keys(), set()
        if not session.is_active or job is None:
            return
        for name, value in live.live_parameters(job.graph, graph, held).items():
            session.set_live(name, value)
        if live.graph_needs_restart(job.graph, graph):
            self._tell_once("graph", self._applies_later("the network", "the edit"))

    def _applies_later(self, what: str, change: str) -> str:
        """Says that a run does not follow a change of ``what``, and what Run will do about it."""
        if self._session.state == PAUSED:
            return f"The run that rests keeps {what} as it began. With {change}, Run begins a branch of it here."
        return f"The run that goes on keeps {what} as it began; {change} applies at the next Run."

    def look_for_fresh(self) -> None:
        """Finds out which layers no longer fit the weights, and says so at once where it has changed."""
        weights, document = self._document.weights, self._document
        fresh = fresh_layers(document.report, weights) if weights and document.report.ok else ()
        if fresh == self._fresh:
            return
        self._fresh = fresh
        self.fresh_changed.emit()
        if fresh and weights:
            self._session.message.emit("info", fresh_sentence(document.report, document.graph, weights))

    def _tell_once(self, topic: str, sentence: str) -> None:
        """Says it once in a run, however often the person drags the slider."""
        if topic not in self._told:
            self._told.add(topic)
            self._session.message.emit("info", sentence)
