"""The legend inside a plot: names the curves, gives their values, and switches them on and off."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from app import theme
from app.plots import colours

_SWATCH = 12
_GAP = 6
_MARGIN = 4
#: Room for the longest number, so that the legend keeps its width while values change.
_VALUE_TEXT = "−8.88e−88"
_LONGEST_NAME = 130


class LegendEntry(QAbstractButton):
    """One curve: a stroke of its colour, its name, its value. Checked means shown."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(name)
        self.setAccessibleName(f"Show {name}")
        self.setToolTip(f"{name}\nClick to show or hide.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFont(theme.font(theme.current().font_small))
        self.colour = QColor()
        self._value = ""
        self._highlighted = False

    def show_value(self, text: str) -> None:
        """The number on the right."""
        if text != self._value:
            self._value = text
            self.update()

    def value(self) -> str:
        return self._value

    def highlight(self, on: bool) -> None:
        """Sets the name off from the others."""
        if on != self._highlighted:
            self._highlighted = on
            self.setFont(theme.font(theme.current().font_small, bold=on))
            self.update()

    def name_width(self) -> int:
        bold = QFontMetrics(theme.font(theme.current().font_small, bold=True))
        return min(bold.horizontalAdvance(self.text()), _LONGEST_NAME)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = _MARGIN + _SWATCH + _GAP + self.name_width() + 2 * _GAP + metrics.horizontalAdvance(_VALUE_TEXT)
        return QSize(width + _MARGIN, metrics.height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        middle = self.height() // 2
        painter.fillRect(_MARGIN, middle - 1, _SWATCH, 2, self.colour if self.isChecked() else colours.token("line"))
        left = _MARGIN + _SWATCH + _GAP
        numbers_width = self.fontMetrics().horizontalAdvance(_VALUE_TEXT)
        names = QRect(left, 0, self.width() - left - numbers_width - _MARGIN, self.height())
        align = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colours.token("text" if self.isChecked() else "quiet"))
        name = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, names.width())
        painter.drawText(names, align | Qt.AlignmentFlag.AlignLeft, name)
        if self.isChecked():
            painter.setPen(colours.token("quiet"))
            painter.setFont(theme.font(theme.current().font_small))
            right = QRect(self.width() - numbers_width - _MARGIN, 0, numbers_width, self.height())
            painter.drawText(right, align | Qt.AlignmentFlag.AlignRight, self._value)

    def _paint_ground(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.token("hover" if self.underMouse() else "panel"))
        if self.hasFocus():
            painter.setPen(colours.token("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class Legend(QWidget):
    """The entries, one under the other; those that do not fit are counted in the last line."""

    toggled = Signal(int, bool)  # index of the curve, shown or not

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.entries: list[LegendEntry] = []
        self._more = LegendMore(self)

    def set_names(self, names: list[str], shown: list[bool]) -> None:
        """Begins anew with these curves."""
        for entry in self.entries:
            self._column.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = [LegendEntry(name, self) for name in names]
        for index, (entry, on) in enumerate(zip(self.entries, shown, strict=True)):
            entry.setChecked(on)
            entry.toggled.connect(lambda checked, index=index: self.toggled.emit(index, checked))
            self._column.addWidget(entry)
        self._column.removeWidget(self._more)
        self._column.addWidget(self._more)

    def fit_into(self, height: int) -> None:
        """Shows as many entries as fit and takes its own size."""
        if not self.entries:
            self.resize(0, 0)
            return
        line = self.entries[0].sizeHint().height()
        fits = max(height // line, 1)
        hidden = len(self.entries) - fits + 1 if len(self.entries) > fits else 0
        for index, entry in enumerate(self.entries):
            entry.setVisible(index < len(self.entries) - hidden)
        self._more.count(hidden)
        width = max(entry.sizeHint().width() for entry in self.entries)
        self.resize(width, line * min(len(self.entries), fits))


class LegendMore(QWidget):
    """Says how many curves the legend has no room for; the plot's menu lists them all."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self.setFixedHeight(QFontMetrics(theme.font(theme.current().font_small)).height() + 2)
        self.hide()

    def count(self, hidden: int) -> None:
        self._text = f"{hidden} more in the menu" if hidden else ""
        self.setVisible(bool(hidden))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.token("panel"))
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(colours.token("quiet"))
        painter.drawText(self.rect().adjusted(_MARGIN + _SWATCH + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter,
                         self._text)
