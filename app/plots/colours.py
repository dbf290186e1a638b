"""Colours of curves, taken from the theme."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.style import theme

#: Tokens for curves that are told apart by colour, in the order they are given out.
SERIES = ("value", "recurrent", "spectrum", "accent", "danger", "shape", "data")
_SECOND_ROUND = 0.45
_FAINT = 0.62


def token(name: str) -> QColor:
    """A colour of the theme in force."""
    return QColor(getattr(theme.current(), name))


def series(index: int) -> QColor:
    """The colour of the curve with this number; after a round the same hues come back, nearer to the text's."""
    colour = token(SERIES[index % len(SERIES)])
    rounds = index // len(SERIES)
    return mixed(colour, token("text"), min(_SECOND_ROUND * rounds, 0.8))


def faint(colour: QColor) -> QColor:
    """The colour nearly sunk into the ground. Opaque, since translucent lines are slow to paint."""
    return mixed(colour, token("panel"), _FAINT)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """``first`` with a ``share`` (0 … 1) of ``second``."""
    pairs = zip(first.getRgbF(), second.getRgbF(), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in pairs))
