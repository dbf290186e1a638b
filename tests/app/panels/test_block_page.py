"""A selected block in the inspector: its facts, and its name, repeat and bypass as undoable edits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.document import Content, Document
from app.panels.inspector import Inspector
from app.style import theme
from engine.graph import groups
from engine.graph.build import chain
from engine.layers import Dense, Input, ReLU, SoftmaxCrossEntropy

INSIDE = ("a", "relu")


@pytest.fixture
def inspector(qapp, qtbot) -> Inspector:
    theme.apply(qapp, "dark")
    document = Document()
    graph = chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("relu", ReLU()), ("b", Dense(units=3)),
                  ("loss", SoftmaxCrossEntropy()))
    graph, _ = groups.group(graph, INSIDE, "Encoder")
    graph, _ = groups.group(graph, ["b"], "Head", collapsed=True)
    document.set_content(Content(graph))
    made = Inspector(document)
    document.setParent(made)
    qtbot.addWidget(made)
    made.resize(320, 800)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_block_says_what_goes_in_and_out_and_what_is_in_it(inspector):
    inspector.document.select(INSIDE)
    page = inspector.block_page
    assert page.isVisible()
    assert not inspector.layer_page.isVisible(), "its layers have nothing in common"
    assert page.title.text() == "Block · Encoder"
    assert page.facts.text().replace("\u00a0", " ") == "4 → 4 · 2 layers · 20 parameters · 20 multiply–adds"
    assert "Dense" in page.inside.text() and "relu" in page.inside.text()
    inspector.document.select(["a"])
    assert not page.isVisible()
    assert inspector.layer_page.isVisible()
    inspector.document.select([])
    assert inspector.stack.currentIndex() == 0


def test_a_collapsed_block_of_one_layer_is_shown_with_the_layer_below(inspector):
    inspector.document.select(["b"])
    assert inspector.block_page.title.text() == "Block · Head"
    assert inspector.layer_page.isVisible()
    assert "units" in inspector.layer_page.form.rows


def test_repeating_tells_what_it_costs_and_is_one_undo_step(inspector, qtbot):
    document, page = inspector.document, inspector.block_page
    document.select(INSIDE)
    before = document.graph
    field = page.form.rows["repeat"].editor.focusProxy()
    field.setFocus()
    field.lineEdit().selectAll()
    qtbot.keyClicks(field, "12")
    assert document.graph.groups["block_1"].repeat == 12
    assert document.report.total_parameters == 12 * 20 + 15
    assert "→ 240" in page.effect.text()
    assert "240\u00a0parameters" in page.facts.text()
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Repeat Encoder"
    document.undo_stack.undo()
    assert document.graph == before
    field.lineEdit().selectAll()
    qtbot.keyClicks(field, "0")
    assert document.graph == before
    assert page.form.rows["repeat"].error.isVisible()


def test_name_bypass_and_folding(inspector, qtbot):
    document, page = inspector.document, inspector.block_page
    document.select(INSIDE)
    before = document.graph
    page.name.selectAll()
    qtbot.keyClicks(page.name, "Head")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert document.graph == before
    assert "Another block is called" in page.name_error.text()
    page.name.selectAll()
    qtbot.keyClicks(page.name, "Stem")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert document.graph.groups["block_1"].name == "Stem"
    assert page.title.text() == "Block · Stem"
    for name in ("enabled", "collapsed"):
        box = page.form.rows[name].editor.focusProxy()
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert not any(document.graph.nodes[i].enabled for i in INSIDE)
    assert document.graph.groups["block_1"].collapsed
    assert document.report.ok
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.graph == before


def test_a_link_asks_to_be_taken_to_the_layer(inspector, qtbot):
    inspector.document.select(INSIDE)
    with qtbot.waitSignal(inspector.show_node) as asked:
        inspector.block_page.inside.linkActivated.emit("relu")
    assert asked.args == ["relu"]
