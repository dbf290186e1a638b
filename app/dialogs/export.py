"""Exporting the trained network: choose a format and a place, and see the file verified."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.background import Task
from app.document import Document
from app.numbers import amount, number
from engine.compute import compile
from engine.data import Source
from engine.export import FORMATS, SAMPLES, Verified, export_model
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.project.atomic import write_error

_WIDTH = 600


@dataclass(frozen=True)
class Request:
    """What is exported: values only, so that another thread may work on it while the person edits."""

    graph: Graph
    source: dict[str, Any]
    weights: dict[str, np.ndarray] | None
    title: str
    path: Path


def carry_out(request: Request, cancelled: Any = lambda: False) -> Verified:
    """Compiles, writes, reads back and compares; the file gets its name last, and not at all once cancelled.

    Raises :class:`ChainruleError`.
    """
    model = compile(request.graph)
    if request.weights is not None:
        model.weights.copy_fitting(request.weights)
    samples, preparation = _samples(request, model)
    try:
        with tempfile.TemporaryDirectory(prefix=".chainrule-", dir=request.path.parent) as folder:
            unnamed = Path(folder) / request.path.name
            verified = export_model(model, unnamed, samples, title=request.title, preparation=preparation)
            if cancelled():
                raise ChainruleError("The export was cancelled.", "", "Nothing was written.")
            os.replace(unnamed, request.path)
    except OSError as error:
        raise write_error(request.path, error) from error
    return verified


def _samples(request: Request, model: Any) -> tuple[Any, Any]:
    """Real examples to compare on, where there are data; random ones otherwise."""
    if request.source:
        data = Source.from_dict(request.source).load()
        return data.samples(SAMPLES), data.preparation
    rng = np.random.default_rng(0)
    inputs = [i for i in model.report.order if not model.graph.inputs(i)]
    return {i: rng.normal(size=(SAMPLES, *model.report.shapes[i])) for i in inputs}, None


class ExportDialog(QDialog):
    """``exported(verified)`` is emitted once a file is whole and verified."""

    exported = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export weights")
        self.setMinimumWidth(_WIDTH)
        self._document = document
        self._task: Task | None = None
        self._folder = document.path.parent if document.path else Path.home()
        self.formats = QButtonGroup(self)
        self.path = QLineEdit()
        self.path.setAccessibleName("File to write")
        self.browse, self.start, self.close_button = QPushButton("Browse…"), QPushButton("Export"), QPushButton("Close")
        self.start.setProperty("role", "primary")
        self.start.setDefault(True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Exporting")
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        self.outcome.setAccessibleName("Outcome")
        self._lay_out()
        self.formats.buttonClicked.connect(self._follow_format)
        self.browse.clicked.connect(self._browse)
        self.start.clicked.connect(self.export)
        self.close_button.clicked.connect(self.reject)
        self.formats.buttons()[0].setChecked(True)
        self.path.setText(str(self._folder / f"{document.title}{self.suffix}"))
        self._show_idle()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(6)
        if self._document.weights is None:
            column.addWidget(_label("The network is untrained: the file will hold its initial weights.", "accent"))
        else:
            column.addWidget(_label("The file is read back and compared with the engine before it gets its name.",
                                    "quiet"))
        for suffix, entry in FORMATS.items():
            choice = QRadioButton(f"{entry.title} ({suffix})")
            choice.setProperty("suffix", suffix)
            choice.setAccessibleDescription(entry.description)
            self.formats.addButton(choice)
            about = _label(entry.description, "quiet")
            indented = QHBoxLayout()
            indented.setContentsMargins(24, 0, 0, 6)
            indented.addWidget(about)
            column.addWidget(choice)
            column.addLayout(indented)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.outcome)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.start)
        column.addSpacing(6)
        column.addLayout(buttons)

    @property
    def suffix(self) -> str:
        """The suffix of the chosen format."""
        return self.formats.checkedButton().property("suffix")

    def choose(self, suffix: str) -> None:
        """Chooses a format."""
        for button in self.formats.buttons():
            if button.property("suffix") == suffix:
                button.click()

    def _follow_format(self) -> None:
        """The name keeps up with the format."""
        path = Path(self.path.text())
        if path.suffix in FORMATS:
            self.path.setText(str(path.with_suffix(self.suffix)))

    def _browse(self) -> None:
        entry = FORMATS[self.suffix]
        chosen, _ = QFileDialog.getSaveFileName(self, "Export to", self.path.text(),
                                                f"{entry.title} (*{entry.suffix})")
        if chosen:
            path = Path(chosen)
            self.path.setText(str(path if path.suffix.lower() in FORMATS else path.with_suffix(self.suffix)))

    # -- exporting ----------------------------------------------------------------------------------------

    def export(self) -> None:
        """Starts the export; the dialog stays usable and can cancel it."""
        path = Path(self.path.text().strip() or "network").expanduser()
        if path.suffix.lower() != self.suffix:
            path = Path(f"{path}{self.suffix}")
        self.path.setText(str(path))
        document = self._document
        request = Request(document.graph, document.source, document.weights, document.title, path)
        self._task = Task(lambda: carry_out(request, lambda: task.cancelled), self)
        task = self._task
        task.done.connect(self._done)
        task.failed.connect(self._failed)
        self._show_busy()
        task.start()

    def _done(self, verified: Verified) -> None:
        self._task = None
        self._show_idle()
        self._tell("good", f"✓ {verified.path.name} verified: largest difference "
                   f"{number(verified.largest_difference, 2)} over {amount(verified.samples, 'sample')}.")
        self.exported.emit(verified)

    def _failed(self, sentence: str, details: str) -> None:
        self._task = None
        self._show_idle()
        self._tell("error", sentence)

    def _tell(self, role: str, sentence: str) -> None:
        self.outcome.setProperty("role", role)
        self.outcome.style().unpolish(self.outcome)
        self.outcome.style().polish(self.outcome)
        self.outcome.setText(sentence)
        self.outcome.show()
        self._fit()

    def _fit(self) -> None:
        """As high as its wrapped lines need."""
        self.resize(self.width(), self.layout().totalHeightForWidth(self.width()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _show_busy(self) -> None:
        self.progress.setVisible(True)
        self._tell("quiet", "Writing, reading back and comparing…")
        self.start.setEnabled(False)
        self.close_button.setText("Cancel")

    def _show_idle(self) -> None:
        self.progress.setVisible(False)
        self.start.setEnabled(True)
        self.close_button.setText("Close")

    def reject(self) -> None:
        """Cancels an export that goes on; closes the dialog otherwise."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._show_idle()
            self._tell("quiet", "Cancelled: nothing was written.")
        else:
            super().reject()


def _label(text: str, role: str) -> QLabel:
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(True)
    return made
