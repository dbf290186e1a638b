"""How parallel coordinates are drawn: lines from faint to strong, axes with marks, ranges, the line pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF

from app.plots import colours
from app.plots.parallel_data import Axis, Table
from app.plots.value_map import value_colour
from app.style import theme

#: Room above the axes for titles, below, on the left for what is written along the first axis, and on the right.
TOP, BOTTOM, LEFT, RIGHT = 42, 14, 50, 30
_BRUSH, _DOT = 14.0, 3.0
#: The faintest line that still counts, on the scale of values; more lines than this are drawn thinner, and more than
#: that without smooth edges, which would take longer than a person waits while brushing.
_FAINTEST, _MANY, _VERY_MANY = 0.28, 150, 600
#: Titles that have no room side by side stand in two lines, by turns.
_LINE = 15.0
_MARK_ROOM = 74.0
_Align = Qt.AlignmentFlag


@dataclass(frozen=True, eq=False)
class Look:
    """What is drawn, and where: ``xs`` of the axes, ``kept`` and ``goodness`` (n,) of the runs; ``carried`` is the axis
    under the pointer."""

    table: Table
    axes: Sequence[Axis]
    xs: Sequence[float]
    height: int
    kept: np.ndarray
    goodness: np.ndarray
    brushes: Mapping[str, Sequence[tuple[float, float]]]
    spacing: float
    carried: str

    def y(self, place: float) -> float:
        """The height of a place on an axis."""
        return self.height - BOTTOM - place * (self.height - TOP - BOTTOM)

    @cached_property
    def crossings(self) -> tuple[list[float], list[list[float]]]:
        """The axes' xs from the left, and for each run the heights at which it crosses them; NaN for none."""
        drawn = sorted(zip(self.xs, self.axes, strict=True), key=lambda pair: pair[0])
        heights = [self.height - BOTTOM - axis.places * (self.height - TOP - BOTTOM) for _, axis in drawn]
        return [x for x, _ in drawn], np.array(heights).T.reshape(len(self.table.ids), len(drawn)).tolist()

    def pieces(self, row: int) -> list[QPolygonF]:
        """A run's line, in pieces where it has no value on an axis."""
        found: list[QPolygonF] = []
        piece: list[QPointF] = []
        xs, heights = self.crossings
        for x, y in zip(xs, heights[row], strict=True):
            if y == y:
                piece.append(QPointF(x, y))
            elif piece:
                found.append(QPolygonF(piece))
                piece = []
        return [*found, QPolygonF(piece)] if piece else found


def line_colour(goodness: float) -> QColor:
    """The colour of a run: the better, the stronger; grey where it has no number."""
    if goodness != goodness:
        return colours.token("quiet")
    return value_colour(_FAINTEST + (1 - _FAINTEST) * goodness)


def paint_lines(painter: QPainter, look: Look) -> None:
    """All lines, those outside a range first, the best last."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(look.table.ids) <= _VERY_MANY)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = 1.0 if len(look.table.ids) > _MANY else 1.6
    faint = QPen(colours.mixed(colours.token("line"), colours.token("panel"), 0.3), 1.0)
    ranked = np.argsort(np.nan_to_num(look.goodness, nan=-1.0), kind="stable")
    for row in (*ranked[~look.kept[ranked]], *ranked[look.kept[ranked]]):
        painter.setPen(QPen(line_colour(float(look.goodness[row])), width) if look.kept[row] else faint)
        for piece in look.pieces(int(row)):
            painter.drawPolyline(piece)
            if piece.size() == 1:
                painter.drawEllipse(piece.first(), _DOT, _DOT)


def paint_brushes(painter: QPainter, look: Look) -> None:
    """The ranges along the axes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    accent = colours.token("accent")
    for axis, x in zip(look.axes, look.xs, strict=True):
        for low, high in look.brushes.get(axis.key, ()):
            box = QRectF(x - _BRUSH / 2, look.y(high), _BRUSH, max(look.y(low) - look.y(high), 2.0))
            ground = QColor(accent)
            ground.setAlphaF(0.22)
            painter.fillRect(box, ground)
            painter.setPen(QPen(accent, 1))
            painter.drawRect(box)


def paint_axes(painter: QPainter, look: Look, width: float) -> None:
    """Lines, titles and marks of the axes."""
    small = theme.current().font_small
    bold = QFontMetrics(theme.font(small, bold=True))
    turns = any(bold.horizontalAdvance(axis.title) > look.spacing - 8 for axis in look.axes)
    for number, (axis, x) in enumerate(zip(look.axes, look.xs, strict=True)):
        carried = axis.key == look.carried
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(colours.token("accent" if carried else "wire"), 2 if carried else 1))
        painter.drawLine(QPointF(x, look.y(1.0)), QPointF(x, look.y(0.0)))
        painter.setFont(theme.font(small, bold=axis.is_result))
        painter.setPen(colours.token("accent" if carried else "strong" if axis.is_result else "text"))
        room = look.spacing * (2 if turns else 1) - 8
        title = painter.fontMetrics().elidedText(axis.title, Qt.TextElideMode.ElideRight, int(room))
        wide = painter.fontMetrics().horizontalAdvance(title) + 2
        left = min(max(x - wide / 2, 2.0), max(width - wide - 2, 2.0))
        top = 4 + (_LINE if number % 2 or not turns else 0.0)
        painter.drawText(QRectF(left, top, wide, _LINE), _Align.AlignCenter, title)
        painter.setFont(theme.font(small))
        _paint_marks(painter, look, axis, x, painter.fontMetrics())


def _paint_marks(painter: QPainter, look: Look, axis: Axis, x: float, metrics: QFontMetrics) -> None:
    """What stands along an axis; marks too near to one another are left out."""
    painter.setPen(colours.token("quiet"))
    last = None
    room = int(min(look.spacing - 12, _MARK_ROOM, x - 8))
    for place, text in axis.marks:
        y = look.y(place)
        painter.drawLine(QPointF(x - 3, y), QPointF(x, y))
        if last is not None and abs(y - last) < metrics.height():
            continue
        last = y
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        wide = metrics.horizontalAdvance(shown)
        box = QRectF(x - 6 - wide, y - metrics.height() / 2, wide + 1, metrics.height())
        _plate(painter, box)
        painter.drawText(box, _Align.AlignRight | _Align.AlignVCenter, shown)


def _plate(painter: QPainter, box: QRectF) -> None:
    """Dims the lines under text, so that it can be read."""
    ground = colours.token("panel")
    ground.setAlphaF(0.72)
    painter.fillRect(box, ground)


def paint_highlight(painter: QPainter, look: Look, row: int, frame: QRectF, metrics: QFontMetrics) -> None:
    """One run above all others, with its exact value at every axis."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    accent = colours.token("accent")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(accent, 2.6))
    for piece in look.pieces(row):
        painter.drawPolyline(piece)
    for axis, x in zip(look.axes, look.xs, strict=True):
        place = float(axis.places[row])
        y = look.y(place) if place == place else look.y(0.0)
        if place == place:
            painter.setBrush(accent)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        wide, high = metrics.horizontalAdvance(axis.texts[row]) + 10, metrics.height() + 4
        left = x + 6 if x + 6 + wide <= frame.right() else x - 6 - wide
        box = QRectF(left, min(max(y - high / 2, frame.top() + 1), frame.bottom() - high - 1), wide, high)
        painter.setPen(QPen(colours.token("line"), 1))
        painter.setBrush(colours.token("raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(colours.token("strong"))
        painter.drawText(box, _Align.AlignCenter, axis.texts[row])
