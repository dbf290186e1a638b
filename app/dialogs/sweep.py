"""The dialog of sweeps: choose parameters and values, then watch the runs, and use the settings of the best."""

from __future__ import annotations

import math

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.background import Task
from app.dialogs.sweep_setup import Request, SweepSetup, about
from app.dialogs.sweep_table import TrialsTable
from app.document import Document
from app.sweep.sweep import CANCELLED, Plan, Row, Sweep
from engine.sweep import make_trials

_FIRST_SIZE = (1020, 640)
#: Milliseconds in which what trials report is gathered before it is shown.
_SHOW_EVERY = 200


class SweepDialog(QDialog):
    """Stands beside the window; closed, the sweep goes on. What is done with a row is asked for by signal."""

    use_wanted = Signal(object)  # Row: its settings are to become those of the project
    run_wanted = Signal(str)  # id of a run that is to be looked at
    plot_wanted = Signal()

    def __init__(self, document: Document, sweep: Sweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sweep")
        self.resize(*_FIRST_SIZE)
        self._document, self._sweep = document, sweep
        self._task: Task | None = None
        self.setup = SweepSetup(document)
        self.table = TrialsTable(sweep)
        self.pages = QStackedWidget()
        self._make_buttons()
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_EVERY)
        self._soon.timeout.connect(self._show)
        self._connect()
        self._turn_to(1 if sweep.rows else 0)

    def _make_buttons(self) -> None:
        self.begin, self.cancel, self.new = QPushButton("Start"), QPushButton("Cancel sweep"), QPushButton("New sweep")
        self.use, self.draw = QPushButton("Use these settings"), QPushButton("Show plot")
        self.leave = QPushButton("Close")
        self.begin.setProperty("role", "primary")
        self.use.setProperty("role", "primary")
        self.use.setToolTip("Gives the network and the training of the project the values of the selected run: one "
                            "change, which Undo takes back")
        self.draw.setToolTip("Every run as a line over the parameters: the Sweep plot")
        for button in (self.begin, self.cancel, self.new, self.use, self.draw, self.leave):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        results = QWidget()
        column = QVBoxLayout(results)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.state = QLabel()
        self.state.setProperty("role", "strong")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.detail = QLabel()
        self.detail.setProperty("role", "quiet")
        self.detail.setWordWrap(True)
        for widget in (self.state, self.bar, self.table, self.detail):
            column.addWidget(widget, 1 if widget is self.table else 0)
        for page in (self.setup, results):
            self.pages.addWidget(page)
        row = QHBoxLayout()
        row.addWidget(self.new)
        row.addWidget(self.draw)
        row.addStretch(1)
        for button in (self.leave, self.cancel, self.use, self.begin):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addWidget(self.pages, 1)
        layout.addLayout(row)

    def _connect(self) -> None:
        self.setup.ready.connect(self._ready)
        self.begin.clicked.connect(self._begin)
        self.cancel.clicked.connect(self._sweep.cancel)
        self.new.clicked.connect(lambda: self._turn_to(0))
        self.leave.clicked.connect(self.close)
        self.use.clicked.connect(self._use)
        self.draw.clicked.connect(self._draw)
        self.table.chosen.connect(self._show_buttons)
        self.table.opened.connect(self._open)
        self._sweep.changed.connect(self._changed)
        self._sweep.finished.connect(self._finished)
        self._document.opened.connect(self._show_buttons)

    # -- pages -----------------------------------------------------------------------------------------------

    def _turn_to(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        results = page == 1
        self.begin.setVisible(not results)
        for button in (self.new, self.use, self.draw):
            button.setVisible(results)
        self._show()
        if not results:
            self.setup.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()

    def _changed(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _finished(self) -> None:
        self._show()
        if self._sweep.problem and all(row.state == CANCELLED for row in self._sweep.rows):
            self._turn_to(0)  # nothing came of it
            self.setup.tell_problem(self._sweep.problem)

    # -- beginning -------------------------------------------------------------------------------------------

    def _ready(self, on: bool) -> None:
        self.begin.setEnabled(on and self._task is None and not self._sweep.is_running)

    def _begin(self) -> None:
        """Checks every combination in another thread, then starts."""
        request = self.setup.request()
        if request is None or self._task is not None:
            return
        document = self._document
        graph, source, data = document.graph, dict(document.source), document.signature
        self._task = Task(lambda: make_trials(graph, source, request.training, request.combinations, data), self)
        self._task.done.connect(lambda trials: self._start(request, trials))
        self._task.failed.connect(self._refused)
        self.begin.setEnabled(False)
        self.begin.setText("Checking…")
        self._task.start()

    def _start(self, request: Request, trials: list) -> None:
        self._checked()
        plan = Plan(tuple(trials), request.combinations, request.processes, request.address)
        self._sweep.start(plan)
        self._turn_to(1)

    def _refused(self, sentence: str, _: str) -> None:
        self._checked()
        self.setup.refresh()
        self.setup.outcome.setText(sentence)

    def _checked(self) -> None:
        self._task = None
        self.begin.setText("Start")
        self.begin.setEnabled(True)

    # -- results ---------------------------------------------------------------------------------------------

    def _show(self) -> None:
        sweep = self._sweep
        if self.pages.currentIndex() == 1:
            self.table.refresh()
            self.state.setText(f"{sweep.title} · {sweep.over} of {len(sweep.rows)} runs")
            self.bar.setValue(round(1000 * sweep.fraction))
        left = sweep.seconds_left
        self.detail.setText(f"{about(left).capitalize()} left. Closed, this goes on: the status bar leads back."
                            if sweep.is_running and not math.isnan(left) else
                            "Starting…" if sweep.is_running else sweep.problem or "")
        self.bar.setVisible(sweep.is_running)
        self._show_buttons()

    def _show_buttons(self) -> None:
        running, row = self._sweep.is_running, self.table.selected()
        self.cancel.setVisible(running)
        self.new.setEnabled(not running)
        self.use.setEnabled(row is not None and self._sweep.project == self._document.project_id)

    def _draw(self) -> None:
        """Gives way to the plot, which it would cover; the sweep goes on."""
        self.close()
        self.plot_wanted.emit()

    def _use(self) -> None:
        row: Row | None = self.table.selected()
        if row is not None:
            self.use_wanted.emit(row)

    def _open(self, number: int) -> None:
        row = next((row for row in self._sweep.rows if row.number == number), None)
        if row is not None and row.run:
            self.run_wanted.emit(row.run)
