"""Parallel coordinates as a widget: pointed at, brushed along the axes, axes dragged into another order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.plots.parallel_data import Axis, Table, passing
from app.plots.parallel_paint import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Look,
    paint_axes,
    paint_brushes,
    paint_highlight,
    paint_lines,
)
from app.style import theme

#: How near the pointer must be to an axis to brush it, and to a line to point at it.
_NEAR_AXIS, _NEAR_LINE = 13.0, 9.0
#: A stroke shorter than this is a click.
_STROKE = 4.0
Brushes = dict[str, list[tuple[float, float]]]


@dataclass
class _Drag:
    """What the pressed button does: draws a brush, moves one, or carries an axis."""

    kind: str  # "brush", "move", "axis"
    key: str
    start: QPointF
    place: float
    brush: tuple[float, float] = (0.0, 0.0)
    at: float = 0.0
    moved: bool = False


class ParallelView(QWidget):
    """Draws a :class:`Table`. Places along an axis are 0 at its lower end … 1 at its upper."""

    pointed = Signal(int)  # the row under the pointer, −1 for none
    picked = Signal(int)  # a row was clicked
    brushed = Signal()
    reordered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Parallel coordinates, lines")
        self.table = Table()
        self.order: list[str] = []
        self.brushes: Brushes = {}
        self.colour_by = ""
        self.row = -1  # pointed at
        self.selected = -1
        #: Drawn as vectors rather than from the picture that is kept: for export.
        self.exact = False
        self._drag: _Drag | None = None
        self._picture: QPixmap | None = None
        self._drawn_as: tuple[object, ...] = ()

    def show_table(self, table: Table, order: list[str], colour_by: str) -> None:
        """Shows these runs, the axes in this order; what was brushed stays where its axis does."""
        pointed = self.table.ids[self.row] if 0 <= self.row < len(self.table.ids) else ""
        self.table, self.order, self.colour_by = table, order, colour_by
        self.brushes = {key: ranges for key, ranges in self.brushes.items() if key in order}
        self.row = table.ids.index(pointed) if pointed in table.ids else -1
        self.setAccessibleDescription(f"{len(table.ids)} runs over {len(order)} axes. Up and down walk the runs, Enter "
                                      "selects one in the Runs tab, Escape clears the ranges.")
        self.redraw()

    def redraw(self) -> None:
        """Something about the lines is another: they are drawn anew."""
        self._picture = None
        self.update()

    # -- where things are -------------------------------------------------------------------------------------

    @property
    def axes(self) -> list[Axis]:
        """The axes that are shown, from the left."""
        return [axis for key in self.order if (axis := self.table.axis(key)) is not None]

    @property
    def kept(self) -> np.ndarray:
        """(n,) bool, the runs inside every brush."""
        return passing(self.table, self.brushes)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 140)

    def x_of(self, place: int) -> float:
        """Where the axis in this place stands."""
        return LEFT + place * self._spacing() if len(self.order) > 1 else self.width() / 2

    def y_of(self, place: float) -> float:
        """The height of a place on an axis."""
        return self.height() - BOTTOM - place * (self.height() - TOP - BOTTOM)

    def place_at(self, y: float) -> float:
        """The place on an axis at a height, 0 … 1."""
        return min(max((self.height() - BOTTOM - y) / max(self.height() - TOP - BOTTOM, 1), 0.0), 1.0)

    def _spacing(self) -> float:
        return (self.width() - LEFT - RIGHT) / max(len(self.order) - 1, 1)

    def _axis_at(self, x: float, near: float) -> int:
        """The place of the axis near ``x``, −1 for none."""
        if not self.order:
            return -1
        place = min(range(len(self.order)), key=lambda p: abs(self.x_of(p) - x))
        return place if abs(self.x_of(place) - x) <= near else -1

    def row_at(self, at: QPointF) -> int:
        """The run whose line is nearest, the best of equals; −1 where none is near."""
        axes, count = self.axes, len(self.table.ids)
        if len(axes) < 2 or not count or at.y() < TOP - 4:
            return -1
        left = int(min(max((at.x() - LEFT) // self._spacing(), 0), len(axes) - 2))
        share = min(max((at.x() - self.x_of(left)) / self._spacing(), 0.0), 1.0)
        first, second = axes[left].places, axes[left + 1].places
        heights = self.height() - BOTTOM - (first + (second - first) * share) * (self.height() - TOP - BOTTOM)
        slope = (second - first) * (self.height() - TOP - BOTTOM) / self._spacing()
        distance = np.abs(heights - at.y()) / np.sqrt(1 + slope**2)  # at a right angle to the line
        distance = np.where(self.kept & np.isfinite(distance), distance, np.inf)
        nearest = float(distance.min())
        if nearest > _NEAR_LINE:
            return -1
        equal = np.flatnonzero(distance <= nearest + 0.5)
        return int(equal[np.argmax(np.nan_to_num(self.table.goodness(self.colour_by)[equal], nan=-1.0))])

    # -- the pointer -----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        if at.y() < TOP:
            place = self._axis_at(at.x(), self._spacing() / 2)
            if place >= 0:
                self._drag = _Drag("axis", self.order[place], at, 0.0, at=at.x())
            return
        place = self._axis_at(at.x(), _NEAR_AXIS)
        if place < 0:
            return
        key, on_axis = self.order[place], self.place_at(at.y())
        hit = next((brush for brush in self.brushes.get(key, ()) if brush[0] <= on_axis <= brush[1]), None)
        self._drag = _Drag("move" if hit else "brush", key, at, on_axis, hit or (on_axis, on_axis))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, drag = event.position(), self._drag
        if drag is None:
            self._point(self.row_at(at))
            self._show_cursor(at)
            return
        if not drag.moved and (at - drag.start).manhattanLength() < _STROKE:
            return
        drag.moved = True
        if drag.kind == "axis":
            self._carry(drag, at.x())
        else:
            self._stroke(drag, self.place_at(at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if drag is not None and drag.moved:
            if drag.kind == "axis":
                self.redraw()
                self.reordered.emit()
            return
        row = self.row_at(event.position())
        if row >= 0:
            self.pick(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Takes the ranges of an axis away; beside the axes those of all."""
        place = self._axis_at(event.position().x(), _NEAR_AXIS)
        if place >= 0:
            self.brushes.pop(self.order[place], None)
            self._brushes_changed()
        else:
            self.clear_brushes()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def _show_cursor(self, at: QPointF) -> None:
        shapes = Qt.CursorShape
        if at.y() < TOP:
            self.setCursor(shapes.SizeHorCursor if self._axis_at(at.x(), self._spacing() / 2) >= 0 else
                           shapes.ArrowCursor)
        elif self._axis_at(at.x(), _NEAR_AXIS) >= 0:
            self.setCursor(shapes.CrossCursor)
        else:
            self.setCursor(shapes.PointingHandCursor if self.row >= 0 else shapes.ArrowCursor)

    def _point(self, row: int) -> None:
        if row != self.row:
            self.row = row
            self.update()
            self.pointed.emit(row)

    def pick(self, row: int) -> None:
        """Selects a run."""
        self.selected = row
        self.update()
        self.picked.emit(row)

    # -- brushes and order -----------------------------------------------------------------------------------

    def _stroke(self, drag: _Drag, place: float) -> None:
        ranges = self.brushes.setdefault(drag.key, [])
        if drag.brush in ranges:
            ranges.remove(drag.brush)
        if drag.kind == "move":
            low, high = drag.brush
            by = min(max(place - drag.place, -low), 1.0 - high)
            drag.brush, drag.place = (low + by, high + by), drag.place + by
        else:
            drag.brush = (min(drag.place, place), max(drag.place, place))
        ranges.append(drag.brush)
        self._brushes_changed()

    def clear_brushes(self) -> None:
        """Every run is shown again."""
        if self.brushes:
            self.brushes = {}
            self._brushes_changed()

    def _brushes_changed(self) -> None:
        self.redraw()
        self.brushed.emit()

    def _carry(self, drag: _Drag, x: float) -> None:
        """The axis follows the pointer; the others make room."""
        drag.at = min(max(x, LEFT), self.width() - RIGHT)
        place = self._axis_at(drag.at, float("inf"))
        if self.order[place] != drag.key:
            self.order.remove(drag.key)
            self.order.insert(place, drag.key)
        self.redraw()

    # -- keys ------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.row >= 0:
            self.pick(self.row)
        elif key == Qt.Key.Key_Escape and self.brushes:
            self.clear_brushes()
        else:
            super().keyPressEvent(event)

    def _walk(self, by: int) -> None:
        """To the run that is next worse or better."""
        good = np.nan_to_num(self.table.goodness(self.colour_by), nan=-1.0)
        ranked = [int(row) for row in np.argsort(-good, kind="stable") if self.kept[row]]
        if ranked:
            place = ranked.index(self.row) + by if self.row in ranked else 0
            self._point(ranked[min(max(place, 0), len(ranked) - 1)])

    # -- painting --------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def _look(self) -> Look:
        """Everything painting has to know."""
        carried = self._drag if self._drag is not None and self._drag.kind == "axis" and self._drag.moved else None
        xs = [carried.at if carried and key == carried.key else self.x_of(place)
              for place, key in enumerate(self.order)]
        return Look(self.table, self.axes, xs, self.height(), self.kept, self.table.goodness(self.colour_by),
                    self.brushes, self._spacing(), carried.key if carried else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look()
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small))
        if self.exact:
            paint_lines(painter, look)
        else:
            painter.drawPixmap(0, 0, self._lines(look))
        paint_brushes(painter, look)
        paint_axes(painter, look, self.width())
        shown = self.row if self.row >= 0 else self.selected
        if 0 <= shown < len(self.table.ids):
            paint_highlight(painter, look, shown, QRectF(self.rect()), QFontMetrics(painter.font()))

    def _lines(self, look: Look) -> QPixmap:
        """The lines as a picture, so that pointing at one does not draw them all."""
        ratio = self.devicePixelRatioF()
        drawn_as = (theme.current(), ratio)
        if self._picture is None or drawn_as != self._drawn_as:
            self._drawn_as = drawn_as
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._picture)
            paint_lines(painter, look)
            painter.end()
        return self._picture
