"""A drawing area over a plane of numbers: both axes in units of the data, crosshair, zoom and back."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from app.plots.area import Area
from app.plots.axes import Axis

_NAME_GAP = 10


class NamedAxis(Axis):
    """The bottom axis with the name of its quantity at its end."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.name = ""

    def set_name(self, name: str) -> None:
        """What the numbers are."""
        if name != self.name:
            self.name = name
            self.picture = None
            self.update()

    def drawPicture(self, p: QPainter, axisSpec: tuple, tickSpecs: list, textSpecs: list) -> None:
        room = QRectF(0, 0, self.size().width(), self.size().height())
        width = min(QFontMetricsF(self.style["tickFont"]).horizontalAdvance(self.name), room.width() * 0.6)
        left = room.right() - width - _NAME_GAP
        super().drawPicture(p, axisSpec, [], [spec for spec in textSpecs if spec[0].right() < left])
        top = textSpecs[0][0].top() if textSpecs else room.top()
        p.drawText(QRectF(room.right() - width, top, width, room.height()),
                   Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self.name)


class Plane(Area):
    """Shows a range of two numbers. Its crosshair is a pair of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Axis("left"), NamedAxis(), angles=(90, 0), top=20)
        self._all = QRectF(0, 0, 1, 1)
        self.above = self._label()  # the name of the vertical axis, above it
        self.key = self._label()  # what colours and marks mean, above the picture on the right
        self.retheme()

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", "small")
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return label

    def name_axes(self, across: str, up: str) -> None:
        """What the two axes measure."""
        self.bottom.set_name(across)
        self.above.setText(up)
        self.above.adjustSize()

    def explain(self, rich_text: str) -> None:
        """What colours and marks mean."""
        if rich_text != self.key.text():
            self.key.setText(rich_text)
            self.place_parts()

    def extend(self, everything: QRectF) -> None:
        """All there is to see; shown unless the person has zoomed."""
        self._all = everything
        if self.following and self.in_view() != everything:
            self.view.setRange(everything, padding=0)

    def follow(self) -> None:
        self.view.setRange(self._all, padding=0)
        super().follow()

    def place_parts(self) -> None:
        super().place_parts()
        self.above.move(12, 3)
        self.key.adjustSize()
        self.key.move(max(self.width() - self.key.width() - 12, self.above.geometry().right() + 8), 3)


def surrounding(x: list[float], y: list[float], margin: float) -> QRectF:
    """The rectangle around lowest and highest of both, with a ``margin`` (share of its sides) all around."""
    (left, right), (low, high) = (_spread(values) for values in (x, y))
    across, up = (right - left) * margin, (high - low) * margin
    return QRectF(left - across, low - up, right - left + 2 * across, high - low + 2 * up)


def _spread(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    half = max(abs(low), 1.0) / 2
    return (low, high) if high > low else (low - half, high + half)
