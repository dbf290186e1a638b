"""The colours of runs that are drawn beside the present one: the same in the list and in every plot."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.style import theme

#: In the order in which they are given out; blue and orange mean values and gradients of the present run.
_TOKENS = ("recurrent", "spectrum", "danger", "shape", "data", "activation", "learnable")
_FADE = 0.4


def colour(number: int) -> QColor:
    """The colour with this number, in the theme in force; after a round the hues come back nearer to the text's."""
    found = QColor(getattr(theme.current(), _TOKENS[number % len(_TOKENS)]))
    fade = min(_FADE * (number // len(_TOKENS)), 0.8)
    text = QColor(theme.current().text)
    pairs = zip(found.getRgbF(), text.getRgbF(), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * fade for a, b in pairs))
