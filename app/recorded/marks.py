"""What was changed while a run went on, as plots over steps mark it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.numbers import count, number
from app.recorded.best import best_row, watched
from engine.train.events import Changed

if TYPE_CHECKING:
    from app.recorded.history import RunHistory

#: More than these nobody tells apart; the oldest go first.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """From ``step`` on, ``name`` ("learning_rate", "dropout_1.rate") is ``after`` instead of ``before``."""

    step: int
    name: str
    before: float
    after: float

    @property
    def title(self) -> str:
        """What was changed: "learning rate"."""
        node, _, parameter = self.name.rpartition(".")
        return (f"{node} {parameter}" if node else parameter).replace("_", " ")

    @property
    def change(self) -> str:
        """How: "0.1 → 0.01, from step 201"."""
        return f"{number(self.before)} → {number(self.after)}, from step {count(self.step + 1)}"

    @property
    def text(self) -> str:
        """What the person reads at the mark."""
        return f"{self.title} {self.change}"


def with_change(marks: tuple[Mark, ...], event: Changed, within: float = 0.0) -> tuple[Mark, ...]:
    """The marks and a new one. A slider that is dragged leaves one: the next change of the same thing ``within`` so
    many steps joins the last; gone back to what it was, it leaves none."""
    mark = Mark(event.step, event.name, event.before, event.after)
    if marks and marks[-1].name == mark.name and mark.step - marks[-1].step <= within:
        joined = replace(marks[-1], step=mark.step, after=mark.after)
        return marks[:-1] if joined.before == joined.after else (*marks[:-1], joined)
    return (*marks, mark)[-_MOST:]


def best_evaluation(history: RunHistory, training: Mapping[str, Any]) -> tuple[int, str] | None:
    """The step of the evaluation that early stopping goes back to, and what it is; None where it is off, or before
    the first."""
    if not training.get("early_stopping") or not history.evaluations.count:
        return None  # asked before the settings are read in full, since plots ask at each drawing
    row = best_row(history, training)
    if row < 0:
        return None
    name, _ = watched(history, training)
    step, value = int(history.evaluations.steps[row]), float(history.evaluations.column(name)[row])
    return step, f"Best so far: {name.replace('.', ' ')} {number(value)} at step {count(step)}"


def notches(history: RunHistory, training: Mapping[str, Any] | None) -> list[tuple[int, str, str]]:
    """What plots over steps mark: (step, what it means, colour)."""
    found = [(mark.step, mark.text, "quiet") for mark in history.marks]
    best = best_evaluation(history, training) if training is not None else None
    return [*found, (*best, "good")] if best else found
