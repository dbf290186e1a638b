"""The palette: every layer under its category, to be dragged, double-clicked or found by name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.block_store import BlockStore
from app.panels.my_blocks import MyBlocks
from app.panels.palette_card import help_card
from app.panels.palette_list import LAYER_MIME, LayerList
from app.panels.palette_memory import PaletteMemory
from app.panels.palette_roles import KIND
from app.panels.palette_templates import Templates
from app.settings import Settings

__all__ = ["LAYER_MIME", "LayerList", "Palette", "help_card"]


class Palette(QWidget):
    """Search field and list. ``chosen(kind)`` asks for a layer to be appended."""

    chosen = Signal(str)

    def __init__(self, settings: Settings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memory = PaletteMemory(settings, self)
        self.search = _SearchField()
        self.list = LayerList(self.memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 4, 6)
        layout.setSpacing(8)
        row = QVBoxLayout()
        row.setContentsMargins(0, 0, 6, 0)
        row.addWidget(self.search)
        layout.addLayout(row)
        layout.addWidget(self.list)
        self.blocks = MyBlocks(BlockStore(settings.folder / "blocks", self)) if settings is not None else None
        if self.blocks is not None:
            layout.addWidget(self.blocks)
        self.templates = Templates(self.memory)
        layout.addWidget(self.templates)
        self.search.textChanged.connect(lambda text: self.list.show_layers(text.strip()))
        self.search.returnPressed.connect(self._choose_found)
        self.search.moved_down.connect(self._into_list)
        self.list.chosen.connect(self._choose)
        self.list.show_layers("")

    def focus_search(self) -> None:
        """Puts the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _choose_found(self) -> None:
        self.list.choose(self.list.currentItem())
        self.search.selectAll()  # the next word typed is the next search

    def _choose(self, kind: str) -> None:
        self.chosen.emit(kind)
        self.memory.note_use(kind)

    def _into_list(self) -> None:
        if self.list.currentItem() is None:
            first = next((i for i in range(self.list.count()) if self.list.item(i).data(KIND)), 0)
            self.list.setCurrentRow(first)
        self.list.setFocus(Qt.FocusReason.TabFocusReason)


class _SearchField(QLineEdit):
    """Escape empties it, Down goes into the list."""

    moved_down = Signal()

    def __init__(self) -> None:
        super().__init__(placeholderText="Find a layer ( / )")
        self.setAccessibleName("Find a layer")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.moved_down.emit()
        else:
            super().keyPressEvent(event)
