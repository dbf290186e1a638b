"""Drawing, refusing, re-plugging and deleting wires by hand."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.canvas import port_item


def edges(document) -> set[tuple[str, str, str]]:
    return {(e.source, e.target, e.port) for e in document.graph.edges.values()}


def test_port_to_port_draws_a_wire_in_one_undo_step(document, hand):
    before = document.graph
    hand.drag(hand.port("relu_1"), hand.port("add_1", "in1"))
    assert ("relu_1", "add_1", "in1") in edges(document)
    assert document.undo_stack.undoText() == "Connect"
    document.undo_stack.undo()
    assert document.graph is before


def test_backwards_from_a_free_input(document, hand):
    hand.drag(hand.port("add_1", "in1"), hand.port("dense_1"))
    assert ("dense_1", "add_1", "in1") in edges(document)


def test_letting_go_on_the_body_takes_the_first_free_port(document, hand):
    for source in ("dense_1", "relu_1", "input_1"):
        hand.drag(hand.port(source), hand.node("add_1"))
    assert [(e.source, e.port) for e in document.graph.inputs("add_1")] == [
        ("dense_1", "in1"), ("relu_1", "in2"), ("input_1", "in3")]


def test_a_layer_of_many_inputs_grows_a_port(document, view, hand):
    for source in ("dense_1", "relu_1"):
        hand.drag(hand.port(source), hand.node("add_1"))
    assert view.canvas.nodes["add_1"].input_names == ("in1", "in2", "in3")


def test_a_taken_port_gets_the_new_wire(document, hand):
    hand.drag(hand.port("input_1"), hand.port("dense_2", "in"))
    assert ("input_1", "dense_2", "in") in edges(document)
    assert ("relu_1", "dense_2", "in") not in edges(document)


def test_a_cycle_is_refused_at_the_cursor_with_the_reason(document, view, hand):
    hand.drag(hand.port("dense_2"), hand.port("add_1", "in1"))
    before = document.graph
    assert ("dense_2", "add_1", "in1") in edges(document)
    hand.drag(hand.port("add_1"), hand.node("dense_1"))
    assert document.graph is before
    assert view.hint.isVisible()
    assert "cycle: dense_1 → relu_1 → dense_2 → add_1 → dense_1" in view.hint.text()
    view.hint.fading.stop()


@pytest.mark.parametrize("source, target, words", [("dense_1", "input_1", "takes no wire"),
                                                   ("relu_1", "dense_1", "cycle")])
def test_refusals_leave_the_graph_as_it_was(document, view, hand, source, target, words):
    before = document.graph
    hand.hold(hand.port(source), hand.node(target))
    assert words in view.hint.text()
    hand.release(hand.node(target))
    assert document.graph is before
    assert not document.undo_stack.count()
    view.hint.fading.stop()


def test_legal_targets_light_up_and_illegal_ones_fade(view, hand):
    hand.hold(hand.port("relu_1"), hand.at(0, -120))
    state = {i: item.port("in").state for i, item in view.canvas.nodes.items() if item.port("in")}
    assert state["dense_1"] == port_item.REFUSED
    assert state["dense_2"] == port_item.LEGAL
    hand.key(Qt.Key.Key_Escape)
    assert {port.state for item in view.canvas.nodes.values() for port in item.ports} == {port_item.IDLE}


def test_a_shape_that_does_not_fit_is_said_but_allowed(document, view, hand):
    grown, conv = document.graph.add("Conv2D", position=(-72, -150))
    document.commit(grown, "Add")
    hand.hold(hand.port("dense_1"), hand.port(conv, "in"))
    assert "height × width" in view.hint.text()
    hand.release(hand.port(conv, "in"))
    assert ("dense_1", conv, "in") in edges(document)
    assert view.canvas.wires[(conv, "in")].wrong


def test_replug_to_another_port(document, hand):
    hand.drag(hand.port("loss_1", "in"), hand.port("add_1", "in1"))
    assert ("dense_2", "add_1", "in1") in edges(document)
    assert not document.graph.inputs("loss_1")
    assert document.undo_stack.count() == 1


def test_replug_back_home_changes_nothing(document, view, hand):
    before, home = document.graph, hand.port("loss_1", "in")
    hand.press(home)
    hand.move(home + QPointF(-60, -60))
    assert not view.canvas.wires[("loss_1", "in")].isVisible()
    hand.move(home)
    hand.release(home)
    assert document.graph is before
    assert view.canvas.wires[("loss_1", "in")].isVisible()


def test_dragging_off_into_the_void_deletes_the_wire(document, hand):
    hand.drag(hand.port("loss_1", "in"), hand.at(250, -200))
    assert ("dense_2", "loss_1", "in") not in edges(document)


def test_into_the_void_offers_a_list_and_wires_what_is_chosen(document, view, hand):
    hand.drag(hand.port("relu_1"), hand.at(150, -150))
    assert view.search is not None
    hand.type("tanh")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search is None
    assert ("relu_1", "tanh_1", "in") in edges(document)
    assert document.undo_stack.count() == 1
    assert document.selection == {"tanh_1"}


def test_what_the_void_offers_can_be_clicked(document, view, hand):
    hand.drag(hand.port("relu_1"), hand.at(150, -150))
    found, places = view.search.list, view.search.list.viewport()
    row = next(found.item(i) for i in range(found.count()) if found.item(i).text() == "Conv 1D")
    QTest.mouseClick(places, Qt.MouseButton.LeftButton, pos=found.visualItemRect(row).center())
    assert view.search is None
    assert ("relu_1", "conv_1", "in") in edges(document)
    document.undo_stack.undo()
    view.pan_by(QPointF(view.width() - hand.port("relu_1").x() - 60, 0))
    hand.drag(hand.port("relu_1"), QPointF(view.width() - 20, 100))
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.visible_rect().contains(view.canvas.bounds(document.selection))
    hand.key(Qt.Key.Key_Tab)
    hand.click(hand.at(0, 220))
    assert view.search is None


def test_backwards_into_the_void_offers_what_can_lead(document, view, hand):
    hand.drag(hand.port("add_1", "in1"), hand.at(-250, 200))
    kinds = [view.search.list.item(i).text() for i in range(view.search.list.count())]
    assert "Input" in kinds and "Mean squared error" not in kinds
    hand.type("leaky")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert len(document.graph.inputs("add_1")) == 1


@pytest.mark.parametrize("begin", [("relu_1", ""), ("add_1", "in1"), ("loss_1", "in")])
def test_escape_in_the_middle_leaves_the_graph_untouched(document, view, hand, begin):
    before, items = document.graph, len(view.canvas.items())
    hand.hold(hand.port(*begin), hand.port("add_1", "in2"))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.port("add_1", "in2"))
    assert document.graph is before
    assert len(view.canvas.items()) == items
    assert not view.hint.isVisible()
    assert all(wire.isVisible() for wire in view.canvas.wires.values())


def test_undo_in_the_middle_gives_the_gesture_up(document, view, hand):
    document.commit(document.graph.move({"add_1": (-72, 200)}), "Move")
    hand.hold(hand.port("relu_1"), hand.at(0, 100))
    document.undo_stack.undo()
    assert view.gesture is None
    hand.release(hand.at(0, 100))
    assert not document.undo_stack.canUndo()


def test_a_click_on_a_port_is_no_wire(document, view, hand):
    hand.click(hand.port("relu_1"))
    assert view.search is None
    assert not document.undo_stack.count()


def test_selecting_and_deleting_a_wire(document, view, hand):
    hand.click(hand.wire("relu_1"))
    assert view.canvas.selected_wires == {("relu_1", "in")}
    hand.key(Qt.Key.Key_Delete)
    assert ("dense_1", "relu_1", "in") not in edges(document)
    document.undo_stack.undo()
    assert ("dense_1", "relu_1", "in") in edges(document)
