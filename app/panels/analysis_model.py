"""The layers of a network as a table that can be sorted and copied; the columns are declared here, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.document import Document
from app.numbers import count, engineering, megabytes
from engine.graph.analysis import LayerFacts, analyse
from engine.shapes import size, text
from engine.train.config import TrainingConfig

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
#: The id of a row's node.
NODE = _Role.UserRole


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value(facts, batch)`` is what is sorted and copied, ``shown`` what stands in the cell; ``total``
    columns have a sum."""

    title: str
    tip: str
    value: Callable[[LayerFacts, int], Any]
    shown: Callable[[Any], str] = str
    total: bool = False
    left: bool = False
    short: str = ""


def _output(facts: LayerFacts, _: int) -> str:
    return "?" if facts.output is None else text(facts.output)


def _field(facts: LayerFacts, _: int) -> str:
    if facts.output is None:
        return "?"
    return "all" if facts.field is None else text(facts.field) if facts.field else "–"


def _some(write: Callable[[int], str]) -> Callable[[int], str]:
    return lambda value: write(value) if value else "–"


COLUMNS: tuple[Column, ...] = (
    Column("Layer", "What the layer is called", lambda f, _: f.label, left=True),
    Column("Kind", "What it is", lambda f, _: f.title, left=True),
    Column("Output", "Shape of one example's output", _output),
    Column("Parameters", "Numbers that learn", lambda f, _: f.parameters, _some(count), total=True, short="Params"),
    Column("Multiply–adds", "For one example, forward; layers that take numbers one by one count one "
           "for each", lambda f, _: f.cost, _some(engineering), total=True,
           short="MAC"),
    Column("Weights", "Memory of the layer's weights, four bytes a number", lambda f, _: f.weight_bytes,
           _some(megabytes), total=True),
    Column("Activations", "Memory of the layer's output for one batch", lambda f, batch: f.activation_bytes * batch,
           _some(megabytes), total=True),
    Column("Sees", "Receptive field: how many places of the Input one place of the output sees, along each "
           "axis; behind layers that enlarge it differs from place to place, and this is about the most",
           _field),
)


class AnalysisModel(QAbstractTableModel):
    """Rows for the document's layers, kept in step with it; ``columns`` picks some of :data:`COLUMNS` by title."""

    def __init__(self, document: Document, columns: Iterable[str] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        wanted = tuple(columns)
        self.columns = tuple(c for c in COLUMNS if not wanted or c.title in wanted)
        self.narrow = bool(wanted)
        self.rows: Sequence[LayerFacts] = ()
        self.batch = 1
        self._document = document
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self.refresh()

    def refresh(self) -> None:
        """Reads the document; cells change in place where the layers are the same ones."""
        before = [facts.id for facts in self.rows]
        found = self._in_order(analyse(self._document.graph, self._document.report))
        batch = batch_size(self._document)
        if (tuple(found), batch) == (tuple(self.rows), self.batch):
            return
        same = before == [facts.id for facts in found]
        if not same:
            self.beginResetModel()
        self.rows, self.batch = found, batch
        if not same:
            self.endResetModel()
        elif found:
            self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, len(self.columns) - 1))

    def row_of(self, node_id: str) -> int:
        """The row of a node, −1 where there is none."""
        return next((row for row, facts in enumerate(self.rows) if facts.id == node_id), -1)

    def total(self, column: Column) -> int:
        """The sum of a column."""
        return sum(column.value(facts, self.batch) for facts in self.rows)

    # -- what Qt asks -------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default, never written to
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as above
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        facts, column = self.rows[index.row()], self.columns[index.column()]
        if role == _Role.DisplayRole:
            return column.shown(column.value(facts, self.batch))
        if role == _Role.TextAlignmentRole:
            return _alignment(column)
        if role == NODE:
            return facts.id
        if role == _Role.ToolTipRole:
            return f"{facts.title} · {facts.label}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return column.short if self.narrow and column.short else column.title
        if role == _Role.ToolTipRole:
            return column.tip
        return _alignment(column) if role == _Role.TextAlignmentRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; by computing order where ``column`` is −1."""
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        self.rows = self._in_order(analyse(self._document.graph, self._document.report))
        self.layoutChanged.emit()

    def _in_order(self, rows: Sequence[LayerFacts]) -> Sequence[LayerFacts]:
        place, order = self._sorted_by
        if place < 0:
            return rows
        key = _sort_key(self.columns[place], self.batch)
        return sorted(rows, key=key, reverse=order == Qt.SortOrder.DescendingOrder)


def _sort_key(column: Column, batch: int) -> Callable[[LayerFacts], Any]:
    """Numbers by size, shapes by how much they hold, words by the alphabet."""
    if column.title == "Output":
        return lambda facts: -1 if facts.output is None else size(facts.output)
    if column.title == "Sees":
        return lambda facts: float("inf") if facts.field is None else size(facts.field)
    return lambda facts: column.value(facts, batch)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.left else Qt.AlignmentFlag.AlignRight
    return Qt.AlignmentFlag.AlignVCenter | side


def batch_size(document: Document) -> int:
    """Examples computed at once under the settings in force."""
    names = ("batch_size", "batching", "optimizer")
    stored = {name: document.training[name] for name in names if name in document.training}
    if TrainingConfig.problems(stored):
        return 1
    config = TrainingConfig(**stored)
    return config.rows_per_step(training_rows(document) or config.batch_size)


def training_rows(document: Document) -> int:
    """Examples of the training part; 0 where no data are chosen."""
    return document.signature.train_rows if document.signature else 0


# -- copying ----------------------------------------------------------------------------------------------------


def as_csv(model: AnalysisModel) -> str:
    """The table for spreadsheets: plain numbers, bytes in full."""
    lines = [[_plain_heading(column) for column in model.columns]]
    lines += [[str(column.value(facts, model.batch)) for column in model.columns] for facts in model.rows]
    return "".join(",".join(_quoted(cell) for cell in line) + "\n" for line in lines)


def as_markdown(model: AnalysisModel) -> str:
    """The table as people read it, with its sums."""
    lines = [[column.title for column in model.columns],
             [":--" if column.left else "--:" for column in model.columns]]
    lines += [[column.shown(column.value(facts, model.batch)) for column in model.columns] for facts in model.rows]
    sums = [f"**{column.shown(model.total(column))}**" if column.total else "" for column in model.columns]
    lines.append(["**Total**", *sums[1:]])
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _plain_heading(column: Column) -> str:
    return f"{column.title} (bytes)" if column.title in ("Weights", "Activations") else column.title


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n') else cell
