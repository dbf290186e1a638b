"""Puts the parts together that keep runs in a window: the list, who keeps it, the tab, and the dialogs about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.canvas.difference import DifferenceView, summary
from app.dialogs.run_compare import CompareDialog, Side
from app.dialogs.run_storage import StorageDialog
from app.document import Content, Document
from app.panels.runs import RunsPanel
from app.plots.base import Plot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot
from app.recorded.history import RunHistory
from app.runs.export import FILTERS, write_runs
from app.runs.going_back import BEST, RunReturn
from app.runs.keeper import RunKeeper
from app.runs.runs import Runs
from app.runs.settings import RunSettings
from app.settings import Settings
from app.training.session import Session
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.runs import RunInfo
from engine.runs.compare import fingerprint


class RunDesk(QObject):
    """The runs of one window. Its methods are what actions and the tab's signals call."""

    message = Signal(str, str)

    def __init__(self, document: Document, session: Session, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._session, self._window = document, session, window
        self.settings = RunSettings(settings)
        self.runs = Runs.of(session)
        self.keeper = RunKeeper(session, self.runs)
        self.going_back = RunReturn(session, self.runs, self.keeper)
        self.panel = RunsPanel(document, self.runs, self.going_back)
        for teller in (self.runs, self.going_back):
            teller.message.connect(self.message)
        self.panel.compare_wanted.connect(self.compare)
        self.panel.export_wanted.connect(self.export)
        self.panel.storage_wanted.connect(self.ask_storage)
        document.file_changed.connect(self.apply_settings)
        session.state_changed.connect(self.apply_settings)
        self.apply_settings()

    def apply_settings(self, _: object = None) -> None:
        """Runs are kept where the settings say, for the project that is open; a run that goes on is not moved."""
        if self._session.is_active:
            return
        self.runs.keep_in(self.settings.folder_of(self._document.path), self.settings.limit)

    def restore_best(self) -> None:
        """Goes back to the best weights of the run that the plots show."""
        if self.runs.current:
            self.going_back.restore(self.runs.current, BEST)
        else:
            self.message.emit("info", "There is no run to go back to: train first.")

    # -- dialogs ---------------------------------------------------------------------------------------------

    def ask_storage(self) -> None:
        """Opens the dialog that says where runs are kept and how much room they may take."""
        dialog = StorageDialog(self.settings, self.runs.size_then, self._document.path, self._window)
        dialog.accepted.connect(self.apply_settings)
        _open(dialog)

    def compare(self, ids: tuple[str, ...]) -> None:
        """Opens two runs side by side; one alone beside what is open now. The older stands on the left."""
        first, *more = sorted(ids)
        if more:
            self._side(first, lambda left: self._side(more[0], lambda right: self._show(left, right)))
        else:
            self._side(first, lambda left: self._show(left, self._present()))

    def _side(self, id: str, then: Callable[[Side], object]) -> None:
        """Reads the parts of a run one after the other, then goes on."""
        info = self.runs.info(id)
        if info is None:
            return

        def with_graph(graph: Graph) -> None:
            if id == self.runs.current:
                then(Side(info, graph, self._session.history))
            else:
                self.runs.curves(id, lambda history: then(Side(info, graph, history)))

        self.going_back.graph_of(id, with_graph)

    def _present(self) -> Side:
        document = self._document
        info = RunInfo("", name="Open now", source=document.source, training=document.training,
                       network=fingerprint(document.graph), parameters=document.report.total_parameters)
        return Side(info, document.graph, RunHistory())

    def _show(self, left: Side, right: Side) -> None:
        network = DifferenceView(left.graph, right.graph)
        _open(CompareDialog(left, right, network, summary(left.graph, right.graph), self._curves(left, right),
                            self._window))

    def _curves(self, left: Side, right: Side) -> list[Plot]:
        """Plots of both: the newer as their own run, the older drawn beside it. None where there are no curves."""
        below, beside = (left, None) if right.history.is_empty else (right, left)
        if below.history.is_empty:
            return []
        document = Document()
        document.set_content(Content(below.graph))
        session = Session(document)
        document.setParent(session)
        session.history = below.history
        if beside is not None and not beside.history.is_empty:
            runs = Runs.of(session)
            runs.put(beside.info, on_disk=False)
            runs.overlay_history(beside.info.id, beside.history)
        plots = [kind(session, document) for kind in (LossPlot, MetricsPlot)]
        session.setParent(plots[0])
        return plots

    def export(self, ids: tuple[str, ...]) -> None:
        """Asks for a file and writes settings and curves of runs into it."""
        if not ids:
            return
        info = self.runs.info(ids[0])
        name = info.name if info is not None and len(ids) == 1 else "Runs"
        chosen, kind = QFileDialog.getSaveFileName(self._window, "Export runs", f"{name}.csv", ";;".join(FILTERS))
        if chosen:
            path = Path(chosen)
            self.write(ids, path if path.suffix else path.with_suffix(FILTERS.get(kind, ".csv")))

    def write(self, ids: tuple[str, ...], path: Path) -> None:
        """Writes settings and curves of runs: a table (.csv), or everything as plain values (.json)."""
        runs = [run for run in map(self.runs.run, ids) if run is not None]
        try:
            write_runs(path, runs[:0])  # a name that cannot be written is told before anything is read
        except ChainruleError as problem:
            self.message.emit("error", str(problem))
            return
        self.runs.do(("export", str(path)), partial(write_runs, path, runs), lambda _: self._written(path))

    def _written(self, path: Path) -> None:
        self.message.emit("info", f"Settings and curves are in {path.name}.")


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
