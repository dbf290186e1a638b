"""The colours of classes, the same wherever examples are shown: in the Data tab and in every plot of predictions."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.style import theme

#: Tokens of the theme in the order of the classes.
CLASS_TOKENS = ("learnable", "activation", "normalise", "output", "shape", "recurrent", "data")


def class_colour(place: int) -> QColor:
    """The colour of a class, by its place; colours come again after the seventh."""
    return QColor(theme.current().category_colour(CLASS_TOKENS[place % len(CLASS_TOKENS)]))
