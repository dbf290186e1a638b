"""A plot as a dock: torn off, tabbed, hidden; its tabs, the “+” at their end, and the list of all plots."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QMenu, QTabBar, QToolButton, QWidgetAction

from app.plots import Plot
from app.plots.base import GROUPS
from app.style import theme
from app.style.icons import ThemedIcon

_ADD = "+"
#: The buttons that scroll tabs, by Qt's names: their own arrows are not seen under the window's style.
_SCROLLERS = {"ScrollLeftButton": "mdi6.chevron-left", "ScrollRightButton": "mdi6.chevron-right"}
#: Pixels of one of them; the style sheet reserves room for both and for the “+”.
_SCROLLER = 20
#: Milliseconds after which docks that are moved have arrived.
_SETTLED = 400
#: Where a plot that is torn off goes, and how much larger it becomes.
_LIFT, _LARGER = QPoint(-24, -96), (72, 60)


class PlotDock(QDockWidget):
    """A plot with its own header as title bar. Double-clicking that tears it off and puts it back."""

    def __init__(self, window: QMainWindow, plot: Plot) -> None:
        super().__init__(plot.short or plot.title, window)
        self.plot = plot
        self.setObjectName(f"dock_plot_{plot.id}")
        plot.header.setMinimumWidth(1)  # a header that is too wide is cut off rather than widening the window
        self.setTitleBarWidget(plot.header)
        self.setWidget(plot)
        toggle = self.toggleViewAction()
        toggle.setText(plot.title)
        toggle.setStatusTip(plot.about or f"Show or hide {plot.title}")
        toggle.triggered.connect(self._toggled)
        self.tear_off = QAction("Tear off", self)
        self.tear_off.triggered.connect(lambda: self.setFloating(not self.isFloating()))
        hide = QAction("Hide this plot", self)
        hide.triggered.connect(self.hide)
        plot.dock_actions = (self.tear_off, hide)
        self._close = plot.header.add_button(f"Hide {plot.title}", "Hide this plot", at_end=True)
        ThemedIcon(self._close, "mdi6.close", "quiet")
        self._close.clicked.connect(self.hide)
        self._close.hide()
        self.topLevelChanged.connect(self._floated)
        self.visibilityChanged.connect(plot.revealed)

    def _toggled(self, shown: bool) -> None:
        if shown:
            self.raise_()

    def _floated(self, on: bool) -> None:
        self.tear_off.setText("Put back" if on else "Tear off")
        self._close.setVisible(on)
        self.setContentsMargins(*((1, 1, 1, 1) if on else (0, 0, 0, 0)))
        if on:
            QTimer.singleShot(_SETTLED, self, partial(self._lift, self.geometry()))

    def _lift(self, before: QRect) -> None:
        """What was torn off without being dragged stands out a little from where it was."""
        if self.isFloating() and self.geometry() == before:
            self.setGeometry(before.translated(_LIFT).adjusted(0, 0, *_LARGER))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin line around it where nothing else sets it off."""
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(QColor(theme.current().accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class PlotTabs(QObject):
    """Keeps the tab bars that Qt makes for docks in order: whole titles, and a “+” that offers what is not shown."""

    def __init__(self, window: QMainWindow, docks: list[PlotDock]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._adders: dict[QTabBar, QToolButton] = {}
        self._titles: dict[QTabBar, list[str]] = {}
        self._tidying = QTimer(self, singleShot=True, interval=_SETTLED)
        self._tidying.timeout.connect(self.tidy)
        window.installEventFilter(self)
        self._take_all()

    def adders(self) -> list[QToolButton]:
        """The “+” buttons that are seen."""
        return [button for button in self._adders.values() if button.isVisible()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() == QEvent.Type.ChildPolished:
                self._take_all()
            elif event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
                self._tidying.start()
        elif isinstance(watched, QTabBar) and event.type() in (QEvent.Type.Paint, QEvent.Type.Resize):
            self._place(watched)
        return False

    def _take_all(self) -> None:
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bar not in self._adders:
                self._take(bar)

    def _take(self, bar: QTabBar) -> None:
        bar.setElideMode(Qt.TextElideMode.ElideNone)
        bar.setUsesScrollButtons(True)
        bar.setExpanding(False)
        bar.setAccessibleName("Plots")
        button = QToolButton(bar)
        button.setText(_ADD)
        button.setProperty("role", "tiny")
        button.setAccessibleName("Add a plot here")
        button.setToolTip("Add a plot here")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.offer(bar).popup(button.mapToGlobal(QPoint(0, button.height()))))
        for name, picture in _SCROLLERS.items():
            if scroller := bar.findChild(QToolButton, name):
                ThemedIcon(scroller, picture)
        self._adders[bar] = button
        bar.destroyed.connect(lambda: (self._adders.pop(bar, None), self._titles.pop(bar, None)))
        bar.installEventFilter(self)
        self._place(bar)

    def tidy(self) -> None:
        """Hides tab bars that no dock uses any more: Qt leaves some behind whenever a layout is restored."""
        bars = [bar for bar in self._adders if bar.count()]
        live = []
        for dock in self._docks:
            if dock.isVisible() and not dock.isFloating() and not dock.visibleRegion().isEmpty() \
                    and self._window.tabifiedDockWidgets(dock):
                own = [bar for bar in bars if _belongs(bar, dock)]
                if not own and any(bar.tabText(bar.currentIndex()) == dock.windowTitle() for bar in bars):
                    return  # still on their way
                live += own[-1:]
        for bar in self._adders:
            bar.setVisible(bar in live)

    def _place(self, bar: QTabBar) -> None:
        """The button stands behind the last tab, where the style sheet leaves room; where tabs scroll, at the very end,
        right of the buttons that scroll them."""
        self._lay_out_anew(bar)
        button, tall = self._adders[bar], bar.height()
        wide = button.sizeHint().width()
        scrollers = [found for name in _SCROLLERS if (found := bar.findChild(QToolButton, name))]
        scrolls = any(not scroller.isHidden() for scroller in scrollers)
        end = bar.width() if scrolls or not bar.count() else min(bar.tabRect(bar.count() - 1).right() + 1, bar.width())
        if scrolls:
            self._place_scrollers(scrollers, end - wide)
        where = QRect(end - wide, 0, wide, tall - 1) if scrolls else QRect(
            QPoint(end - wide, max((tall - button.sizeHint().height()) // 2, 0)), button.sizeHint())
        if button.geometry() != where:
            button.setGeometry(where)
        wanted = bool(self._shown(bar))
        if button.isHidden() == wanted:
            button.setVisible(wanted)
        button.raise_()

    def _lay_out_anew(self, bar: QTabBar) -> None:
        """A tab that comes in front of others leaves Qt with widths of before, in which another one was the last."""
        titles = [bar.tabText(index) for index in range(bar.count())]
        if titles != self._titles.get(bar):
            self._titles[bar] = titles
            bar.setIconSize(bar.iconSize())

    def _place_scrollers(self, scrollers: list[QToolButton], end: int) -> None:
        """Qt gives them its own arrows and the very end of the bar, again and again."""
        tall = scrollers[0].parentWidget().height() - 1
        for place, scroller in enumerate(scrollers):
            if scroller.arrowType() != Qt.ArrowType.NoArrow:
                scroller.setArrowType(Qt.ArrowType.NoArrow)
            where = QRect(end - (len(scrollers) - place) * _SCROLLER, 0, _SCROLLER, tall)
            if scroller.geometry() != where:
                scroller.setGeometry(where)

    def _shown(self, bar: QTabBar) -> list[PlotDock]:
        """The plots whose tabs stand in a bar."""
        titles = {bar.tabText(index) for index in range(bar.count())}
        return [dock for dock in self._docks if dock.windowTitle() in titles]

    def offer(self, bar: QTabBar) -> QMenu:
        """The list of all plots with a line on each; what is taken becomes a tab of ``bar``, in front."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in GROUPS:
            add_heading(menu, group)
            for dock in (dock for dock in self._docks if dock.plot.group == group):
                action = menu.addAction(f"{dock.plot.title}\t{dock.plot.about}")
                action.setCheckable(True)
                action.setChecked(not dock.isHidden())
                action.triggered.connect(lambda on, dock=dock: self._bring(bar, dock))
        return menu

    def _bring(self, bar: QTabBar, dock: PlotDock) -> None:
        """A plot that stands here goes away; any other comes here, in front, wherever it was."""
        here = self._shown(bar)
        if dock in here:
            dock.hide()
            return
        dock.setFloating(False)
        self._window.tabifyDockWidget(here[-1], dock)
        dock.show()
        dock.raise_()


def _belongs(bar: QTabBar, dock: QDockWidget) -> bool:
    """Does a bar stand right above a dock whose tab is in front?"""
    place = bar.geometry()
    near = abs(place.left() - dock.x()) <= 2 and abs(place.bottom() + 1 - dock.y()) <= 2
    return near and bar.tabText(bar.currentIndex()) == dock.windowTitle()


def fill_plot_menu(menu: QMenu, docks: list[PlotDock]) -> None:
    """All plots by what they are about, with a check mark on those that are shown."""
    for group in GROUPS:
        add_heading(menu, group)
        menu.addActions([dock.toggleViewAction() for dock in docks if dock.plot.group == group])


def add_heading(menu: QMenu, text: str) -> None:
    """A line of a menu that only names what follows."""
    label = QLabel(text.upper(), menu)
    label.setProperty("role", "heading")
    label.setContentsMargins(10, 6, 10, 2)
    heading = QWidgetAction(menu)
    heading.setDefaultWidget(label)
    heading.setEnabled(False)
    menu.addAction(heading)

