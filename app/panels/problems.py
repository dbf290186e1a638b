"""The Problems tab: every issue with its layer, what was expected and how to mend it, mends one click away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.document import Document
from app.panels.mends import TIP
from app.panels.widgets import Card, column, label, scrolled
from app.style import theme
from app.style.icons import icon
from engine.graph.model import Graph
from engine.issues import ChainruleError, Fix, Issue, Severity

#: Severity → (word, icon, colour token): a state is never told by its colour alone.
SEVERITIES: dict[Severity, tuple[str, str, str]] = {
    Severity.ERROR: ("Error", "mdi6.close-octagon", "danger"),
    Severity.WARNING: ("Warning", "mdi6.alert", "warning"),
    Severity.ADVICE: ("Advice", "mdi6.lightbulb-on-outline", "value"),
}


#: More cards than these nobody reads; they would only slow down every edit.
MOST_CARDS = 40


class Problems(QWidget):
    """Lists ``document.report``. ``show_node(id)`` asks to be taken to a layer, ``message`` tells what failed."""

    show_node = Signal(str)
    message = Signal(str, str)
    count_changed = Signal(int)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.cards: list[IssueCard] = []
        content = QWidget()
        self._list = column(content)
        self.empty = label("✓ No problems", "good")
        self.empty_more = label("The network can be trained.", "quiet")
        self.more = label("", "quiet")
        self._list.addWidget(self.more)
        self._list.addWidget(self.empty)
        self._list.addWidget(self.empty_more)
        self._list.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(content))
        self._shown: tuple[object, ...] = ()
        self._count = 0
        document.report_changed.connect(self._show)
        document.graph_changed.connect(self._show)
        document.setup_changed.connect(self._show)
        theme.signals.changed.connect(self._repaint)
        self._show()

    def issues(self) -> tuple[Issue, ...]:
        """What the report holds, and why the data cannot be read."""
        sentence = self.document.source_problem
        data = (Issue("data", "The data cannot be read.", sentence, "Choose other data in the Data tab."),)
        return (*(data if sentence else ()), *self.document.report.issues)

    def _show(self, _: object = None) -> None:
        """Counts at once; cards are made when they are seen: advice may change with every second of a run."""
        issues = self.issues()
        if self.isVisible() or self.parentWidget() is None:
            self._show_cards(issues)
        if len(issues) != self._count:
            self._count = len(issues)
            self.count_changed.emit(self._count)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_cards(self.issues())

    def _show_cards(self, issues: tuple[Issue, ...]) -> None:
        labels = tuple(_place(issue, self.document.graph) for issue in issues)
        state = (issues, labels, bool(self.document.source))
        if state == self._shown:
            return
        self._shown = state
        self._lay_out(list(zip(issues, labels, strict=True))[:MOST_CARDS])
        hidden = len(issues) - len(self.cards)
        self.more.setText(f"{hidden} more: mend these first.")
        self.more.setVisible(hidden > 0)
        self.empty.setVisible(not issues)
        self.empty_more.setVisible(not issues)
        self.empty_more.setText("The network can be trained." if self.document.source
                                else "The network is sound. Choose data in the Data tab, and it can be trained.")

    def _lay_out(self, wanted: list[tuple[Issue, str]]) -> None:
        """Shows cards for exactly these issues; those that are there already stay as they are."""
        kept = {(card.issue, card.where): card for card in self.cards}
        before = self.cards
        self.cards = [kept.pop(one, None) or self._card(*one) for one in wanted]
        for card in before:
            if card not in self.cards:
                self._list.removeWidget(card)
                card.hide()
                card.deleteLater()
        for place, card in enumerate(self.cards):
            if self._list.indexOf(card) != place:
                self._list.insertWidget(place, card)
                card.show()  # now: left to the layout, it could not be given the focus before the next event
        self._list.activate()

    def _card(self, issue: Issue, where: str) -> IssueCard:
        card = IssueCard(issue, where)
        # Not signal to signal: once dozens of cards so wired have gone, Python's collector crashes over them.
        card.chosen.connect(lambda node_id: self.show_node.emit(node_id))
        card.mend.connect(self._mend)
        return card

    def _mend(self, issue: Issue, fix: Fix) -> None:
        try:
            self.document.apply_fix(issue, fix)
        except ChainruleError as error:
            self.message.emit("warning", str(error))

    def _repaint(self) -> None:
        self._shown = ()
        self._lay_out([])
        self._show()


class IssueCard(Card):
    """One issue; a click or Enter goes to its layer."""

    chosen = Signal(str)
    mend = Signal(object, object)

    def __init__(self, issue: Issue, where: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.issue = issue
        self.where = where
        word, name, token = SEVERITIES[issue.severity]
        head = QHBoxLayout()
        picture = QLabel()
        picture.setPixmap(icon(name, token).pixmap(15, 15))
        heading = label(f"{word} · {where}" if where else word, "strong", wrap=False)
        head.addWidget(picture)
        head.addWidget(heading, 1)
        self.column.addLayout(head)
        self.column.addWidget(label(issue.happened))
        for text in (issue.expected, issue.fix):
            if text:
                self.column.addWidget(label(text, "quiet"))
        self.buttons = [self._button(fix) for fix in issue.mends]
        self.setAccessibleName(f"{word}: {issue.sentence()}")
        if issue.where:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip("Show the layer")

    def _button(self, fix: Fix) -> QPushButton:
        button = QPushButton(fix.title)
        button.setToolTip(TIP)
        button.clicked.connect(partial(self.mend.emit, self.issue, fix))
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        return button

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self.issue.where:
            self.chosen.emit(self.issue.where)


def _place(issue: Issue, graph: Graph) -> str:
    node = graph.nodes.get(issue.where)
    return node.label if node else issue.where
