"""The main window: puts the parts together and connects them. What they do, they do themselves."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from app import crash
from app.actions import Actions
from app.canvas.forecast import Forecaster
from app.canvas.run_notes import RunNotes
from app.canvas.spark import SPARK_POINTS
from app.canvas.view import CanvasView
from app.dialogs.welcome import Welcome
from app.document import Document
from app.files import Files
from app.panels.analysis import Analysis
from app.panels.fresh_layers import FreshLayers
from app.panels.history import History
from app.panels.palette import Palette
from app.panels.widgets import scrolled
from app.plots import PLOTS
from app.plots.timeline_bar import TimelineBar
from app.settings import Settings
from app.training.session import Session
from app.window import drops, focus
from app.window.control import Control
from app.window.dialog_desk import DialogDesk
from app.window.docks import Docks
from app.window.message_bar import MessageBar
from app.window.plot_docks import fill_plot_menu
from app.window.recent_menu import RecentMenu
from app.window.run_desk import RunDesk
from app.window.states import ActionStates
from app.window.statusbar import StatusBar
from app.window.sweep_desk import SweepDesk
from app.window.tabs import Tabs
from app.window.themes import Themes
from app.window.topbar import TopBar
from engine.issues import ChainruleError

_FIRST_SIZE = (1400, 900)
_ANALYSIS_HEIGHT = 270
_GEOMETRY = "window/geometry"


class Window(QMainWindow):
    """One project, drawn, trained and watched. Its attributes are what the paths in ``actions.ACTIONS`` name."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.settings = settings or Settings(self)
        self.document = Document(self)
        self.session = Session(self.document, self)
        self.files = Files(self.document, self.session, self.settings, self)
        self.actions_by_id = Actions(self)
        self.themes = Themes(self.actions_by_id, self.settings, self)
        self._make_parts()
        self._make_menus()
        self._connect()
        self.setAcceptDrops(True)
        self._restore_geometry()
        self.show_welcome()
        self.states.show()

    # -- putting together ---------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.canvas = CanvasView(self.document)
        self.run_notes = RunNotes(self.canvas, self.session)
        self.forecast = Forecaster(self.canvas, self.document, self.session, self.settings,
                                   self.actions_by_id["forecast"])
        self.palette_panel = Palette(self.settings)
        self.desk = RunDesk(self.document, self.session, self.settings, self)
        self.tabs = Tabs(self.document, self.desk.panel)
        self.tabs.training.insert_note(FreshLayers(self.session, self.tabs.training))
        self.analysis = Analysis(self.document)
        self.plots = [plot(self.session, self.document) for plot in PLOTS]
        self.welcome = Welcome(self.settings)
        # The table of layers is wide: it opens below the canvas, over its whole width.
        self.workspace = QSplitter(Qt.Orientation.Vertical)
        self.workspace.setChildrenCollapsible(False)
        self.workspace.addWidget(self.canvas)
        self.workspace.addWidget(self.analysis)
        self.workspace.setStretchFactor(0, 1)
        self.analysis.hide()
        self.stack = QStackedWidget()
        self.welcome_page: QScrollArea = scrolled(self.welcome)
        self.stack.addWidget(self.welcome_page)
        self.stack.addWidget(self.workspace)
        self.setCentralWidget(self.stack)
        self.messages = MessageBar(self.stack)
        self.control = Control(self.session, self.settings, self.actions_by_id, self)
        self.desk.panel.layout().addWidget(self.control.queue_panel)
        self.top = TopBar(self.document, self.session, self.actions_by_id, self.control)
        self.tool_bar = _bar("Training", "top_bar", self.top)
        self.addToolBar(self.tool_bar)
        self.timeline = TimelineBar(self.session, self.actions_by_id)
        self.timeline_bar = _bar("Timeline", "timeline_bar", self.timeline)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.timeline_bar)
        self.status = StatusBar(self.document, self.session)
        self.setStatusBar(self.status)
        self.sweeps = SweepDesk(self.document, self.session, self.tabs, self)
        self.status.insertPermanentWidget(1, self.sweeps.badge)
        self.docks = Docks(self, self.palette_panel, self.tabs, History(self.document), self.plots)
        self.dialogs = DialogDesk(self)
        self.states = ActionStates(self)

    def _make_menus(self) -> None:
        bar = self.menuBar()
        menus = self.menus = self.actions_by_id.fill(bar)
        menus["File/Open recent"] = RecentMenu(self.files, self.settings, self)
        menus["File"].insertMenu(self.actions_by_id["save"], menus["File/Open recent"])
        docks = menus["View/Docks"] = QMenu("Docks", self)
        docks.addActions(self.docks.panel_toggles())
        plots = menus["View/Plots"] = QMenu("Plots", self)
        fill_plot_menu(plots, self.docks.plots)
        for menu in (plots, docks):
            menus["View"].insertMenu(self.actions_by_id["reset_layout"], menu)
        # Shortcuts work in torn-off plots too only if the window itself holds the actions.
        self.addActions(list(self.actions_by_id.by_id.values()))

    def _connect(self) -> None:
        self.palette_panel.chosen.connect(self.canvas.adding.append)
        if self.palette_panel.blocks is not None:
            self.palette_panel.blocks.chosen.connect(self.canvas.adding.append_block)
        self.palette_panel.templates.chosen.connect(self.canvas.adding.append_template)
        self.canvas.layer_added.connect(self.palette_panel.memory.note_use)
        self.canvas.block_saved.connect(self._save_block)
        self.canvas.space_tapped.connect(self.run_or_pause)
        self.canvas.picture_wanted.connect(self.dialogs.picture)
        for teller in (self.canvas, self.session, self.files, self.desk, self.tabs.problems, self.tabs.data,
                       self.tabs.inspector):
            teller.message.connect(partial(self.messages.say, about=teller))
        crash.reporter.happened.connect(self._tell_crash)
        for asker in (self.tabs.inspector, self.tabs.problems, self.analysis):
            asker.show_node.connect(self.go_to_node)
        self.tabs.inspector.analyse.connect(self.toggle_analysis)
        self.tabs.inspector.show_plot.connect(self.docks.show_plot_of)
        for plot in self.plots:
            plot.node_clicked.connect(self.go_to_node)
        self.status.show_problems.connect(self.tabs.show_problems)
        self.top.show_tab.connect(self.tabs.show_tab)
        self.document.selection_changed.connect(self._selected)
        self.document.file_changed.connect(self.show_title)
        self.session.updated.connect(self._show_live)
        self.session.cursor_changed.connect(self._show_live)
        self.session.started.connect(self.canvas.clear_live)
        self.files.opened.connect(self._opened)
        self.files.saved.connect(self.status.note_saved)
        # What was refused before is no longer so.
        self.session.started.connect(lambda: self.messages.settle(self.session))
        self.files.saved.connect(lambda: self.messages.settle(self.files))
        self.document.report_changed.connect(
            lambda: None if self.session.failure else self.messages.settle(self.session))
        self.welcome.template.connect(self.open_template)
        self.welcome.recent.connect(self.files.open)
        self.welcome.new.connect(self.files.new)
        self.welcome.back.connect(self.show_workspace)
        self.welcome.open.connect(lambda: self.files.open())

    def _restore_geometry(self) -> None:
        if not self.restoreGeometry(self.settings.blob(_GEOMETRY)):
            screen = QGuiApplication.primaryScreen()
            room = screen.availableGeometry() if screen else QRect(0, 0, *_FIRST_SIZE)
            self.resize(min(_FIRST_SIZE[0], room.width()), min(_FIRST_SIZE[1], room.height() - 30))
        self.docks.restore(self.settings)

    # -- what actions call --------------------------------------------------------------------------------

    @property
    def is_at_work(self) -> bool:
        """Whether the network is shown rather than the welcome page."""
        return self.stack.currentWidget() is self.workspace

    def run_or_pause(self) -> None:
        """Trains or pauses; on the welcome page there is nothing to train."""
        if self.is_at_work:
            self.session.toggle()

    def open_template(self, template_id: str, train: bool = False) -> None:
        """Opens a template and, where asked to, trains it at once."""
        if self.files.open_template(template_id) and train:
            self.session.run()

    def toggle_analysis(self) -> None:
        """Shows the table of layers below the canvas, or hides it."""
        self.analysis.setVisible(not self.analysis.isVisible())
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.analysis.isVisible():
            self.workspace.setSizes([self.workspace.height() - _ANALYSIS_HEIGHT, _ANALYSIS_HEIGHT])
            self.analysis.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to_node(self, node_id: str) -> None:
        """Centres and selects a layer."""
        self.canvas.go_to(node_id)

    def _save_block(self, name: str, text: str) -> None:
        """Keeps a block in the palette, and says under which name."""
        if self.palette_panel.blocks is None:
            return
        try:
            kept = self.palette_panel.blocks.store.save(name, text)
        except ChainruleError as error:
            self.messages.say("error", str(error))
            return
        self.messages.say("info", f"“{kept}” is kept in the palette under My blocks.")

    def focus_palette(self) -> None:
        self.docks.palette.show()
        self.palette_panel.focus_search()

    def show_welcome(self) -> None:
        """The first page, with the docks out of the way, and the way back to what is open."""
        open_now = self.document.graph.nodes or self.document.path or self.document.is_modified
        self.welcome.offer_back(self.document.title if open_now else "")
        self.docks.set_aside()
        self._show_frame(False)
        self.stack.setCurrentWidget(self.welcome_page)
        self.states.show()

    def show_workspace(self) -> None:
        """The canvas with everything around it."""
        if not self.is_at_work:
            self._show_frame(True)
            self.stack.setCurrentWidget(self.workspace)
            self.docks.bring_back()
            self.states.show()

    def _show_frame(self, shown: bool) -> None:
        """Top bar, timeline and status bar, which have nothing to say on the welcome page."""
        self.tool_bar.setVisible(shown)
        self.timeline_bar.setVisible(shown)
        self.status.setVisible(shown)

    def reset_layout(self) -> None:
        self.show_workspace()
        self.docks.reset()

    # -- keeping up ---------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self.messages.clear()
        self.canvas.clear_live()
        self.status.note_opened()
        self.show_workspace()
        self.session.prepare()
        # Fitted once the docks have taken their room.
        QTimer.singleShot(0, self.canvas, self.canvas.fit)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _selected(self, chosen: frozenset[str]) -> None:
        if chosen and self.tabs.currentWidget() is not self.tabs.inspector:
            self.tabs.setCurrentWidget(self.tabs.inspector)

    def _show_live(self) -> None:
        history, step = self.session.history, self.session.cursor
        self.tabs.inspector.layer_page.live.show_statistics(history.statistics_at(step))
        if history.is_empty:
            self.canvas.clear_live()
        elif self.canvas.isVisible():  # sparklines lead up to the step that is looked at, wires are of it
            self.canvas.set_live(history.norms_until(step, SPARK_POINTS), history.flow_at(step), step is not None)

    def show_title(self) -> None:
        """The project's name, and whether something is not saved."""
        nothing_yet = self.stack.currentWidget() is self.welcome_page and self.document.path is None
        self.setWindowTitle("Chainrule[*]" if nothing_yet else f"{self.document.title}[*] — Chainrule")
        self.setWindowModified(self.document.is_modified)

    def _tell_crash(self, sentence: str, details: str) -> None:
        self.messages.say("error", sentence, details)

    # -- events -------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Space presses the button that has the focus rather than starting a run."""
        if (event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
                and event.key() == Qt.Key.Key_Space and isinstance(self.focusWidget(), (QAbstractButton, QComboBox))):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus.catch(self.focusWidget(), self.canvas) or super().focusNextPrevChild(forward)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if drops.file_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = drops.file_of(event)
        if path is not None:
            event.acceptProposedAction()
            drops.take(self, path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_go():
            event.ignore()
            return
        self.settings.set_blob(_GEOMETRY, self.saveGeometry())
        self.docks.save(self.settings)
        self.settings.sync()
        self.session.shutdown()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        event.accept()


def _bar(title: str, name: str, content: QWidget) -> QToolBar:
    """A bar that stays where it is."""
    bar = QToolBar(title)
    bar.setObjectName(name)
    bar.setMovable(False)
    bar.toggleViewAction().setEnabled(False)
    bar.addWidget(content)
    return bar
