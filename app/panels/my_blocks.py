"""The palette's last category: blocks that the person has saved, to be dragged or double-clicked like layers."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.block_store import BlockStore
from app.panels.widgets import label
from engine.graph.edits import read_text

#: What a drag carries: the block as UTF-8 text.
BLOCK_MIME = "application/x-chainrule-block"
_TEXT, _NAME = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_MOST_ROWS, _ROW = 5, 26


class MyBlocks(QWidget):
    """Unseen while there is none. ``chosen(text)`` asks for a block to be added to the network."""

    chosen = Signal(str)

    def __init__(self, store: BlockStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.list = BlockList(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(label("MY BLOCKS", role="small"))
        layout.addWidget(self.list)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(_TEXT)))
        self.list.itemChanged.connect(self._renamed)
        store.changed.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """Shows what the store holds."""
        blocks = self.store.blocks()
        self.list.blockSignals(True)
        self.list.clear()
        for name, text in blocks.items():
            item = QListWidgetItem(name, self.list)
            item.setData(_TEXT, text)
            item.setData(_NAME, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            layers = len(read_text(text).nodes)
            item.setToolTip(f"{name}: {layers} layers. Double-click to add it, F2 to rename it, Del to forget it.")
        self.list.blockSignals(False)
        self.list.setFixedHeight(min(len(blocks), _MOST_ROWS) * _ROW + 4)
        self.setVisible(bool(blocks))

    def forget(self, item: QListWidgetItem) -> None:
        self.store.remove(item.data(_NAME))

    def _renamed(self, item: QListWidgetItem) -> None:
        name, wanted = item.data(_NAME), item.text().strip()
        if wanted and wanted != name:
            self.store.rename(name, wanted)
        else:
            item.setText(name)


class BlockList(QListWidget):
    """The list itself; a drag out of it carries a block's text."""

    def __init__(self, owner: MyBlocks) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setAccessibleName("My blocks")

    def mimeTypes(self) -> list[str]:
        return [BLOCK_MIME]

    def mimeData(self, items: list[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(BLOCK_MIME, QByteArray(items[0].data(_TEXT).encode("utf-8")))
        return data

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Delete and item is not None:
            self._owner.forget(item)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu_at(event.pos())
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def menu_at(self, place: QPoint) -> QMenu | None:
        """What can be done with the block at a place; None where there is none."""
        item = self.itemAt(place)
        if item is None:
            return None
        menu = QMenu(self)
        menu.addAction("Add to the network").triggered.connect(lambda: self._owner.chosen.emit(item.data(_TEXT)))
        menu.addAction("Rename").triggered.connect(lambda: self.editItem(item))
        menu.addAction("Forget").triggered.connect(lambda: self._owner.forget(item))
        return menu
