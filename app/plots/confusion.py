"""The confusion matrix: which classes are taken for which."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots.confusion_counts import Confusion
from app.plots.confusion_grid import ConfusionGrid
from app.plots.confusion_layout import Cell
from app.plots.judged import JudgedPlot
from app.plots.samples import Samples, looked_data
from app.training.session import Session


class ConfusionPlot(JudgedPlot):
    """How many examples of each class were told to be which. A click on a cell shows its samples."""

    id = "confusion"
    title = "Confusion matrix"
    short = "Confusion"
    about = "Which classes are taken for which; click a cell to see its samples"
    promise = (
        "Press Run: for data with classes, a table will show how many examples of each class are predicted to be "
        "which. A click on a cell shows its samples."
    )
    shown = False
    behind = "gradient_flow"

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.grid = ConfusionGrid(self.body)
        self.grid.pointed.connect(self._point)
        self.grid.chosen.connect(self._choose)
        scroll = QScrollArea(self.body)
        scroll.setWidget(self.grid)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)

    def unfit(self) -> str:
        data = looked_data(self.session)
        if data is not None and not data.class_names:
            return ("A confusion matrix needs data with classes. The target of these data is a number: the plot of "
                    "predicted and true shows how close it comes.")
        return ""

    def refresh(self) -> None:
        judged = self.judged
        if judged is None or judged.labels is None or judged.answers is None:
            return
        self.grid.show_confusion(Confusion.of(judged.labels, judged.answers, judged.class_names))
        self._point(self.grid.cell)

    def retheme(self) -> None:
        self.grid.update()

    def _point(self, cell: Cell | None) -> None:
        confusion = self.grid.confusion
        if cell is None or confusion is None:
            self.say_part("")
            return
        (row, column), names = cell, confusion.names
        count, total = int(confusion.counts[cell]), int(confusion.true_totals[row])
        told = "predicted right" if row == column else f"predicted to be {names[column]}"
        share = numbers.percent(float(confusion.shares[cell]))
        self.grid.words = f"{names[row]} {told}: {numbers.count(count)} of {numbers.count(total)} ({share})"
        self.detail.say(self.grid.words)

    def _choose(self, true: int, answer: int) -> None:
        if self.judged is not None:
            Samples.of(self.session).cell_asked.emit(self.judged.part, true, answer)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        confusion = self.grid.confusion
        return confusion.table() if confusion else ([], [])
