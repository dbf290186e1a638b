"""Pictures: which inputs are some, and a drawing made into one such as the network was trained on."""

from __future__ import annotations

import math

import numpy as np

from engine.shapes import Shape

#: A flat input is taken for a square picture from this many pixels a side.
_LEAST_SIDE = 8
_CHANNELS = (1, 3)
#: The box that the ink of an MNIST digit fits into: 20 of 28 pixels (LeCun et al. 1998, section III.A).
_BOX = 20 / 28
#: Ink above this counts when the drawing is cut out.
_FAINT = 0.05


def picture_shape(shape: Shape) -> tuple[int, int, int] | None:
    """(height, width, channels) of an input that can be shown as a picture, also where it is flat; else None."""
    if len(shape) == 3 and shape[2] in _CHANNELS and min(shape[:2]) > 1:
        return (shape[0], shape[1], shape[2])
    side = math.isqrt(shape[0]) if len(shape) == 1 else 0
    return (side, side, 1) if side >= _LEAST_SIDE and side * side == shape[0] else None


def fitted(ink: np.ndarray, height: int, width: int) -> np.ndarray:
    """A drawing (H, W), 0 … 1, as MNIST prepares its digits: cut out, brought to a box of 20/28 of the picture with
    its proportions kept, its centre of mass in the middle. Returns (height, width) float64; zeros where there is
    no ink."""
    marked = np.argwhere(ink > _FAINT)
    if not len(marked):
        return np.zeros((height, width))
    (top, left), (bottom, right) = marked.min(axis=0), marked.max(axis=0) + 1
    cut = ink[top:bottom, left:right]
    scale = min(height * _BOX / cut.shape[0], width * _BOX / cut.shape[1])
    rows, columns = max(1, round(cut.shape[0] * scale)), max(1, round(cut.shape[1] * scale))
    small = _averaging(cut.shape[0], rows) @ cut @ _averaging(cut.shape[1], columns).T
    return _centred(small, height, width)


def _averaging(count: int, places: int) -> np.ndarray:
    """(places, count): each place is the mean over the stretch of the line that it covers."""
    ends = np.linspace(0.0, count, places + 1)
    cells = np.arange(count)
    shares = np.minimum(ends[1:, None], cells + 1) - np.maximum(ends[:-1, None], cells)
    return np.maximum(shares, 0.0) * (places / count)


def _centred(small: np.ndarray, height: int, width: int) -> np.ndarray:
    """``small`` put into a picture so that its centre of mass lies in the middle, as nearly as whole pixels allow."""
    total = small.sum()
    y = (small.sum(axis=1) @ (np.arange(small.shape[0]) + 0.5)) / total
    x = (small.sum(axis=0) @ (np.arange(small.shape[1]) + 0.5)) / total
    top = min(max(round(height / 2 - y), 0), height - small.shape[0])
    left = min(max(round(width / 2 - x), 0), width - small.shape[1])
    picture = np.zeros((height, width))
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture
