"""Histograms with ends of their own, brought onto one common axis without losing a count."""

from __future__ import annotations

import numpy as np

#: Share of all counts that may lie beyond either end of :func:`common_range`, and bins it is looked for in.
_BEYOND = 5e-4
_COARSE = 512
_MARGIN = 0.04


def rebinned(low: np.ndarray, high: np.ndarray, counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """(k, bins) float64: k histograms, (k,) ``low`` and ``high`` with (k, n) ``counts`` in equal bins, on the common
    ``edges`` (bins + 1,). The counts of a bin are spread evenly over it, so that sums are kept exactly wherever the
    edges reach; what lies beyond them is left out. A histogram of one value (low = high) lies in one bin.
    """
    result = np.zeros((len(low), len(edges) - 1))
    for row in range(len(low)):
        if high[row] > low[row]:
            own = np.linspace(low[row], high[row], counts.shape[1] + 1)
            below = np.concatenate([[0.0], np.cumsum(counts[row], dtype=np.float64)])
            result[row] = np.diff(np.interp(edges, own, below))
        else:
            place = int(np.searchsorted(edges, low[row], side="right")) - 1
            place -= place == len(edges) - 1 and low[row] == edges[-1]
            if 0 <= place < len(edges) - 1:
                result[row, place] = counts[row].sum(dtype=np.float64)
    return result


def common_range(low: np.ndarray, high: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Ends between which nearly all of k histograms lies, each counting the same, with a little room."""
    least, most = float(low.min()), float(high.max())
    if not most > least:
        room = max(abs(least) * 0.1, 1e-3)
        return least - room, most + room
    edges = np.linspace(least, most, _COARSE + 1)
    masses = rebinned(low, high, counts, edges)
    totals = np.maximum(masses.sum(axis=1, keepdims=True), 1.0)
    below = np.concatenate([[0.0], np.cumsum((masses / totals).mean(axis=0))])
    first = int(np.searchsorted(below, _BEYOND, side="right")) - 1
    last = int(np.searchsorted(below, below[-1] - _BEYOND, side="left"))
    room = (edges[last] - edges[first]) * _MARGIN
    return max(edges[first] - room, least - room), min(edges[last] + room, most + room)
