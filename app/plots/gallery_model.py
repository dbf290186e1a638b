"""The picked samples as Qt's views want them: one row each, pictures and texts made only for what is in sight."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app import numbers
from app.plots import colours
from app.plots.gallery_samples import SampleReader

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
ROW, TRUE, TOLD, SURE, LOSS = range(5)
#: Columns before those of the inputs.
FIXED = 5
_MEANINGS = {"margin": "How far the likeliest class is ahead of the next", "loss": "What this sample adds to the loss"}
_CROSS, _TICK = "✕ ", "✓ "


class SampleModel(QAbstractTableModel):
    """Rows are samples in the order picked; the first columns tell the verdict, the others the inputs."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.reader: SampleReader | None = None
        self.places = np.zeros(0, np.int64)
        self._inputs: list[str] = []
        self._cells: dict[int, list[str]] = {}

    def show_samples(self, reader: SampleReader | None, places: np.ndarray) -> None:
        """Shows these positions of what ``reader`` reads. Views keep their place where the number of rows is the
        same, as it is for each new answer about the same data."""
        names = [name for name, _ in reader.cells(int(places[0]))] if reader and len(places) else self._inputs
        same = len(places) == len(self.places) and names == self._inputs
        if not same:
            self.beginResetModel()
        self.reader, self.places, self._inputs = reader, places, names
        self._cells.clear()
        if same:
            if len(places):
                self.dataChanged.emit(self.index(0, 0), self.index(len(places) - 1, self.columnCount() - 1))
        else:
            self.endResetModel()

    def place(self, index: _Index) -> int:
        """The position in the reader of an entry; −1 for none."""
        return int(self.places[index.row()]) if index.isValid() and index.row() < len(self.places) else -1

    def index_of(self, row: int) -> QModelIndex:
        """Where the sample with this row of the data is; an invalid index where it is not shown."""
        if self.reader is None or not len(self.places):
            return QModelIndex()
        found = np.flatnonzero(self.reader.judged.rows[self.places] == row)
        return self.index(int(found[0]), 0) if len(found) else QModelIndex()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else FIXED + len(self._inputs)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or role not in (_Role.DisplayRole, _Role.ToolTipRole):
            return None
        if role == _Role.ToolTipRole:
            return _MEANINGS.get(str(self.headerData(section, orientation)))
        sure = "margin" if self.reader and self.reader.tells_classes else "error"
        return ["row", "true", "predicted", sure, "loss", *self._inputs][section]

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        place = self.place(index)
        if place < 0 or self.reader is None:
            return None
        if role == _Role.DisplayRole:
            return self._text(self.reader, place, index.column())
        if role == _Role.AccessibleTextRole:
            return self.reader.in_words(place)
        if role == _Role.ToolTipRole:
            return "\n".join((self.reader.in_words(place), *self.reader.shares_in_words(place)))
        if role == _Role.ForegroundRole and index.column() == TOLD and self.reader.is_wrong(place):
            return colours.token("danger")
        return None

    def _text(self, reader: SampleReader, place: int, column: int) -> str:
        match column:
            case 0:
                return numbers.count(reader.row(place))
            case 1:
                return reader.true(place)
            case 2:
                mark = (_CROSS if reader.is_wrong(place) else _TICK) if reader.tells_classes else ""
                return mark + reader.told(place)
            case 3:
                return numbers.percent(reader.certainty(place)) if reader.tells_classes else (
                    numbers.number(reader.error(place)))
            case 4:
                return numbers.number(reader.loss(place))
        if place not in self._cells:
            self._cells[place] = [text for _, text in reader.cells(place)]
        return self._cells[place][column - FIXED]
