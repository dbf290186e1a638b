"""Plots over steps that are pictures: one column of pixels for each few steps, colour for size."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.document import Document
from app.plots import colours
from app.plots.axes import Axis
from app.plots.decades import ColourScale, painted
from app.plots.over_steps import StepsPlot
from app.style import theme
from app.training.session import Session

#: Room for names on the left, at most; and pixels a row needs for its name.
_WIDEST_NAMES, _NAME_HEIGHT = 112, 13


class PicturePlot(StepsPlot):
    """Base of plots that fill the frame with a picture; the scale of colours stands beside it."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.image = pg.ImageItem()
        self.image.setZValue(-50)
        self.frame.addItem(self.image, ignoreBounds=True)
        self.frame.rules.hide()
        self.colour_scale = ColourScale(self.body)
        self.across.addWidget(self.colour_scale)

    def edges(self) -> np.ndarray:
        """(pixels + 1,) the steps at which pixels of the view begin and end."""
        first, last = self.frame.steps
        return np.linspace(first, last, self.frame.pixels + 1)

    def show_picture(self, positions: np.ndarray, table: np.ndarray, low: float, high: float) -> None:
        """Fills the steps in view and the values ``low`` … ``high``: (pixels, rows), 0 … 1 or NaN for nothing."""
        first, last = self.frame.steps
        self.image.setImage(painted(positions, table), autoLevels=False, levels=(0, 255))
        self.image.setRect(QRectF(first, low, last - first, high - low))


class NameAxis(Axis):
    """The left axis of a picture with a row for each of several things."""

    def __init__(self) -> None:
        super().__init__("left")
        self.names: list[str] = []
        self.chosen: frozenset[int] = frozenset()
        self.setStyle(tickTextOffset=8)

    def show_names(self, names: list[str], chosen: frozenset[int]) -> None:
        """One name for each row, from the bottom up; some of them stand out."""
        if (names, chosen) == (self.names, self.chosen):
            return
        metrics = QFontMetricsF(theme.font(theme.current().font_small, bold=True))
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        self.names, self.chosen = names, chosen
        self.setWidth(min(widest, _WIDEST_NAMES) + 20)
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        rows = range(max(int(low), 0), min(len(self.names), int(np.ceil(high))))
        stride = max(int(np.ceil(_NAME_HEIGHT * len(rows) / max(size, 1))), 1)
        return [(1.0, [row + 0.5 for row in rows if row % stride == 0 or row in self.chosen])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        metrics = QFontMetricsF(theme.font(theme.current().font_small))
        return [metrics.elidedText(self.names[int(value)], Qt.TextElideMode.ElideMiddle, _WIDEST_NAMES)
                for value in values]

    def drawPicture(self, p: QPainter, axisSpec: tuple, tickSpecs: list, textSpecs: list) -> None:
        size = theme.current().font_small
        marked = {self.tickStrings([row + 0.5], 1, 1)[0] for row in self.chosen if row < len(self.names)}
        for rect, _, text in textSpecs:
            p.setFont(theme.font(size, bold=text in marked))
            p.setPen(colours.token("accent" if text in marked else "quiet"))
            box = QRectF(0, rect.top() - 3, self.size().width() - 10, rect.height() + 6)
            p.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)


class RowLines(pg.UIGraphicsItem):
    """Thin gaps between the rows of a picture, and a frame around those that stand out."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = 0
        self._chosen: frozenset[int] = frozenset()
        self.setZValue(-40)

    def show_rows(self, rows: int, chosen: frozenset[int]) -> None:
        """So many rows, some of them chosen."""
        if (rows, chosen) != (self._rows, self._chosen):
            self._rows, self._chosen = rows, chosen
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        room = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(_cosmetic(colours.token("panel"), 2))
        for row in range(self._rows + 1):
            painter.drawLine(QPointF(room.left(), row), QPointF(room.right(), row))
        painter.setPen(_cosmetic(colours.token("strong"), 1))
        for row in self._chosen:
            painter.drawLine(QPointF(room.left(), row), QPointF(room.right(), row))
            painter.drawLine(QPointF(room.left(), row + 1), QPointF(room.right(), row + 1))


def _cosmetic(colour: QColor, width: int) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
