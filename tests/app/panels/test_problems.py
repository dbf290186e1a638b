"""The Problems tab: what is listed, where a click leads, what a mend does."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.document import Content, Document
from app.panels.problems import Problems


def test_no_problems_is_said(small_document: Document, qtbot) -> None:
    panel = Problems(small_document)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.cards == []
    assert panel.empty.isVisible()


def test_a_mend_is_one_click_and_one_undo_step(small_document: Document, qtbot) -> None:
    document = small_document
    panel = Problems(document)
    qtbot.addWidget(panel)
    panel.resize(400, 500)
    panel.show()
    document.commit(document.graph.set_params("input_1", shape=(5,)), "Change the shape")
    card = next(card for card in panel.cards if card.issue.code == "input_shape")
    assert not panel.empty.isVisible()
    assert "input_1" in card.accessibleName() or card.issue.where == "input_1"
    with qtbot.waitSignal(panel.show_node) as asked:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert asked.args == ["input_1"]
    steps = document.undo_stack.count()
    button = card.buttons[0]
    qtbot.waitUntil(lambda: panel.childAt(button.mapTo(panel, button.rect().center())) is button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert document.graph.nodes["input_1"].params.get("shape", (2,)) == (2,)
    assert document.undo_stack.count() == steps + 1
    assert panel.cards == []


def test_a_key_goes_to_the_layer(small_document: Document, qtbot) -> None:
    panel = Problems(small_document)
    qtbot.addWidget(panel)
    small_document.commit(small_document.graph.disconnect("dense_1", "in"), "Unplug")
    card = next(card for card in panel.cards if card.issue.where)
    with qtbot.waitSignal(panel.show_node):
        qtbot.keyClick(card, Qt.Key.Key_Return)


def test_data_that_cannot_be_read_is_a_problem(small_document: Document, qtbot, tmp_path) -> None:
    panel = Problems(small_document)
    qtbot.addWidget(panel)
    missing = {"kind": "CsvFile", "path": str(tmp_path / "gone.csv")}
    small_document.set_content(Content(small_document.graph, missing))
    assert any(card.issue.code == "data" and "gone.csv" in card.issue.expected for card in panel.cards)


def test_many_problems_are_told_to_whoever_counts(small_document: Document, qtbot) -> None:
    panel = Problems(small_document)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.count_changed) as counted:
        small_document.set_content(Content())
    assert counted.args == [len(panel.cards)] and panel.cards


def test_hundreds_of_problems_make_a_list_of_some_and_a_number(qtbot) -> None:
    document = Document()
    panel = Problems(document)
    qtbot.addWidget(panel)
    panel.show()
    graph = document.graph
    for _ in range(60):
        graph, _ = graph.add("Dense")
    document.commit(graph, "Add many")
    assert len(panel.cards) == 40 and panel.more.isVisible() and "more" in panel.more.text()
    kept = panel.cards[5]
    document.commit(graph.add("Input")[0], "Add Input")
    assert kept in panel.cards, "cards that still hold stay as they are"
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert len(panel.cards) == 1 and not panel.more.isVisible()
