"""The command palette: type a few letters, run any action."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.fuzzy import ranked

_WIDTH, _HEIGHT, _TOP, _ROW = 520, 380, 90, 32
Command = tuple[str, QAction]  # the path of its menu, and the action


class CommandPalette(QFrame):
    """Offers the actions that are possible now, over the top of ``parent``; runs the chosen one after it has closed.
    Turning elsewhere closes it too. ``left`` tells that it closed and the focus went nowhere in particular."""

    left = Signal()

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("search_popup")
        self.setAccessibleName("Command palette")
        self._commands = [command for command in commands if command[1].isEnabled()]
        self.field = QLineEdit(placeholderText="What do you want to do?")
        self.field.setAccessibleName("Find an action")
        self.list = QListWidget(objectName="search_list")
        self.list.setAccessibleName("Actions found")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.move((parent.width() - _WIDTH) // 2, _TOP)
        self.field.textChanged.connect(self._search)
        self.list.itemClicked.connect(self._take)
        self.field.installEventFilter(self)
        self._search("")

    def open(self) -> None:
        """Shows it, ready to type."""
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row = self.list.currentRow()
            if event.key() == Qt.Key.Key_Down:
                self.list.setCurrentRow(min(row + 1, self.list.count() - 1))
                return True
            if event.key() == Qt.Key.Key_Up:
                self.list.setCurrentRow(max(row - 1, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._leave()
                return True
        return super().eventFilter(watched, event)

    def _search(self, query: str) -> None:
        self.list.clear()
        for path, action in ranked(query, self._commands, lambda command: (command[1].text(), "".join(command[0]))):
            item = QListWidgetItem(action.icon(), "")
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{path}{action.text()}")
            item.setToolTip(action.statusTip())
            self.list.addItem(item)
            item.setSizeHint(QSize(0, _ROW))  # else those without an icon are lower
            self.list.setItemWidget(item, _row(path, action))
        if not self.list.count():
            self.list.addItem(QListWidgetItem("No action of that name"))
        self.list.setCurrentRow(0)

    def _take(self, item: QListWidgetItem | None) -> None:
        action = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(action, QAction):
            self._leave()
            QTimer.singleShot(0, action, action.trigger)

    def _leave(self) -> None:
        self.left.emit()  # takes the focus, which closes the palette
        self.close()


def _row(path: str, action: QAction) -> QWidget:
    row = QWidget()
    row.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(2, 0, 6, 0)
    menu, key = QLabel(path), QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
    for quiet in (menu, key):
        quiet.setProperty("role", "quiet")
    layout.addWidget(menu)
    layout.addWidget(QLabel(action.text()))
    layout.addStretch(1)
    layout.addWidget(key)
    return row
