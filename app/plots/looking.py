"""Plots about the network itself, with the weights that are looked at, rather than about the course of a run."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.looker import Looker
from app.plots.base import Plot
from app.training.session import Session
from app.training.watching import Watching
from engine.look.questions import Answer, Question

_ASKING = "The network is being asked…"


class WeightsPlot(Plot):
    """A plot of the network as it is looked at. :meth:`renew` is called while it is seen, whenever the weights, the
    network or the data are others; where it is not seen, when it will be."""

    #: Is there something to see before any run: the network with its first weights?
    untrained: ClassVar[bool] = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        session.updated.disconnect(self._grow)  # more steps alone are nothing new here
        self._outdated = True
        # A timer of its own: a single shot that has not come when the plot is deleted would keep the plot for ever.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._keep_up)
        session.weights_changed.connect(self._other_weights)
        document.report_changed.connect(self._other_network)
        document.setup_changed.connect(self._other_network)
        document.opened.connect(self.forget)

    # -- what such a plot fills in ----------------------------------------------------------------------------

    def unfit(self) -> str:
        """Why this network or these data cannot be shown, as a sentence; "" where they can."""
        return ""

    def renew(self) -> None:
        """Shows the network as it is now."""
        self.draw_soon()

    def forget(self) -> None:
        """Another project is open: nothing of the last one may be shown."""
        self._other_network()

    # -- keeping up -------------------------------------------------------------------------------------------

    @property
    def has_network(self) -> bool:
        """Are there weights to look at?"""
        return self.untrained or self.session.viewed_weights is not None

    def empty_text(self) -> str:
        return self.unfit() or self.promise

    def draw_soon(self) -> None:
        """Draws when it is this plot's turn."""
        self._empty.setText(self.empty_text())
        self._grow()

    def _other_weights(self) -> None:
        self._outdated = True
        self._keep_up()

    def _other_network(self, _: object = None) -> None:
        self._other_weights()

    def _keep_up(self) -> None:
        """Renews what is seen; what has gone behind another tab is not looked at any more."""
        seen = self.is_seen
        Watching.of(self.session).look(self, seen)
        if self._outdated and seen:
            self._outdated = False
            self.renew()

    def showEvent(self, event: QShowEvent) -> None:
        self._empty.setText(self.empty_text())
        super().showEvent(event)
        # Whether it is seen, or lies behind another tab, is known once everything has its place.
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        Watching.of(self.session).look(self, False)

    def revealed(self, on: bool = True) -> None:
        super().revealed(on)
        self._soon.start()


class LookingPlot(WeightsPlot):
    """A plot that asks the looking process. :attr:`answer` is the last one, kept until the next is there."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.answer: Answer | None = None
        self._refused = ""
        self._asking = False
        self._looker = Looker.of(session)
        self._looker.failed.connect(self._failed)

    # -- what such a plot fills in ----------------------------------------------------------------------------

    def question(self) -> Question | None:
        """What to ask now; None for nothing."""
        raise NotImplementedError(type(self).__name__)

    def take(self, answer: Answer) -> None:
        """An answer has come; :meth:`refresh` is called after this."""

    # -- asking -----------------------------------------------------------------------------------------------

    def has_data(self) -> bool:
        return self.answer is not None and self.has_network and not self.unfit()

    def empty_text(self) -> str:
        trained = self.has_network and self.session.viewed_weights is not None
        return self.unfit() or self._refused or (_ASKING if self._asking and trained else self.promise)

    def renew(self) -> None:
        question = self.question() if self.has_network and not self.unfit() else None
        self._asking = question is not None
        if question is not None:
            self._empty.setText(self.empty_text())
            self._looker.ask(self, question, self._answered)
        else:
            self._looker.leave(self)
            self.draw_soon()

    def ask_again(self) -> None:
        """The person wants to know something else: asks at once where the plot is seen."""
        self._outdated = True
        self._keep_up()

    def forget(self) -> None:
        self.answer, self._refused = None, ""
        super().forget()
        self.draw_soon()

    def _answered(self, answer: Answer) -> None:
        self.answer, self._refused = answer, ""
        self.take(answer)
        self.draw_soon()

    def _failed(self, asker: QObject, sentence: str) -> None:
        if asker is self:
            self.answer, self._refused = None, sentence
            self.draw_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looker.leave(self)
        self._outdated = True
