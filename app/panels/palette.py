"""The palette: every layer under its category, to be dragged, double-clicked or found by name."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QByteArray, QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.fuzzy import ranked
from engine.layer import Category, Layer
from engine.layers import LAYERS

#: What a drag carries: the kind of the layer as UTF-8 text.
LAYER_MIME = "application/x-chainrule-layer"
_KIND = Qt.ItemDataRole.UserRole
_HEADING, _ENTRY, _GAP = 24, 27, 4


def help_card(layer: type[Layer]) -> str:
    """What a layer does, its formula and when to reach for it, as rich text."""
    parts = [f"<b>{escape(layer.title)}</b>", escape(layer.summary())]
    if layer.formula:
        parts.append(f"<code>{escape(layer.formula)}</code>")
    if layer.when:
        parts.append(f"<i>{escape(layer.when)}</i>")
    return "".join(f"<p style='margin: 2px 0 4px 0;'>{part}</p>" for part in parts)


class _Painter(QStyledItemDelegate):
    """Headings in small capitals, entries as cards with their category's colour at the left edge."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, (_ENTRY if index.data(_KIND) else _HEADING) + _GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(0, 0, 0, -_GAP)
        kind = index.data(_KIND)
        if kind:
            _paint_entry(painter, area, LAYERS[kind], option.state, tokens)
        else:
            face = theme.font(tokens.font_small)
            face.setLetterSpacing(face.SpacingType.AbsoluteSpacing, 0.8)
            painter.setFont(face)
            painter.setPen(QColor(tokens.quiet))
            painter.drawText(area.adjusted(2, 4, 0, 0), Qt.AlignmentFlag.AlignVCenter, index.data().upper())
        painter.restore()


def _paint_entry(
    painter: QPainter, area: QRect, layer: type[Layer], state: QStyle.StateFlag, tokens: theme.Theme
) -> None:
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    focused = bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QColor(tokens.accent) if focused and chosen else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.hover if hovered or chosen else tokens.raised))
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), tokens.radius_small, tokens.radius_small)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.category_colour(layer.category.colour)))
    painter.drawRoundedRect(QRect(area.left() + 7, area.top() + 6, 4, area.height() - 12), 2, 2)
    painter.setPen(QColor(tokens.strong if chosen else tokens.text))
    painter.setFont(theme.font(tokens.font_body))
    text = painter.fontMetrics().elidedText(layer.title, Qt.TextElideMode.ElideRight, area.width() - 26)
    painter.drawText(area.adjusted(19, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, text)


class LayerList(QListWidget):
    """The list itself; a drag out of it carries a layer's kind."""

    chosen = Signal(str)
    left_upwards = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Layers")
        self.itemDoubleClicked.connect(lambda item: self.choose(item))
        theme.signals.changed.connect(self._repaint)

    def _repaint(self) -> None:
        self.viewport().update()

    def show_layers(self, query: str) -> None:
        """Every layer by category, or those that answer the query, best first."""
        self.clear()
        if query:
            for kind in ranked(query, LAYERS, _texts):
                self._add(kind)
        else:
            for category in Category:
                members = [kind for kind, layer in LAYERS.items() if layer.category is category]
                if members:
                    heading = QListWidgetItem(category.title, self)
                    heading.setFlags(Qt.ItemFlag.NoItemFlags)
                for kind in members:
                    self._add(kind)
        if not self.count():
            nothing = QListWidgetItem("No layer of that name", self)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        elif query:
            self.setCurrentRow(0)

    def _add(self, kind: str) -> None:
        item = QListWidgetItem(LAYERS[kind].title, self)
        item.setData(_KIND, kind)
        item.setToolTip(help_card(LAYERS[kind]))

    def choose(self, item: QListWidgetItem | None) -> None:
        """Asks for the layer to be appended to the network."""
        if item is not None and item.data(_KIND):
            self.chosen.emit(item.data(_KIND))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose(self.currentItem())
        else:
            super().keyPressEvent(event)

    def mimeData(self, items: list[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(LAYER_MIME, QByteArray(items[0].data(_KIND).encode("utf-8")))
        return data

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        if item is None or not item.data(_KIND):
            return
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        picture = self.picture(item)
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(-14, -10))  # beside the pointer, under which the canvas shows a ghost of its own
        drag.exec(Qt.DropAction.CopyAction)

    def picture(self, item: QListWidgetItem) -> QPixmap:
        """What hangs at the pointer during a drag."""
        size, ratio = QSize(140, _ENTRY), self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_entry(painter, QRect(QPoint(0, 0), size), LAYERS[item.data(_KIND)], QStyle.StateFlag.State_Selected,
                     theme.current())
        painter.end()
        return picture


class Palette(QWidget):
    """Search field and list. ``chosen(kind)`` asks for a layer to be appended."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = _SearchField()
        self.list = LayerList()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 4, 6)
        layout.setSpacing(8)
        row = QVBoxLayout()
        row.setContentsMargins(0, 0, 6, 0)
        row.addWidget(self.search)
        layout.addLayout(row)
        layout.addWidget(self.list)
        self.search.textChanged.connect(lambda text: self.list.show_layers(text.strip()))
        self.search.returnPressed.connect(self._choose_found)
        self.search.moved_down.connect(self._into_list)
        self.list.chosen.connect(self.chosen)
        self.list.show_layers("")

    def focus_search(self) -> None:
        """Puts the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _choose_found(self) -> None:
        self.list.choose(self.list.currentItem())
        self.search.selectAll()  # the next word typed is the next search

    def _into_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if self.list.currentItem() is None:
            first = next((i for i in range(self.list.count()) if self.list.item(i).data(_KIND)), 0)
            self.list.setCurrentRow(first)


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


def _texts(kind: str) -> tuple[str, ...]:
    layer = LAYERS[kind]
    return (layer.title, kind, layer.category.title)
