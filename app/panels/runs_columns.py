"""The columns of the list of runs, declared once: what stands in a cell, and by what it is sorted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import numbers
from app.runs.scores import loss_of, metric_of, metric_text, time_spent
from app.sweep.words import SEPARATOR, name_of, value_text
from engine.runs import RunInfo

#: Outcome → (word, icon, colour token): a state is never told by its colour alone.
OUTCOMES: dict[str, tuple[str, str, str]] = {
    "running": ("Running", "mdi6.play-circle-outline", "good"),
    "finished": ("Finished", "mdi6.check-circle-outline", "good"),
    "stopped": ("Stopped", "mdi6.stop-circle-outline", "quiet"),
    "failed": ("Failed", "mdi6.close-octagon-outline", "danger"),
    "interrupted": ("Interrupted", "mdi6.lightning-bolt-circle", "warning"),
    "damaged": ("Damaged", "mdi6.file-alert-outline", "danger"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value(info)`` is what it is sorted by (None goes last), ``shown`` what stands in the cell."""

    title: str
    tip: str
    value: Callable[[RunInfo], Any]
    shown: Callable[[RunInfo], str]
    left: bool = False
    width: int = 70
    #: Does it begin with the largest when it is sorted by for the first time?
    falls: bool = False
    #: Does an icon stand in the cell, and the text in its tooltip?
    icons: bool = False


def when(moment: datetime, now: datetime) -> str:
    """"14:03" for today, "yesterday 14:03", "12 March", "12 March 2024"."""
    days = (now.date() - moment.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    if days == 1:
        return f"yesterday {moment:%H:%M}"
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


def _sortable(value: float) -> float | None:
    return None if math.isnan(value) else value


def _metric(info: RunInfo) -> str:
    name, value = metric_of(info.best)
    return metric_text(name, value)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else numbers.number(value)


def _name(info: RunInfo) -> str:
    """Of a trial that nobody has renamed, the values alone: what they are of stands in its tooltip and its card."""
    named = name_of(info.values)
    if not named or not info.name.endswith(named):
        return info.name
    return info.name.removesuffix(named) + SEPARATOR.join(map(value_text, info.values.values()))


COLUMNS: tuple[Column, ...] = (
    Column("Run", "What the run is called, with the check box that draws it in the plots; branches stand below the run "
           "they began from", lambda i: i.name.casefold(), _name, left=True, width=108),
    Column("★", "Starred runs are never deleted to make room", lambda i: i.starred, lambda i: "★" if i.starred else "☆",
           width=26, falls=True),
    Column("Outcome", "How it ended", lambda i: i.outcome, lambda i: OUTCOMES[i.outcome][0], left=True, width=26,
           icons=True),
    Column("Metric", "The metric of its best evaluation, of the validation part (of the training part, where nothing "
           "is held back)",
           lambda i: _sortable(metric_of(i.best)[1]), _metric, width=62, falls=True),
    Column("Loss", "The loss of its best evaluation, of the validation part (of the training part, where nothing is "
           "held back)",
           lambda i: _sortable(loss_of(i.best)), lambda i: _number(loss_of(i.best)), width=58),
    Column("Steps", "Training steps done", lambda i: i.steps, lambda i: numbers.count(i.steps), width=64, falls=True),
    Column("Time", "Time spent training", lambda i: i.seconds, lambda i: time_spent(i.seconds), width=56,
           falls=True),
    Column("Begun", "When it was begun", lambda i: i.id, lambda i: when(i.began, datetime.now().astimezone()), width=76,
           falls=True),
)
#: The last column: settings that are not the same in every listed run.
DIFFERS = Column("Settings that differ", "Settings that are not the same in every run listed", lambda i: "",
                 lambda i: "", left=True, width=220)
#: By this the list is sorted at first, the newest run first.
BEGUN = next(place for place, column in enumerate(COLUMNS) if column.title == "Begun")
NAME, STAR = 0, 1
#: So many columns are seen at the width the tab has at first, without cutting one.
AT_FIRST = 1 + next(place for place, column in enumerate(COLUMNS) if column.title == "Loss")
