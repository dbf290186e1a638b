"""What a network puts out over the plane, as the pixels of a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor

from app import theme
from app.class_colours import class_colour
from app.plots import colours
from app.plots.certainty import lead, told
from app.plots.value_map import value_pixels

#: How strong the colour of a class is where the network is undecided, and how much stronger where it is certain.
_FAINTEST, _STRONGER = 0.14, 0.5
#: How strong the line is where one class ends.
_LINE = 0.75
#: Shades of a class between undecided and certain.
_STEPS = 128


def refined(values: np.ndarray, side: int) -> np.ndarray:
    """``values`` (n, n, K) at the crossings of a grid, (side, side, K) between them, linear in each direction: the
    picture is then smooth, and the edge between two classes a line rather than stairs. Each of the K is contiguous."""
    weights = _weights(values.shape[0], side)
    planes = np.moveaxis(values, -1, 0)
    return np.moveaxis(weights @ planes @ weights.T, 0, -1)


def value_at(values: np.ndarray, across: float, up: float) -> np.ndarray:
    """The K values at a place of the grid, both shares of its sides (0 … 1), between its crossings linear."""
    last = values.shape[0] - 1
    x, y = min(max(across, 0.0), 1.0) * last, min(max(up, 0.0), 1.0) * last
    i, j = min(int(y), max(last - 1, 0)), min(int(x), max(last - 1, 0))
    v, u = y - i, x - j
    low = values[i, j] * (1 - u) + values[i, min(j + 1, last)] * u
    high = values[min(i + 1, last), j] * (1 - u) + values[min(i + 1, last), min(j + 1, last)] * u
    return low * (1 - v) + high * v


def class_pixels(values: np.ndarray, boundary: float) -> np.ndarray:
    """(h, w, 3) uint8: the likeliest class by colour, how far it is ahead by the colour's strength, and a line where
    another class begins. ``values`` is (h, w, K)."""
    winner, ahead = told(values, boundary), lead(values, boundary)
    steps = _class_table(theme.current(), max(values.shape[-1], 2))
    return _lined(steps[winner, (ahead * (_STEPS - 1)).astype(np.intp)], winner)


def value_field(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """(h, w, 3) uint8: one output or one unit on the scale of values from ``low`` to ``high``, with a line where it
    crosses zero. ``values`` is (h, w)."""
    shares = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    return _lined(value_pixels(shares), np.greater(values, 0.0))


def extremes(values: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest finite value; (0, 0) where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _lined(pixels: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The picture with a line between neighbours that lie in different areas."""
    edge = np.zeros(areas.shape, bool)
    edge[:-1] |= areas[:-1] != areas[1:]
    edge[:, :-1] |= areas[:, :-1] != areas[:, 1:]
    ink = np.array(colours.token("strong").getRgb()[:3])
    pixels[edge] = (pixels[edge] * (1 - _LINE) + ink * _LINE).astype(np.uint8)
    return pixels


@lru_cache(maxsize=8)
def _class_table(tokens: theme.Theme, classes: int) -> np.ndarray:
    """(classes, steps, 3) uint8: the colour of each class from undecided to certain, in the theme in force."""
    hues = np.array([class_colour(place).getRgb()[:3] for place in range(classes)])[:, None]
    strength = _FAINTEST + _STRONGER * np.linspace(0.0, 1.0, _STEPS)[None, :, None]
    ground = np.array(QColor(tokens.ground).getRgb()[:3])
    return (ground * (1 - strength) + hues * strength + 0.5).astype(np.uint8)


@lru_cache(maxsize=8)
def _weights(size: int, side: int) -> np.ndarray:
    """(side, size): how much each of ``size`` crossings counts at each of ``side`` places between first and last."""
    place = np.linspace(0.0, size - 1.0, side)
    below = np.minimum(place.astype(np.intp), max(size - 2, 0))
    weights = np.zeros((side, size), np.float32)
    weights[np.arange(side), below] = 1.0 - (place - below)
    weights[np.arange(side), np.minimum(below + 1, size - 1)] += place - below
    weights.setflags(write=False)
    return weights
