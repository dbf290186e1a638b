"""A sequence of numbers as a small picture: a line for each of its features, over time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QPen

from app.plots import colours

#: Pixels of a picture, twice what a tile shows, and of the empty edge around the lines.
_SIDE, _EDGE = 112, 6
_WIDTH = 2.0
#: Features drawn, and steps: of a longer sequence, evenly spaced ones.
_MOST_LINES, _MOST_STEPS = 6, 200


def sequence_picture(values: np.ndarray) -> QImage:
    """``values`` (steps, features), all on one scale, in the colours of the theme in force."""
    steps = values[:: max(1, -(-len(values) // _MOST_STEPS)), :_MOST_LINES]
    finite = steps[np.isfinite(steps)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    shares = (steps - low) / (high - low) if high > low else np.full(steps.shape, 0.5)
    image = QImage(_SIDE, _SIDE, QImage.Format.Format_RGB32)
    image.fill(colours.token("field"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = _SIDE - 2 * _EDGE
    across = np.linspace(_EDGE, _SIDE - _EDGE, len(steps))
    for feature in range(steps.shape[1]):
        painter.setPen(QPen(colours.series(feature), _WIDTH))
        up = _SIDE - _EDGE - shares[:, feature] * room
        painter.drawPolyline([QPointF(x, y) for x, y in zip(across.tolist(), up.tolist(), strict=True) if y == y])
    painter.end()
    return image
