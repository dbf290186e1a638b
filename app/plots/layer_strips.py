"""The layers of a network side by side, from input to answer, each with what it makes of one example."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from app import numbers
from app.plots import colours
from app.plots.pointed import Pointed
from app.plots.strip import SIDES, Block, Strip
from app.style import theme

_MARGIN, _APART, _TITLES = 12, 18, 34
_LEAST_ROOM = 60
_LEAST_WIDTH = 74


class LayerStrips(Pointed[tuple[str, int, int, int]]):
    """Paints strips; stands in a scroll area, whose height it fills."""

    pointed = Signal(str, int, int, int)  # node, channel, row, column; "" and −1 each for none
    clicked = Signal(str)
    nowhere = ("", -1, -1, -1)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers of the network")
        self.strips: list[Strip] = []
        self.selected: frozenset[str] = frozenset()
        self.marked = -1
        self._blocks: list[Block] = []
        self._lefts: list[int] = []
        self._images: list[QImage] = []
        self._at = -1

    def show_strips(self, strips: list[Strip], marked: int = -1) -> None:
        """Shows these, from left to right; ``marked`` is the right one of the last strip's bars."""
        self.strips, self.marked = strips, marked
        self._images = [QImage() if strip.is_bars else strip.image() for strip in strips]
        self._lay_out()
        self.update()

    def retheme(self) -> None:
        """Takes the colours of the theme in force."""
        self.show_strips(self.strips, self.marked)

    def strip_of(self, node: str) -> Strip | None:
        return next((strip for strip in self.strips if strip.node == node), None)

    # -- where things are -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        area = self.parentWidget().size() if self.parentWidget() else self.size()
        room = max(area.height() - _TITLES - 8, _LEAST_ROOM)
        for side in (*SIDES, 0):  # the largest pictures that let all layers be seen; else it scrolls
            self._blocks = [Block(strip, room, side) for strip in self.strips]
            end = self._place_blocks()
            if end <= area.width():
                break
        self.setMinimumWidth(end)
        tallest = max((block.rows * block.step[1] for block in self._blocks), default=0)
        self.setMinimumHeight(_TITLES + min(max(tallest, _LEAST_ROOM), room) + 4)

    def _place_blocks(self) -> int:
        """Puts the blocks side by side; where the last one ends."""
        metrics = self.fontMetrics()
        self._lefts, left = [], _MARGIN
        for block in self._blocks:
            self._lefts.append(left)
            title = min(metrics.horizontalAdvance(block.strip.title) + 4, 150)
            left += max(block.width, title, _LEAST_WIDTH) + _APART
        return left

    def fit(self) -> None:
        self._lay_out()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 160)

    def index_at(self, point: QPointF) -> int:
        """The strip at a point, with its title; −1 for none."""
        ends = [*self._lefts[1:], self.minimumWidth()]
        return next((i for i, (left, end) in enumerate(zip(self._lefts, ends, strict=False))
                     if left - _APART / 2 <= point.x() < end - _APART / 2), -1)

    def place_at(self, point: QPointF) -> tuple[str, int, int, int]:
        """Node, channel, row and column at a point."""
        index = self.index_at(point)
        if index < 0:
            return self.nowhere
        found = self._blocks[index].place_at(point - QPointF(self._lefts[index], _TITLES))
        return (self.strips[index].node, *(found or (-1, -1, -1)))

    # -- painting ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        for i, (block, left) in enumerate(zip(self._blocks, self._lefts, strict=True)):
            if left > seen.right() or left + max(block.width, 160) < seen.left():
                continue
            self._paint_title(painter, i, left)
            painter.save()
            painter.translate(left, _TITLES)
            last = i == len(self._blocks) - 1
            block.paint(painter, self._images[i], self.marked if last else -1)
            node, channel = self.place[:2]
            if node == block.strip.node and channel >= 0 and not block.strip.is_bars and not block.strip.plain:
                painter.setPen(QPen(colours.token("accent"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(block.rect(channel).adjusted(-1, -1, 0, 0))
            painter.restore()

    def _paint_title(self, painter: QPainter, index: int, left: int) -> None:
        strip = self.strips[index]
        painter.setFont(theme.font(theme.current().font_small, bold=True))
        chosen = strip.node in self.selected or index == self._at
        painter.setPen(colours.token("accent" if chosen else "text"))
        width = max(self._blocks[index].width, _LEAST_WIDTH, 150) + _APART - 6
        if index + 1 < len(self._lefts):
            width = self._lefts[index + 1] - left - 6
        line = QRectF(left, 1, width, 15)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, middle, painter.fontMetrics().elidedText(
            strip.title, Qt.TextElideMode.ElideMiddle, int(width)))
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(colours.token("quiet"))
        scale = "" if strip.plain or strip.shares else f" · ±{numbers.number(strip.end, 2)}"
        painter.drawText(line.translated(0, 15), middle, painter.fontMetrics().elidedText(
            strip.shape + scale, Qt.TextElideMode.ElideRight, int(width)))

    # -- what the person does ---------------------------------------------------------------------------------

    def tell(self) -> None:
        self.pointed.emit(*self.place)

    def press(self, point: QPointF) -> None:
        index = self.index_at(point)
        if index >= 0:
            self.clicked.emit(self.strips[index].node)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel goes along the layers."""
        area = self.parentWidget().parentWidget() if self.parentWidget() else None
        if isinstance(area, QScrollArea) and not event.angleDelta().x():
            bar = area.horizontalScrollBar()
            bar.setValue(bar.value() - event.angleDelta().y())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self.strips:
            self._at = min(max(self._at + steps[Qt.Key(event.key())], 0), len(self.strips) - 1)
            area = self.parentWidget().parentWidget() if self.parentWidget() else None
            if isinstance(area, QScrollArea):
                area.ensureVisible(self._lefts[self._at] + 40, 0, 60, 0)
            self.setAccessibleDescription(f"{self.strips[self._at].title}, {self.strips[self._at].shape}")
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._at < len(self.strips):
            self.clicked.emit(self.strips[self._at].node)
        else:
            super().keyPressEvent(event)


def moved_only(before: np.ndarray, after: np.ndarray) -> bool:
    """Does a layer put out the numbers it was given, in another shape or none? Then there is nothing new to see."""
    return before.size == after.size and bool(np.array_equal(before.reshape(-1), after.reshape(-1), equal_nan=True))
