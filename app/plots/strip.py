"""What one layer puts out for one example, as a block of pictures, cells or bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app import numbers
from app.pictures import as_image as as_picture
from app.plots import colours
from app.plots.signed_map import as_image, round_end, signed_pixels
from app.style import theme

_GAP = 2
#: A block is at most so many times as wide as high before its pictures become smaller; these are at least so large.
_WIDEST, _LEAST = 1.6, 22
#: Heights of pictures, from the largest, among which those are looked for that let all layers be seen.
SIDES = (190, 160, 130, 110, 96, 84, 72, 62, 54, 46, 40, 34)
#: Vectors up to this length are bars, longer ones cells of this size.
MOST_BARS = 24
_BAR, _LEAST_BAR, _BAR_ROOM, _CELL = 20, 13, 104, 9
#: Channels drawn at most.
_MOST_CHANNELS = 256


@dataclass(frozen=True, eq=False)
class Strip:
    """One layer: ``maps`` (channels, height, width); ``names`` for bars, which are as many as there are numbers.

    ``plain`` is a picture of the data, drawn in its own greys or colours.
    """

    node: str
    title: str
    shape: str
    maps: np.ndarray
    end: float
    names: tuple[str, ...] = ()
    plain: bool = False
    shares: bool = False

    @classmethod
    def of(cls, node: str, title: str, shape: str, output: np.ndarray, names: tuple[str, ...] = (),
           shares: bool = False) -> Strip:
        """The strip of an output of any shape."""
        flat = output.reshape(-1)
        if output.ndim == 3:
            maps = np.moveaxis(output, 2, 0)
        elif output.ndim == 2:
            maps = output.T[None]
        else:
            maps = flat[:, None, None]
        bars = output.ndim < 2 and len(flat) <= MOST_BARS
        if bars and not names:
            names = tuple(str(i + 1) for i in range(len(flat)))
        return cls(node, title, shape, maps, 1.0 if shares else round_end(output), names if bars else (), shares=shares)

    @property
    def is_bars(self) -> bool:
        return bool(self.names)

    def value(self, channel: int, row: int, column: int) -> float:
        return float(self.maps[channel, row, column])

    def image(self) -> QImage:
        """All maps one under the other, a pixel for each number."""
        if self.plain:
            low, high = float(self.maps.min()), float(self.maps.max())
            return as_picture(np.moveaxis(self.maps, 0, 2) - low, (high - low) or 1.0)
        width = self.maps.shape[2]
        pixels = signed_pixels(self.maps[:_MOST_CHANNELS], self.end)
        return as_image(pixels.reshape(-1, width, 3))


class Block:
    """Where a strip's pictures stand: in columns, from the top, in a room of a given height. Pictures are ``side``
    high; 0 leaves that to the block."""

    def __init__(self, strip: Strip, room: int, side: int = 0) -> None:
        self.strip = strip
        self.count, self.rows_in, self.columns_in = (1, *strip.maps.shape[1:]) if strip.plain else strip.maps.shape
        self.count = min(self.count, _MOST_CHANNELS)
        if strip.is_bars:
            self.rows = self._balanced(room // _LEAST_BAR)
            self.height, self.wide = min(room // self.rows, _BAR), _BAR_ROOM + self._label_width()
            self.width = -(-self.count // self.rows) * self.wide
        elif strip.maps.shape[1:] == (1, 1):
            self.height = self.wide = _CELL
            self.rows = max(min(room // (_CELL + 1), self.count), 1)
            self.width = -(-self.count // self.rows) * (_CELL + 1)
        elif side:
            # One picture of the data may well be larger than one of many channels.
            self._place_pictures(min(2 * side if strip.plain else side, SIDES[0], room), room)
        else:
            self._fit_pictures(room)

    def _balanced(self, most: int) -> int:
        """Rows, ``most`` at most, that leave no column nearly empty."""
        columns = -(-self.count // min(max(most, 1), max(self.count, 1)))
        return -(-self.count // max(columns, 1)) or 1

    def _label_width(self) -> int:
        return min(max(len(name) for name in self.strip.names) * 7 + 6, 90)

    def _fit_pictures(self, room: int) -> None:
        """As few pictures above one another as keep the block compact."""
        for rows in range(1, self.count + 1):
            high = min((room - (rows - 1) * _GAP) // rows, SIDES[0])
            self._place_pictures(max(high, 1), room)
            if self.width <= _WIDEST * room or high <= _LEAST:
                break

    def _place_pictures(self, high: int, room: int) -> None:
        self.height, self.wide = high, max(round(high * self.columns_in / self.rows_in), 1)
        self.rows = self._balanced((room + _GAP) // (high + _GAP))
        self.width = -(-self.count // self.rows) * (self.wide + _GAP)

    @property
    def step(self) -> tuple[int, int]:
        """From one picture to the next, to the right and down."""
        if self.strip.is_bars:
            return self.wide, self.height
        gap = 1 if self.rows_in == self.columns_in == 1 else _GAP
        return self.wide + gap, self.height + gap

    def rect(self, channel: int) -> QRect:
        """Where a channel lies, from the block's corner."""
        column, row = divmod(channel, self.rows)
        across, down = self.step
        return QRect(column * across, row * down, self.wide, self.height)

    def place_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """Channel, row and column at a point from the block's corner."""
        across, down = self.step
        column, row = int(point.x() // across), int(point.y() // down)
        channel = column * self.rows + row
        if not (point.x() >= 0 and 0 <= row < self.rows and 0 <= channel < self.count):
            return None
        inside = point - QPointF(self.rect(channel).topLeft())
        y = int(inside.y() * self.rows_in / self.height)
        x = int(inside.x() * self.columns_in / self.wide)
        if self.strip.is_bars:
            return channel, 0, 0
        return (channel, y, x) if 0 <= y < self.rows_in and 0 <= x < self.columns_in else None

    def paint(self, painter: QPainter, image: QImage, marked: int = -1) -> None:
        """Paints at the painter's origin; ``marked`` is the bar of the right answer."""
        if self.strip.is_bars:
            for channel in range(self.count):
                self._paint_bar(painter, channel, channel == marked)
            return
        for channel in range(self.count):
            top = 0 if self.strip.plain else channel * self.rows_in
            painter.drawImage(self.rect(channel), image, QRect(0, top, self.columns_in, self.rows_in))

    def _paint_bar(self, painter: QPainter, channel: int, marked: bool) -> None:
        strip, rect = self.strip, QRectF(self.rect(channel))
        label = self._label_width()
        value = float(strip.maps[channel, 0, 0])
        share = min(max(value / strip.end, -1.0), 1.0) if strip.end > 0 and value == value else 0.0
        painter.setFont(theme.font(theme.current().font_small, bold=marked))
        painter.setPen(colours.token("good" if marked else "quiet"))
        align = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, label - rect.width() - 4, 0), align | Qt.AlignmentFlag.AlignRight,
                         painter.fontMetrics().elidedText(strip.names[channel], Qt.TextElideMode.ElideRight, label - 4))
        room = QRectF(rect.left() + label, rect.top() + 2, 48, max(rect.height() - 4, 3))
        painter.fillRect(room, colours.token("field"))
        zero = room.left() if strip.shares else room.center().x()
        length = share * (room.width() if strip.shares else room.width() / 2)
        bar = QRectF(min(zero, zero + length), room.top(), abs(length), room.height())
        painter.fillRect(bar, colours.token("value" if value >= 0 else "danger"))
        painter.setPen(colours.token("quiet"))
        text = numbers.percent(value) if strip.shares else numbers.number(value, 2)
        painter.drawText(rect.adjusted(label + 52, 0, 20, 0), align, text)
