"""The whole network at a glance: what each layer puts out, learns and costs, and the way to the full analysis."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.document import Document
from app.numbers import amount, engineering, megabytes
from app.panels.analysis_model import AnalysisModel
from app.panels.analysis_table import AnalysisTable
from app.panels.widgets import column, label
from engine.graph.analysis import FLOAT32

#: How long after an edit the page follows, in milliseconds: shapes and problems on the canvas come first.
_SOON = 150


class Summary(QWidget):
    """Shown where nothing is selected. ``show_node(id)`` asks to be taken to a layer, ``analyse`` for all columns."""

    show_node = Signal(str)
    analyse = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.title = label("Network", "title")
        self.totals = label(role="quiet")
        self.hint = label("Select a layer to edit it.", "small")
        self.model = AnalysisModel(document, ("Layer", "Output", "Parameters", "Multiply–adds"))
        self.table = AnalysisTable(self.model, "Layers of the network")
        self.more = QPushButton("Analysis…")
        self.more.setToolTip("Memory and receptive field of every layer, sorted and copied as you like")
        layout = column(self)
        for widget in (self.title, self.totals, self.table, self.hint, self.more):
            layout.addWidget(widget)
        layout.setStretchFactor(self.table, 1)
        layout.addStretch(0)  # keeps the words together where there is no table
        self.table.show_node.connect(self.show_node)
        self.more.clicked.connect(self.analyse)
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._soon.timeout.connect(self.refresh)
        self._stale = False
        self.refresh()

    def follow(self) -> None:
        """The document has changed; the inspector says so where this page is the one in front."""
        self._stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Reads the document."""
        self._stale = False
        self.model.refresh()
        self.totals.setText(self._totals())
        any_layers = bool(self.model.rows)
        self.hint.setText("Select a layer to edit it." if any_layers else "The network is empty: drag layers from the "
                          "left, or begin with a template (Help, Welcome).")
        self.table.setVisible(any_layers)
        self.more.setVisible(any_layers)

    def _totals(self) -> str:
        report = self._document.report
        parameters = report.total_parameters
        return (f"{amount(len(self._document.graph.nodes), 'layer')} · {amount(parameters, 'parameter')} · "
                f"{megabytes(parameters * FLOAT32)}\n{engineering(report.total_cost)} multiply–adds for one example")
