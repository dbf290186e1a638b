"""The whole network as a table: what each layer puts out, learns and costs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.document import Document
from app.numbers import count, engineering, megabytes
from app.panels.widgets import column, label
from engine.layers import LAYERS
from engine.shapes import text

_HEADINGS = ("Layer", "Output", "Params", "MAC")
_TIPS = ("", "Shape of one example's output", "Numbers that learn",
         "Multiply–adds for one example, forward")
_NODE = Qt.ItemDataRole.UserRole
BYTES_PER_PARAMETER = 4  # float32


class Summary(QWidget):
    """Shown where nothing is selected. ``show_node(id)`` asks to be taken to a layer."""

    show_node = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.title = label("Network", "title")
        self.totals = label(role="quiet")
        self.hint = label("Select a layer to edit it.", "small")
        self.table = QTableWidget(0, len(_HEADINGS))
        self._dress_table()
        layout = column(self)
        for widget in (self.title, self.totals, self.table, self.hint):
            layout.addWidget(widget)
        layout.setStretchFactor(self.table, 1000)
        layout.addStretch(1)  # takes the room where the table is hidden
        document.report_changed.connect(self._fill)
        document.graph_changed.connect(self._fill)
        self._fill()

    def _dress_table(self) -> None:
        table = self.table
        table.setAccessibleName("Layers of the network")
        table.setHorizontalHeaderLabels(list(_HEADINGS))
        for place, tip in enumerate(_TIPS):
            table.horizontalHeaderItem(place).setToolTip(tip)
            table.horizontalHeaderItem(place).setTextAlignment(_alignment(place))
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.cellActivated.connect(self._go)
        table.cellClicked.connect(self._go)

    def _fill(self, _: object = None) -> None:
        graph, report = self._document.graph, self._document.report
        # While an edit is told, the report may still be that of the network before.
        order = [i for i in report.order if i in graph.nodes]
        ids = [*order, *(i for i in graph.nodes if i not in order)]
        self.table.setRowCount(len(ids))
        for row, node_id in enumerate(ids):
            node, shape = graph.nodes[node_id], report.shapes.get(node_id)
            title = LAYERS[node.kind].title if node.kind in LAYERS else node.kind
            parameters = report.parameters(node_id)
            texts = (node.label, "?" if shape is None else text(shape), count(parameters) if parameters else "–",
                     engineering(report.costs.get(node_id, 0)))
            for place, content in enumerate(texts):
                self.table.setItem(row, place, _cell(content, place, node_id, f"{title} · {node.label}"))
        self.totals.setText(self._totals())
        self.hint.setText("Select a layer to edit it." if ids else "The network is empty: drag layers from the left, "
                          "or begin with a template (Help, Welcome).")
        self.table.setVisible(bool(ids))

    def _totals(self) -> str:
        report = self._document.report
        parameters = report.total_parameters
        return (f"{len(self._document.graph.nodes)} layers · {count(parameters)} parameters · "
                f"{megabytes(parameters * BYTES_PER_PARAMETER)}\n{engineering(report.total_cost)} multiply–adds for "
                "one example")

    def _go(self, row: int, _: int) -> None:
        self.show_node.emit(self.table.item(row, 0).data(_NODE))


def _alignment(place: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight)


def _cell(content: str, place: int, node_id: str, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(content)
    item.setTextAlignment(_alignment(place))
    item.setData(_NODE, node_id)
    item.setToolTip(tip)
    return item
