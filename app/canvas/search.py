"""The search list at the cursor: type a few letters, choose a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qtawesome
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.fuzzy import ranked
from app.style import theme
from engine.layers import LAYERS

_WIDTH, _HEIGHT = 280, 320
_KIND = Qt.ItemDataRole.UserRole


class SearchPopup(QFrame):
    """Offers layers of ``kinds``; calls ``chosen(kind)`` once, or ``cancelled()`` where the person turns away."""

    def __init__(
        self, parent: QWidget, kinds: Sequence[str], title: str, chosen: Callable[[str], None],
        cancelled: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self.setObjectName("search_popup")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # else a click in the list gives the focus to the canvas below
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self._kinds = list(kinds)
        self._chosen: Callable[[str], None] | None = chosen
        self._cancelled = cancelled
        self.field = QLineEdit(placeholderText="Find a layer")
        self.field.setAccessibleName("Find a layer")
        self.setFocusProxy(self.field)
        self.list = QListWidget(objectName="search_list")
        self.list.setAccessibleName("Layers found")
        self.list.setIconSize(QSize(16, 16))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        heading = QLabel(title)
        heading.setProperty("role", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for widget in (heading, self.field, self.list):
            layout.addWidget(widget)
        self.field.textChanged.connect(self._search)
        self.list.itemClicked.connect(self._take)
        self.field.installEventFilter(self)
        self.setFixedSize(_WIDTH, _HEIGHT)
        self._search("")

    def open_at(self, place: QPoint) -> None:
        """Shows the list at a place of its parent, moved inside where it would stick out."""
        room = self.parentWidget().rect().adjusted(4, 4, -4, -4)
        x = max(min(place.x(), room.right() - self.width()), room.left())
        y = max(min(place.y(), room.bottom() - self.height()), room.top())
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def cancel(self) -> None:
        """Closes without a choice."""
        if self._chosen is not None:
            self._chosen = None
            self._cancelled()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and watched is self.field and self.isVisible():
            self.cancel()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, row = event.key(), self.list.currentRow()
        if key == Qt.Key.Key_Escape:
            self.cancel()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.list.currentItem() is not None:
                self._take(self.list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Tab):
            self.list.setCurrentRow(min(row + 1, self.list.count() - 1))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Backtab):
            self.list.setCurrentRow(max(row - 1, 0))
        else:
            return False
        return True

    def _search(self, query: str) -> None:
        self.list.clear()
        tokens = theme.current()
        for kind in ranked(query, self._kinds, _texts):
            layer = LAYERS[kind]
            icon = qtawesome.icon(layer.icon, color=tokens.category_colour(layer.category.colour))
            item = QListWidgetItem(icon, layer.title)
            item.setToolTip(f"{layer.summary()}\n{layer.formula}".strip())
            item.setData(_KIND, kind)
            self.list.addItem(item)
        if not self.list.count():
            nothing = QListWidgetItem("No layer of that name fits here" if query else "No layer fits here")
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(0)

    def _take(self, item: QListWidgetItem) -> None:
        kind = item.data(_KIND)
        if kind is not None and self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            chosen(kind)


def _texts(kind: str) -> tuple[str, ...]:
    layer = LAYERS[kind]
    return (layer.title, kind, layer.category.title)
