"""Plots of how the rows of a part of the data are told: what confusion matrix, predictions and gallery share."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app import numbers
from app.document import Document
from app.plots.base import GROUPS
from app.plots.choice import Choice
from app.plots.looking import LookingPlot
from app.plots.samples import PARTS
from app.training.session import Session
from engine.look.questions import Judge, Judged, Question


class JudgedPlot(LookingPlot):
    """Asks for the rows of the part that is chosen in its header."""

    group = GROUPS[-1]

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.part = Choice("Part of the data", tuple(PARTS.items()), self.header)
        self.part.chosen.connect(lambda _: self.ask_again())
        self.header.add_choice(self.part)
        #: What stands in the header only where there is something to choose.
        self.choices: list[QWidget] = [self.part]

    @property
    def judged(self) -> Judged | None:
        """The newest answer."""
        return self.answer if isinstance(self.answer, Judged) else None

    def _draw(self) -> None:
        for choice in self.choices:
            choice.setVisible(not self.unfit())
        super()._draw()

    def question(self) -> Question:
        return Judge(self.part.current)

    def say_part(self, what: str) -> None:
        """The remark that stands while nothing is pointed at: the step where that is not the newest, ``what``, and of
        which rows."""
        parts = [] if self.session.cursor is None else [self.when()]
        parts += [what] if what else []
        if self.judged is not None:
            asked, given = self.part.current, self.judged.part
            held_back = "" if asked == given else ", as nothing is held back"
            parts.append(f"{numbers.count(len(self.judged.rows))} {given} rows{held_back}")
        self.detail.say(" · ".join(parts))
