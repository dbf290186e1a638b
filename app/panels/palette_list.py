"""The palette's list: favourites, what was used of late, and every category; or what a search finds."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QMenu, QStyle, QWidget

from app.fuzzy import ranked
from app.panels.palette_card import HelpCard
from app.panels.palette_memory import PaletteMemory
from app.panels.palette_paint import ENTRY, PalettePainter, paint_entry, star_place
from app.panels.palette_roles import FAVOURITE, FOLDED, KIND
from app.style import theme
from engine.layer import Category
from engine.layers import LAYERS

#: What a drag carries: the kind of the layer as UTF-8 text.
LAYER_MIME = "application/x-chainrule-layer"
#: How long the pointer rests on an entry before its card opens.
_CARD_DELAY_MS = 450
_CARD_GAP = 12
_Key = Qt.Key


class LayerList(QListWidget):
    """A drag out of it carries a layer's kind; ``chosen(kind)`` asks for one to be appended."""

    chosen = Signal(str)

    def __init__(self, memory: PaletteMemory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memory = memory
        self.card = HelpCard(self)
        self._query = ""
        self._hovered: QListWidgetItem | None = None
        self._rest = QTimer(self, singleShot=True, interval=_CARD_DELAY_MS)
        self._rest.timeout.connect(self._open_card)
        self.setItemDelegate(PalettePainter(self))
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Layers")
        self.itemDoubleClicked.connect(self.choose)
        self.verticalScrollBar().valueChanged.connect(self.hide_card)
        memory.changed.connect(self._renew)
        theme.signals.changed.connect(self._repaint)

    def _repaint(self) -> None:
        self.viewport().update()

    # -- what it shows -------------------------------------------------------------------------------------

    def sections(self) -> list[tuple[str, list[str]]]:
        """Title and kinds of each part of the list, empty parts left out."""
        parts = [("Favourites", self.memory.favourites), ("Recently used", self.memory.recent)]
        parts += [(category.title, [kind for kind, layer in LAYERS.items() if layer.category is category])
                  for category in Category]
        return [(title, list(kinds)) for title, kinds in parts if kinds]

    def show_layers(self, query: str) -> None:
        """Every layer by category, or those that answer the query, best first."""
        self._query = query
        self.hide_card()
        self._hovered = None
        self.clear()
        if query:
            self._show_found(ranked(query, LAYERS, _texts))
        else:
            for title, kinds in self.sections():
                folded = title in self.memory.folded
                self._add_heading(title, folded)
                for kind in () if folded else kinds:
                    self._add(kind)

    def _show_found(self, kinds: list[str]) -> None:
        for kind in kinds:
            self._add(kind)
        if kinds:
            self.setCurrentRow(0)
        else:
            nothing = QListWidgetItem("No layer of that name", self)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_heading(self, title: str, folded: bool) -> None:
        heading = QListWidgetItem(title, self)
        heading.setData(FOLDED, folded)
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        state = "folded" if folded else "open"
        heading.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}, {state}")

    def _add(self, kind: str) -> None:
        layer = LAYERS[kind]
        item = QListWidgetItem(layer.title, self)
        item.setData(KIND, kind)
        item.setData(FAVOURITE, kind in self.memory.favourites)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, f"{layer.summary()} {layer.when}".strip())
        item.setStatusTip(layer.summary())

    def _renew(self) -> None:
        """The same again, because a star or a fold changed; place and choice stay."""
        if self._query:
            for row in range(self.count()):
                self.item(row).setData(FAVOURITE, self.item(row).data(KIND) in self.memory.favourites)
            return
        current, place = self.currentItem(), self.verticalScrollBar().value()
        kept = (current.data(KIND), current.text()) if current is not None else None
        held = self._under_pointer()
        self.show_layers("")
        for row in range(self.count()):
            if kept == (self.item(row).data(KIND), self.item(row).text()):
                self.setCurrentRow(row)
        self.verticalScrollBar().setValue(place)
        if held is not None and held[0] <= self.count():
            self._hovered = self.item(self.count() - held[0])
            self.verticalScrollBar().setValue(place + self.visualItemRect(self._hovered).top() - held[1])

    def _under_pointer(self) -> tuple[int, int] | None:
        """The entry under the pointer, counted from the end, and where it shows: what comes and goes above it must
        not push another one there, which the next double click would take."""
        item = self._hovered
        return (self.count() - self.row(item), self.visualItemRect(item).top()) if item is not None else None

    # -- choosing ------------------------------------------------------------------------------------------

    def choose(self, item: QListWidgetItem | None) -> None:
        """Asks for the layer to be appended to the network; folds a heading."""
        if item is None:
            return
        self.hide_card()
        if item.data(KIND):
            self.chosen.emit(item.data(KIND))
        elif item.data(FOLDED) is not None:
            self.memory.toggle_folded(item.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        kind = item.data(KIND) if item is not None else None
        folded = item.data(FOLDED) if item is not None else None
        if event.key() in (_Key.Key_Return, _Key.Key_Enter):
            self.choose(item)
        elif event.text() == "*" and kind:
            self.memory.toggle_favourite(kind)
        elif folded is not None and event.key() == (_Key.Key_Right if folded else _Key.Key_Left):
            self.choose(item)
        elif event.key() == _Key.Key_F2 and kind:
            self._hovered = item
            self._open_card()
        elif event.key() == _Key.Key_Escape and self.card.isVisible():
            self.hide_card()
        else:
            self.hide_card()
            super().keyPressEvent(event)

    # -- pointer -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide_card()
        place = event.position().toPoint()
        item = self.itemAt(place)
        if event.button() == Qt.MouseButton.LeftButton and item is not None:
            if item.data(KIND) and star_place(self.visualItemRect(item)).contains(place):
                self.memory.toggle_favourite(item.data(KIND))
                return
            if item.data(FOLDED) is not None:
                self.memory.toggle_folded(item.text())
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        item = self.itemAt(place)
        if item is not None and item.data(KIND) and not star_place(self.visualItemRect(item)).contains(place):
            super().mouseDoubleClickEvent(event)
        else:  # quick clicks on a star or a heading are clicks
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        item = self.itemAt(event.position().toPoint())
        if item is not self._hovered:
            self.hide_card()
            self._hovered = item
            if item is not None and item.data(KIND) and not event.buttons():
                self._rest.start()

    def leaveEvent(self, event: QEvent) -> None:
        self.hide_card()
        self._hovered = None
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        if item is not None and item.data(KIND):
            self.hide_card()
            menu = self.menu_of(item)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def menu_of(self, item: QListWidgetItem) -> QMenu:
        """What can be done with an entry."""
        kind = item.data(KIND)
        menu = QMenu(self)
        menu.addAction("Add to the network").triggered.connect(lambda: self.chosen.emit(kind))
        starred = kind in self.memory.favourites
        words = "Remove from favourites\t*" if starred else "Add to favourites\t*"
        menu.addAction(words).triggered.connect(lambda: self.memory.toggle_favourite(kind))
        return menu

    def _open_card(self) -> None:
        item = self._hovered
        if item is not None and item.data(KIND) and self.isVisible():
            row = self.visualItemRect(item)
            place = QPoint(self.width() + _CARD_GAP, row.top())
            self.card.show_layer(LAYERS[item.data(KIND)], place)

    def hide_card(self) -> None:
        """Closes the card, or keeps it from opening."""
        self._rest.stop()
        self.card.hide()

    def hideEvent(self, event: QEvent) -> None:
        self.hide_card()
        super().hideEvent(event)

    # -- dragging ------------------------------------------------------------------------------------------

    def mimeData(self, items: list[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(LAYER_MIME, QByteArray(items[0].data(KIND).encode("utf-8")))
        return data

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        if item is None or not item.data(KIND):
            return
        self.hide_card()
        kind = item.data(KIND)
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        picture = self.picture(item)
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(int(picture.width() / picture.devicePixelRatio() / 2), ENTRY // 2))
        if drag.exec(Qt.DropAction.CopyAction) == Qt.DropAction.CopyAction:
            self.memory.note_use(kind)
        self.clearSelection()  # what was dragged is done with
        self.setCurrentRow(-1)

    def picture(self, item: QListWidgetItem) -> QPixmap:
        """What hangs at the pointer during a drag."""
        size, ratio = QSize(140, ENTRY), self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_entry(painter, QRect(QPoint(0, 0), size), LAYERS[item.data(KIND)], QStyle.StateFlag.State_Selected,
                    theme.current())
        painter.end()
        return picture


def _texts(kind: str) -> tuple[str, ...]:
    layer = LAYERS[kind]
    return (layer.title, kind, layer.category.title)
