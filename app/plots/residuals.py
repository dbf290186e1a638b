"""How far predictions are from the truth, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.train.metrics import Score

_MOST_BINS = 60


@dataclass(frozen=True, eq=False)
class Fitted:
    """Predictions beside the truth, both (N,) or (N, outputs) in units of the data."""

    true: np.ndarray
    predicted: np.ndarray

    @classmethod
    def of(cls, targets: np.ndarray, outputs: np.ndarray, output: int | None) -> Fitted:
        """One of the outputs, or all of them together (None). ``targets`` and ``outputs`` are (N, …)."""
        true = targets.reshape(len(targets), -1).astype(np.float64)
        predicted = outputs.reshape(len(outputs), -1).astype(np.float64)
        columns = slice(None) if output is None else slice(output, output + 1)
        return cls(true[:, columns], predicted[:, columns])

    @property
    def residuals(self) -> np.ndarray:
        """(N·outputs,): predicted − true."""
        return (self.predicted - self.true).reshape(-1)

    def scores(self) -> dict[str, float]:
        """"mae", "rmse" and, where the truth varies, "r2", as the engine defines them for every metric."""
        score = Score(classification=False)
        score.add(self.predicted, self.true)
        return score.result()

    @property
    def is_finite(self) -> np.ndarray:
        """(N,) bool: the examples whose values are all finite."""
        return np.isfinite(self.true).all(axis=1) & np.isfinite(self.predicted).all(axis=1)

    def finite(self) -> Fitted:
        """Only those examples."""
        kept = self.is_finite
        return Fitted(self.true[kept], self.predicted[kept])


def histogram(residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts (bins,) and edges (bins + 1,) of finite residuals: about √N bins of one width, with 0 between two of them.

    With an edge at 0 the bars left of it are predictions that are too low, those right of it too high.
    """
    if not len(residuals):
        return np.zeros(1, np.int64), np.array([-0.5, 0.5])
    low, high = min(float(residuals.min()), 0.0), max(float(residuals.max()), 0.0)
    bins = min(max(int(np.sqrt(len(residuals))), 4), _MOST_BINS)
    width = (high - low) / bins or 1.0
    first, last = int(np.floor(low / width)), int(np.ceil(high / width))
    if first == last:
        first, last = -1, 1
    edges = np.arange(first, last + 1) * width
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)  # rounding must not lose the outermost
    return np.histogram(residuals, edges)[0], edges
