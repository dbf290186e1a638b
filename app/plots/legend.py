"""The legend inside a plot: names the curves, gives their values, and switches them on and off."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.plots import colours
from app.style import theme
from app.style.icons import ThemedIcon

#: Long enough for two dashes.
_SWATCH = 20
_GAP = 6
_MARGIN = 4
#: Room for the longest number, so that the legend keeps its width while values change.
_VALUE_TEXT = "−8.88e−88"
_LONGEST_NAME = 130
#: A legend that would take more of the plot's width than this leaves its values out.
_WIDEST_SHARE = 0.7
#: How opaque its ground is: names can be read, and a curve that passes below is seen.
_GROUND = 0.78
_FOLD = QSize(12, 12)


class LegendEntry(QAbstractButton):
    """One curve: a stroke of its colour, its name, its value. Checked means shown."""

    soloed = Signal()  # double-clicked

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(name)
        self.setAccessibleName(f"Show {name}")
        self.setToolTip(f"{name}\nClick to show or hide, double-click to show it alone.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFont(theme.font(theme.current().font_small))
        self.colour = QColor()
        self.line = Qt.PenStyle.SolidLine
        #: Has it a line in the legend?
        self.listed = True
        #: Is there room for the value?
        self.roomy = True
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
        width = _MARGIN + _SWATCH + _GAP + self.name_width() + 2 * _GAP + self._value_width()
        return QSize(width + _MARGIN, metrics.height() + 2)

    def _value_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(_VALUE_TEXT) if self.roomy else 0

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.soloed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        middle = self.height() // 2
        painter.setPen(QPen(self.colour if self.isChecked() else colours.token("line"), 2, self.line))
        painter.drawLine(_MARGIN, middle, _MARGIN + _SWATCH, middle)
        left = _MARGIN + _SWATCH + _GAP
        numbers_width = self._value_width()
        names = QRect(left, 0, self.width() - left - numbers_width - _MARGIN, self.height())
        align = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colours.token("text" if self.isChecked() else "quiet"))
        name = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, names.width())
        painter.drawText(names, align | Qt.AlignmentFlag.AlignLeft, name)
        if self.isChecked() and self.roomy:
            painter.setPen(colours.token("quiet"))
            painter.setFont(theme.font(theme.current().font_small))
            right = QRect(self.width() - numbers_width - _MARGIN, 0, numbers_width, self.height())
            painter.drawText(right, align | Qt.AlignmentFlag.AlignRight, self._value)

    def _paint_ground(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.token("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            painter.setPen(colours.token("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class Legend(QWidget):
    """The entries, one under the other; those that do not fit are counted in the last line. Curves under it are seen
    through it, and it folds into one line."""

    toggled = Signal(int, bool)  # index of the curve, shown or not
    soloed = Signal(int)  # index of the curve to be shown alone
    more_asked = Signal()
    folded = Signal()  # or unfolded: its size is another

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.fold = self._make_fold()
        row.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        row.addLayout(self._column, 1)
        self.entries: list[LegendEntry] = []
        self._unlisted = 0
        self._more = LegendMore(self)
        self._more.clicked.connect(self.more_asked)

    def _make_fold(self) -> QToolButton:
        fold = QToolButton(self)
        fold.setCheckable(True)
        fold.setProperty("role", "fold")
        fold.setIconSize(_FOLD)
        fold.setFont(theme.font(theme.current().font_small))
        fold.setCursor(Qt.CursorShape.PointingHandCursor)
        self._arrow = ThemedIcon(fold, "mdi6.chevron-down", "quiet")
        fold.toggled.connect(lambda _: self.folded.emit())
        return fold

    def paintEvent(self, event: QPaintEvent) -> None:
        ground = colours.token("panel")
        ground.setAlphaF(_GROUND)
        QPainter(self).fillRect(self.rect(), ground)

    def set_names(self, names: list[str], shown: list[bool], listed: list[bool]) -> None:
        """Begins anew with these curves; those not ``listed`` are only counted."""
        for entry in self.entries:
            self._column.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = [LegendEntry(name, self) for name in names]
        self._unlisted = listed.count(False)
        for index, (entry, on, is_listed) in enumerate(zip(self.entries, shown, listed, strict=True)):
            entry.setChecked(on)
            entry.listed = is_listed
            entry.toggled.connect(lambda checked, index=index: self.toggled.emit(index, checked))
            entry.soloed.connect(lambda index=index: self.soloed.emit(index))
            self._column.addWidget(entry)
        self._column.removeWidget(self._more)
        self._column.addWidget(self._more)

    def fit_into(self, height: int) -> None:
        """Shows as many entries as fit and takes its own size."""
        listed = [entry for entry in self.entries if entry.listed]
        away = self.fold.isChecked() and len(listed) > 1
        self._dress_fold(len(listed), away)
        line = max(listed[0].sizeHint().height(), 1) if listed else 1
        fits = max(height // line, 1)
        shown = 0 if away else len(listed)
        if shown + bool(self._unlisted) > fits:
            shown = max(fits - 1, 0)
        for entry in self.entries:
            entry.setVisible(entry in listed[:shown])
        more = 0 if away or not listed else len(self.entries) - shown
        self._more.count(more)
        width = self._width(listed) if shown else self._more.sizeHint().width() if more else 0
        fold = self.fold.sizeHint().width() if len(listed) > 1 else 0
        tall = self.fold.sizeHint().height() if away else line * (shown + bool(more))
        self.resize(width + fold, tall if listed else 0)

    def _dress_fold(self, count: int, away: bool) -> None:
        self.fold.setVisible(count > 1)
        style = Qt.ToolButtonStyle
        self.fold.setText(f"{count} curves" if away else "")
        self.fold.setToolButtonStyle(style.ToolButtonTextBesideIcon if away else style.ToolButtonIconOnly)
        self.fold.setAccessibleName("Unfold the legend" if away else "Fold the legend")
        self.fold.setToolTip(self.fold.accessibleName())
        self._arrow.change("mdi6.chevron-right" if away else "mdi6.chevron-down", "quiet")

    def _width(self, listed: list[LegendEntry]) -> int:
        """That of the widest entry; without values where that would take too much of the plot."""
        for roomy in (True, False):
            for entry in self.entries:
                entry.roomy = roomy
            width = max(entry.sizeHint().width() for entry in listed)
            if width <= _WIDEST_SHARE * self.parentWidget().width():
                break
        return width


class LegendMore(QAbstractButton):
    """Says how many more curves there are, and opens the menu that lists them all."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(theme.font(theme.current().font_small))
        self.setToolTip("The plot's menu lists every curve.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height() + 2)

    def count(self, more: int) -> None:
        """How many are not in the legend."""
        self.setText(f"{more} more…" if more else "")
        self.setAccessibleName(f"{more} more curves")
        self.setVisible(bool(more))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), colours.token("hover"))
        painter.setPen(colours.token("accent" if self.hasFocus() else "quiet"))
        room = self.rect().adjusted(_MARGIN + _SWATCH + _GAP, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
