"""What a data set looks like: points, pictures or the first rows, and how its targets are spread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.numbers import count, number
from app.panels.data_rows import Rows
from app.pictures import as_image, picture_shape
from app.style import theme
from app.style.class_colours import class_colour
from engine.data import Dataset

_MOST_POINTS = 1500
_PICTURES = (7, 4)
_BAR_HEIGHT = 18
_MOST_BARS = 20


class Preview(QStackedWidget):
    """Chooses the picture that suits a data set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points, self.pictures, self.rows = Points(), Pictures(), Rows()
        for page in (self.points, self.pictures, self.rows):
            self.addWidget(page)

    def show_data(self, data: Dataset) -> None:
        """Shows examples of the training part."""
        shape = data.signature.input_shape
        if picture_shape(data):
            page = self.pictures
        elif shape == (2,) or (shape == (1,) and not data.class_names):
            page = self.points
        else:
            page = self.rows
        page.show_data(data)
        self.setCurrentWidget(page)
        self.setFixedHeight(page.sizeHint().height())


class _Picture(QWidget):
    """Base of what is painted here: repainted with the theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        theme.signals.changed.connect(self.update)


class Points(_Picture):
    """Points of the plane in the colours of their classes, or a curve: target over input."""

    def __init__(self) -> None:
        super().__init__("Examples as points")
        self._xy = np.zeros((0, 2))
        self._classes = np.zeros(0, np.int64)

    def sizeHint(self) -> QSize:
        return QSize(200, 210)

    def show_data(self, data: Dataset) -> None:
        x = data.scaler.undo(data.x_train[:_MOST_POINTS])
        y = data.y_train[:_MOST_POINTS]
        if data.class_names:
            self._xy, self._classes = x, y
        else:
            target = data.target_scaler.undo(y).reshape(len(y), -1)[:, :1]
            self._xy = np.concatenate([x.reshape(len(x), -1)[:, :1], target], axis=1)
            self._classes = np.zeros(len(x), np.int64)
        self.setToolTip(f"{count(len(self._xy))} of {count(len(data.x_train))} training examples")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.ground))
        painter.drawRoundedRect(QRectF(self.rect()), tokens.radius, tokens.radius)
        if not len(self._xy):
            return
        low, high = self._xy.min(axis=0), self._xy.max(axis=0)
        width = np.where(high > low, high - low, 1.0)
        area = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        at = (self._xy - low) / width
        radius = 3.5 if len(at) < 30 else 2.2
        for place in np.unique(self._classes):
            painter.setBrush(class_colour(int(place)))
            for u, v in at[self._classes == place].tolist():
                painter.drawEllipse(QPointF(area.left() + u * area.width(), area.bottom() - v * area.height()),
                                    radius, radius)


class Pictures(_Picture):
    """A grid of examples, a few of each class."""

    def __init__(self) -> None:
        super().__init__("Examples as pictures")
        self._images: list[QImage] = []
        self._captions: list[str] = []

    def sizeHint(self) -> QSize:
        return QSize(200, 26 * _PICTURES[1] * 2)

    def show_data(self, data: Dataset) -> None:
        wanted = _PICTURES[0] * _PICTURES[1]
        shape = picture_shape(data)
        self._images, self._captions = [], []
        raw = data.scaler.undo(data.x_train[:wanted]).reshape(-1, *shape)
        top = float(raw.max(initial=0.0)) or 1.0
        for index, pixels in enumerate(raw):
            self._images.append(as_image(pixels, top))
            names = data.class_names
            self._captions.append(names[int(data.y_train[index])] if names else "")
        self.setToolTip("The first training examples, with their classes")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(QColor(theme.current().quiet))
        columns = _PICTURES[0]
        cell = self.width() / columns
        side = min(cell - 4, self.height() / _PICTURES[1] - 16)
        for index, (image, caption) in enumerate(zip(self._images, self._captions, strict=True)):
            x, y = index % columns * cell, index // columns * (side + 17)
            painter.drawImage(QRectF(x + (cell - side) / 2, y, side, side), image)
            short = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, round(cell) - 3)
            painter.drawText(QRectF(x, y + side, cell, 15), Qt.AlignmentFlag.AlignCenter, short)


class Balance(_Picture):
    """How many training examples each class has, or how a number to predict is spread."""

    def __init__(self) -> None:
        super().__init__("Class balance")
        self._bars: list[tuple[str, int, int]] = []  # caption, count, place of its colour

    def show_data(self, data: Dataset) -> None:
        names = data.class_names
        if names:
            counts = np.bincount(data.y_train, minlength=len(names)).tolist()
            self._bars = [(name, n, place) for place, (name, n) in enumerate(zip(names, counts, strict=True))]
            self._bars = self._bars[:_MOST_BARS]
        else:
            target = data.target_scaler.undo(data.y_train).reshape(len(data.y_train), -1)[:, 0]
            counts, edges = np.histogram(target, bins=8)
            self._bars = [(f"{number(a, 2)} … {number(b, 2)}", int(n), 0)
                          for n, a, b in zip(counts, edges[:-1], edges[1:], strict=True)]
        self.setAccessibleDescription(", ".join(f"{caption}: {n}" for caption, n, _ in self._bars))
        self.setFixedHeight(max(len(self._bars) * _BAR_HEIGHT, 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(tokens.font_small))
        metrics = painter.fontMetrics()
        left = min(max(metrics.horizontalAdvance(caption) for caption, _, _ in self._bars) + 10, self.width() // 2)
        right = metrics.horizontalAdvance(count(max(n for _, n, _ in self._bars))) + 8
        most = max(n for _, n, _ in self._bars) or 1
        for row, (caption, n, place) in enumerate(self._bars):
            y = row * _BAR_HEIGHT
            shown = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, left - 8)
            painter.setPen(QColor(tokens.text))
            painter.drawText(QRectF(0, y, left, _BAR_HEIGHT), Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(QColor(tokens.quiet))
            painter.drawText(QRectF(self.width() - right, y, right, _BAR_HEIGHT),
                             Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count(n))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(class_colour(place))
            width = (self.width() - left - right) * n / most
            painter.drawRoundedRect(QRectF(left, y + 4, max(width, 1.0), _BAR_HEIGHT - 8), 3, 3)
