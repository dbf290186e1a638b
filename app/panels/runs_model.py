"""The runs as a table: branches below the run they began from, sorted among their like, filtered by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.panels.runs_columns import BEGUN, COLUMNS, DIFFERS, NAME, OUTCOMES, STAR, Column
from app.panels.runs_folding import Folding
from app.runs.colours import colour
from app.runs.runs import Runs
from app.style import theme
from app.style.icons import icon
from engine.runs import RunInfo
from engine.runs.compare import Known, differing

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
#: The id of a row's run; how deep it stands below the runs it branched from; its colour in the plots, if any; of a row
#: that stands for a sweep, whether it is open (None for others).
RUN, DEPTH, COLOUR, OPEN = (_Role.UserRole + place for place in range(4))
_NOTHING = QModelIndex()
_Align = Qt.AlignmentFlag


class RunsModel(QAbstractTableModel):
    """Rows for :attr:`Runs.infos`, those of one project where ``project`` is set."""

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.columns: tuple[Column, ...] = (*COLUMNS, DIFFERS)
        self.rows: list[RunInfo] = []
        self.folding = Folding()
        self._found: list[RunInfo] = []
        self.project = ""
        self.search = ""
        self._depths: dict[str, int] = {}
        self._differ: dict[str, str] = {}
        self.sorted_by: tuple[int, Qt.SortOrder] = (BEGUN, Qt.SortOrder.DescendingOrder)
        self._settings_of: tuple[Any, ...] = ()
        self._known: Known = {}

    # -- keeping up ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads the list anew; cells change in place where the rows are the same."""
        listed = [info for info in self.runs.infos if not self.project or info.project == self.project]
        self._find_differences(listed)
        self._found = [info for info in listed if self._answers(info)]
        found = self._ordered(self._found)
        same = [info.id for info in found] == [info.id for info in self.rows]
        if not same:
            self.beginResetModel()
        self.rows = found
        if not same:
            self.endResetModel()
        elif found:
            self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, len(self.columns) - 1))

    def _find_differences(self, listed: list[RunInfo]) -> None:
        """Settings never change once a run has begun: they are compared anew only where other runs are listed."""
        key = tuple((info.id, info.network) for info in listed)
        if key != self._settings_of:
            self._settings_of, self._differ = key, differing(listed, self._known)

    def _answers(self, info: RunInfo) -> bool:
        """Does a run answer to every word of the search?"""
        text = " ".join((info.name, info.group, info.note, OUTCOMES[info.outcome][0], self._differ.get(info.id, ""),
                         "starred" if info.starred else "", info.problem)).casefold()
        return all(word in text for word in self.search.casefold().split())

    def _ordered(self, infos: Sequence[RunInfo]) -> list[RunInfo]:
        known = {info.id for info in infos}
        below: dict[str, list[RunInfo]] = {}
        for info in infos:
            above = info.parent.run if info.parent and info.parent.run in known else ""
            below.setdefault(above, []).append(info)
        found: list[RunInfo] = []
        self._depths = {}
        roots = self.folding.gather(below.pop("", []))
        waiting = [(info, 0) for info in reversed(self._sorted(roots))]
        while waiting:
            info, depth = waiting.pop()
            found.append(info)
            self._depths[info.id] = depth
            waiting += [(child, depth + 1) for child in reversed(self._sorted(self._below(info.id, below)))]
        # Runs that are one another's parents (a file may say anything) still have to be seen.
        return found + [info for rest in below.values() for info in rest]

    def _below(self, id: str, below: dict[str, list[RunInfo]]) -> list[RunInfo]:
        """What stands under a row: branches; under a sweep its runs or, while it is folded, what branched from them."""
        members = self.folding.members(id)
        if not members:
            return below.pop(id, [])
        if self.search or self.folding.is_open(id):
            return list(members)
        return [child for member in members for child in below.pop(member.id, [])]

    def _sorted(self, infos: Iterable[RunInfo]) -> list[RunInfo]:
        place, order = self.sorted_by
        column, falling = self.columns[place], order == Qt.SortOrder.DescendingOrder
        newest_first = sorted(infos, key=lambda info: info.id, reverse=True)
        value = (lambda info: self._differ.get(info.id, "")) if column is DIFFERS else column.value
        known = [info for info in newest_first if value(info) is not None]
        return [*sorted(known, key=value, reverse=falling), *(info for info in newest_first if value(info) is None)]

    def row_of(self, id: str) -> int:
        """The row of a run, −1 where it is not listed."""
        return next((row for row, info in enumerate(self.rows) if info.id == id), -1)

    def runs_of(self, row: int) -> tuple[str, ...]:
        """The ids of the runs that a row stands for: its own, or all those of its sweep."""
        members = self.folding.members(self.rows[row].id)
        return tuple(info.id for info in self._sorted(members)) if members else (self.rows[row].id,)

    def unfold(self, row: int, on: bool) -> None:
        """Shows the runs of a sweep under its row, or no longer."""
        self.folding.set_open(self.rows[row].id, on)
        self.refresh()

    def reveal(self, ids: Iterable[str]) -> None:
        """Opens the sweeps that these runs are folded under."""
        for id in ids:
            if self.row_of(id) < 0 and (above := self.folding.heading_of(id)):
                self.unfold(self.row_of(above), True)

    # -- what Qt asks ----------------------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        held = [(index, index.data(RUN)) for index in self.persistentIndexList()]
        self.rows = self._ordered(self._found)
        for index, id in held:
            self.changePersistentIndex(index, self.index(self.row_of(id), index.column()))
        self.layoutChanged.emit()

    def rowCount(self, parent: _Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == NAME and not self.rows[index.row()].is_damaged:
            found |= Qt.ItemFlag.ItemIsUserCheckable
            if not self.folding.members(self.rows[index.row()].id):
                found |= Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        info, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case _Role.DisplayRole:
                if column is DIFFERS:
                    return self._differ.get(info.id, "")
                return "" if column.icons else column.shown(info)
            case _Role.EditRole:
                return info.name
            case _Role.CheckStateRole if index.column() == NAME and not info.is_damaged:
                return self._drawn(index.row())
            case _Role.TextAlignmentRole:
                side = _Align.AlignLeft if column.left else _Align.AlignRight
                return (_Align.AlignHCenter if index.column() == STAR else side) | _Align.AlignVCenter
            case _Role.DecorationRole if column.icons:
                _, name, token = OUTCOMES[info.outcome]
                return icon(name, token)
            case _Role.ForegroundRole if index.column() == STAR:
                return QColor(theme.current().accent if info.starred else theme.current().quiet)
            case _Role.ToolTipRole:
                note = "\n".join(filter(None, (info.name, info.note))) if index.column() == NAME else ""
                return info.problem or note or (column.shown(info) if column.icons else self.data(index))
            case _Role.AccessibleTextRole if index.column() == STAR:
                return "starred" if info.starred else "not starred"
            case _Role.AccessibleTextRole if column.icons:
                return column.shown(info)
        if role == RUN:
            return info.id
        if role == DEPTH:
            return self._depths.get(info.id, 0)
        if role == OPEN:
            return bool(self.search) or self.folding.is_open(info.id) if self.folding.members(info.id) else None
        return self.runs.colour(info.id) if role == COLOUR else None

    def setData(self, index: _Index, value: Any, role: int = _Role.EditRole) -> bool:
        ids = self.runs_of(index.row())
        if role == _Role.CheckStateRole:
            others = [id for id in ids if id != self.runs.current]  # that one is what the plots show
            for id in others:
                self.runs.overlay(id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return bool(others)
        name = str(value).strip()
        if role == _Role.EditRole and name:
            self.runs.change(ids[0], name=name)
            return True
        return False

    def _drawn(self, row: int) -> Qt.CheckState:
        """Is what a row stands for drawn in the plots: all, some, or none of it?"""
        ids = self.runs_of(row)
        drawn = sum(id == self.runs.current or self.runs.is_overlaid(id) for id in ids)
        some = Qt.CheckState.PartiallyChecked if drawn else Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if drawn == len(ids) else some

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return "" if column.icons else column.title
        if role == _Role.AccessibleTextRole:
            return column.title
        if role == _Role.ToolTipRole:
            return column.tip
        if role == _Role.TextAlignmentRole:
            return (_Align.AlignLeft if column.left else _Align.AlignHCenter) | _Align.AlignVCenter
        return None


def swatch(number: int | None) -> QColor:
    """The colour of a run in the plots; that of the present one where it has no number."""
    return QColor(theme.current().value) if number is None else colour(number)
