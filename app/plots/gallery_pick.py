"""Which of the judged samples are shown, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.plots.certainty import lead
from engine.look.questions import Judged

WORST, BEST, UNSURE, BY_ROW = "worst", "best", "unsure", "row"
ALL, WRONG, RIGHT = "all", "wrong", "right"
ORDERS = {WORST: "Worst first", BEST: "Best first", UNSURE: "Least certain first", BY_ROW: "By row"}
KEPT = {ALL: "All", WRONG: "Wrong", RIGHT: "Right"}


@dataclass(frozen=True, slots=True)
class Pick:
    """What the person asked for. ``cell`` is (true class, answer) of the confusion matrix, and comes before
    ``kept``."""

    order: str = WORST
    kept: str = ALL
    cell: tuple[int, int] | None = None


def pick(judged: Judged, wanted: Pick) -> np.ndarray:
    """Positions (k,) in ``judged`` of the samples shown, in their order. Of equals the earlier row comes first; a loss
    that is not a number counts as the worst."""
    places = np.flatnonzero(_kept(judged, wanted))
    rows = judged.rows[places]
    key = _key(judged, wanted.order)[places]
    return places[np.lexsort((rows, key))]


def is_wrong(judged: Judged) -> np.ndarray:
    """(k,) bool: which answers are wrong; nowhere in a regression."""
    if judged.labels is None or judged.answers is None:
        return np.zeros(len(judged.rows), bool)
    return judged.labels != judged.answers


def _kept(judged: Judged, wanted: Pick) -> np.ndarray:
    everything = np.ones(len(judged.rows), bool)
    if judged.labels is None or judged.answers is None:
        return everything
    if wanted.cell is not None:
        return (judged.labels == wanted.cell[0]) & (judged.answers == wanted.cell[1])
    return {ALL: everything, WRONG: is_wrong(judged), RIGHT: ~is_wrong(judged)}[wanted.kept]


def _key(judged: Judged, order: str) -> np.ndarray:
    """What is smallest comes first."""
    loss = np.where(np.isnan(judged.loss), np.inf, judged.loss.astype(np.float64))
    if order == UNSURE and judged.labels is not None:
        outputs = judged.outputs.reshape(len(loss), -1)
        return lead(outputs, 0.5 if judged.probabilities else 0.0)
    return {WORST: -loss, BEST: loss}.get(order, judged.rows.astype(np.float64))
