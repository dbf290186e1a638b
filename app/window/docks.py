"""The docks around the canvas: palette left, tabs right, plots below; and what is remembered of their layout."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from app.plots import Plot
from app.settings import Settings
from app.window.plot_docks import PlotDock, PlotTabs

#: Raised where the set of docks changes so much that an old layout would not suit.
_LAYOUT_VERSION = 3
_PALETTE_WIDTH, _TABS_WIDTH, _PLOTS_HEIGHT = 200, 310, 300
_KEY = "window/layout"
#: In a narrower window the first two plots share a place, so that titles and curves keep their room.
_ROOMY = 1250
_NARROWEST_PLOT = 180
_Area = Qt.DockWidgetArea


class Docks:
    """Makes the docks of a window and saves, restores, hides and resets their layout."""

    def __init__(
        self, window: QMainWindow, palette: QWidget, tabs: QWidget, history: QWidget, plots: list[Plot],
    ) -> None:
        self._window = window
        self.palette = _dock(window, "palette", "Layers", palette, QWidget())
        self.tabs = _dock(window, "tabs", "Panels", tabs, QWidget())
        self.history = _dock(window, "history", "History", history, QWidget())
        self.plots = [PlotDock(window, plot) for plot in plots]
        for plot, dock in zip(plots, self.plots, strict=True):
            plot.wanted.connect(partial(self.show_plot, dock))
        for fixed in (self.palette, self.tabs, self.history):
            fixed.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        palette.setMinimumWidth(150)
        tabs.setMinimumWidth(280)
        self.palette.setAllowedAreas(_Area.LeftDockWidgetArea | _Area.RightDockWidgetArea)
        window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
        window.setDockNestingEnabled(True)
        window.setTabPosition(_Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for plot in plots:
            plot.setMinimumWidth(_NARROWEST_PLOT)
        window.addDockWidget(_Area.LeftDockWidgetArea, self.palette)
        window.addDockWidget(_Area.RightDockWidgetArea, self.tabs)
        window.addDockWidget(_Area.RightDockWidgetArea, self.history)
        self.history.hide()
        self._place_plots()
        self.plot_tabs = PlotTabs(window, self.plots)
        self._set_sizes()
        self._first = window.saveState(_LAYOUT_VERSION)
        self._aside: QByteArray | None = None
        self._fresh = False  # never shown yet: sizes hold only once the docks are seen

    @property
    def _first_plots(self) -> list[PlotDock]:
        """Those that are seen at first."""
        return [dock for dock in self.plots if dock.plot.shown]

    def _place_plots(self) -> None:
        """The first ones side by side, others as tabs behind them; what is away has its tab at the last of them."""
        first = self._first_plots
        self._window.addDockWidget(_Area.BottomDockWidgetArea, first[0])
        for left, right in pairwise(first):
            self._window.splitDockWidget(left, right, Qt.Orientation.Horizontal)
        by_id = {dock.plot.id: dock for dock in first}
        for dock in self.plots:
            if dock not in first:
                self._window.tabifyDockWidget(by_id.get(dock.plot.behind, first[-1]), dock)
                dock.setVisible(bool(dock.plot.behind))
        for dock in first:
            dock.raise_()

    def show_plot(self, dock: PlotDock) -> None:
        """Brings a plot to the front, wherever it is."""
        dock.show()
        dock.raise_()

    def show_plot_of(self, id: str) -> None:
        """The same for the plot with this id."""
        self.show_plot(next(dock for dock in self.plots if dock.plot.id == id))

    @property
    def all(self) -> list[QDockWidget]:
        return [self.palette, self.tabs, self.history, *self.plots]

    def toggles(self) -> list[QAction]:
        """An action for each dock that shows or hides it; those of plots stand in a menu of their own."""
        return [dock.toggleViewAction() for dock in self.all]

    def panel_toggles(self) -> list[QAction]:
        """Those of the panels around the canvas."""
        return [dock.toggleViewAction() for dock in (self.palette, self.tabs, self.history)]

    def reset(self) -> None:
        """Every dock back where it belongs at first."""
        self._window.restoreState(self._first, _LAYOUT_VERSION)
        first = self._first_plots
        for dock in self.plots:
            dock.setVisible(dock.plot.shown or bool(dock.plot.behind))
        if self._window.width() < _ROOMY:
            for dock in self._window.tabifiedDockWidgets(first[1]):
                self._window.tabifyDockWidget(first[0], dock)
            self._window.tabifyDockWidget(first[0], first[1])
        for dock in first[::-1]:
            dock.raise_()
        self._set_sizes()

    def toggle_history(self) -> None:
        """Shows the list of changes below the panels, or hides it."""
        self.history.setVisible(not self.history.isVisible())
        if self.history.isVisible():
            room = self.tabs.height() + self.history.height()
            self._window.resizeDocks([self.tabs, self.history], [room * 2 // 3, room // 3], Qt.Orientation.Vertical)

    def _set_sizes(self) -> None:
        window, across = self._window, Qt.Orientation.Horizontal
        room = window.height() if window.height() > 500 else 900
        window.resizeDocks([self.palette, self.tabs], [_PALETTE_WIDTH, _TABS_WIDTH], across)
        window.resizeDocks(self.plots[:1], [min(_PLOTS_HEIGHT, room // 3)], Qt.Orientation.Vertical)
        window.resizeDocks(self._first_plots, [1000] * len(self._first_plots), across)  # equal shares

    def set_aside(self) -> None:
        """Hides all docks, for the welcome page; :meth:`bring_back` shows them as they were."""
        if self._aside is None:
            self._aside = self._window.saveState(_LAYOUT_VERSION)
            for dock in self.all:
                dock.hide()
            self._allow(False)

    def bring_back(self) -> None:
        if self._aside is not None:
            state, self._aside = self._aside, None
            self._allow(True)
            if self._fresh:
                self._fresh = False
                self.reset()
            else:
                self._window.restoreState(state, _LAYOUT_VERSION)

    def _allow(self, on: bool) -> None:
        for action in self.toggles():
            action.setEnabled(on)

    def save(self, settings: Settings) -> None:
        settings.set_blob(_KEY, self._aside or self._window.saveState(_LAYOUT_VERSION))

    def restore(self, settings: Settings) -> None:
        """The layout of last time; that of the first start where there is none or it does not fit."""
        state = settings.blob(_KEY)
        self._fresh = state.isEmpty() or not self._window.restoreState(state, _LAYOUT_VERSION)


def _dock(window: QMainWindow, name: str, title: str, content: QWidget, bar: QWidget) -> QDockWidget:
    dock = QDockWidget(title, window)
    dock.setObjectName(f"dock_{name}")
    bar.setMinimumWidth(1)  # a header that is too wide is cut off rather than widening the window
    dock.setTitleBarWidget(bar)
    dock.setWidget(content)
    dock.toggleViewAction().setStatusTip(f"Show or hide {title}")
    return dock
