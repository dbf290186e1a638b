"""What is known of the selected run: how it went, from what it began, in what it differs, and a note of one's own."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QWidget

from app.numbers import count, number
from app.panels.runs_columns import OUTCOMES, loss_of, metric_of, metric_text, time_spent, when
from app.panels.widgets import Card, label
from app.runs.runs import Runs
from app.style.icons import ThemedIcon
from engine.runs import RunInfo
from engine.runs.compare import settings_of
from engine.train.metrics import TITLES

_LONGEST_NOTE = 2000


class RunDetails(Card):
    """Shows one run, or says how many are chosen. Its buttons ask by signal."""

    restore_best = Signal()
    restore_last = Signal()
    resume = Signal()
    compare = Signal()

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._id = ""
        self.title = label("", "strong")
        self.how = label("", "")
        self.numbers = label("", "quiet")
        self.differs = label("", "quiet")
        self.note = QLineEdit()
        self.note.setPlaceholderText("Note")
        self.note.setAccessibleName("Note on the run")
        self.note.setMaxLength(_LONGEST_NOTE)
        self.note.editingFinished.connect(self._keep_note)
        self.best_button = self._button("Best weights", "mdi6.trophy-outline", self.restore_best)
        self.last_button = self._button("Last weights", "mdi6.history", self.restore_last)
        self.resume_button = self._button("Resume", "mdi6.play", self.resume)
        self.compare_button = self._button("Compare…", "mdi6.compare", self.compare)
        for widget in (self.title, self.how, self.numbers, self.differs, self.note):
            self.column.addWidget(widget)
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.setContentsMargins(0, 6, 0, 0)
        buttons = (self.best_button, self.last_button, self.resume_button, self.compare_button)
        for place, button in enumerate(buttons):
            grid.addWidget(button, place // 2, place % 2)
        self.column.addLayout(grid)

    def _button(self, text: str, icon: str, asked: Signal) -> QPushButton:
        button = QPushButton(text)
        ThemedIcon(button, icon)
        button.clicked.connect(asked)
        return button

    def show_runs(self, infos: list[RunInfo], best: int | None, last: int | None, present: RunInfo | None) -> None:
        """``best`` and ``last`` are the steps whose weights are kept; ``present`` says with what a run is compared."""
        one = infos[0] if len(infos) == 1 else None
        self.setVisible(bool(infos))
        self.note.setVisible(one is not None and not one.is_damaged)
        for button in (self.best_button, self.last_button, self.resume_button):
            button.setVisible(one is not None and not one.is_damaged)
        if one is not None:
            self._show_one(one, best, last, present)
        elif infos:
            self._id = ""
            group = infos[0].group if len({info.group for info in infos}) == 1 else ""
            self.title.setText(f"{group} · {len(infos)} runs" if group else f"{len(infos)} runs selected")
            self.how.setText("Space draws them in the plots; Compare shows two side by side. “Draw over settings and "
                             "results” in their menu shows which settings did well.")
            self.numbers.hide()
            self.differs.hide()
        self.compare_button.setEnabled(len(infos) == 2 or (one is not None and not one.is_damaged))
        self.compare_button.setToolTip("Settings, curves and network of the two runs side by side" if len(infos) == 2
                                       else "Side by side with what is open now; select two runs to compare those")

    def _show_one(self, info: RunInfo, best: int | None, last: int | None, present: RunInfo | None) -> None:
        if not (self.note.hasFocus() and self._id == info.id):
            self.note.setText(info.note)
        self._id = info.id
        self.title.setText(info.name)
        self.how.setText(info.problem or how_it_went(info))
        facts = numbers_of(info)
        self.numbers.setText(facts)
        self.numbers.setVisible(bool(facts))
        sentence = "" if present is None or info.is_damaged else beside(info, present)
        self.differs.setText(sentence)
        self.differs.setVisible(bool(sentence))
        running = info.is_running
        self.best_button.setEnabled(best is not None)
        which = "the best evaluation" if best == info.best_step else "the best of which weights are kept"
        self.best_button.setToolTip(f"Network, settings and weights as they were at step {count(best)}, {which}"
                                    if best is not None else "No weights of an evaluated step are kept")
        self.last_button.setEnabled(last is not None and not running)
        self.last_button.setToolTip(f"Network, settings and weights as they were at step {count(last)}"
                                    if last is not None else "No weights are kept")
        self.resume_button.setEnabled(last is not None and not running)
        self.resume_button.setToolTip("Go on from its last step, exactly as if it had not stopped")

    def _keep_note(self) -> None:
        if self._id:
            self._runs.change(self._id, note=self.note.text().strip())


def how_it_went(info: RunInfo) -> str:
    """"Stopped at step 1 250 · epoch 8 · 00:12 · begun 14:03"."""
    word = OUTCOMES[info.outcome][0]
    at = f"{word} · step {count(info.steps)}" if info.is_running else f"{word} at step {count(info.steps)}"
    parts = [at, f"epoch {count(info.epochs)}", time_spent(info.seconds),
             f"begun {when(info.began, datetime.now().astimezone())}"]
    text = " · ".join(parts)
    if info.parent is not None:
        text += f"\nBranched at step {count(info.parent.step)}"
    return f"{text}\n{info.ending}" if info.ending else text


def numbers_of(info: RunInfo) -> str:
    """Best and last evaluation, in two lines."""
    lines = []
    for word, values, step in (("Best", info.best, info.best_step), ("Last", info.last, info.steps)):
        loss, (name, value) = loss_of(values), metric_of(values)
        if loss == loss:
            part = "validation" if "validation.loss" in values else "training"
            metric = name.rpartition(".")[2]
            also = f", {TITLES.get(metric, metric).lower()} {metric_text(name, value)}" if name else ""
            lines.append(f"{word}: {part} loss {number(loss)}{also} (step {count(step)})")
    return "\n".join(lines)


def beside(info: RunInfo, present: RunInfo) -> str:
    """In what a run differs from what is open now; "" where in nothing."""
    then = settings_of(info.source, info.training, info.network)
    now = settings_of(present.source, present.training, present.network)
    if info.network and present.network and info.network != present.network:
        now.pop(("Network", "Structure"))
    parts = [f"{label.lower()} {value}" for (group, label), value in then.items()
             if group != "Network" and now.get((group, label)) != value]
    if info.network and present.network and info.network != present.network:
        parts.append("another network")
    return f"Not as now: {', '.join(parts)}" if parts else ""
