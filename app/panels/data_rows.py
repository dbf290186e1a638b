"""The first rows of a data set as a table; in a person's own file the header says what each column is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableWidget, QTableWidgetItem

from app.numbers import number
from engine.data import Dataset
from engine.data.csv import join_names, split_names

_TABLE_ROWS = 8
#: What a column can be made, by the source's parameter that names it.
ROLES = {"target": "Predict “{}”", "ignore": "Ignore “{}”", "categorical": "Read “{}” as categories"}
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def with_role(source: Mapping[str, Any], role: str, name: str) -> dict[str, Any]:
    """The source where a column has one of the ``ROLES``; a column is in one list only, and one is predicted."""
    lists = {key: [other for other in split_names(str(source.get(key, ""))) if other != name] for key in ROLES}
    lists[role] = [name] if role == "target" else [*lists[role], name]
    return {**source, **{key: join_names(names) for key, names in lists.items()}}


class Rows(QTableWidget):
    """The first rows, as they stand in the source. ``role_asked(role, column)`` comes from the header's menu."""

    role_asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("First rows of the data")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self._open_menu(header.logicalIndexAt(at), at))
        header.sectionClicked.connect(
            lambda place: self._open_menu(place, QPoint(header.sectionViewportPosition(place), header.height())))
        self._with_roles = False

    def sizeHint(self) -> QSize:
        return QSize(200, 30 + 24 * _TABLE_ROWS + 14)

    def offer_roles(self, offered: bool) -> None:
        """Whether the columns are a person's own, which can be predicted or ignored."""
        self._with_roles = offered
        self.horizontalHeader().setSectionsClickable(offered)

    def show_data(self, data: Dataset) -> None:
        """Shows the first rows of the training part."""
        shown = [data.row(index) for index in range(min(_TABLE_ROWS, len(data.x_train)))]
        names = [name for name, _ in shown[0].cells] if shown and shown[0].cells else ["example"]
        target = ", ".join(data.preparation.target_names) or "target"
        self.setRowCount(len(shown))
        self.setColumnCount(len(names) + 1)
        for place, row in enumerate(shown):
            cells = [text for _, text in row.cells] or [" ".join(number(v) for v in row.x.reshape(-1)[:6]) + " …"]
            goal = row.target if isinstance(row.target, str) else " ".join(
                number(float(v)) for v in np.atleast_1d(row.target).reshape(-1)[:4])
            for column, content in enumerate([*cells, goal]):
                self.setItem(place, column, QTableWidgetItem(content))
        for column, name in enumerate([*names, f"→ {target}"]):
            self._align(column, name, can_change=self._with_roles and column < len(names))
        self.resizeColumnsToContents()

    def _align(self, column: int, name: str, *, can_change: bool) -> None:
        """Numbers stand at the right, below the name of their column."""
        cells = [self.item(row, column) for row in range(self.rowCount())]
        side = _NUMBER if all(_is_number(cell.text()) for cell in cells) else _TEXT
        header = QTableWidgetItem(name)
        header.setToolTip("Click to predict or to ignore this column" if can_change else "")
        self.setHorizontalHeaderItem(column, header)
        for cell in (header, *cells):
            cell.setTextAlignment(side)

    def _open_menu(self, column: int, at: QPoint) -> None:
        if self._with_roles and 0 <= column < self.columnCount() - 1:
            self.menu_of(column).popup(self.horizontalHeader().viewport().mapToGlobal(at))

    def menu_of(self, column: int) -> QMenu:
        """What the column can be made."""
        name = self.horizontalHeaderItem(column).text()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        numeric = self.horizontalHeaderItem(column).textAlignment() == _NUMBER
        for role, words in ROLES.items():
            if role != "categorical" or numeric:
                menu.addAction(words.format(name)).triggered.connect(lambda _, r=role: self.role_asked.emit(r, name))
        return menu


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-").replace("\u2009", ""))
    except ValueError:
        return False
    return True
