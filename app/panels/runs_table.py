"""The view of the list of runs: check boxes in the colour of the curves, names edited in place, stars, keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.panels.runs_columns import NAME, STAR
from app.panels.runs_model import COLOUR, DEPTH, RUN, RunsModel, swatch
from app.style import theme

_ROW = 27
_INDENT, _BOX, _GAP = 14, 13, 6
_DEEPEST = 5


class NameDelegate(QStyledItemDelegate):
    """Indentation by depth, a check box in the colour of the run's curves, and the name."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        text, option.text = option.text, ""
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        option.widget.style().drawControl(option.widget.style().ControlElement.CE_ItemViewItem, option, painter,
                                          option.widget)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, names = _places(option.rect, index)
        if index.data(DEPTH):
            painter.setPen(QPen(QColor(theme.current().quiet), 1))
            left = box.left() - _INDENT // 2 - 1
            painter.drawLine(left, option.rect.top(), left, box.center().y())
            painter.drawLine(left, box.center().y(), box.left() - 3, box.center().y())
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            _paint_box(painter, box, index)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.current().text))
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, names.width())
        painter.drawText(names, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: object, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """A click on the box draws the run, or no longer."""
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            box, _ = _places(option.rect, index)
            if box.adjusted(-4, -6, 4, 6).contains(event.position().toPoint()):
                return _toggle(index)
        return False

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        _, names = _places(option.rect, index)
        editor.setGeometry(names.adjusted(-_GAP, 1, 4, -1))


def _places(area: QRect, index: QModelIndex | QPersistentModelIndex) -> tuple[QRect, QRect]:
    """Where a row's check box and its name are."""
    left = area.left() + 4 + _INDENT * min(index.data(DEPTH) or 0, _DEEPEST)
    box = QRect(left, area.center().y() - _BOX // 2, _BOX, _BOX)
    return box, QRect(box.right() + _GAP, area.top(), max(area.right() - box.right() - _GAP - 2, 0), area.height())


def _paint_box(painter: QPainter, box: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
    tokens = theme.current()
    drawn = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
    colour = swatch(index.data(COLOUR)) if drawn else QColor(tokens.quiet)
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(colour if drawn else QColor(tokens.field))
    painter.drawRoundedRect(box, 3, 3)
    if drawn:
        painter.setPen(QPen(QColor(tokens.panel), 1.8))
        painter.drawPolyline([QPoint(box.left() + 3, box.center().y()), QPoint(box.left() + 5, box.bottom() - 3),
                              QPoint(box.right() - 2, box.top() + 4)])


def _toggle(index: QModelIndex | QPersistentModelIndex) -> bool:
    checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole) or 0) == Qt.CheckState.Checked
    new = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
    return index.model().setData(index, new, Qt.ItemDataRole.CheckStateRole)


class RunsTable(QTableView):
    """``chosen`` tells that other runs are selected, ``menu_wanted(place)`` asks for the menu."""

    chosen = Signal()
    menu_wanted = Signal(QPoint)
    delete_wanted = Signal()
    star_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setAccessibleName("Runs")
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self._dress()
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(lambda index: index.column() != NAME and self.open_wanted.emit())
        self.selectionModel().selectionChanged.connect(self.chosen)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.viewport().mapToGlobal(at)))
        self._kept: list[str] = []
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._select_again)

    def _dress(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._header_menu)
        for place, column in enumerate(self._model.columns):
            self.setColumnWidth(place, column.width)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setShowGrid(False)
        self.setWordWrap(False)
        header.setSortIndicator(*self._model.sorted_by)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed
                             | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)

    # -- what is selected ------------------------------------------------------------------------------------

    def selected(self) -> tuple[str, ...]:
        """The ids of the selected runs, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self._model.rows[row].id for row in rows)

    def select(self, ids: tuple[str, ...] | list[str]) -> None:
        """Selects exactly these runs."""
        self.clearSelection()
        mode = QAbstractItemView.SelectionMode.MultiSelection
        before = self.selectionMode()
        self.setSelectionMode(mode)
        for id in ids:
            row = self._model.row_of(id)
            if row >= 0:
                self.selectRow(row)
        self.setSelectionMode(before)

    def _remember(self) -> None:
        self._kept = list(self.selected())

    def _select_again(self) -> None:
        self.select(self._kept)
        self.chosen.emit()

    def rename(self, id: str) -> None:
        """Has the name of a run edited in place."""
        row = self._model.row_of(id)
        if row >= 0:
            self.edit(self._model.index(row, NAME))

    # -- what the person does --------------------------------------------------------------------------------

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            self._model.runs.change(index.data(RUN), starred=not self._model.rows[index.row()].starred)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.delete_wanted.emit()
            case Qt.Key.Key_Space:
                for id in self.selected():
                    _toggle(self._model.index(self._model.row_of(id), NAME))
            case Qt.Key.Key_Asterisk:
                self.star_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.state() != QAbstractItemView.State.EditingState:
                self.open_wanted.emit()
            case Qt.Key.Key_F2 if self.selected():
                self.rename(self.selected()[0])
            case _:
                super().keyPressEvent(event)
                return
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Space, Delete and F2 are this list's while it has the focus, not the menus'."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in (
                Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Backspace):
            event.accept()
            return True
        return super().event(event)

    def _header_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(self._model.columns[NAME + 1 :], NAME + 1):
            action = menu.addAction("Star" if place == STAR else column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(place))
            action.toggled.connect(lambda on, place=place: self.setColumnHidden(place, not on))
        menu.popup(self.horizontalHeader().mapToGlobal(at))
