"""The Runs tab: every run that was kept, drawn beside the present one, compared, restored, gone on with."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.document import Document
from app.panels.runs_details import RunDetails
from app.panels.runs_model import RunsModel
from app.panels.runs_table import RunsTable
from app.panels.widgets import label
from app.runs.going_back import BEST, LAST, RunReturn
from app.runs.runs import Runs
from app.style import theme
from app.style.combo import CalmCombo
from engine.graph.model import Graph
from engine.runs import RunInfo
from engine.runs.compare import fingerprint

HERE, EVERYWHERE = "This project", "All projects"
#: How long nothing must change before what is selected is compared with what is open, in milliseconds.
_QUIET = 150


class RunsPanel(QWidget):
    """Lists :class:`~app.runs.runs.Runs`. What opens a dialog is asked for by signal."""

    compare_wanted = Signal(tuple)  # the ids of two runs, or of one to be compared with what is open
    export_wanted = Signal(tuple)  # ids
    storage_wanted = Signal()
    parallel_wanted = Signal(tuple)  # the ids of runs to be drawn as lines over their settings and results

    def __init__(self, document: Document, runs: Runs, going_back: RunReturn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._runs, self._going_back = document, runs, going_back
        self._deleted: tuple[str, ...] = ()
        self._known: tuple[Graph, str] = (Graph(), "")
        self.model = RunsModel(runs, self)
        self.model.project = document.project_id
        self.table = RunsTable(self.model)
        self.setFocusProxy(self.table)  # who comes here wants the list, not the search above it
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a run")
        self.search.setAccessibleName("Find a run")
        self.search.setClearButtonEnabled(True)
        self.scope = CalmCombo()
        self.scope.addItems([HERE, EVERYWHERE])
        self.scope.setAccessibleName("Whose runs are listed")
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.setProperty("role", "flat")
        self.more.setToolTip("Export, storage")
        self.more.setAccessibleName("Menu of the runs")
        self.empty = label("", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(18)
        self.undo_text = label("", "quiet")
        self.undo_button = QPushButton("Undo")
        self.details = RunDetails(runs)
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_QUIET)
        self._soon.timeout.connect(self._show_details)
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 6, 6)
        top.setSpacing(6)
        top.addWidget(self.search, 1)
        top.addWidget(self.scope)
        top.addWidget(self.more)
        self.undo_row = QWidget()
        undo = QHBoxLayout(self.undo_row)
        undo.setContentsMargins(12, 4, 10, 4)
        undo.addWidget(self.undo_text, 1)
        undo.addWidget(self.undo_button)
        self.undo_row.hide()
        foot = QVBoxLayout()
        foot.setContentsMargins(10, 8, 10, 10)
        foot.addWidget(self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.undo_row)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.scope.currentTextChanged.connect(self._choose_scope)
        self.more.clicked.connect(lambda: self.show_menu(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        self.undo_button.clicked.connect(self.undelete)
        self.table.chosen.connect(self._show_details)
        self.table.menu_wanted.connect(self.show_menu)
        self.table.delete_wanted.connect(self.delete)
        self.table.star_wanted.connect(self.star)
        self.table.open_wanted.connect(lambda: self._restore(LAST))
        self.details.restore_best.connect(lambda: self._restore(BEST))
        self.details.restore_last.connect(lambda: self._restore(LAST))
        self.details.resume.connect(self.resume)
        self.details.compare.connect(self.compare)
        self._runs.changed.connect(self._changed)
        self._document.opened.connect(self._opened)
        for changed in (self._document.setup_changed, self._document.report_changed):
            changed.connect(self._soon_details)
        theme.signals.changed.connect(self.table.viewport().update)

    # -- keeping up ------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._runs.refresh()
        self.refresh()

    def refresh(self) -> None:
        """Shows the list as it is now."""
        self.model.refresh()
        some = bool(self.model.rows)
        self.table.setVisible(some)
        self.empty.setVisible(not some)
        self.empty.setText(self._why_empty())
        self._show_details()

    def _why_empty(self) -> str:
        if self.model.search:
            return f"No run answers to “{self.model.search}”."
        others = len(self._runs.infos)
        if others and self.model.project:
            return ("No runs of this project yet. Press Run, and it is kept here.\n\n"
                    f"{others} of other projects: choose “{EVERYWHERE}” above.")
        return ("No runs yet.\n\nPress Run: every run is kept here with its settings, its curves and its weights. Tick "
                "some to draw them in the same plots, compare two, or go back to the best weights.")

    def _search(self, text: str) -> None:
        self.model.search = text
        self.refresh()

    def _choose_scope(self, scope: str) -> None:
        self.model.project = self._document.project_id if scope == HERE else ""
        self.refresh()

    def _opened(self) -> None:
        self.undo_row.hide()
        self._choose_scope(self.scope.currentText())

    def _soon_details(self, _: object = None) -> None:
        if self.isVisible():
            self._soon.start()

    def _show_details(self) -> None:
        ids = self.table.selected()
        infos = [info for info in map(self._runs.info, ids) if info is not None]
        best = last = None
        if len(infos) == 1 and not infos[0].is_damaged:
            best, last = (self._going_back.step_of(infos[0], which) for which in (BEST, LAST))
        self.details.show_runs(infos, best, last, self._present())

    def _present(self) -> RunInfo:
        """What is open now, as if it were a run."""
        document = self._document
        if self._known[0] is not document.graph:
            self._known = (document.graph, fingerprint(document.graph))
        return RunInfo("", source=document.source, training=document.training, network=self._known[1])

    # -- what the person does --------------------------------------------------------------------------------

    def _only(self) -> str:
        ids = self.table.selected()
        return ids[0] if len(ids) == 1 else ""

    def _restore(self, which: str) -> None:
        if self._only():
            self._going_back.restore(self._only(), which)

    def resume(self) -> None:
        """Goes on with the selected run."""
        if self._only():
            self._going_back.resume(self._only())

    def open_settings(self) -> None:
        """Makes network, data and settings of the selected run the present ones."""
        if self._only():
            self._going_back.open_settings(self._only())

    def compare(self) -> None:
        """Two runs side by side, or one and what is open."""
        ids = self.table.selected()
        if 1 <= len(ids) <= 2:
            self.compare_wanted.emit(ids)

    def star(self) -> None:
        """Stars the selected runs, or takes their stars where all have one."""
        infos = [info for info in map(self._runs.info, self.table.selected()) if info is not None]
        on = not all(info.starred for info in infos)
        for info in infos:
            self._runs.change(info.id, starred=on)

    def delete(self) -> None:
        """Deletes the selected runs; they can be brought back."""
        ids = self.table.selected()
        names = {id: info.name for id in ids if (info := self._runs.info(id)) is not None}
        gone = self._runs.delete(ids)
        if gone:
            self._deleted = gone
            what = f"“{names[gone[0]]}”" if len(gone) == 1 else f"{len(gone)} runs"
            self.undo_text.setText(f"{what} deleted.")
        elif ids:
            self.undo_text.setText("A run that is training cannot be deleted: stop it first.")
        self.undo_button.setVisible(bool(gone))
        self.undo_row.setVisible(bool(ids))

    def undelete(self) -> None:
        """Brings back what was deleted last."""
        self._runs.undelete(self._deleted)
        self._deleted = ()
        self.undo_row.hide()

    # -- menu ------------------------------------------------------------------------------------------------

    def show_menu(self, where: QPoint) -> None:
        """Opens the menu of the selected runs."""
        self.make_menu().popup(where)

    def make_menu(self) -> QMenu:
        """What can be done with the selected runs, and with all; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ids, one = self.table.selected(), self._only()
        info = self._runs.info(one) if one else None
        whole = info is not None and not info.is_damaged
        sound = bool(ids) and not any(found.is_damaged for id in ids if (found := self._runs.info(id)) is not None)
        for text, call, possible in (
            ("Restore best weights", lambda: self._restore(BEST), whole and self.details.best_button.isEnabled()),
            ("Restore last weights", lambda: self._restore(LAST), whole and self.details.last_button.isEnabled()),
            ("Resume", self.resume, whole and self.details.resume_button.isEnabled()),
            ("Open network and settings", self.open_settings, whole),
            ("", None, True),
            ("Compare…", self.compare, sound and len(ids) <= 2),
            ("Draw over settings and results", lambda: self.parallel_wanted.emit(ids), sound and len(ids) > 1),
            ("Rename", lambda: self.table.rename(one), whole),
            ("Star or unstar", self.star, sound),
            ("Export settings and curves…", lambda: self.export_wanted.emit(ids), sound),
            ("Delete", self.delete, bool(ids)),
            ("", None, True),
            ("Storage…", self.storage_wanted.emit, True),
        ):
            if call is None:
                menu.addSeparator()
            else:
                menu.addAction(text, call).setEnabled(possible)
        return menu
