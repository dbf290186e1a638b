"""The view of the list of runs: check boxes in the colour of the curves, names edited in place, stars, keys."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QWidget,
)

from app.panels.runs_columns import AT_FIRST, NAME, STAR
from app.panels.runs_model import OPEN, RunsModel
from app.panels.runs_name import NameDelegate, toggle

_ROW = 27
#: The least room for names; what stays free at the right, lest numbers touch the border.
_LEAST_NAME, _FREE = 104, 6


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
        self._by_hand = self._filling = False
        self.setModel(model)
        self.setAccessibleName("Runs")
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self._dress()
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._open)
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
        header.sectionResized.connect(self._resized)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill()

    def _fill(self) -> None:
        """Gives the names what room the columns beside them leave: at the width of the tab none is cut."""
        if self._by_hand:
            return
        others = sum(self.columnWidth(place) for place in range(NAME + 1, AT_FIRST))
        self._filling = True
        self.setColumnWidth(NAME, max(self.viewport().width() - others - _FREE, _LEAST_NAME))
        self._filling = False

    def _resized(self, column: int, before: int, now: int) -> None:
        """A width that the person has chosen stays."""
        self._by_hand |= not self._filling and now > 0 and before > 0 and column < AT_FIRST

    # -- what is selected ------------------------------------------------------------------------------------

    def selected(self) -> tuple[str, ...]:
        """The ids of the selected runs, from the top; a sweep stands for all of its runs."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(dict.fromkeys(id for row in rows for id in self._model.runs_of(row)))

    def select(self, ids: tuple[str, ...] | list[str]) -> None:
        """Selects exactly these runs, and opens the sweeps that they are folded under."""
        self._model.reveal(ids)
        self._select_rows(ids)

    def _select_rows(self, ids: Iterable[str]) -> None:
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
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        self._kept = [self._model.rows[row].id for row in rows]

    def _select_again(self) -> None:
        self._select_rows(self._kept)
        self.chosen.emit()

    def rename(self, id: str) -> None:
        """Has the name of a run edited in place."""
        row = self._model.row_of(id)
        if row >= 0:
            self.edit(self._model.index(row, NAME))

    # -- what the person does --------------------------------------------------------------------------------

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            on = not self._model.rows[index.row()].starred
            for id in self._model.runs_of(index.row()):
                self._model.runs.change(id, starred=on)

    def _open(self, index: QModelIndex) -> None:
        """A sweep is opened or folded, a run taken up."""
        if index.data(OPEN) is not None:
            self._model.unfold(index.row(), not index.data(OPEN))
        elif index.column() != NAME:
            self.open_wanted.emit()

    def _fold_by_key(self, on: bool) -> bool:
        """Opens the sweep of the present row, or folds it; tells whether there was something to do."""
        index = self.currentIndex()
        if not index.isValid() or index.data(OPEN) in (None, on):
            return False
        self._model.unfold(index.row(), on)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.delete_wanted.emit()
            case Qt.Key.Key_Space:
                for index in self.selectionModel().selectedRows(NAME):
                    toggle(index)
            case Qt.Key.Key_Right | Qt.Key.Key_Left if self._fold_by_key(event.key() == Qt.Key.Key_Right):
                pass
            case Qt.Key.Key_Asterisk:
                self.star_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.state() != QAbstractItemView.State.EditingState:
                index = self.currentIndex()
                if not (self._fold_by_key(True) or self._fold_by_key(False)) and index.isValid():
                    self.open_wanted.emit()
            case Qt.Key.Key_F2 if len(self.selected()) == 1:
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
