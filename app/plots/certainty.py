"""Which class an answer means, and how far it is ahead of the others."""

from __future__ import annotations

import numpy as np


def told(outputs: np.ndarray, boundary: float = 0.5) -> np.ndarray:
    """The class of each answer, int64 (…): outputs are (…, C), or (…, 1) where above ``boundary`` is the second."""
    if outputs.shape[-1] == 1:
        return (outputs[..., 0] > boundary).astype(np.int64)
    return _best_two(outputs)[0]


def lead(outputs: np.ndarray, boundary: float = 0.5) -> np.ndarray:
    """How far the likeliest class is ahead of the next, 0 (undecided) … 1 (certain), (…).

    Of probabilities that is their difference; for a single one, p against 1 − p, it is |2p − 1|. A single score with
    its boundary at 0 counts by the hyperbolic tangent of its size. What is not finite is undecided.
    """
    if outputs.shape[-1] == 1:
        far = np.abs(outputs[..., 0] - boundary)
        ahead = np.tanh(far) if boundary == 0.0 else 2.0 * far
    else:
        _, highest, second = _best_two(outputs)
        ahead = highest - second
    return np.clip(np.nan_to_num(ahead, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)


def _best_two(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of the largest of the last axis (of equals, the first), its value, and the largest of the others.

    Class by class: sorting each pixel's few classes takes several times as long.
    """
    first = outputs[..., 0]
    place, highest, second = np.zeros(first.shape, np.int64), first, np.full(first.shape, -np.inf, outputs.dtype)
    for other in range(1, outputs.shape[-1]):
        value = outputs[..., other]
        np.maximum(second, np.minimum(highest, value), out=second)
        place[value > highest] = other
        highest = np.maximum(highest, value)
    return place, highest, second


def class_shares(outputs: np.ndarray, probabilities: bool) -> np.ndarray:
    """What the network puts out for each class, float64 (classes,), of one example: a single probability p is
    (1 − p, p). Scores that are no probabilities stay as they are."""
    values = outputs.reshape(-1).astype(np.float64)
    return np.array([1.0 - values[0], values[0]]) if probabilities and len(values) == 1 else values
