"""The confusion matrix as it is drawn: a field of cells that can be pointed at, walked with the keys and clicked."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app import numbers, theme
from app.plots import colours
from app.plots.confusion_counts import Confusion
from app.plots.value_map import ink_on, value_colour

_MARGIN, _GAP = 10, 6
_LONGEST_NAME = 96
#: The least side of a cell before the matrix scrolls: with numbers in it, and of many classes, without.
_LEAST_CELL, _LEAST_BARE_CELL = (24, 18), (9, 9)
_MOST_CELL = (140, 72)
#: From so many classes on, cells may be too small for numbers.
_MANY = 21
#: From this height and width on a cell has room for its share under its count.
_TWO_LINES = (30, 40)
#: A cell with any example in it is at least this much coloured.
_LEAST_SHARE = 0.10

Cell = tuple[int, int]


class ConfusionGrid(QWidget):
    """Draws a :class:`Confusion`. True classes stand down, answers across."""

    pointed = Signal(object)  # (true class, answer) the pointer or the keys are at, None for none
    chosen = Signal(int, int)  # true class, answer

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix, cells")
        self.confusion: Confusion | None = None
        self.cell: Cell | None = None

    def show_confusion(self, confusion: Confusion) -> None:
        """Shows these counts."""
        resized = self.confusion is None or self.confusion.names != confusion.names
        self.confusion = confusion
        if resized:
            self.cell = None
            self.updateGeometry()
        right, total = int(confusion.counts.trace()), int(confusion.counts.sum())
        self.setAccessibleDescription(f"{right} of {total} told right. Arrow keys walk the cells, Enter shows samples.")
        self.update()

    def minimumSizeHint(self) -> QSize:
        if self.confusion is None:
            return QSize(160, 120)
        least = _LEAST_CELL if self.confusion.size < _MANY else _LEAST_BARE_CELL
        wide, high = (side * self.confusion.size for side in least)
        return QSize(round(self._left() + wide + self._right()), round(self._top() + high + self._bottom()))

    # -- where things are -------------------------------------------------------------------------------------

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(theme.current().font_small))

    def _name_width(self) -> float:
        names = self.confusion.names if self.confusion else ()
        metrics = self._metrics()
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return min(max(widest, metrics.horizontalAdvance("precision")), _LONGEST_NAME)

    def _left(self) -> float:
        return _MARGIN + self._name_width() + _GAP

    def _right(self) -> float:
        """Room for the total and the recall of a row."""
        return self._metrics().horizontalAdvance("00 000  100.0 %") + 3 * _GAP

    def _top(self) -> float:
        """Room for what stands across and for the names of the answers."""
        return 2 * self._metrics().height() + _GAP

    def _bottom(self) -> float:
        return 2 * self._metrics().height() + 2 * _GAP

    def field(self) -> QRectF:
        """Where the cells are."""
        size = self.confusion.size if self.confusion else 1
        wide = min((self.width() - self._left() - self._right()) / size, _MOST_CELL[0])
        high = min((self.height() - self._top() - self._bottom()) / size, _MOST_CELL[1])
        return QRectF(self._left(), self._top(), max(wide, 1.0) * size, max(high, 1.0) * size)

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell (true class, answer) is."""
        field, size = self.field(), self.confusion.size if self.confusion else 1
        wide, high = field.width() / size, field.height() / size
        return QRectF(field.left() + cell[1] * wide, field.top() + cell[0] * high, wide, high)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell at a point."""
        if self.confusion is None or not (field := self.field()).contains(point):
            return None
        last, size = self.confusion.size - 1, self.confusion.size
        row = int((point.y() - field.top()) / field.height() * size)
        column = int((point.x() - field.left()) / field.width() * size)
        return min(row, last), min(column, last)

    # -- what the person does ---------------------------------------------------------------------------------

    def _point(self, cell: Cell | None) -> None:
        if cell != self.cell:
            self.cell = cell
            self.update()
            self.pointed.emit(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
        self._point(cell)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        if self.confusion is None:
            super().keyPressEvent(event)
        elif event.key() in ways:
            row, column = self.cell or (0, 0)
            down, across = ways[Qt.Key(event.key())] if self.cell else (0, 0)
            last = self.confusion.size - 1
            self._point((min(max(row + down, 0), last), min(max(column + across, 0), last)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cell:
            self.chosen.emit(*self.cell)
        else:
            super().keyPressEvent(event)

    # -- painting ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.confusion is None:
            return
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small))
        self._paint_cells(painter, self.confusion)
        self._paint_names(painter, self.confusion)
        self._paint_margins(painter, self.confusion)

    def _paint_cells(self, painter: QPainter, confusion: Confusion) -> None:
        shares, counts = confusion.shares.tolist(), confusion.counts.tolist()
        for row in range(confusion.size):
            for column in range(confusion.size):
                self._paint_cell(painter, (row, column), counts[row][column], shares[row][column])
        if self.cell:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.token("accent"), 2))
            painter.drawRect(self.cell_rect(self.cell).adjusted(1, 1, -1, -1))

    def _paint_cell(self, painter: QPainter, cell: Cell, count: int, share: float) -> None:
        rect, right = self.cell_rect(cell), cell[0] == cell[1]
        gap = 1.0 if rect.width() > 14 else 0.5
        face = rect.adjusted(gap, gap, -gap, -gap)
        ground = value_colour(max(share, _LEAST_SHARE)) if count else colours.token("panel")
        painter.fillRect(face, ground)
        if right:  # marked by a frame and by bold numbers: colour says how many, not whether they are right
            painter.setPen(QPen(colours.token("text" if count else "line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(face.adjusted(0.5, 0.5, -0.5, -0.5))
        if count and rect.width() >= _LEAST_CELL[0] - 4 and rect.height() >= painter.fontMetrics().height():
            self._paint_numbers(painter, face, ink_on(ground), count, share, right)

    def _paint_numbers(
        self, painter: QPainter, rect: QRectF, ink: object, count: int, share: float, right: bool
    ) -> None:
        painter.setPen(ink)
        tokens, centre = theme.current(), Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font(tokens.font_small, bold=right))
        if rect.height() >= _TWO_LINES[0] and rect.width() >= _TWO_LINES[1]:
            half = rect.height() / 2
            line = min(half, 15.0)
            painter.drawText(QRectF(rect.left(), rect.top() + half - line, rect.width(), line), centre,
                             numbers.count(count))
            painter.setFont(theme.font(tokens.font_small - 1))
            painter.drawText(QRectF(rect.left(), rect.top() + half, rect.width(), line), centre, _percent(share))
        else:
            painter.drawText(rect, centre, numbers.count(count))
        painter.setFont(theme.font(tokens.font_small))

    def _paint_names(self, painter: QPainter, confusion: Confusion) -> None:
        field, metrics = self.field(), painter.fontMetrics()
        line = metrics.height()
        painter.setPen(colours.token("quiet"))
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(field.left(), 2, max(field.width(), 90.0), line), middle, "answer →")
        painter.drawText(QRectF(_MARGIN, 2 + line, self._name_width(), line), middle | right, "true ↓")
        every = self._every(field.height() / confusion.size, line)
        across = self._every(field.width() / confusion.size, self._short_name_width(confusion))
        for place, name in enumerate(confusion.names):
            down_rect, across_rect = self.cell_rect((place, 0)), self.cell_rect((0, place))
            if place % every == 0:
                painter.setPen(self._ink(0, place))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST_NAME)
                box = QRectF(_MARGIN, down_rect.center().y() - line / 2, self._name_width(), line)
                painter.drawText(box, middle | right, text)
            if place % across == 0:
                painter.setPen(self._ink(1, place))
                room = across_rect.width() * across
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room) - 2)
                box = QRectF(across_rect.center().x() - room / 2, 2 + line, room, line)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _ink(self, axis: int, place: int) -> object:
        return colours.token("strong" if self.cell and self.cell[axis] == place else "text")

    def _short_name_width(self, confusion: Confusion) -> float:
        """What a name across needs to be told from the others, where all of them do not fit in full."""
        metrics = self._metrics()
        return min(max(metrics.horizontalAdvance(name) for name in confusion.names), 24) + 2

    def _every(self, room: float, needed: float) -> int:
        """Which names are written, where there is no room for each: every so many-th."""
        return max(math.ceil(needed / max(room, 1.0)), 1)

    def _paint_margins(self, painter: QPainter, confusion: Confusion) -> None:
        field, metrics = self.field(), painter.fontMetrics()
        line = metrics.height()
        total_width = metrics.horizontalAdvance("00 000")
        beside, middle = field.right() + _GAP, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        recall_left = beside + total_width + _GAP
        recall_width = metrics.horizontalAdvance("100.0 %")
        painter.setPen(colours.token("quiet"))
        painter.drawText(QRectF(beside, 2 + line, total_width, line), middle, "total")
        painter.drawText(QRectF(recall_left, 2 + line, recall_width, line), middle, "recall")
        for row in range(0, confusion.size, self._every(field.height() / confusion.size, line)):
            top = self.cell_rect((row, 0)).center().y() - line / 2
            painter.drawText(QRectF(beside, top, total_width, line), middle,
                             numbers.count(int(confusion.true_totals[row])))
            painter.drawText(QRectF(recall_left, top, recall_width, line), middle, _percent(confusion.recall[row], 1))
        self._paint_below(painter, confusion, beside, recall_left, total_width, recall_width)

    def _paint_below(
        self, painter: QPainter, confusion: Confusion, beside: float, recall_left: float, total_width: float,
        recall_width: float,
    ) -> None:
        field, line = self.field(), painter.fontMetrics().height()
        top, right = field.bottom() + _GAP, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(_MARGIN, top, self._name_width(), line), right, "total")
        painter.drawText(QRectF(_MARGIN, top + line, self._name_width(), line), right, "precision")
        fitting = painter.fontMetrics().horizontalAdvance(_percent(1.0)) + 2
        every = self._every(field.width() / confusion.size, fitting)
        for column in range(0, confusion.size, every):
            rect = self.cell_rect((0, column))
            box = QRectF(rect.center().x() - fitting, top, 2 * fitting, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, numbers.count(int(confusion.answer_totals[column])))
            painter.drawText(box.translated(0, line), Qt.AlignmentFlag.AlignCenter,
                             _percent(confusion.precision[column]))
        painter.setPen(colours.token("strong"))
        total = numbers.count(int(confusion.counts.sum()))
        painter.drawText(QRectF(beside, top, total_width, line), right, total)
        painter.drawText(QRectF(recall_left, top, recall_width, line), right, _percent(confusion.accuracy, 1))


def _percent(share: float, digits: int = 0) -> str:
    return "–" if math.isnan(share) else f"{share * 100:.{digits}f}{numbers.THIN_SPACE}%"
