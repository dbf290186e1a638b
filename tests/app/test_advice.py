"""What measurements advise, in the window: with the problems, on the layer, in the status bar; mended by a click."""

from __future__ import annotations

from app.panels.control_advice import AdviceCard
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
    advised(window, dead)
    assert "1 advice" in window.status.issues.text()
    assert [card.issue for card in window.tabs.problems.cards] == [dead]
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


def test_advice_about_settings_is_one_undoable_edit(window, qtbot):
    window.open_template("mnist")
    before = window.document.training
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
