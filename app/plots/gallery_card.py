"""One sample closely: the picture, the verdict, and what the network puts out for every class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import numbers
from app.plots import colours
from app.plots.gallery_samples import SampleReader
from app.style import theme

_WIDTH, _MARGIN, _LINE, _PICTURE = 196, 10, 16, 76
_LONGEST_NAME, _VALUE_WIDTH = 76, 54
_BAR = 7


class SampleCard(QWidget):
    """Painted; its description says the same in words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The sample closely")
        self._reader: SampleReader | None = None
        self._place = -1
        self.bars: list[tuple[int, str, float]] = []  # class, name, what the network puts out for it

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 200)

    def show_sample(self, reader: SampleReader | None, place: int) -> None:
        """Shows the sample at this position; −1 for none."""
        self._reader, self._place = reader, place
        self.bars = self._make_bars()
        words = reader.in_words(place) if reader and place >= 0 else "Point at a sample."
        shares = ", ".join(f"{name} {numbers.number(value)}" for _, name, value in self.bars)
        self.setAccessibleDescription(f"{words} {shares}")
        self.setToolTip("\n".join((words, shares)) if shares else words)
        self.update()

    def _make_bars(self) -> list[tuple[int, str, float]]:
        if self._reader is None or self._place < 0 or not self._reader.tells_classes:
            return []
        shares = self._reader.shares(self._place)
        return [(label, self._reader.class_name(label), float(shares[label])) for label in range(len(shares))]

    def _fitting(self, room: float) -> list[tuple[int, str, float]]:
        """The bars there is room for: all in their order, or the largest first."""
        most = max(int(room // _LINE), 1)
        if len(self.bars) <= most:
            return self.bars
        order = np.argsort([-value for _, _, value in self.bars], kind="stable")
        return [self.bars[place] for place in order[:most]]

    # -- painting ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, 1, self.height()), colours.token("line"))
        painter.setFont(theme.font(theme.current().font_small))
        reader, place = self._reader, self._place
        if reader is None or place < 0:
            painter.setPen(colours.token("quiet"))
            room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                             "Point at a sample to see its probabilities. Double-click: its feature maps.")
            return
        top = self._paint_picture(painter, reader, place)
        top = self._paint_words(painter, reader, place, top)
        self._paint_bars(painter, reader, place, top + 4)

    def _paint_picture(self, painter: QPainter, reader: SampleReader, place: int) -> float:
        picture = reader.picture(place)
        if picture is None or self.height() < 170:
            return float(_MARGIN)
        side = min(_PICTURE, self.height() * 0.35)
        fitted = picture.size().scaled(int(side), int(side), Qt.AspectRatioMode.KeepAspectRatio)
        # A small picture is enlarged pixel by pixel, a large one made smaller smoothly.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, picture.width() > side)
        painter.drawImage(QRectF(_MARGIN, _MARGIN, fitted.width(), fitted.height()), picture)
        return _MARGIN + side + 4

    def _paint_words(self, painter: QPainter, reader: SampleReader, place: int, top: float) -> float:
        wrong = reader.is_wrong(place)
        lines = [("quiet", f"row {numbers.count(reader.row(place))} · loss {numbers.number(reader.loss(place))}"),
                 ("text", f"true {reader.true(place)}"),
                 ("danger" if wrong else "text",
                  f"predicted {reader.told(place)}" + ("" if not reader.tells_classes else " ✕" if wrong else " ✓"))]
        if reader.text(place):
            lines.insert(0, ("strong", reader.text(place)))
        for token, text in lines:
            painter.setPen(colours.token(token))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 2 * _MARGIN)
            painter.drawText(QRectF(_MARGIN, top, self.width() - _MARGIN, _LINE), Qt.AlignmentFlag.AlignVCenter, shown)
            top += _LINE
        return top

    def _paint_bars(self, painter: QPainter, reader: SampleReader, place: int, top: float) -> None:
        labels, answers = reader.judged.labels, reader.judged.answers
        bars = self._fitting(self.height() - top - 4)
        largest = max((abs(value) for _, _, value in self.bars), default=1.0) or 1.0
        whole = 1.0 if reader.judged.probabilities else largest
        metrics = painter.fontMetrics()
        widest = min(max((metrics.horizontalAdvance(f"{name} ◂") + 6 for _, name, _ in bars), default=0), _LONGEST_NAME)
        for label, name, value in bars:
            right = labels is not None and label == int(labels[place])
            told = answers is not None and label == int(answers[place])
            self._paint_bar(painter, QRectF(_MARGIN, top, widest, _LINE), f"{name} ◂" if right else name, value,
                            value / whole, told)
            top += _LINE

    def _paint_bar(
        self, painter: QPainter, box: QRectF, name: str, value: float, share: float, told: bool
    ) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(theme.current().font_small, bold=told))
        painter.setPen(colours.token("strong" if told else "quiet"))
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(box.width()) + 1)
        painter.drawText(box, middle, text)
        left, top = box.right() + 4, box.top()
        room = self.width() - left - _VALUE_WIDTH - _MARGIN
        bar = QRectF(left, top + (_LINE - _BAR) / 2, room, _BAR)
        painter.fillRect(bar, colours.token("field"))
        if np.isfinite(share) and share > 0:
            painter.fillRect(QRectF(bar.left(), bar.top(), max(min(share, 1.0) * room, 1.0), _BAR),
                             colours.token("value"))
        numeral = numbers.number(value)
        painter.drawText(QRectF(self.width() - _VALUE_WIDTH - _MARGIN + 4, top, _VALUE_WIDTH, _LINE),
                         middle | Qt.AlignmentFlag.AlignRight, numeral)
