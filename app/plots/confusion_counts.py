"""What a confusion matrix says, from its definition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.train.scores import confusion_matrix


@dataclass(frozen=True, eq=False)
class Confusion:
    """How many examples of each true class (down) were told to be which (across).

    ``counts`` is int64 (classes, classes); ``names`` has a name for each class.
    """

    counts: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def of(cls, labels: np.ndarray, answers: np.ndarray, names: tuple[str, ...]) -> Confusion:
        """From true classes and answers, int (N,) each. A class without a name is called by its number: a network may
        have more outputs than the data have classes."""
        highest = max(int(labels.max(initial=-1)), int(answers.max(initial=-1)))
        names = (*names, *map(str, range(len(names), highest + 1)))
        return cls(confusion_matrix(answers, labels, len(names)), names)

    @property
    def size(self) -> int:
        return len(self.names)

    @property
    def shares(self) -> np.ndarray:
        """(classes, classes) float64: the part of each true class that got each answer; 0 where a class has none."""
        return _share(self.counts, self.true_totals[:, None])

    @property
    def true_totals(self) -> np.ndarray:
        """(classes,): how many examples each class has."""
        return self.counts.sum(axis=1)

    @property
    def answer_totals(self) -> np.ndarray:
        """(classes,): how often each class was the answer."""
        return self.counts.sum(axis=0)

    @property
    def recall(self) -> np.ndarray:
        """(classes,): the part of a class that was found; NaN where it has no example."""
        return _share(self.counts.diagonal(), self.true_totals, np.nan)

    @property
    def precision(self) -> np.ndarray:
        """(classes,): the part of the answers that was right; NaN where a class never was the answer."""
        return _share(self.counts.diagonal(), self.answer_totals, np.nan)

    @property
    def accuracy(self) -> float:
        """The part of all examples that was told right; NaN where there is none."""
        total = int(self.counts.sum())
        return int(self.counts.trace()) / total if total else float("nan")

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        """For CSV: a line for each true class, with its counts, its total and its recall; precision in the last."""
        def below(column: np.ndarray, last: float) -> np.ndarray:
            return np.append(column.astype(float), last)

        names = ["true class", *(f"predicted {name}" for name in self.names), "total", "recall"]
        rows = np.array([*self.names, "precision"], dtype=object)
        inner = [below(self.counts[:, j], self.precision[j]) for j in range(self.size)]
        return names, [rows, *inner, below(self.true_totals, np.nan), below(self.recall, np.nan)]


def _share(above: np.ndarray, below: np.ndarray, nothing: float = 0.0) -> np.ndarray:
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full(above.shape, nothing), where=below != 0)
