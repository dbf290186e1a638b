"""The Training tab: optimizer, learning rate, epochs, batch size … from their declarations."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.document import Document
from app.numbers import amount
from app.panels.form import ParamForm
from app.panels.schedule_preview import SchedulePreview
from app.panels.widgets import Card, column, label, scrolled
from engine.params import ParameterError
from engine.train.config import TrainingConfig


class Training(QWidget):
    """Edits ``document.training``. What may change while training runs does so as soon as it is committed."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.facts = label(role="quiet")
        self.form = ParamForm()
        self.form.set_parameters(TrainingConfig.parameters)
        self.about = Card()
        self._about_text = label(role="quiet")
        self.about.column.addWidget(self._about_text)
        content = QWidget()
        page = self._page = column(content)
        page.addWidget(label("Training", "title"))
        page.addWidget(self.facts)
        page.addWidget(self.form)
        page.addWidget(SchedulePreview(document))
        page.addWidget(label("The learning rate and the optimizer's other numbers change at once, also while training "
                             "runs, and the batch size with the next epoch. The rest applies at the next Run.",
                             "small"))
        page.addWidget(self.about)
        page.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(content))
        self.form.edited.connect(self._edit)
        self.form.settled.connect(document.end_merge)
        self.form.typing.connect(document.set_typing)
        document.setup_changed.connect(self._show)
        self._show()

    def insert_note(self, note: QWidget) -> None:
        """Puts something that the next Run does above the settings."""
        self._page.insertWidget(1, note)

    def _values(self) -> dict[str, Any]:
        stored = TrainingConfig.cleaned({k: v for k, v in self.document.training.items() if k != "kind"})
        return {**TrainingConfig.defaults(), **{k: v for k, v in stored.items() if k in TrainingConfig.parameters}}

    def _show(self) -> None:
        values = self._values()
        self.form.show_values(values)
        self.facts.setText(self._facts(values))
        optimizer = TrainingConfig.parameters["optimizer"].family.kinds.get(
            values["optimizer"].get("kind") if isinstance(values["optimizer"], dict) else None)
        self.about.setVisible(optimizer is not None)
        if optimizer is not None:
            self._about_text.setText(f"{optimizer.title}. {optimizer.summary()}")

    def _facts(self, values: dict[str, Any]) -> str:
        signature = self.document.signature
        if signature is None or not signature.train_rows:
            return "No data yet."
        try:
            config = TrainingConfig.of(values)
        except ParameterError:
            return "A setting is out of its range."
        steps = math.ceil(signature.train_rows / config.rows_per_step(signature.train_rows))
        return (f"{amount(signature.train_rows, 'example')} · {amount(steps, 'step')} per epoch\n"
                f"{amount(steps * config.epochs, 'step')} in all")

    def _edit(self, name: str, value: Any) -> None:
        text = f"Change {TrainingConfig.parameters[name].label.lower()}"
        self.document.commit_training({**self.document.training, name: value}, text, merge_key=f"training {name}")
