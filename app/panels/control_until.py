"""When a run is to pause: one of the declared conditions, with its numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QWidget

from app.numbers import count
from app.panels.form import ParamForm
from app.panels.widgets import column, label
from app.recorded.history import Progress
from engine.params import Declared, Variant
from engine.train.conditions import Condition, EpochReached, StepReached


class _Until(Declared):
    """What the form edits."""

    condition = Variant(StepReached(), "What the run waits for. It pauses at the first step where it is so.",
                        family=Condition, label="Until")


class UntilDialog(QDialog):
    """``chosen(condition)`` says that the run is to begin."""

    chosen = Signal(object)

    def __init__(self, condition: Condition, progress: Progress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Run until")
        self._progress = progress
        self._value: dict[str, Any] = self._ahead(condition.to_dict())
        self.form = ParamForm()
        self.form.set_parameters(_Until.parameters)
        self.about = label(role="quiet")
        self.problem = label(role="error")
        self.run, cancel = QPushButton("Run"), QPushButton("Cancel")
        self.run.setProperty("role", "primary")
        self.run.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (cancel, self.run):
            row.addWidget(button)
        page = column(self)
        page.addWidget(self.form)
        page.addWidget(self.about)
        page.addWidget(self.problem)
        page.addStretch(1)
        page.addLayout(row)
        self.setMinimumWidth(360)
        self.form.edited.connect(self._edit)
        self.run.clicked.connect(self._run)
        cancel.clicked.connect(self.reject)
        self._show()

    def _ahead(self, value: dict[str, Any]) -> dict[str, Any]:
        """A step or an epoch that is over is no use: one that lies ahead stands in for it."""
        progress, kind = self._progress, value["kind"]
        if kind == StepReached.kind and value["step"] <= progress.step:
            return {**value, "step": progress.step + 1000}
        if kind == EpochReached.kind and value["epoch"] < max(progress.epoch, 1):
            return {**value, "epoch": progress.epoch + 1}
        return value

    def _edit(self, _: str, value: dict[str, Any]) -> None:
        if value["kind"] != self._value["kind"]:
            value = self._ahead(value)
        self._value = value
        self._show()

    def _show(self) -> None:
        self.form.show_values({"condition": self._value})
        condition = Condition.from_dict(self._value)
        self.about.setText(f"{condition.summary()} The run pauses there and says why.")
        over = self._ahead(self._value) != self._value
        self.problem.setText(f"That is over: the run is at step {count(self._progress.step)}." if over else "")
        self.problem.setVisible(over)
        self.run.setEnabled(not over)

    def _run(self) -> None:
        self.accept()
        self.chosen.emit(Condition.from_dict(self._value))
