"""Docks of plots in the whole window: tabs, plus, menu, tearing off, and what is remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QToolButton, QWidgetAction

from app.window.plot_docks import PlotDock
from app.window.window import Window

LEFT = Qt.MouseButton.LeftButton
# The offscreen platform says so of every popup and floating window.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def workspace(window: Window, qtbot) -> Window:
    """The window with a network, its docks settled."""
    window.open_template("xor")
    tabs = window.docks.plot_tabs
    qtbot.waitUntil(lambda: len(tabs.adders()) >= 2 and all(bar.count() for bar in bars(window)))
    return window


def bars(window: Window) -> list[QTabBar]:
    return [bar for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if bar.isVisible()]


def dock(window: Window, plot_id: str) -> PlotDock:
    return next(dock for dock in window.docks.plots if dock.plot.id == plot_id)


def test_three_plots_are_in_front_and_others_behind_them(workspace: Window):
    in_front = [dock.plot.id for dock in workspace.docks.plots if dock.plot.is_seen]
    assert in_front == ["loss", "gradient_norms", "gradient_flow"]
    titles = [[bar.tabText(i) for i in range(bar.count())] for bar in bars(workspace)]
    assert ["Gradients", "Updates", "Histograms"] in titles
    assert all(len(title) <= 14 for group in titles for title in group), "no tab has to cut its title"


def test_the_menu_lists_every_plot_in_its_group_with_a_mark(workspace: Window):
    actions = workspace.menus["View/Plots"].actions()
    headings = [a.defaultWidget().text() for a in actions if isinstance(a, QWidgetAction)]
    assert headings == ["TRAINING", "LAYERS", "DATA"]
    entries = {a.text(): a for a in actions if not isinstance(a, QWidgetAction)}
    assert set(entries) == {plot.title for plot in workspace.plots}
    assert entries["Loss"].isChecked() and not entries["Singular values"].isChecked()
    entries["Singular values"].trigger()
    assert dock(workspace, "singular_values").plot.is_seen
    entries["Singular values"].trigger()
    assert dock(workspace, "singular_values").isHidden()


def test_the_plus_brings_a_plot_to_its_tabs(workspace: Window, qtbot):
    tabs = workspace.docks.plot_tabs
    bar = next(bar for bar in bars(workspace) if bar.tabText(0) == "Loss")
    button = tabs._adders[bar]
    last = bar.tabRect(bar.count() - 1)
    assert button.isVisible() and last.center().x() < button.x() and button.geometry().right() <= last.right()
    QTest.mouseClick(button, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    wanted = {action.text().partition("\t")[0]: action for action in menu.actions()}
    assert all(action.text().partition("\t")[2] for name, action in wanted.items() if name), "each says what it shows"
    wanted["Gradient heat map"].trigger()
    menu.close()
    heat = dock(workspace, "gradient_map")
    qtbot.waitUntil(lambda: heat.plot.is_seen)
    assert dock(workspace, "loss") in workspace.tabifiedDockWidgets(heat)
    again = tabs.offer(bar)
    next(a for a in again.actions() if a.text().startswith("Gradient heat map")).trigger()
    again.close()
    assert heat.isHidden()


def test_a_plot_is_torn_off_by_a_double_click_and_its_place_is_remembered(workspace: Window, qtbot):
    loss = dock(workspace, "loss")
    header = loss.plot.header
    double_click(header)
    assert loss.isFloating() and loss._close.isVisible()
    assert loss.tear_off.text() == "Put back"
    place = QRect(120, 90, 640, 380)
    loss.setGeometry(place)
    workspace.docks.save(workspace.settings)
    workspace.reset_layout()
    qtbot.waitUntil(lambda: not loss.isFloating())
    workspace.docks.restore(workspace.settings)
    qtbot.waitUntil(loss.isFloating)
    assert loss.geometry() == place
    double_click(header)
    qtbot.waitUntil(lambda: any(bar.tabText(0) == "Loss" and max(spare(bar)[:-1], default=0) + 10 < spare(bar)[-1]
                                for bar in bars(workspace)))
    double_click(header)
    QTest.mouseClick(loss._close, LEFT)
    assert loss.isHidden()
    workspace.reset_layout()
    assert loss.plot.is_seen and not loss._close.isVisible()


def spare(bar: QTabBar) -> list[int]:
    """What each tab is wider than its title: the last one has room for the plus."""
    metrics = bar.fontMetrics()
    return [bar.tabRect(i).width() - metrics.horizontalAdvance(bar.tabText(i)) for i in range(bar.count())]


def double_click(widget) -> None:
    """A double click as the window system sends it."""
    at = QPointF(60, 8)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick,
                 QEvent.Type.MouseButtonRelease):
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), LEFT, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


def test_the_menu_of_a_plot_tears_it_off_and_hides_it(workspace: Window):
    flow = dock(workspace, "gradient_flow")
    menu = flow.plot.make_menu()
    texts = [action.text() for action in menu.actions()]
    assert texts[-2:] == ["Tear off", "Hide this plot"]
    menu.actions()[-2].trigger()
    assert flow.isFloating()
    menu.actions()[-1].trigger()
    assert flow.isHidden()
    menu.close()


def test_bars_that_qt_leaves_behind_are_put_away(workspace: Window, qtbot):
    for _ in range(3):
        workspace.reset_layout()
    qtbot.waitUntil(lambda: len(bars(workspace)) == 3)
    assert {bar.tabText(0) for bar in bars(workspace)} == {"Loss", "Gradients", "Flow"}
    assert workspace.childAt(QPoint(workspace.width() // 2, 200)) is not None


def test_where_tabs_need_more_room_than_there_is_they_scroll_by_buttons_with_arrows(workspace: Window, qtbot):
    bar = next(bar for bar in bars(workspace) if bar.tabText(0) == "Loss")
    for plot in ("singular_values", "gradient_map", "activations", "gallery", "feature_maps", "drawing_pad"):
        workspace.docks.plot_tabs._bring(bar, dock(workspace, plot))
    scrollers = [button for button in bar.findChildren(QToolButton) if button.objectName().startswith("Scroll")]
    qtbot.waitUntil(lambda: len(scrollers) == 2 and all(button.isVisible() for button in scrollers))
    qtbot.waitUntil(lambda: all(button.arrowType() == Qt.ArrowType.NoArrow for button in scrollers))
    assert all(not button.icon().isNull() for button in scrollers)
    plus = workspace.docks.plot_tabs._adders[bar]
    for _ in range(2):
        QTest.mouseClick(scrollers[0], LEFT)
        qtbot.waitUntil(lambda: plus.isVisible() and plus.geometry().right() == bar.width() - 1)
        assert not any(plus.geometry().intersects(scroller.geometry()) for scroller in scrollers)
    assert bar.childAt(plus.geometry().center()) is plus
