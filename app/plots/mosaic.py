"""Many small pictures side by side, as large as there is room for, with the one under the pointer framed."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.plots import colours
from app.plots.pointed import Pointed
from app.plots.signed_map import as_image, signed_pixels

_MARGIN, _GAP, _GROUP_GAP = 12, 2, 6
#: A picture is at least so many pixels on the screen each way; then the list scrolls.
_LEAST = 12
#: Pixels on the screen that one number takes at most.
_LARGEST = 40
#: Pictures drawn at most, numbers in each direction of one, and numbers in all: more cannot be told apart.
_MOST, _LONGEST, _NUMBERS = 2048, 1024, 1_500_000


class Mosaic(Pointed[tuple[int, int, int, int]]):
    """Pictures (units, channels, height, width) of numbers with a sign; the channels of a unit stay together."""

    pointed = Signal(int, int, int, int)  # unit, channel, row, column under the pointer; −1 each for none
    clicked = Signal()
    nowhere = (-1, -1, -1, -1)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tiles = np.zeros((0, 1, 1, 1), np.float32)
        self.ends = np.ones(0)
        self._image = QImage()
        self._scale, self._groups = 1, 1

    def show_tiles(self, tiles: np.ndarray, ends: np.ndarray) -> None:
        """Shows these; ``ends`` (units,) are the values at which each unit's scale ends."""
        before = self.tiles.shape
        shown = tiles[..., :_LONGEST, :_LONGEST]
        most = min(_MOST // max(tiles.shape[1], 1), _NUMBERS // max(shown[:1].size, 1))
        self.tiles, self.ends = shown[: max(most, 1)], ends
        if self.tiles.shape != before:
            self.point(self.nowhere)
        self._lay_out()
        self._paint_image()
        self.update()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self._paint_image()
        self.update()

    # -- where things are -------------------------------------------------------------------------------------

    @property
    def _tile(self) -> tuple[int, int]:
        """Height and width of a picture on the screen, with the gap after it."""
        _, _, height, width = self.tiles.shape
        return height * self._scale + _GAP, width * self._scale + _GAP

    @property
    def _group(self) -> tuple[int, int]:
        """Height and width of a unit's pictures, which stand in one line."""
        tall, wide = self._tile
        channels = self.tiles.shape[1]
        return tall + (_GROUP_GAP - _GAP if channels > 1 else 0), wide * channels + (_GROUP_GAP if channels > 1 else 0)

    def _lay_out(self) -> None:
        """The largest whole scale at which all fits, and how many units then stand in a line."""
        units, _, height, width = self.tiles.shape
        if not units:
            return
        area = self.parentWidget().size() if self.parentWidget() else self.size()
        least = max(1, -(-_LEAST // max(height, width)))
        for scale in range(_LARGEST, 0, -1):
            self._scale = scale
            self._groups = max((area.width() - 2 * _MARGIN) // self._group[1], 1)
            fits = self._groups * self._group[1] <= area.width() - 2 * _MARGIN
            lines = -(-units // self._groups)
            if scale <= least or (fits and lines * self._group[0] <= area.height() - 2 * _MARGIN):
                break
        lines = -(-units // self._groups)
        self._groups = -(-units // lines)  # so that no line is nearly empty
        self.setMinimumHeight(lines * self._group[0] + 2 * _MARGIN)
        self.setMinimumWidth(min(self._groups, units) * self._group[1] + 2 * _MARGIN)

    def fit(self) -> None:
        before = (self._scale, self._groups)
        self._lay_out()
        if before != (self._scale, self._groups):
            self._paint_image()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def rect_of(self, unit: int, channel: int) -> QRect:
        """Where a picture lies."""
        tall, wide = self._group
        _, tile = self._tile
        line, column = divmod(unit, self._groups)
        return QRect(_MARGIN + column * wide + channel * tile, _MARGIN + line * tall,
                     tile - _GAP, self._tile[0] - _GAP)

    def place_at(self, point: QPointF) -> tuple[int, int, int, int]:
        """Unit, channel, row and column at a point; −1 each where there is no picture."""
        tall, wide = self._group
        x, y = point.x() - _MARGIN, point.y() - _MARGIN
        column = int(x // wide)
        unit = int(y // tall) * self._groups + column
        channel = int((x - column * wide) // self._tile[1])
        inside = 0 <= column < self._groups and 0 <= unit < len(self.tiles) and 0 <= channel < self.tiles.shape[1]
        if not inside or not self.rect_of(unit, channel).contains(point.toPoint()):
            return self.nowhere
        rect = self.rect_of(unit, channel)
        return (unit, channel, int((point.y() - rect.top()) // self._scale),
                int((point.x() - rect.left()) // self._scale))

    # -- painting ---------------------------------------------------------------------------------------------

    def _paint_image(self) -> None:
        """All pictures at their size on the screen, as one image."""
        units, channels = self.tiles.shape[:2]
        if not units:
            return
        ground = np.array(colours.token("panel").getRgb()[:3], np.uint8)
        lines = -(-units // self._groups)
        (tall, wide), (tile_tall, tile_wide) = self._group, self._tile
        ends = np.where(self.ends[:units] > 0, self.ends[:units], 1.0)
        pixels = signed_pixels(self.tiles / ends[:, None, None, None], 1.0)
        large = pixels.repeat(self._scale, axis=2).repeat(self._scale, axis=3)
        groups = np.empty((lines * self._groups, tall, wide, 3), np.uint8)
        groups[...] = ground
        for channel in range(channels):
            left = channel * tile_wide
            groups[:units, : tile_tall - _GAP, left : left + tile_wide - _GAP] = large[:, channel]
        whole = groups.reshape(lines, self._groups, tall, wide, 3).swapaxes(1, 2)
        self._image = as_image(whole.reshape(lines * tall, self._groups * wide, 3))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(_MARGIN, _MARGIN, self._image)
        if self.place[0] >= 0:
            frame = self.rect_of(self.place[0], 0).united(self.rect_of(self.place[0], self.tiles.shape[1] - 1))
            painter.setPen(QPen(colours.token("accent"), 1))
            painter.drawRect(frame.adjusted(-1, -1, 0, 0))

    # -- what the person does ---------------------------------------------------------------------------------

    def tell(self) -> None:
        self.pointed.emit(*self.place)

    def press(self, point: QPointF) -> None:
        if self.place_at(point)[0] >= 0:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self._groups,
                 Qt.Key.Key_Down: self._groups}
        if event.key() in steps and len(self.tiles):
            unit = self.place[0] + steps[Qt.Key(event.key())] if self.place[0] >= 0 else 0
            self.point((min(max(unit, 0), len(self.tiles) - 1), 0, 0, 0))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.place[0] >= 0:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
