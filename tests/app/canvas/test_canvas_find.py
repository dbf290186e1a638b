"""Going to a layer by its name, and on to the next that answers."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest


def middle(view, node_id: str) -> float:
    """How far a node lies from the middle of the view."""
    return (view.canvas.bounds([node_id]).center() - view.visible_rect().center()).manhattanLength()


@pytest.fixture
def finder(view):
    view.centre_at(QPointF(3000, 3000))
    view.node_finder.open()
    return view.node_finder


def test_enter_centres_and_selects(document, view, hand, finder):
    hand.type("loss")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search is None
    assert document.selection == {"loss_1"}
    assert middle(view, "loss_1") < 3
    assert view.hasFocus()


def test_the_view_follows_while_choosing_and_escape_brings_it_back(document, view, hand, finder):
    document.select(["add_1"])
    view.popups.close_search()
    seen = view.visible_rect().center()
    finder.open()
    hand.type("dense")
    assert document.selection == {"dense_1"} and middle(view, "dense_1") < 3
    QTest.keyClick(view.search.field, Qt.Key.Key_Down)
    assert document.selection == {"dense_2"} and middle(view, "dense_2") < 3
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)
    assert view.search is None
    assert document.selection == {"add_1"}
    assert (view.visible_rect().center() - seen).manhattanLength() < 3


def test_names_kinds_and_ids_are_looked_through(document, finder):
    document.commit(document.graph.rename("dense_2", "Head"), "Rename")
    assert finder.matches("head") == ["dense_2"]
    assert finder.matches("dense_2") == ["dense_2"]
    assert finder.matches("dense")[:2] == ["dense_1", "dense_2"]
    assert finder.matches("softmax")[0] == "loss_1"


def test_next_and_previous_go_round(document, view, hand, finder, messages):
    hand.type("dense")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    reached = []
    for step in (finder.next, finder.next, finder.previous):
        step()
        reached.append(*document.selection)
    assert reached == ["dense_2", "dense_1", "dense_2"]
    finder.query = "nothing like it"
    finder.next()
    assert messages == ["No layer answers to “nothing like it”."]


def test_nothing_found_says_so_and_enter_keeps_the_list(view, hand, finder):
    hand.type("zzzz")
    assert view.search.list.item(0).text() == "No layer answers to that"
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search is not None
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)
