"""The line at the top of a plot: its title, a quiet remark, and small buttons. It may become the bar of a dock."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

_ICON = QSize(14, 14)
_SHORTEST_TITLE = 60
_DOTS = "…"


class Title(QLabel):
    """The name of the plot, its short one where there is no room: a header must not decide how narrow a dock may be."""

    def __init__(self, text: str, short: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._short = short

    def seen(self) -> str:
        """What is written, in the room there is."""
        metrics = self.fontMetrics()
        fits = metrics.horizontalAdvance(self.text()) <= self.width()
        return metrics.elidedText(self.text() if fits else self._short, Qt.TextElideMode.ElideRight, self.width())

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _SHORTEST_TITLE), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.seen())


class Remark(QLabel):
    """Quiet text on the right, cut at its end where there is no room; the header's tooltip has all of it."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._text = text
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        return self._text

    def say(self, text: str) -> None:
        """Shows this text. The label's own would have the whole window laid out anew each time."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()
            # On the header, since the text itself may have no room at all.
            self.parentWidget().setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect().adjusted(8, 0, 0, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        if text != _DOTS:  # alone they say nothing
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


class Header(QWidget):
    """Title left, remark and buttons right."""

    def __init__(self, title: str, short: str, remark: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 6, 2)
        self._row.setSpacing(2)
        name = Title(title, short, self)
        name.setProperty("role", "strong")
        self.remark = Remark(remark, self)
        self._row.addWidget(name)
        self._row.addWidget(self.remark, 1)

    def add_button(self, name: str, tip: str) -> QToolButton:
        """A small flat button at the right end, left of the last one."""
        button = QToolButton(self)
        button.setProperty("role", "tiny")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(_ICON)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        last = self._row.count() - 1
        has_button = isinstance(self._row.itemAt(last).widget(), QToolButton)
        self._row.insertWidget(last if has_button else last + 1, button)
        return button
