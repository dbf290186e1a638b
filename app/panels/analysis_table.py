"""The view of the table of layers: rows that lead to their nodes, columns that sort, a menu that copies."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.panels.analysis_model import NODE, AnalysisModel, as_csv, as_markdown


class AnalysisTable(QTableView):
    """``show_node(id)`` asks to be taken to a layer: a click, or Enter."""

    show_node = Signal(str)

    def __init__(self, model: AnalysisModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers = model
        self.setModel(model)
        self.setAccessibleName(name)
        self._dress()
        self.clicked.connect(self._go)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)

    def _dress(self) -> None:
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        # Measuring what is in view is enough: a network of thousands of layers must not be slow for it.
        header.setResizeContentsPrecision(0)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)

    def select_node(self, node_id: str) -> None:
        """Marks a node's row and brings it into view, without asking to be taken anywhere."""
        row = self.layers.row_of(node_id)
        if row < 0:
            self.clearSelection()
        elif [index.row() for index in self.selectionModel().selectedRows()] != [row]:
            self.selectRow(row)
            self.scrollTo(self.layers.index(row, 0))

    def copy_csv(self) -> None:
        """Puts the table on the clipboard for a spreadsheet."""
        QGuiApplication.clipboard().setText(as_csv(self.layers))

    def copy_markdown(self) -> None:
        """Puts the table on the clipboard for a text."""
        QGuiApplication.clipboard().setText(as_markdown(self.layers))

    def context_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Copy as CSV", self.copy_csv)
        menu.addAction("Copy as Markdown", self.copy_markdown)
        return menu

    def _show_menu(self, at: QPoint) -> None:
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._go(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_csv()
        else:
            super().keyPressEvent(event)

    def _go(self, index: QModelIndex) -> None:
        self.show_node.emit(index.data(NODE))
