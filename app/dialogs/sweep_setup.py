"""The first page of the sweep's dialog: which parameters, which values, how many runs, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.sweep_axis import AxisRow
from app.dialogs.sweep_list import Key, TargetList, key_of
from app.document import Document
from app.numbers import amount, count
from app.sweep.axes import count_of, seconds_of
from app.training.live import why_not_train
from engine.issues import ChainruleError
from engine.params import ParameterError
from engine.sweep import Axis, Range, grid, random, targets
from engine.sweep.space import Combination
from engine.sweep.trials import MOST_TRIALS
from engine.train.config import TrainingConfig

_LIST_WIDTH = 270
_EPOCHS: Key = ("", ("epochs",))


@dataclass(frozen=True, slots=True)
class Request:
    """What the person wants: values by combination, settings the rest shares, and where."""

    combinations: tuple[Combination, ...]
    training: dict[str, Any]
    processes: int
    address: str


class SweepSetup(QWidget):
    """``ready(on)`` says whether a sweep can begin; :meth:`request` says which."""

    ready = Signal(bool)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.rows: dict[Key, AxisRow] = {}
        self.list = TargetList()
        self._make_settings()
        self._make_places()
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)
        self.list.toggled.connect(self._toggle)
        for signal in (self.by_grid.toggled, self.on_cluster.toggled, self.draws.valueChanged,
                       self.epochs.valueChanged, self.processes.valueChanged, self.address.textEdited):
            signal.connect(self._changed)
        for signal in (document.report_changed, document.setup_changed):
            signal.connect(self._offer)
        self._offer()

    # -- putting together ------------------------------------------------------------------------------------

    def _make_settings(self) -> None:
        self.by_grid, self.by_chance = QRadioButton("Grid: every combination"), QRadioButton("Random draws")
        self.by_grid.setChecked(True)
        self._ways = QButtonGroup(self)
        for button in (self.by_grid, self.by_chance):
            self._ways.addButton(button)
        self.draws = _spin("Number of draws", 1, MOST_TRIALS, 20, "runs")
        self.seed = _spin("Seed of the draws", 0, 2**31 - 1, 0)
        self.seed.setToolTip("The same seed draws the same values")
        self.epochs = _spin("Epochs of each run", 1, 10_000_000, 20, "epochs")
        self.seed_label = QLabel("seed")

    def _make_places(self) -> None:
        cores = os.cpu_count() or 1
        self.here, self.on_cluster = QRadioButton("This machine"), QRadioButton("Dask cluster")
        self.here.setChecked(True)
        self._places = QButtonGroup(self)
        for button in (self.here, self.on_cluster):
            self._places.addButton(button)
        # One core is left to the window and to what else is trained.
        self.processes = _spin("Processes", 1, max(cores, 2), max(cores - 1, 1), "at a time")
        self.processes.setToolTip(f"Runs trained at the same time, with one thread each. This machine has {cores} "
                                  f"cores; one of them is left to the window at first.")
        self.of_cores = QLabel(f"on {cores} cores")
        self.of_cores.setProperty("role", "quiet")
        self.address = QLineEdit()
        self.address.setPlaceholderText("tcp://192.168.1.20:8786")
        self.address.setAccessibleName("Address of the Dask scheduler")
        self.address.setToolTip("What “dask scheduler” says when it starts. Its workers must have the same version of "
                                "Chainrule installed.")
        self.cluster_problem = QLabel()
        self.cluster_problem.setProperty("role", "error")
        self.cluster_problem.setWordWrap(True)
        self.cluster_problem.hide()

    def _lay_out(self) -> None:
        self._cards = QWidget()
        self._column = QVBoxLayout(self._cards)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(8)
        self.hint = QLabel("Tick parameters on the left. Each run has one of the combinations of their values, and is "
                           "kept in the Runs tab.")
        self.hint.setProperty("role", "quiet")
        self.hint.setWordWrap(True)
        self._column.addWidget(self.hint)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(self._cards)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(10, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(scroll, 1)
        column.addLayout(self._make_form())
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setChildrenCollapsible(False)
        self.list.setMinimumWidth(_LIST_WIDTH)
        parts.addWidget(self.list)
        parts.addWidget(right)
        parts.setSizes([300, 560])
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts, 1)
        layout.addWidget(self.outcome)

    def _make_form(self) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow("Combinations", _row(self.by_grid, self.by_chance, self.draws, self.seed_label, self.seed))
        form.addRow("Each run", _row(self.epochs))
        form.addRow("Where", _row(self.here, self.on_cluster, self.processes, self.of_cores, self.address))
        form.addRow("", self.cluster_problem)
        return form

    # -- what the person chooses -----------------------------------------------------------------------------

    def _offer(self, _: object = None) -> None:
        """Lists what may be swept in the network and with the settings as they are now."""
        document = self._document
        try:
            config = TrainingConfig.of(document.training)
            found = targets(document.graph, document.training)
        except (ChainruleError, ParameterError):
            return  # the Training tab says what is wrong
        by_key = {key_of(target): target for target in found}
        for key in [key for key in self.rows if key not in by_key]:
            self._remove(key)
        for key, row in self.rows.items():
            row.target = by_key[key]
        if not self.rows:
            self.epochs.setValue(config.epochs)
        self._targets = by_key
        self.list.offer(found, self.rows)
        self._changed()

    def _toggle(self, key: Key, on: bool) -> None:
        if on and key not in self.rows:
            row = AxisRow(self._targets[key])
            row.changed.connect(self._changed)
            row.removed.connect(lambda: self.list.tick(key, False))
            self.rows[key] = row
            self._column.insertWidget(self._column.count() - 1, row)
        elif not on:
            self._remove(key)
        self._changed()

    def _remove(self, key: Key) -> None:
        row = self.rows.pop(key, None)
        if row is not None:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()

    def _changed(self, _: object = None) -> None:
        self._soon.start()

    # -- what it means ---------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Says how many runs there will be, or what is missing."""
        self._soon.stop()
        chance, cluster = self.by_chance.isChecked(), self.on_cluster.isChecked()
        self.hint.setVisible(not self.rows)
        self.epochs.setEnabled(_EPOCHS not in self.rows)
        for widget, on in ((self.draws, chance), (self.seed, chance), (self.seed_label, chance),
                           (self.processes, not cluster), (self.of_cores, not cluster), (self.address, cluster)):
            widget.setVisible(on)
        for row in self.rows.values():
            row.set_random(chance)
        self.tell_problem("")
        axes = self._axes()
        problem = why_not_train(self._document)
        if not problem and axes is not None and axes:
            problem = self._too_many(axes)
        if cluster and not self.address.text().strip() and not problem:
            problem = "Name the scheduler of the cluster."
        possible = bool(axes) and not problem
        self.outcome.setText(problem or (self._said(axes) if axes else ""))
        self.outcome.setProperty("role", "error" if problem else "")
        self.outcome.style().unpolish(self.outcome)
        self.outcome.style().polish(self.outcome)
        self.ready.emit(possible)

    def _axes(self) -> list[Axis | Range] | None:
        """What is chosen; None where a field says why it means nothing."""
        found = [row.axis(self.by_chance.isChecked()) for row in self.rows.values()]
        return None if None in found else [axis for axis in found if axis is not None]

    def _too_many(self, axes: Sequence[Axis | Range]) -> str:
        runs = count_of(axes, self.draws.value() if self.by_chance.isChecked() else None)
        if runs <= MOST_TRIALS:
            return ""
        return (f"These are {count(runs)} runs; at most {count(MOST_TRIALS)} are taken. List fewer values, or draw "
                "some at random.")

    def _combinations(self, axes: Sequence[Axis | Range]) -> list[Combination]:
        return random(axes, self.draws.value(), self.seed.value()) if self.by_chance.isChecked() else grid(axes)

    def _training(self) -> dict[str, Any]:
        return {**TrainingConfig.of(self._document.training).to_dict(), "epochs": self.epochs.value()}

    def _said(self, axes: Sequence[Axis | Range]) -> str:
        combinations, document = self._combinations(axes), self._document
        runs = len(combinations)
        what = amount(runs, "run")
        if _EPOCHS not in self.rows:
            what += f" of {amount(self.epochs.value(), 'epoch')}"
        few = self.by_chance.isChecked() and runs < self.draws.value()
        end = ": there are no more combinations." if few else "."
        if self.on_cluster.isChecked():
            return f"{what} on the cluster{end}"
        rows = document.signature.train_rows if document.signature else 0
        seconds = seconds_of(combinations, self._training(), rows, len(document.graph.nodes),
                             document.report.total_cost, runs, self.processes.value())
        return f"{what}, {about(seconds)} on this machine{end}"

    def request(self) -> Request | None:
        """What is asked for; None where something is missing."""
        axes = self._axes()
        if not axes or self._too_many(axes):
            return None
        address = self.address.text().strip() if self.on_cluster.isChecked() else ""
        return Request(tuple(self._combinations(axes)), self._training(), self.processes.value(), address)

    def tell_problem(self, sentence: str) -> None:
        """What is wrong with the cluster, below its address."""
        self.cluster_problem.setText(sentence)
        self.cluster_problem.setVisible(bool(sentence))
        if sentence:
            self.address.setFocus(Qt.FocusReason.OtherFocusReason)


def about(seconds: float) -> str:
    """A rough time in words: "about 25 s", "about 3 min"."""
    if seconds < 2:
        return "a moment"
    if seconds < 90:
        return f"about {round(seconds) if seconds < 10 else round(seconds / 5) * 5} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _spin(name: str, low: int, high: int, value: int, unit: str = "") -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    made.setAccessibleName(name)
    if unit:
        made.setSuffix(f" {unit}")
    return made


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget, 100 if isinstance(widget, QLineEdit) else 0)
    row.addStretch(1)
    return row
