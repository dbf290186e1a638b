"""Where the parts of a confusion matrix stand: names to the left and above, cells, totals to the right and below."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetrics

from app import numbers

MARGIN, GAP = 10, 6
LONGEST_NAME = 96
#: The least width and height of a cell before the matrix scrolls: with numbers in it, and of many classes, without.
_LEAST_CELL, _LEAST_BARE_CELL = (21, 16), (9, 9)
#: Pixels of a cell that its count leaves free; the longest name that stands upright above a column.
_AROUND_COUNT, _HIGHEST_NAME = 4, 64
_MOST_CELL = (140, 72)
_PRECISION = ("precision", "prec.")
#: From so many classes on, cells may be too small for numbers.
_MANY = 21

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one matrix in one size of the widget. Lengths are pixels; ``name_width`` is that of the column of names,
    ``name_height`` that of the row of names above, which stand upright where they are too wide to lie (``upright``). In
    little room words are short and the totals of rows are away: ``total_width`` is 0."""

    size: int
    field: QRectF
    line: int
    name_width: int
    name_height: int
    upright: bool
    least_cell: tuple[int, int]
    total_width: int
    share_width: int
    percent_width: int
    least_share: int
    least_name: int

    @classmethod
    def of(cls, names: tuple[str, ...], largest: int, metrics: QFontMetrics, room: QSize) -> Layout:
        """The matrix of these classes, none with a larger count than ``largest``, in a widget of this size."""
        total, share, whole = (metrics.horizontalAdvance(text)
                               for text in (numbers.count(1000), percent(1.0, 1), percent(1.0)))
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        name, short = (min(max(widest, metrics.horizontalAdvance(word)), LONGEST_NAME) for word in _PRECISION)
        size, line = max(len(names), 1), metrics.height()
        count = metrics.horizontalAdvance(numbers.count(largest)) + _AROUND_COUNT
        least = (max(_LEAST_CELL[0], count), _LEAST_CELL[1]) if size < _MANY else _LEAST_BARE_CELL
        least_share = max(whole, metrics.horizontalAdvance("recall"))
        left, below = MARGIN + name + GAP, 2 * line + 2 * GAP
        if room.width() < left + least[0] * size + _beside(total, share):  # totals are said of the cell pointed at, too
            total, share, name = 0, least_share, short
            left = MARGIN + name + GAP
        beside = _beside(total, share)
        wide = min(max((room.width() - left - beside) / size, 1.0), _MOST_CELL[0])
        upright = widest + 2 > max(wide, least[0])
        above = min(widest, _HIGHEST_NAME) + 2 if upright else line
        top = line + above + GAP
        high = min(max((room.height() - top - below) / size, 1.0), _MOST_CELL[1])
        field = QRectF(left, top, wide * size, high * size)
        return cls(size, field, line, name, above, upright, least, total, share, whole, least_share,
                   short)

    @property
    def precision_word(self) -> str:
        """What the row of precisions is called in the room there is."""
        return _PRECISION[0 if self.total_width else 1]

    @property
    def share_digits(self) -> int:
        """Digits after the point that there is room for in a share beside a row."""
        return 1 if self.total_width else 0

    @property
    def least(self) -> QSize:
        """The size the widget needs so that every cell can be seen."""
        wide, high = self.least_cell
        return QSize(MARGIN + self.least_name + GAP + wide * self.size + _beside(0, self.least_share),
                     round(self.field.top() + high * self.size + 2 * self.line + 2 * GAP))

    @property
    def wide(self) -> float:
        """Width of a cell."""
        return self.field.width() / self.size

    @property
    def high(self) -> float:
        """Height of a cell."""
        return self.field.height() / self.size

    def cell(self, cell: Cell) -> QRectF:
        """Where a cell (true class, answer) is."""
        left, top = self.field.left() + cell[1] * self.wide, self.field.top() + cell[0] * self.high
        return QRectF(left, top, self.wide, self.high)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell at a point."""
        if not self.field.contains(point):
            return None
        row, column = (point.y() - self.field.top()) / self.high, (point.x() - self.field.left()) / self.wide
        return min(int(row), self.size - 1), min(int(column), self.size - 1)

    def total_box(self, row: int) -> QRectF:
        """Where the total of a row stands."""
        return QRectF(self.field.right() + GAP, self._middle(row), self.total_width, self.line)

    def recall_box(self, row: int) -> QRectF:
        """Where the recall of a row stands."""
        left = self.field.right() + _beside(self.total_width, 0) - GAP
        return QRectF(left, self._middle(row), self.share_width, self.line)

    def name_box(self, row: int) -> QRectF:
        """Where the name of a row stands."""
        return QRectF(MARGIN, self._middle(row), self.name_width, self.line)

    def _middle(self, row: int) -> float:
        return self.field.top() + (row + 0.5) * self.high - self.line / 2

    def every_row(self) -> int:
        """Which rows are named where there is no room for each: every so many-th."""
        return every(self.high, self.line)

    @property
    def has_numbers(self) -> bool:
        """Are the cells large enough for their counts?"""
        return self.size < _MANY or (self.wide >= _LEAST_CELL[0] and self.high >= _LEAST_CELL[1])

    def every_column(self) -> int:
        """Which columns are named: upright names need the height of a line beside one another."""
        return every(self.wide, self.line) if self.upright else 1


def _beside(total: int, share: int) -> int:
    """Room right of the cells for totals, if there are any, and shares."""
    return (total + GAP if total else 0) + share + 2 * GAP


def every(room: float, needed: float) -> int:
    """How many of a row of things come to one that is written."""
    return max(math.ceil(needed / max(room, 1.0)), 1)


def percent(share: float, digits: int = 0) -> str:
    """A share in little room; a dash where there is none."""
    return "–" if math.isnan(share) else f"{share * 100:.{digits}f}{numbers.THIN_SPACE}%"
