"""Two runs side by side: settings, curves, and what changed in the network, marked on it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.recorded.history import RunHistory
from app.style import theme
from engine.graph.model import Graph
from engine.runs import RunInfo
from engine.runs.compare import ABSENT, NETWORK, Setting, compared

_FIRST_SIZE = (1180, 800)
_LIVE = "Changed while it ran"


@dataclass(frozen=True)
class Side:
    """One of the two: a run, or what is open now (with an id of "")."""

    info: RunInfo
    graph: Graph
    history: RunHistory


def changed_live(left: Side, right: Side) -> tuple[Setting, ...]:
    """What was changed while one of the two went on: a row for each thing that was, all its changes in it."""
    found = [{mark.title: "" for mark in (*left.history.marks, *right.history.marks)} for _ in (left, right)]
    for told, side in zip(found, (left, right), strict=True):
        for mark in side.history.marks:
            told[mark.title] += f"; {mark.change}" if told[mark.title] else mark.change
    return tuple(Setting(_LIVE, f"{title[:1].upper()}{title[1:]}, while it ran",
                         tuple(told[title] or ABSENT for told in found)) for title in found[0])


class SettingsTable(QTableWidget):
    """Settings of both, those that differ first and in bold with a mark."""

    def __init__(self, rows: tuple[Setting, ...], names: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setAccessibleName("Settings of both runs")
        self.setHorizontalHeaderLabels(["Setting", *names])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(25)
        self.setShowGrid(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._rows = rows
        self.show_rows(all_of_them=False)

    def show_rows(self, all_of_them: bool) -> None:
        """Shows every setting, or only those that differ."""
        shown = [row for row in self._rows if all_of_them or row.differs]
        self.setRowCount(len(shown))
        for place, row in enumerate(shown):
            mark = "≠ " if row.differs else ""
            for column, text in enumerate((f"{mark}{row.label}", *row.values)):
                self.setItem(place, column, self._cell(text, row, column))

    def _cell(self, text: str, row: Setting, column: int) -> QTableWidgetItem:
        cell = QTableWidgetItem(text)
        cell.setToolTip(f"{row.group}: {row.label}" if column == 0 else text)
        tokens = theme.current()
        if row.differs:
            face = QFont(self.font())
            face.setBold(True)
            cell.setFont(face)
        cell.setForeground(QColor(tokens.accent if row.differs and column else tokens.text))
        return cell


class CompareDialog(QDialog):
    """``network`` shows the difference of the two graphs in the words of ``summary``, ``curves`` are plots of both."""

    def __init__(
        self, left: Side, right: Side, network: QWidget, summary: str, curves: list[QWidget],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{left.info.name} and {right.info.name}")
        self.resize(*_FIRST_SIZE)
        rows = tuple(row for row in (*changed_live(left, right), *compared((left.info, right.info)))
                     if (row.group, row.label) != (NETWORK, "Structure"))
        differing = sum(row.differs for row in rows)
        self.table = SettingsTable(rows, (left.info.name, right.info.name))
        self.every = QCheckBox("Show settings that are the same, too")
        self.every.toggled.connect(self.table.show_rows)
        count = {0: "All settings are the same", 1: "1 setting differs"}.get(differing, f"{differing} settings differ")
        self.settings_title = _title(count)
        self.network_title = _title(summary)
        self.network = network
        self.curves = curves
        self._lay_out(left, right)

    def _lay_out(self, left: Side, right: Side) -> None:
        lists = QWidget()
        column = QVBoxLayout(lists)
        column.setContentsMargins(0, 0, 8, 0)
        for widget in (self.settings_title, self.table, self.every):
            column.addWidget(widget)
        drawing = QWidget()
        column = QVBoxLayout(drawing)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.network_title)
        column.addWidget(self.network, 1)
        above = QSplitter(Qt.Orientation.Horizontal)
        above.addWidget(lists)
        above.addWidget(drawing)
        above.setSizes([420, 740])
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(above)
        parts.setChildrenCollapsible(False)
        if self.curves:
            parts.addWidget(self._curves_row(left, right))
            parts.setSizes([460, 300])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(parts, 1)
        layout.addWidget(buttons)


    def _curves_row(self, left: Side, right: Side) -> QWidget:
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 8, 0, 0)
        both = not (left.history.is_empty or right.history.is_empty)
        alone = left.info.name if right.history.is_empty else right.info.name
        column.addWidget(_title(f"Curves: whole lines are {right.info.name}, dashed ones {left.info.name}" if both
                                else f"Curves of {alone}"))
        across = QHBoxLayout()
        for plot in self.curves:
            across.addWidget(plot, 1)
        column.addLayout(across, 1)
        return row


def _title(text: str) -> QLabel:
    made = QLabel(text)
    made.setProperty("role", "strong")
    return made
