"""What measurements advise, in the window: with the problems, on the layer, in the status bar; mended by a click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from app.document import Content
from app.panels.control_advice import SEEN_IN, AdviceCard
from app.style import theme
from engine.graph.model import Graph
from engine.issues import Fix, Issue, Severity
from engine.train import events
from engine.train.advice_fixes import set_training

FAST = Issue("rate_high", "A step changes the weights by 30 %.", "", "", "", Severity.ADVICE,
             mends=(set_training("Set the learning rate to 0.0007", "optimizer.learning_rate", 0.0007),))  # fmt: skip


def advised(window, *advice: Issue) -> None:
    window.session._take(events.Advised(10, advice))


def test_advice_is_told_everywhere_and_a_click_mends_it(window, qtbot):
    window.open_template("mnist")
    node = next(n.id for n in window.document.graph.nodes.values() if n.kind == "ReLU")
    fix = Fix("Use Leaky ReLU", "replace_kind", (("node", node), ("kind", "LeakyReLU")))
    dead = Issue("dead_units", "12 of 128 units are dead.", "No gradient reaches them.", "Use a slope below zero.",
                 node, Severity.ADVICE, mends=(fix,))
    window.tabs.show_layer()
    advised(window, dead)
    assert "1 advice" in window.status.issues.text()
    assert dead not in [card.issue for card in window.tabs.problems.cards], "no card is made that is not seen"
    window.tabs.show_tab("problems")
    assert [card.issue for card in window.tabs.problems.cards] == [dead]
    window.tabs.show_layer()
    assert window.document.report.ok
    window.document.select([node])
    (card,) = window.tabs.inspector.layer_page.findChildren(AdviceCard)
    assert card.measured.text() == "12 of 128 units are dead"
    card.buttons[0].click()
    assert window.document.graph.nodes[node].kind == "LeakyReLU"
    assert window.document.undo_stack.undoText() == "Use Leaky ReLU"
    assert "advice" not in window.status.issues.text()  # what was measured was another layer
    window.document.undo_stack.undo()
    assert window.document.graph.nodes[node].kind == "ReLU"


def test_a_card_brings_the_plot_to_the_front_in_which_it_is_seen(window, qtbot):
    window.open_template("mnist")
    node = next(n.id for n in window.document.graph.nodes.values() if n.kind == "ReLU")
    docks = {dock.plot.id: dock for dock in window.docks.plots}
    window.document.select([node])
    for code, (title, plot) in SEEN_IN.items():
        docks[plot].hide()
        advised(window, Issue(code, "Measured.", "", "", node, Severity.ADVICE))
        (card,) = window.tabs.inspector.layer_page.advice.cards
        (button,) = card.buttons
        assert button.text() == title
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda plot=plot: not docks[plot].visibleRegion().isEmpty())


def test_the_count_of_advice_has_the_colour_of_warnings(window, qtbot):
    window.open_template("mnist")
    advised(window, FAST)
    shown = window.status.issues
    assert shown.text() == "▲ 1 advice"
    shown.ensurePolished()
    assert shown.palette().color(QPalette.ColorRole.ButtonText) == QColor(theme.current().warning)
    window.tabs.show_layer()
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert window.tabs.currentWidget() is window.tabs.problems
    window.document.set_content(Content(Graph().add("Dense", {}, (0, 0))[0], {}))
    assert shown.palette().color(QPalette.ColorRole.ButtonText) == QColor(theme.current().danger)


def test_advice_about_settings_is_one_undoable_edit(window, qtbot):
    window.open_template("mnist")
    before = window.document.training
    window.tabs.show_tab("problems")
    advised(window, FAST)
    (card,) = window.tabs.problems.cards
    card.buttons[0].click()
    assert window.document.training["optimizer"]["learning_rate"] == 0.0007
    assert window.document.undo_stack.undoText() == "Set the learning rate to 0.0007"
    assert not window.tabs.problems.cards
    window.document.undo_stack.undo()
    assert window.document.training == before


def test_advice_goes_with_the_run(window):
    window.open_template("mnist")
    advised(window, FAST)
    assert window.document.report.issues == (FAST,)
    window.session.reset()
    assert window.document.report.issues == ()
    advised(window, Issue("x", "Gone.", "", "", "nowhere", Severity.ADVICE))
    assert window.document.report.issues == ()
