"""The sparkline on a node: the magnitude of its gradient from the first step to the one looked at."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from app.canvas import metrics as m
from app.canvas.style import Style

#: How many values it shows, and what it tells from nothing and from everything.
SPARK_POINTS = 48
_LARGEST = 1e30
_PLACE = QRectF(m.PADDING, 47, m.NODE_WIDTH - m.PADDING - 16, 9.0)
#: What it takes up in the node's coordinates, with the width of its line.
SPARK_ROOM = _PLACE.adjusted(-1, -1, 1, 1)


class Spark:
    """Logarithms of magnitudes, and the line through them."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._line: QPolygonF | None = None

    def show(self, norms: np.ndarray) -> None:
        """Takes other magnitudes, oldest first; none for none."""
        self.values = np.log10(np.clip(np.nan_to_num(norms, posinf=_LARGEST), 1 / _LARGEST, _LARGEST)).tolist()
        self._line = None

    def paint(self, painter: QPainter, look: Style) -> None:
        if len(self.values) < 2:
            return
        if self._line is None:
            self._line = self._laid()
        painter.setPen(look.spark)
        painter.drawPolyline(self._line)

    def _laid(self) -> QPolygonF:
        low, high = min(self.values), max(self.values)
        # At least half a decade high, so that a steady gradient looks steady.
        spread = max(high - low, 0.5)
        base, step = (low + high - spread) / 2, _PLACE.width() / (len(self.values) - 1)
        left, bottom, scale = _PLACE.left(), _PLACE.bottom(), _PLACE.height() / spread
        return QPolygonF([QPointF(left + i * step, bottom - (v - base) * scale) for i, v in enumerate(self.values)])
