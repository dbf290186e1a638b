"""What a network puts out over the plane, as the pixels of a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor

from app.plots import colours
from app.plots.certainty import lead, told
from app.plots.signed_map import round_end, signed_pixels
from app.plots.value_map import value_pixels
from app.style import theme
from app.style.class_colours import class_colour

#: How strong the colour of a class is where the network is undecided, and how much stronger where it is certain.
_FAINTEST, _STRONGER = 0.14, 0.5
#: How strong the line is where one class ends.
_LINE = 0.75
#: Pixels from its middle to where the line has faded away; what changes by less from pixel to pixel is flat.
_LINE_WIDTH, _FLAT = 1.5, 1e-6
#: Shades of a class between undecided and certain.
_STEPS = 128


def refined(values: np.ndarray, side: int) -> np.ndarray:
    """``values`` (n, n, K) at the crossings of a grid, (side, side, K) between them, linear in each direction: the
    picture is then smooth, and the edge between two classes a line rather than stairs. Each of the K is contiguous."""
    planes = np.moveaxis(values, -1, 0)
    for axis in (1, 2):
        below, above, share = _between(values.shape[axis - 1], side)
        first, second = planes.take(below, axis), planes.take(above, axis)
        second -= first
        second *= share[:, None] if axis == 1 else share
        planes = np.add(first, second, out=first)
    return np.moveaxis(planes, 0, -1)


def value_at(values: np.ndarray, across: float, up: float) -> np.ndarray:
    """The K values at a place of the grid, both shares of its sides (0 … 1), between its crossings linear."""
    last = values.shape[0] - 1
    x, y = min(max(across, 0.0), 1.0) * last, min(max(up, 0.0), 1.0) * last
    j, i = min(int(x), max(last - 1, 0)), min(int(y), max(last - 1, 0))
    corners = values[i : i + 2, j : j + 2]
    low, high = corners[0], corners[-1]
    low, high = (row[0] * (1 - (x - j)) + row[-1] * (x - j) for row in (low, high))
    return low * (1 - (y - i)) + high * (y - i)


def class_pixels(values: np.ndarray, boundary: float) -> np.ndarray:
    """(h, w, 3) uint8: the likeliest class by colour, how far it is ahead by the colour's strength, and a line where
    another class begins. ``values`` is (h, w, K)."""
    winner, ahead = told(values, boundary), lead(values, boundary)
    shades = _class_table(theme.current(), max(values.shape[-1], 2))
    return _lined(shades[winner, (ahead * (_STEPS - 1)).astype(np.intp)], ahead)


def value_field(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """(h, w, 3) uint8: one output on the scale of values from ``low`` to ``high``, with a line where it crosses zero.
    ``values`` is (h, w)."""
    shares = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    return _lined(value_pixels(shares), np.abs(values))


def unit_field(values: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: one unit on the scale of numbers with a sign, with a line where it crosses zero."""
    return _lined(signed_pixels(values, round_end(values)), np.abs(values))


def _lined(pixels: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The picture with a smooth line where ``distance`` (h, w), which is never negative, goes down to zero.

    Divided by how much it changes from one pixel to the next, it tells how many pixels away zero is.
    """
    across, up = np.abs(np.diff(distance, axis=1)), np.abs(np.diff(distance, axis=0))
    slope = np.full(distance.shape, _FLAT, distance.dtype)
    for inside, change in ((np.s_[:, 1:], across), (np.s_[:, :-1], across), (np.s_[1:], up), (np.s_[:-1], up)):
        np.maximum(slope[inside], change, out=slope[inside])
    near = np.nonzero(distance < _LINE_WIDTH * slope)
    strength = np.minimum(_LINE_WIDTH - distance[near] / slope[near], 1.0)[:, None] * _LINE
    ink = np.array(colours.token("strong").getRgb()[:3])
    pixels[near] = (pixels[near] * (1 - strength) + ink * strength).astype(np.uint8)
    return pixels


@lru_cache(maxsize=8)
def _class_table(tokens: theme.Theme, classes: int) -> np.ndarray:
    """(classes, steps, 3) uint8: the colour of each class from undecided to certain, in the theme in force."""
    hues = np.array([class_colour(place).getRgb()[:3] for place in range(classes)])[:, None]
    strength = _FAINTEST + _STRONGER * np.linspace(0.0, 1.0, _STEPS)[None, :, None]
    ground = np.array(QColor(tokens.ground).getRgb()[:3])
    return (ground * (1 - strength) + hues * strength + 0.5).astype(np.uint8)


@lru_cache(maxsize=8)
def _between(size: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of ``side`` places: the crossing before, the one after, and how far it is on the way between (float32).

    No matrix product: BLAS would wake its threads for it, and these would wait for the cores that train.
    """
    place = np.linspace(0.0, size - 1.0, side)
    below = np.minimum(place.astype(np.intp), max(size - 2, 0))
    return below, np.minimum(below + 1, size - 1), (place - below).astype(np.float32)
