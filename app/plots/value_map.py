"""The scale of values: from the ground to blue, the colour of what goes forward. For shares, outputs, activations."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor

from app.plots import colours
from app.style import theme

_STEPS = 256


def value_colour(share: float) -> QColor:
    """The colour of a share, 0 … 1; beyond is clipped."""
    return colours.mixed(colours.token("field"), colours.token("value"), min(max(share, 0.0), 1.0))


def value_pixels(shares: np.ndarray) -> np.ndarray:
    """The colours of shares (0 … 1, any shape) as uint8 (…, 3); NaN has the colour of the ground."""
    table = _table(theme.current())
    places = np.nan_to_num(np.clip(shares, 0.0, 1.0) * (_STEPS - 1), nan=0.0).astype(np.intp)
    return table[places]


def ink_on(ground: QColor) -> QColor:
    """The one of the theme's inks that is read better on a coloured ground."""
    inks = [colours.token("strong"), colours.token("ground")]
    return max(inks, key=lambda ink: theme.contrast(ink.name(), ground.name()))


@lru_cache(maxsize=4)
def _table(tokens: theme.Theme) -> np.ndarray:
    return np.array([value_colour(step / (_STEPS - 1)).getRgb()[:3] for step in range(_STEPS)], np.uint8)
