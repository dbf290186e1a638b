"""Messages over the canvas: never in the way of the next click, with details to unfold and a cross to dismiss."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.panels.widgets import Card, label
from app.style.icons import ThemedIcon

#: Severity → (word for screen readers, icon, colour token, milliseconds until it goes by itself or 0).
KINDS = {
    "info": ("Information", "mdi6.information-outline", "value", 9000),
    "warning": ("Warning", "mdi6.alert", "warning", 15000),
    "error": ("Error", "mdi6.close-octagon", "danger", 0),
}
_MOST = 3
_WIDEST = 640
_MARGIN = 12
_ICON_ROOM = 24
#: Width kept free on the left for the canvas's legend, unless less than this would remain.
_LEGEND, _NARROWEST = 282, 340


class Message(Card):
    """One message."""

    def __init__(self, severity: str, sentence: str, details: str, dismiss: Callable[[Message], None]) -> None:
        super().__init__()
        word, icon, token, stays = KINDS.get(severity, KINDS["info"])
        self.severity, self.sentence, self.details = severity, sentence, details
        self._dismiss = dismiss
        self.about: object = None
        self.setAccessibleName(f"{word}: {sentence}")
        mark = QToolButton()
        mark.setProperty("role", "flat")
        mark.setEnabled(True)
        mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        mark.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        ThemedIcon(mark, icon, token)
        text = label(sentence)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = QToolButton()
        self.close_button.setProperty("role", "flat")
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setToolTip("Dismiss")
        ThemedIcon(self.close_button, "mdi6.close", "quiet")
        for button in (mark, self.close_button):
            button.setFixedSize(_ICON_ROOM, _ICON_ROOM)
            button.setStyleSheet("padding: 0;")
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self.column.setContentsMargins(6, 6, 6, 6)
        self.column.addLayout(row)
        if details:
            self._add_details(row)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self, singleShot=True, interval=stays)
        self._timer.timeout.connect(self.dismiss)
        if stays and not details:
            self._timer.start()

    def _add_details(self, row: QHBoxLayout) -> None:
        fold, copy = QPushButton("Details"), QPushButton("Copy details")
        fold.setCheckable(True)
        box = QPlainTextEdit(self.details)
        box.setReadOnly(True)
        box.setFixedHeight(160)
        box.setAccessibleName("Details")
        box.hide()
        fold.toggled.connect(box.setVisible)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.details))
        row.addWidget(fold, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(box)

    def dismiss(self) -> None:
        self._timer.stop()
        self._dismiss(self)


class MessageBar(QWidget):
    """The last few messages, lying over the top of ``ground``."""

    def __init__(self, ground: QWidget) -> None:
        super().__init__(ground)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.messages: list[Message] = []
        ground.installEventFilter(self)
        self.hide()

    def say(self, severity: str, sentence: str, details: str = "", about: object = None) -> None:
        """Shows a message; one that is shown already is not repeated. ``about`` is for :meth:`settle`."""
        if not sentence:
            return
        for same in [m for m in self.messages if m.sentence == sentence]:
            self._remove(same)
        while len(self.messages) >= _MOST:
            self._remove(next((m for m in self.messages if m.severity != "error"), self.messages[0]))
        message = Message(severity, sentence, details, self._remove)
        message.about = about
        self.messages.append(message)
        self._column.addWidget(message)
        self.show()
        self.raise_()
        self._place()

    def settle(self, about: object) -> None:
        """Takes away the errors about what has succeeded since."""
        for message in [m for m in self.messages if m.severity == "error" and m.about is about]:
            self._remove(message)

    def clear(self) -> None:
        """Takes all messages away."""
        for message in list(self.messages):
            self._remove(message)

    def _remove(self, message: Message) -> None:
        if message not in self.messages:
            return
        self.messages.remove(message)
        self._column.removeWidget(message)
        message.hide()
        message.deleteLater()
        self.setVisible(bool(self.messages))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            QTimer.singleShot(0, self, partial(self._place))
        return super().event(event)

    def _place(self) -> None:
        ground = self.parentWidget().width()
        left = _LEGEND if ground - _LEGEND - _MARGIN >= _NARROWEST else _MARGIN
        width = max(min(ground - left - _MARGIN, _WIDEST), 120)
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(max((ground - width) // 2, left), _MARGIN, width, max(height, 1))
