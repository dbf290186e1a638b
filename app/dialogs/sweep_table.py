"""The trials of a sweep as a table, the best so far on top."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app import numbers
from app.runs.scores import loss_of, metric_of, metric_text, time_spent, title_of
from app.style import theme
from app.sweep.sweep import CANCELLED, DONE, FAILED, OVER, TRAINING, WAITING, Row, Sweep
from app.sweep.words import capital, short_titles, value_text

_Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_Role, _Align = Qt.ItemDataRole, Qt.AlignmentFlag
#: How far a trial is, 0 … 1, for the delegate; None where it is not trained now.
_SHARE = _Role.UserRole
_STATES = {WAITING: "waiting", DONE: "done", FAILED: "failed", CANCELLED: "given up"}
_COLOURS = {DONE: "good", FAILED: "danger", WAITING: "quiet", CANCELLED: "quiet"}
_ROW, _TITLE_ROOM = 26, 24


class TrialsModel(QAbstractTableModel):
    """A row for each trial: number, values, state, metric, loss, time."""

    def __init__(self, sweep: Sweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sweep = sweep
        self.rows: list[Row] = []
        self.titles: list[str] = []
        self._metric = ""

    def refresh(self) -> None:
        """Shows the sweep as it is now."""
        rows = list(self._sweep.ranked)
        titles = list(rows[0].values) if rows else []
        metric = next((name for row in rows if (name := metric_of(row.best)[0])), "")
        if (len(rows), titles, metric) != (len(self.rows), self.titles, self._metric):
            self.beginResetModel()
            self.rows, self.titles, self._metric = rows, titles, metric
            self.endResetModel()
        elif [row.number for row in rows] == [row.number for row in self.rows]:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))
        else:
            self._reorder(rows)

    def _reorder(self, rows: list[Row]) -> None:
        """What is selected stays so."""
        self.layoutAboutToBeChanged.emit()
        held = [(index, self.rows[index.row()].number) for index in self.persistentIndexList()]
        self.rows = rows
        for index, number in held:
            self.changePersistentIndex(index, self.index(self.row_of(number), index.column()))
        self.layoutChanged.emit()

    def row_of(self, number: int) -> int:
        """Where a trial stands, −1 where there is no such."""
        return next((place for place, row in enumerate(self.rows) if row.number == number), -1)

    # -- what Qt asks ----------------------------------------------------------------------------------------

    @property
    def headers(self) -> list[str]:
        short = short_titles(self.titles)
        return ["Run", *(short[title] for title in self.titles), "State",
                title_of(self._metric) if self._metric else "Metric", "Loss", "Time"]

    @property
    def state_column(self) -> int:
        return 1 + len(self.titles)

    def rowCount(self, parent: _Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.titles) + 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return capital(self.headers[section])
        if role == _Role.ToolTipRole and 1 <= section <= len(self.titles):
            return self.titles[section - 1]
        return _Align.AlignLeft | _Align.AlignVCenter if role == _Role.TextAlignmentRole else None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        match role:
            case _Role.DisplayRole:
                return self._text(row, column)
            case _Role.ToolTipRole:
                return row.sentence or None
            case _Role.ForegroundRole if column == self.state_column:
                return QColor(getattr(theme.current(), _COLOURS.get(row.state, "text")))
            case _Role.FontRole if index.row() == 0 and row.state == DONE:
                face = QFont()
                face.setBold(True)
                return face
        if role == _SHARE and column == self.state_column and row.state == TRAINING:
            return row.share
        return None

    def _text(self, row: Row, column: int) -> str:
        if column == 0:
            return f"{row.number}"
        if column <= len(self.titles):
            return value_text(row.values[self.titles[column - 1]])
        match column - self.state_column:
            case 0:
                return _STATES.get(row.state) or (numbers.percent(row.share) if row.share else "training")
            case 1:
                name, value = metric_of(row.best)
                return metric_text(name, value)
            case 2:
                loss = loss_of(row.best)
                return numbers.number(loss) if loss == loss else "–"
        return time_spent(row.seconds) if row.state in OVER and row.seconds else "–"


class _ShareDelegate(QStyledItemDelegate):
    """A bar under the words for how far a trial is."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        share = index.data(_SHARE)
        if share is not None:
            room = option.rect.adjusted(6, 0, -6, 0)
            painter.fillRect(QRect(room.left(), room.bottom() - 3, room.width(), 2), QColor(theme.current().line))
            painter.fillRect(QRect(room.left(), room.bottom() - 3, round(room.width() * share), 2),
                             QColor(theme.current().accent))


class TrialsTable(QTableView):
    """``chosen`` tells that another trial is selected, ``opened(number)`` that one is to be looked at."""

    chosen = Signal()
    opened = Signal(int)

    def __init__(self, sweep: Sweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TrialsModel(sweep, self)
        self._kept = -1
        self.setModel(self._model)
        self.setAccessibleName("Runs of the sweep, the best first")
        self.setItemDelegate(_ShareDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        self.selectionModel().selectionChanged.connect(self.chosen)
        self.activated.connect(lambda index: self.opened.emit(self._model.rows[index.row()].number))
        self._model.modelAboutToBeReset.connect(self._remember)
        self._model.modelReset.connect(self._select_again)
        theme.signals.changed.connect(self.viewport().update)

    def refresh(self) -> None:
        """Shows the sweep as it is now."""
        self._model.refresh()

    def selected(self) -> Row | None:
        """The trial that is selected."""
        rows = self.selectionModel().selectedRows()
        return self._model.rows[rows[0].row()] if rows else None

    def select(self, number: int) -> None:
        """Selects a trial."""
        place = self._model.row_of(number)
        if place >= 0:
            self.selectRow(place)

    def _remember(self) -> None:
        row = self.selected()
        self._kept = row.number if row else -1

    def _select_again(self) -> None:
        header, metric = self.horizontalHeader(), self._model.state_column + 1
        for column in range(self._model.columnCount()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        if self._model.columnCount():  # the longest title
            header.setSectionResizeMode(metric, QHeaderView.ResizeMode.Fixed)
            title = capital(self._model.headers[metric])
            header.resizeSection(metric, self.fontMetrics().horizontalAdvance(title) + _TITLE_ROOM)
        self.select(self._kept)
