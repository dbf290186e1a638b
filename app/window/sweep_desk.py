"""Puts the parts of sweeps together in a window: dialog, line in the status bar, and what is done with a row."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.dialogs.sweep import SweepDialog
from app.document import Document
from app.sweep.shown import ShownRuns
from app.sweep.sweep import Row, Sweep
from app.sweep.words import name_of
from app.training.session import ERROR, INFO, Session
from app.window.tabs import Tabs
from engine.issues import ChainruleError
from engine.train.config import TrainingConfig


class SweepDesk(QObject):
    """The sweeps of one window. ``badge`` belongs into its status bar."""

    def __init__(self, document: Document, session: Session, tabs: Tabs, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._session, self._tabs, self._window = document, session, tabs, window
        self.sweep = Sweep.of(session)
        self.shown = ShownRuns.of(session)
        self.shown.picked.connect(self.show_run)
        tabs.pages["runs"].parallel_wanted.connect(self.shown.show_runs)
        self.dialog: SweepDialog | None = None
        self.badge = QPushButton()
        self.badge.setProperty("role", "flat")
        self.badge.setStyleSheet("padding: 0 6px; border: none; min-height: 0;")
        self.badge.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.badge.setToolTip("Show the runs of the sweep")
        self.badge.clicked.connect(self.ask)
        self.badge.hide()
        self.sweep.changed.connect(self._show_badge)
        self.sweep.finished.connect(self._show_badge)

    def ask(self) -> None:
        """Opens the dialog: on the runs of the sweep where there is one."""
        if self.dialog is None:
            self.dialog = SweepDialog(self._document, self.sweep, self._window)
            self.dialog.use_wanted.connect(self.use)
            self.dialog.run_wanted.connect(self.show_run)
            self.dialog.plot_wanted.connect(self.show_plot)
        if self.dialog.isVisible():
            self.dialog.raise_()
        self.dialog.show()
        self.dialog.activateWindow()

    def use(self, row: Row) -> None:
        """Gives the project the values of a trial, as one undoable change."""
        document = self._document
        graph, training = document.graph, TrainingConfig.of(document.training).to_dict()
        combination = sorted(self.sweep.combination(row.number), key=lambda pair: pair[0].path[-1] != "kind")
        try:
            for target, value in combination:
                graph, training = target.apply(graph, training, value)
        except ChainruleError as problem:
            self._session.message.emit(ERROR, str(problem))
            return
        named = name_of(row.values)
        document.commit_content(replace(document.content, graph=graph, training=training),
                                f"Use run {row.number} of {self.sweep.title}")
        self._session.message.emit(INFO, f"The project has the settings of run {row.number} now: {named}.")

    def show_plot(self) -> None:
        """Brings the plot of the sweep to the front."""
        self.shown.show_group(self.sweep.title)
        self.shown.wanted.emit()

    def show_run(self, id: str) -> None:
        """Selects a run in the list of runs."""
        panel = self._tabs.pages["runs"]
        self._tabs.setCurrentWidget(panel)
        panel.table.select((id,))

    def _show_badge(self) -> None:
        text = f"sweep {self.sweep.over} of {len(self.sweep.rows)}"
        if text != self.badge.text():
            self.badge.setText(text)
        self.badge.setVisible(self.sweep.is_running)
