"""Which examples are held back for validation."""

from __future__ import annotations

import numpy as np

_SPLIT_STREAM = 1  # keeps the draw of the split independent of the draw of the examples, under one seed


def split(rows: int, fraction: float, seed: int, labels: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers (training, validation), each shuffled, together every row once.

    With ``labels`` (int, (rows,)) each class is divided in the same proportion, and a class of two examples
    or more stands in both parts. Without, at least one row stays on each side where there are two.
    ``fraction`` 0 holds nothing back.
    """
    rng = np.random.default_rng([seed, _SPLIT_STREAM])
    order = rng.permutation(rows)
    if fraction <= 0.0:
        return order, order[:0]
    groups = [order] if labels is None else [order[labels[order] == c] for c in np.unique(labels)]
    held = [group[: _held_back(len(group), fraction)] for group in groups]
    is_held = np.zeros(rows, dtype=bool)
    is_held[np.concatenate(held)] = True
    return order[~is_held[order]], order[is_held[order]]


def _held_back(count: int, fraction: float) -> int:
    """How many of ``count`` examples are held back."""
    return min(max(round(count * fraction), 1), count - 1) if count > 1 else 0
