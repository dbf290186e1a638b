"""Knife, shake, lifting out of a chain, copying with wiring, wiring in order, aligning, and Escape in each."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from app.canvas.gesture_move import Shake

RIGHT = Qt.MouseButton.RightButton
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def wires(document) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in document.graph.edges.values()}


def shake(hand, place: QPointF) -> QPointF:
    """Presses on a node and shakes it; where the pointer is left."""
    hand.press(place)
    for turn in range(6):
        for step in (1, 2):
            hand.move(place + QPointF((30 if turn % 2 else -30) * step / 2, 0))
    return place + QPointF(30, 0)


# -- knife -----------------------------------------------------------------------------------------------------

def stroke(hand) -> tuple[QPointF, QPointF]:
    """From above to below, across the wires into dense_1, relu_1 and dense_2 … one by one where they run level."""
    return hand.wire("relu_1") + QPointF(-4, -80), hand.wire("relu_1") + QPointF(4, 80)


def test_the_knife_cuts_what_it_crosses_in_one_step(document, hand):
    before = document.graph
    hand.drag(*stroke(hand), RIGHT, CTRL)
    assert wires(document) == wires_of(before) - {("dense_1", "relu_1")}
    assert document.undo_stack.undoText() == "Cut wire"
    document.undo_stack.undo()
    assert document.graph is before


def wires_of(graph) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in graph.edges.values()}


def test_one_stroke_cuts_several_wires(document, view, hand):
    hand.drag(hand.port("dense_1"), hand.port("add_1", "in1"))
    steps = document.undo_stack.count()
    hand.press(hand.at(-400, -60), RIGHT, CTRL)
    for x, y in ((-340, 60), (-300, -40), (-120, -40), (-110, 60), (-160, 190)):
        hand.move(hand.at(x, y), RIGHT, CTRL)
    faded = {key for key, wire in view.canvas.wires.items() if wire.opacity() < 1}
    assert len(faded) >= 2
    hand.release(hand.at(-160, 190), RIGHT, CTRL)
    assert not faded & document.graph.edges.keys()
    assert document.undo_stack.count() == steps + 1
    assert document.undo_stack.undoText() == f"Cut {len(faded)} wires"


def test_a_stroke_through_nothing_cuts_nothing(document, hand):
    before = document.graph
    hand.drag(hand.at(-400, -200), hand.at(400, -200), RIGHT, CTRL)
    assert document.graph is before and not document.undo_stack.count()


def test_no_menu_opens_after_the_knife(view, hand):
    place = hand.at(0, -200).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place), CTRL)
    QGuiApplication.sendEvent(view.viewport(), event)
    assert view.findChildren(QMenu) == []


# -- out of the chain ------------------------------------------------------------------------------------------

def test_alt_drag_lifts_a_node_out_and_heals_the_chain(document, view, hand):
    before = document.graph
    hand.drag(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, -150), modifiers=ALT)
    assert ("dense_1", "dense_2") in wires(document)
    assert not document.graph.inputs("relu_1") and not document.graph.outputs("relu_1")
    assert document.graph.nodes["relu_1"].position[1] < -100
    assert document.undo_stack.undoText() == "Take out relu_1"
    document.undo_stack.undo()
    assert document.graph is before


def test_a_shake_frees_a_node_and_heals_the_chain(document, view, hand):
    place = shake(hand, hand.node("relu_1"))
    assert not view.canvas.wires[("relu_1", "in")].isVisible()
    assert "out of its chain" in view.hint.text()
    hand.release(place)
    assert ("dense_1", "dense_2") in wires(document)
    assert not document.graph.inputs("relu_1") and not document.graph.outputs("relu_1")
    assert document.undo_stack.count() == 1


def test_a_lifted_node_can_be_put_into_another_wire(document, view, hand):
    hand.drag(hand.node("relu_1"), hand.wire("dense_1"), modifiers=ALT)
    assert {("input_1", "relu_1"), ("relu_1", "dense_1"), ("dense_1", "dense_2")} <= wires(document)
    assert document.undo_stack.count() == 1


def test_several_nodes_are_lifted_together_and_keep_their_own_wires(document, hand):
    document.select(["dense_1", "relu_1"])
    hand.drag(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 150), modifiers=ALT)
    assert wires(document) == {("dense_1", "relu_1"), ("input_1", "dense_2"), ("dense_2", "loss_1")}


def test_a_plain_drag_is_no_shake(document, hand):
    hand.drag(hand.node("relu_1"), hand.node("relu_1") + QPointF(120, 150))
    assert ("dense_1", "relu_1") in wires(document)


@pytest.mark.parametrize("places, shaken", [
    ([0, 30, 0, 30, 0, 30, 0], True), ([0, 5, 0, 5, 0, 5, 0, 5], False), ([0, 100, 200, 300, 400, 500], False),
    ([0, 100, 0, 100], False)])
def test_what_counts_as_a_shake(places, shaken):
    feeling = Shake(0)
    assert [feeling.feel(x) for x in places][-1] is shaken


def test_slow_turns_are_no_shake(monkeypatch):
    now = iter(range(0, 1000, 5))
    monkeypatch.setattr("app.canvas.gesture_move.time.monotonic", lambda: float(next(now)))
    feeling = Shake(0)
    assert not any(feeling.feel(x) for x in [30, 0] * 10)


# -- copying ---------------------------------------------------------------------------------------------------

def test_ctrl_drag_duplicates_with_the_wiring(document, view, hand):
    before = document.graph
    document.select(["dense_1", "relu_1"])
    hand.drag(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 192), modifiers=CTRL)
    assert wires(document) - wires_of(before) == {("input_1", "dense_3"), ("dense_3", "relu_2")}
    assert document.selection == {"dense_3", "relu_2"}
    assert document.graph.nodes["dense_3"].params == document.graph.nodes["dense_1"].params
    assert document.graph.nodes["relu_2"].position == (-72, 192)
    assert document.undo_stack.undoText() == "Duplicate 2 layers"
    document.undo_stack.undo()
    assert document.graph is before


def test_a_copy_of_a_merge_keeps_the_order_of_its_inputs(document, hand):
    for source in ("dense_1", "relu_1", "input_1"):
        document.commit(document.graph.connect(source, "add_1"), "Connect")
    document.select(["relu_1", "add_1"])
    hand.drag(hand.node("add_1"), hand.node("add_1") + QPointF(0, 120), modifiers=CTRL)
    assert [e.source for e in document.graph.inputs("add_2")] == ["dense_1", "relu_2", "input_1"]
    assert document.graph.inputs("relu_2")[0].source == "dense_1"


def test_ctrl_click_still_adds_and_takes_away(document, hand):
    hand.click(hand.node("dense_1"))
    hand.click(hand.node("relu_1"), CTRL)
    assert document.selection == {"dense_1", "relu_1"}
    hand.click(hand.node("dense_1"), CTRL)
    assert document.selection == {"relu_1"}
    assert not document.undo_stack.count()


# -- Escape ----------------------------------------------------------------------------------------------------

def begin_knife(hand):
    hand.hold(*stroke(hand), RIGHT, CTRL)


def begin_lift(hand):
    hand.hold(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, -150), modifiers=ALT)


def begin_shake(hand):
    shake(hand, hand.node("relu_1"))


def begin_copy(hand):
    hand.hold(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 150), modifiers=CTRL)


def begin_move(hand):
    hand.hold(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 150))


def begin_band(hand):
    hand.hold(hand.at(-550, -100), hand.at(0, 50))


def begin_pan(hand):
    hand.hold(hand.at(0, -100), hand.at(80, -50), Qt.MouseButton.MiddleButton)


def begin_replug(hand):
    hand.hold(hand.port("loss_1", "in"), hand.at(200, 200))


def begin_wire(hand):
    hand.hold(hand.port("relu_1"), hand.port("add_1", "in1"))


def begin_backwards(hand):
    hand.hold(hand.port("add_1", "in1"), hand.port("relu_1"))


GESTURES = [begin_knife, begin_lift, begin_shake, begin_copy, begin_move, begin_band, begin_pan, begin_replug,
            begin_wire, begin_backwards]


@pytest.mark.parametrize("begin", GESTURES)
def test_escape_in_the_middle_leaves_everything_as_it_was(document, view, hand, begin):
    document.select(["dense_2"])
    before, items = document.graph, len(view.canvas.items())
    paths = {key: wire._path for key, wire in view.canvas.wires.items()}
    seen = view.visible_rect().center()
    begin(hand)
    assert view.gesture is not None
    hand.key(Qt.Key.Key_Escape)
    assert view.gesture is None
    assert document.graph is before and not document.undo_stack.count()
    assert len(view.canvas.items()) == items
    assert all(wire.isVisible() and wire.opacity() == 1 for wire in view.canvas.wires.values())
    assert {key: wire._path for key, wire in view.canvas.wires.items()} == paths
    assert all(item.pos() == QPointF(*before.nodes[i].position) for i, item in view.canvas.nodes.items())
    assert not view.hint.isVisible()
    assert (view.visible_rect().center() - seen).manhattanLength() < 4
    hand.release(hand.at(0, 0))
    assert document.graph is before


# -- without a gesture -----------------------------------------------------------------------------------------

def test_f_wires_the_selected_nodes_in_order(document, view, hand):
    document.commit(document.graph.disconnect("relu_1", "in").disconnect("dense_2", "in"), "Cut")
    document.select(["dense_2", "dense_1", "relu_1"])
    hand.key(Qt.Key.Key_F)
    assert {("dense_1", "relu_1"), ("relu_1", "dense_2")} <= wires(document)
    assert document.undo_stack.undoText() == "Connect in order"


@pytest.mark.parametrize("name, line", [
    ("align_left", lambda r: r.left()), ("align_right", lambda r: r.right()),
    ("align_centre", lambda r: r.center().x()), ("align_top", lambda r: r.top()),
    ("align_middle", lambda r: r.center().y()), ("align_bottom", lambda r: r.bottom())])
def test_aligning(document, view, name, line):
    document.commit(document.graph.move({"add_1": (-31, 147), "relu_1": (7, -20)}), "Move")
    for source in ("dense_1", "relu_1", "input_1", "dense_2"):  # grown: a node of another height
        document.commit(document.graph.connect(source, "add_1"), "Connect")
    ids = ["add_1", "relu_1", "dense_1"]
    document.select(ids)
    whole = view.canvas.bounds(ids)
    getattr(view.arranger, name)()
    assert {round(line(view.canvas.bounds([i])), 6) for i in ids} == {round(line(whole), 6)}
    assert document.undo_stack.undoText() == name.replace("align_", "Align ")


def test_distributing(document, view):
    document.commit(document.graph.move({"dense_1": (-300, 0), "relu_1": (-200, 30), "dense_2": (400, 9)}), "Move")
    ids = ["dense_1", "relu_1", "dense_2", "add_1"]
    document.select(ids)
    view.arranger.distribute_across()
    rects = sorted((view.canvas.bounds([i]) for i in ids), key=lambda r: r.left())
    gaps = [b.left() - a.right() for a, b in pairwise(rects)]
    assert max(gaps) - min(gaps) < 1e-6
    assert (rects[0].left(), rects[-1].left()) == (-300, 400)
    view.arranger.distribute_down()
    rects = sorted((view.canvas.bounds([i]) for i in ids), key=lambda r: r.top())
    gaps = [b.top() - a.bottom() for a, b in pairwise(rects)]
    assert max(gaps) - min(gaps) < 1e-6


def test_selecting_by_the_way_things_hang_together(document, view):
    document.select(["relu_1"])
    view.arranger.select_upstream()
    assert document.selection == {"input_1", "dense_1", "relu_1"}
    document.select(["relu_1"])
    view.arranger.select_downstream()
    assert document.selection == {"relu_1", "dense_2", "loss_1"}
    document.select(["dense_1"])
    view.arranger.select_kind()
    assert document.selection == {"dense_1", "dense_2"}
