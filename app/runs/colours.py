"""The colours of runs that are drawn beside the present one: the same in the list and in every plot."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.style import theme

_FADE = 0.4


def colour(number: int) -> QColor:
    """The colour with this number, in the theme in force; after a round the hues come back nearer to the text's."""
    hues = theme.current().runs
    found = QColor(hues[number % len(hues)])
    fade = min(_FADE * (number // len(hues)), 0.8)
    text = QColor(theme.current().text)
    pairs = zip(found.getRgbF(), text.getRgbF(), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * fade for a, b in pairs))
