"""The Analysis panel: shape, size, cost, memory and receptive field of every layer, and what training takes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.background import Task
from app.document import Document
from app.numbers import count, megabytes
from app.panels.analysis_model import AnalysisModel, training_rows
from app.panels.analysis_table import AnalysisTable
from app.panels.widgets import label
from engine.compute import MemoryPlan
from engine.params import ParameterError
from engine.train.config import TrainingConfig
from engine.train.footprint import plan_run

#: How long nothing must change before the plan is worked out anew, in milliseconds.
_QUIET = 300


class Analysis(QWidget):
    """Follows the document while it is seen. ``show_node(id)`` asks to be taken to a layer."""

    show_node = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.model = AnalysisModel(document)
        self.table = AnalysisTable(self.model, "Analysis of the layers")
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.sums = label("", "strong", wrap=True)
        self.memory = label("", "quiet", wrap=True)
        self.csv, self.markdown = self._button("Copy as CSV"), self._button("Copy as Markdown")
        self.csv.clicked.connect(self.table.copy_csv)
        self.markdown.clicked.connect(self.table.copy_markdown)
        self._arrange()
        self._stale = False
        self._task: Task | None = None
        self._plan = QTimer(self, singleShot=True, interval=_QUIET)
        self._plan.timeout.connect(self._start_plan)
        for changed in (document.report_changed, document.graph_changed, document.setup_changed):
            changed.connect(self._changed)
        document.selection_changed.connect(self._mark)
        self.table.show_node.connect(self.show_node)
        self._fill()

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sums)
        words.addWidget(self.memory)
        foot.addLayout(words, 1)
        foot.addWidget(self.csv)
        foot.addWidget(self.markdown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip("Put the whole table on the clipboard")
        return button

    # -- following the document ---------------------------------------------------------------------------

    def _changed(self, _: object = None) -> None:
        """A hidden table costs an edit nothing: it is filled when it is seen."""
        if self.isVisible():
            self._fill()
        else:
            self._stale = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._fill()
        self._plan.start()

    def _fill(self) -> None:
        self._stale = False
        self.model.refresh()
        self._mark(self.document.selection)
        totals = {column.title: column.shown(self.model.total(column)) for column in self.model.columns if column.total}
        self.sums.setText(f"{count(len(self.model.rows))} layers · {totals['Parameters']} parameters · "
                          f"{totals['Multiply–adds']} multiply–adds an example · {totals['Weights']} of weights · "
                          f"{totals['Activations']} of activations for a batch of {count(self.model.batch)}")
        if self.isVisible():
            self._plan.start()

    def _mark(self, selection: frozenset[str]) -> None:
        if len(selection) == 1:
            self.table.select_node(next(iter(selection)))
        else:
            self.table.clearSelection()

    # -- memory of training -------------------------------------------------------------------------------

    def _start_plan(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if not self.document.report.ok:
            self.memory.setText("What training takes of memory is known once the network has no errors.")
            return
        document = self.document
        try:
            config = TrainingConfig.of(document.training)
        except ParameterError as problem:
            self.memory.setText(str(problem))
            return
        graph, report, rows = document.graph, document.report, training_rows(document) or config.batch_size
        self._task = Task(lambda: plan_run(graph, report, config, rows), self)
        self._task.done.connect(partial(self._show_plan, config.keeps_best))
        self._task.failed.connect(lambda sentence, _: self.memory.setText(sentence))
        self._task.start()

    def _show_plan(self, keeps_best: bool, plan: MemoryPlan) -> None:
        kept = "optimizer and best weights" if keeps_best else "optimizer"
        self.memory.setText(
            f"Training takes {megabytes(plan.network)}, by the plan's estimate: {megabytes(plan.parameters)} weights, "
            f"{megabytes(plan.gradients)} gradients, {megabytes(plan.optimizer)} {kept}, "
            f"{megabytes(plan.activations)} activations, {megabytes(plan.backward)} for the backward pass.")
