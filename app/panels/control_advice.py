"""What a layer's measurements suggest: a card each, with what was measured, why it matters, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.document import Document
from app.panels.mends import TIP
from app.panels.widgets import column, label
from engine.issues import ChainruleError, Fix, Issue, Severity

#: Where one sees what an advice on a layer speaks of: what the button says, and the id of the plot.
SEEN_IN: dict[str, tuple[str, str]] = {
    "dead_units": ("Show units", "silent_units"),
    "saturated": ("Show units", "silent_units"),
    "vanishing": ("Show gradients", "gradient_flow"),
    "exploding": ("Show gradients", "gradient_flow"),
    "symmetric": ("Show spectrum", "singular_values"),
    "unscaled": ("Show outputs", "activations"),
}
#: Buttons stand side by side up to this width, which the narrowest panel has.
_ROOM, _GAP = 222, 6


class AdviceCards(QWidget):
    """The advice among the issues of one layer. ``failed(sentence)`` tells why a mend was refused, ``show_plot(id)``
    asks for the plot in which it is seen."""

    failed = Signal(str)
    show_plot = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown: tuple[Issue, ...] = ()
        self.cards: list[AdviceCard] = []
        self._column = column(self, margins=(0, 0, 0, 0))
        self.hide()

    def show_advice(self, issues: Iterable[Issue]) -> None:
        """Shows what of these is advice; cards whose numbers alone have changed stay and say the new ones."""
        advice = tuple(issue for issue in issues if issue.severity is Severity.ADVICE)
        if advice == self._shown:
            return
        same = [(a.code, a.mends) for a in advice] == [(b.code, b.mends) for b in self._shown]
        self._shown = advice
        if not same:
            for card in self.cards:
                self._column.removeWidget(card)
                card.hide()
                card.deleteLater()
            self.cards = [AdviceCard() for _ in advice]
            for card in self.cards:
                self._column.addWidget(card)
                card.mend.connect(self._mend)
                card.show_plot.connect(self.show_plot)
        for card, issue in zip(self.cards, advice, strict=True):
            card.show_issue(issue)
        self.setVisible(bool(advice))

    def _mend(self, issue: Issue, fix: Fix) -> None:
        try:
            self._document.apply_fix(issue, fix)
        except ChainruleError as error:
            self.failed.emit(str(error))


class AdviceCard(QFrame):
    """One advice with its mends as buttons."""

    mend = Signal(object, object)
    show_plot = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "advice")
        self.measured, self.why = label(role="strong"), label(role="quiet")
        self.buttons: list[QPushButton] = []
        self._column = column(self, margins=(12, 10, 12, 12), spacing=4)
        self._column.addWidget(self.measured)
        self._column.addWidget(self.why)

    def show_issue(self, issue: Issue) -> None:
        """Says it; the buttons are made once."""
        self.measured.setText(issue.happened.rstrip("."))
        self.why.setText(f"{issue.expected} {issue.fix}".strip())
        self.setAccessibleName(f"Advice: {issue.sentence()}")
        if self.buttons:
            return
        for fix in issue.mends:
            button = QPushButton(fix.title)
            button.setToolTip(TIP)
            button.clicked.connect(partial(self.mend.emit, issue, fix))
            self.buttons.append(button)
        if issue.code in SEEN_IN:
            title, plot = SEEN_IN[issue.code]
            button = QPushButton(title)
            button.setToolTip("Bring the plot to the front in which this layer is seen")
            button.clicked.connect(partial(self.show_plot.emit, plot))
            self.buttons.append(button)
        self._lay_out()

    def _lay_out(self) -> None:
        """The buttons in rows, as many in one as fit."""
        row, used = None, 0
        for button in self.buttons:
            button.ensurePolished()
            width = button.sizeHint().width() + _GAP
            if row is None or used + width > _ROOM + _GAP:
                row, used = QHBoxLayout(), 0
                row.setSpacing(_GAP)
                row.setContentsMargins(0, 4, 0, 0)
                self._column.addLayout(row)
            row.addWidget(button)
            used += width
