"""The confusion matrix as it is drawn: a field of cells that can be pointed at, walked with the keys and clicked."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app import numbers
from app.plots import colours
from app.plots.confusion_counts import Confusion
from app.plots.confusion_layout import GAP, LONGEST_NAME, MARGIN, Cell, Layout, every, percent
from app.plots.value_map import ink_on, value_colour, value_pixels
from app.style import theme

#: From this height and width on a cell has room for its share under its count.
_TWO_LINES = (30, 40)
#: A cell with any example in it is at least this much coloured.
_LEAST_SHARE = 0.10
_Align = Qt.AlignmentFlag
_RIGHT = _Align.AlignVCenter | _Align.AlignRight


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
        self.words = ""  # about the cell that is pointed at
        self.layout_now = self._lay_out()

    def show_confusion(self, confusion: Confusion) -> None:
        """Shows these counts."""
        if self.confusion is None or self.confusion.names != confusion.names:
            self.cell = None
        self.confusion = confusion
        before, self.layout_now = self.layout_now, self._lay_out()
        if self.layout_now != before:
            self.updateGeometry()
        right, total = int(confusion.counts.trace()), int(confusion.counts.sum())
        self.setAccessibleDescription(
            f"{right} of {total} predicted right. Arrow keys walk the cells, Enter shows samples.")
        self.update()

    def _lay_out(self) -> Layout:
        metrics = QFontMetrics(theme.font(theme.current().font_small, bold=True))
        if self.confusion is None:
            return Layout.of((), 0, metrics, self.size())
        return Layout.of(self.confusion.names, int(self.confusion.counts.max(initial=0)), metrics, self.size())

    def minimumSizeHint(self) -> QSize:
        return self.layout_now.least if self.confusion else QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_now = self._lay_out()

    # -- what the person does ---------------------------------------------------------------------------------

    def _point(self, cell: Cell | None) -> None:
        if cell != self.cell:
            self.cell = cell
            self.update()
            self.pointed.emit(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.layout_now.cell_at(event.position()) if self.confusion else None
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
        self._point(cell)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self.layout_now.cell_at(event.position()) if self.confusion else None
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
        if self.layout_now.has_numbers:
            self._paint_cells(painter, self.confusion)
        else:
            self._paint_bare_cells(painter, self.confusion)
        if self.cell:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.token("accent"), 2))
            painter.drawRect(self.layout_now.cell(self.cell).adjusted(1, 1, -1, -1))
        self._paint_names(painter, self.confusion)
        self._paint_right(painter, self.confusion)
        self._paint_below(painter, self.confusion)

    def _paint_bare_cells(self, painter: QPainter, confusion: Confusion) -> None:
        """Many small cells: one picture, with a line along the diagonal's cells."""
        shares = np.where(confusion.counts > 0, np.maximum(confusion.shares, _LEAST_SHARE), 0.0)
        pixels = np.ascontiguousarray(value_pixels(shares))
        image = QImage(pixels.data, confusion.size, confusion.size, 3 * confusion.size, QImage.Format.Format_RGB888)
        painter.drawImage(self.layout_now.field, image)
        painter.setPen(QPen(colours.token("quiet"), 1))
        for place in range(confusion.size):
            painter.drawRect(self.layout_now.cell((place, place)))

    def _paint_cells(self, painter: QPainter, confusion: Confusion) -> None:
        shares, counts = confusion.shares.tolist(), confusion.counts.tolist()
        for row in range(confusion.size):
            for column in range(confusion.size):
                self._paint_cell(painter, (row, column), counts[row][column], shares[row][column])

    def _paint_cell(self, painter: QPainter, cell: Cell, count: int, share: float) -> None:
        right = cell[0] == cell[1]
        face = self.layout_now.cell(cell).adjusted(1, 1, -1, -1)
        ground = value_colour(max(share, _LEAST_SHARE)) if count else colours.token("panel")
        painter.fillRect(face, ground)
        if right:  # marked by a frame and by bold numbers: colour says how many, not whether they are right
            painter.setPen(QPen(colours.token("text" if count else "line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(face.adjusted(0.5, 0.5, -0.5, -0.5))
        if count:
            self._paint_numbers(painter, face, ink_on(ground), (numbers.count(count), percent(share)), right)

    def _paint_numbers(
        self, painter: QPainter, rect: QRectF, ink: QColor, texts: tuple[str, str], bold: bool
    ) -> None:
        painter.setPen(ink)
        small, centre = theme.current().font_small, _Align.AlignCenter
        painter.setFont(theme.font(small, bold=bold))
        if rect.height() >= _TWO_LINES[0] and rect.width() >= _TWO_LINES[1]:
            half = rect.height() / 2
            line = min(half, 15.0)
            painter.drawText(QRectF(rect.left(), rect.top() + half - line, rect.width(), line), centre, texts[0])
            painter.setFont(theme.font(small - 1))
            painter.drawText(QRectF(rect.left(), rect.top() + half, rect.width(), line), centre, texts[1])
        else:
            painter.drawText(rect, centre, texts[0])
        painter.setFont(theme.font(small))

    def _paint_names(self, painter: QPainter, confusion: Confusion) -> None:
        place, metrics, right = self.layout_now, painter.fontMetrics(), Qt.TextElideMode.ElideRight
        field, line = place.field, place.line
        painter.setPen(colours.token("quiet"))
        room = QRectF(field.left(), 2, self.width() - field.left() - 4, line)
        painter.drawText(room, _Align.AlignVCenter, self.words if self.cell and self.words else "predicted →")
        painter.drawText(QRectF(MARGIN, self._above(), place.name_width, line), _RIGHT, "true ↓")
        for row in range(0, confusion.size, place.every_row()):
            painter.setPen(self._ink(0, row))
            painter.drawText(place.name_box(row), _RIGHT, metrics.elidedText(confusion.names[row], right, LONGEST_NAME))
        for column in range(0, confusion.size, place.every_column()):
            painter.setPen(self._ink(1, column))
            room = place.name_height if place.upright else int(place.wide)
            text = metrics.elidedText(confusion.names[column], right, room)
            painter.save()
            painter.translate(place.cell((0, column)).center().x(), field.top() - GAP / 2)
            if place.upright:
                painter.rotate(-90)
                painter.drawText(QRectF(0, -line / 2, place.name_height, line), _Align.AlignVCenter, text)
            else:
                painter.drawText(QRectF(-room / 2, -line - 1, room, line), _Align.AlignCenter, text)
            painter.restore()

    def _above(self) -> float:
        """Top of the line of text right above the cells."""
        return self.layout_now.field.top() - GAP / 2 - self.layout_now.line

    def _ink(self, axis: int, place: int) -> QColor:
        return colours.token("strong" if self.cell and self.cell[axis] == place else "text")

    def _paint_right(self, painter: QPainter, confusion: Confusion) -> None:
        """How many examples each class has, and how many of them were found."""
        place = self.layout_now
        totals, recall = confusion.true_totals.tolist(), confusion.recall.tolist()
        painter.setPen(colours.token("quiet"))
        for box, text in ((place.total_box(0), "total" if place.total_width else ""), (place.recall_box(0), "recall")):
            painter.drawText(QRectF(box.left(), self._above(), box.width(), place.line), _RIGHT, text)
        for row in range(0, confusion.size, place.every_row()):
            if place.total_width:
                painter.drawText(place.total_box(row), _RIGHT, numbers.count(totals[row]))
            painter.drawText(place.recall_box(row), _RIGHT, percent(recall[row], place.share_digits))

    def _paint_below(self, painter: QPainter, confusion: Confusion) -> None:
        """How often each class was the answer, and how often rightly so; in the corner, all together."""
        place = self.layout_now
        totals, precision = confusion.answer_totals.tolist(), confusion.precision.tolist()
        top, line, centre = place.field.bottom() + GAP, place.line, _Align.AlignCenter
        painter.drawText(QRectF(MARGIN, top, place.name_width, line), _RIGHT, "total")
        painter.drawText(QRectF(MARGIN, top + line, place.name_width, line), _RIGHT, place.precision_word)
        for column in range(0, confusion.size, every(place.wide, place.percent_width)):
            middle = place.cell((0, column)).center().x()
            box = QRectF(middle - place.percent_width, top, 2 * place.percent_width, line)
            painter.drawText(box, centre, numbers.count(totals[column]))
            painter.drawText(box.translated(0, line), centre, percent(precision[column]))
        painter.setPen(colours.token("strong"))
        whole = numbers.count(int(confusion.counts.sum())) if place.total_width else ""
        accuracy = percent(confusion.accuracy, place.share_digits)
        for box, text in ((place.total_box(0), whole), (place.recall_box(0), accuracy)):
            painter.drawText(QRectF(box.left(), top, box.width(), line), _RIGHT, text)
