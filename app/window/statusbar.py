"""The status bar: is the network valid, how large is it, what does it cost, how well does it do, is it saved."""

from __future__ import annotations

import math
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStatusBar, QWidget

from app.document import Document
from app.numbers import amount, count, engineering, megabytes, number, percent
from app.panels.steady import Steady
from app.panels.widgets import label
from app.seldom import Seldom
from app.training.session import Session
from engine.graph.analysis import FLOAT32
from engine.issues import Severity
from engine.train.metrics import SHORT

_PARTS = {"validation": "validation part", "train": "training part, or an even sample of a large one"}


class StatusBar(QStatusBar):
    """``show_problems`` asks for the list of problems."""

    show_problems = Signal()

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._saved_at: datetime | None = None
        self.valid = label(wrap=False)
        self.size_facts = label(wrap=False)
        self.cost = label(role="quiet", wrap=False)
        self.issues = QPushButton()
        self.issues.setProperty("role", "flat")
        self.issues.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.issues.setStyleSheet("padding: 0 6px; border: none; min-height: 0;")
        self.issues.clicked.connect(self.show_problems)
        self.result, self.saved = Steady(label(wrap=False)), label(role="quiet", wrap=False)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        for widget in (self.valid, self.size_facts, self.cost, self.result.label, self.saved):
            widget.setContentsMargins(8, 0, 8, 0)
        # In one widget, which the bar hides as a whole while it shows a tip.
        facts = QWidget()
        row = QHBoxLayout(facts)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.valid, self.size_facts, self.cost, self.issues):
            row.addWidget(widget)
        self.addWidget(facts)
        self.addPermanentWidget(self.result)
        self.addPermanentWidget(self.saved)
        document.report_changed.connect(self._show_network)
        document.graph_changed.connect(self._show_network)
        document.setup_changed.connect(self._show_network)
        document.file_changed.connect(self._show_saved)
        session.updated.connect(Seldom(self, self._show_result, every=180).ask)
        session.state_changed.connect(self._show_result)
        session.cursor_changed.connect(self._show_result)
        session.state_changed.connect(self._show_result)
        self._show_network()
        self._show_result()
        self._show_saved()

    def note_saved(self) -> None:
        """The project was saved just now."""
        self._saved_at = datetime.now()
        self._show_saved()

    def note_opened(self) -> None:
        """Another project is open."""
        self._saved_at = None
        self._show_saved()

    def _show_network(self, _: object = None) -> None:
        report, nodes = self._document.report, self._document.graph.nodes
        errors = (len(report.errors) if nodes else 0) + bool(self._document.source_problem)  # nothing drawn is no fault
        self.valid.setText("✕ not valid" if errors else "✓ valid" if nodes else "nothing drawn yet")
        _set(self.valid, "role", "error" if errors else "good" if nodes else "quiet")
        parameters = report.total_parameters
        self.size_facts.setText(f"{amount(len(nodes), 'layer')} · {amount(parameters, 'parameter')} · "
                                f"{megabytes(parameters * FLOAT32)}")
        self.cost.setText(f"{engineering(report.total_cost)} MAC / sample")
        self.cost.setToolTip("Multiply–adds of one example's forward pass; layers that take numbers one by one "
                             "count one for each")
        notes = sum(issue.severity is Severity.WARNING for issue in report.issues)
        advice = sum(issue.severity is Severity.ADVICE for issue in report.issues)
        parts = [f"✕ {amount(errors, 'problem')}"] if errors else []
        parts += [f"▲ {amount(notes, 'note')}"] if notes else []
        parts += [f"▲ {advice} advice"] if advice else []
        self.issues.setText("   ".join(parts))
        self.issues.setAccessibleName(" and ".join(parts) or "No problems")
        self.issues.setToolTip("Show the problems")
        _set(self.issues, "mood", "error" if errors else "warning")
        self.issues.setVisible(bool(parts))

    def _show_result(self, _: object = None) -> None:
        """The newest figure of the part held back, or of the training part where nothing is; of the step looked at."""
        session, history = self._session, self._session.history
        seen = session.weights_of if session.cursor is None else session.cursor
        name = history.metrics[0] if history.metrics else "loss"
        for part, word in (("validation", "val"), ("train", "train")):
            value = history.latest(f"{part}.{name}", seen)
            if math.isfinite(value):
                shown = percent(value) if name == "accuracy" else number(value)
                self.result.setText(f"{word} {SHORT.get(name, name)}  <b>{shown}</b>")
                at = count(history.evaluated_at(seen))
                self.result.setToolTip(f"Of the {_PARTS[part]}, as evaluated after step {at}")
                return
        self.result.setText("")

    def _show_saved(self) -> None:
        document = self._document
        if document.is_modified:
            text = "unsaved changes"
        elif self._saved_at is not None:
            text = f"saved {self._saved_at:%H:%M}"
        else:
            text = "saved" if document.path else ""
        self.saved.setText(text)


def _set(widget: QWidget, name: str, look: str) -> None:
    """Changes what the style sheet goes by."""
    if widget.property(name) != look:
        widget.setProperty(name, look)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
