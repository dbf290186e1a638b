"""The line at the top of a plot: its title, a quiet remark, and small buttons. It may become the bar of a dock."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

_ICON = QSize(14, 14)
_SHORTEST_TITLE = 60
#: A remark of which no more than this part is seen says nothing.
_LEAST_SAID = 0.4
#: Pixels between title and remark.
_BETWEEN = 12
#: Title and remark come first in the row; pixels left of a choice.
_AFTER_WORDS, _SPACE = 1, 6


class Title(QLabel):
    """The name of the plot, its short one where there is no room: a header must not decide how narrow a dock may be."""

    def __init__(self, text: str, short: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._short = short
        self._gives_way = False

    def seen(self) -> str:
        """What is written, in the room there is."""
        metrics = self.fontMetrics()
        fits = metrics.horizontalAdvance(self.text()) <= self.width()
        shown = self.text() if fits and not self._gives_way else self._short
        return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, self.width())

    def give_way(self, needed: int) -> None:
        """Is short where what stands beside it needs so many pixels, and stays so while the room is the same."""
        if not self._gives_way and self.fontMetrics().horizontalAdvance(self.text()) + needed > self.width():
            self._gives_way = True
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._gives_way = False

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _SHORTEST_TITLE), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.seen())


class Remark(QLabel):
    """Quiet text on the right of a title, over whose room it lies; cut at its end where there is too little. The
    header's tooltip has all of it."""

    def __init__(self, text: str, title: Title, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._text = text
        self._title = title
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        return self._text

    def say(self, text: str) -> None:
        """Shows this text. The label's own would have the whole window laid out anew each time."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._ask_for_room()
            self.update()
            # On the header, since the text itself may have no room at all.
            self.parentWidget().setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def seen(self) -> str:
        """What is written, in the room that the title leaves."""
        room = self.width() - self._title.fontMetrics().horizontalAdvance(self._title.seen()) - _BETWEEN
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        return text if len(text) > len(self.text()) * _LEAST_SAID else ""

    def _ask_for_room(self) -> None:
        if self._text:
            self._title.give_way(self.fontMetrics().horizontalAdvance(self._text) + _BETWEEN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask_for_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._ask_for_room()  # fonts may have become others since the last resize
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.seen())


class Header(QWidget):
    """Title left, remark and buttons right."""

    def __init__(self, title: str, short: str, remark: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 6, 2)
        self._row.setSpacing(2)
        name = Title(title, short, self)
        name.setProperty("role", "strong")
        self.remark = Remark(remark, name, self)
        words = QGridLayout()
        words.addWidget(name, 0, 0)
        words.addWidget(self.remark, 0, 0)  # in the same room: which of the two gets how much is a matter of words
        self._row.addLayout(words, 1)

    def add_button(self, name: str, tip: str, *, at_end: bool = False) -> QToolButton:
        """A small flat button at the right end, left of the last one or behind it."""
        button = QToolButton(self)
        button.setProperty("role", "tiny")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(_ICON)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        last = self._row.count() - 1
        has_button = isinstance(self._row.itemAt(last).widget(), QToolButton)
        self._row.insertWidget(last if has_button and not at_end else last + 1, button)
        return button

    def add_choice(self, widget: QWidget) -> None:
        """Something to choose with, right of title and remark."""
        self._row.insertWidget(_AFTER_WORDS, widget)
        self._row.insertSpacing(_AFTER_WORDS, _SPACE)
