"""Blocks on the canvas: grouping, collapsing, ports, looking inside, repeating, bypassing; with a real hand."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest

from app.canvas.port_item import OUTPUT
from engine.graph import groups

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def block(view, document, hand) -> str:
    """dense_1 and relu_1, grouped by key."""
    document.select(["dense_1", "relu_1"])
    hand.key(Qt.Key.Key_G, CTRL)
    (made,) = document.graph.groups
    return made


def item(view, block):
    return view.canvas.blocks.items[block]


def header(view, block) -> QPointF:
    rect = item(view, block).grip
    return QPointF(view.to_viewport(QPointF(rect.left() + 30, rect.top() + 12)))


def double_click(view, place: QPointF) -> None:
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place.toPoint())


def test_ctrl_g_frames_what_is_selected_and_ctrl_shift_g_takes_the_frame_away(view, document, hand, block):
    assert groups.members(document.graph, block) == ("dense_1", "relu_1")
    frame = item(view, block)
    assert not frame.collapsed
    assert frame.selected
    assert frame.scene_rect.contains(view.canvas.bounds(["dense_1", "relu_1"]))
    assert frame.face.subtitle == "2 layers · 40 params"
    hand.key(Qt.Key.Key_G, CTRL | SHIFT)
    assert not document.graph.groups
    assert not view.canvas.blocks.items
    document.undo_stack.undo()
    assert block in view.canvas.blocks.items


def test_grouping_nothing_says_so(view, hand, messages):
    hand.key(Qt.Key.Key_G, CTRL)
    assert "Nothing is selected" in messages[0]


def test_a_double_click_on_the_header_collapses_and_on_the_card_opens(view, document, block):
    before = document.graph
    double_click(view, header(view, block))
    card = item(view, block)
    assert card.collapsed
    assert not view.canvas.nodes["dense_1"].isVisible()
    assert not view.canvas.wires[("relu_1", "in")].isVisible()
    assert [(p.node_id, p.name) for p in card.ports] == [("dense_1", "in"), ("relu_1", OUTPUT)]
    incoming = view.canvas.wires[("dense_1", "in")]
    assert incoming.isVisible()
    assert incoming.points()[-1] == card.anchor("dense_1", "in")
    assert view.canvas.wires[("dense_2", "in")].points()[0] == card.anchor("relu_1", OUTPUT)
    double_click(view, QPointF(view.to_viewport(card.scene_rect.center())))
    assert document.graph == before
    assert view.canvas.nodes["dense_1"].isVisible()
    assert view.canvas.wires[("relu_1", "in")].isVisible()


def test_what_follows_closes_up_to_a_collapsed_block(view, document, block):
    gap = document.graph.nodes["dense_2"].position[0] - document.graph.nodes["relu_1"].position[0]
    view.grouping.toggle(block)
    card = item(view, block).scene_rect
    assert document.graph.nodes["dense_2"].position[0] - card.left() == gap


def test_dragging_the_card_moves_all_that_is_in_it(view, document, hand, block):
    view.grouping.toggle(block)
    before = {i: document.graph.nodes[i].position for i in ("dense_1", "relu_1")}
    middle = QPointF(view.to_viewport(item(view, block).scene_rect.center()))
    hand.drag(middle, middle + QPointF(0, 120))
    ways = {(document.graph.nodes[i].position[0] - x, document.graph.nodes[i].position[1] - y)
            for i, (x, y) in before.items()}
    assert len(ways) == 1
    assert ways.pop()[1] > 60
    assert document.undo_stack.undoText() == "Move 2 layers"
    assert item(view, block).scene_rect.center().y() > 100


def test_escape_in_the_middle_of_dragging_a_card_leaves_everything(view, document, hand, block):
    view.grouping.toggle(block)
    before, card = document.graph, item(view, block).scene_rect
    middle = QPointF(view.to_viewport(card.center()))
    hand.hold(middle, middle + QPointF(60, 120))
    assert item(view, block).scene_rect != card
    hand.key(Qt.Key.Key_Escape)
    assert document.graph is before
    assert item(view, block).scene_rect == card


def test_wires_are_drawn_from_and_to_the_ports_of_a_card(view, document, hand, block):
    view.grouping.toggle(block)
    hand.drag(hand.port("relu_1"), hand.port("add_1", "in1"))
    assert document.graph.edges[("add_1", "in1")].source == "relu_1"
    hand.drag(hand.port("dense_1", "in"), hand.at(-72, 300))  # the end of a wire, off into the void: deleted
    assert ("dense_1", "in") not in document.graph.edges
    hand.drag(hand.port("input_1"), hand.port("dense_1", "in"))
    assert document.graph.edges[("dense_1", "in")].source == "input_1"


def test_the_rubber_band_and_delete_treat_a_card_as_one(view, document, hand, block):
    view.grouping.toggle(block)
    card = item(view, block).scene_rect
    hand.drag(hand.at(card.left() + 20, card.top() - 40), hand.at(card.right() - 20, card.top() + 8))
    assert document.selection == {"dense_1", "relu_1"}
    hand.key(Qt.Key.Key_Delete)
    assert not document.graph.groups
    assert document.graph.edges[("dense_2", "in")].source == "input_1"
    document.undo_stack.undo()
    assert item(view, block).collapsed


def test_p_held_shows_the_inside_and_let_go_hides_it(view, document, hand, block):
    view.grouping.toggle(block)
    before = document.graph
    QTest.keyPress(view, Qt.Key.Key_P)
    assert view.canvas.nodes["dense_1"].isVisible()
    assert not item(view, block).collapsed
    # A key that is held repeats itself; that is no letting go.
    QGuiApplication.sendEvent(view, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_P, Qt.KeyboardModifier.NoModifier,
                                              "p", autorep=True))
    assert view.canvas.nodes["dense_1"].isVisible()
    QTest.keyRelease(view, Qt.Key.Key_P)
    assert not view.canvas.nodes["dense_1"].isVisible()
    assert item(view, block).collapsed
    assert document.graph is before


def test_blocks_in_blocks_collapse_into_one_card(view, document, hand, block):
    document.select(["dense_1", "relu_1", "dense_2"])
    hand.key(Qt.Key.Key_G, CTRL)
    outer = document.graph.groups[block].parent
    assert item(view, outer).scene_rect.contains(item(view, block).scene_rect)
    hand.key(Qt.Key.Key_B, CTRL | SHIFT)
    assert document.graph.groups[outer].collapsed
    assert not item(view, block).isVisible()
    hand.key(Qt.Key.Key_B, CTRL | SHIFT)
    assert item(view, block).isVisible()


def test_a_block_is_renamed_in_place_and_repeated(view, document, hand, messages, block):
    hand.key(Qt.Key.Key_F2)
    hand.type("Stem")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Return)
    assert document.graph.groups[block].name == "Stem"
    view.grouping.ask_repeat()
    hand.type("many")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Return)
    assert "cannot stand 'many' times" in messages[-1]
    document.commit(document.graph.set_params("dense_1", units=4), "Fit")
    view.grouping.ask_repeat()
    hand.type("3")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Return)
    assert document.graph.groups[block].repeat == 3
    assert {issue.where for issue in document.report.errors} == {"add_1"}  # which nothing is wired to
    assert "dense_1·3" in document.report.order
    assert item(view, block).face.subtitle == "2 layers · 60 params"
    assert item(view, block).face.repeat == 3


def test_a_block_that_cannot_be_repeated_says_so_and_the_menu_mends_it(view, document, block):
    view.grouping._repeat(block, "2")
    assert item(view, block).face.severity is not None
    assert "puts out" in view.tooltip_at(header(view, block))
    menu = view.context_menu(header(view, block))
    menu.actions()[0].trigger()
    assert document.graph.groups[block].repeat == 1
    assert {issue.where for issue in document.report.errors} == {"add_1"}  # which nothing is wired to


def test_bypass_fades_the_layer_and_the_same_key_enables_it(view, document, hand):
    document.select(["relu_1"])
    hand.key(Qt.Key.Key_B, CTRL)
    relu = view.canvas.nodes["relu_1"]
    assert not document.graph.nodes["relu_1"].enabled
    assert "relu_1" not in document.report.order
    assert relu.face.subtitle == "bypassed"
    assert relu.opacity() < 1
    assert view.canvas.wires[("dense_2", "in")].label == "8"
    hand.key(Qt.Key.Key_B, CTRL)
    assert relu.opacity() == 1
    assert document.undo_stack.undoText() == "Enable"


def test_a_new_layer_on_a_wire_inside_a_block_joins_it(view, document, block):
    view.editor.add_on_wire("Tanh", ("relu_1", "in"), QPointF(0, 0))
    assert document.graph.nodes["tanh_1"].group == block
    view.editor.add_on_wire("Sigmoid", ("dense_2", "in"), QPointF(0, 0))
    assert document.graph.nodes["sigmoid_1"].group == ""


def test_a_layer_can_leave_its_block(view, document, block):
    document.select(["relu_1"])
    view.grouping.take_out()
    assert groups.members(document.graph, block) == ("dense_1",)


def test_a_block_is_copied_whole_and_pasted_as_a_block(view, document, hand, block):
    view.grouping.toggle(block)
    hand.key(Qt.Key.Key_C, CTRL)
    hand.key(Qt.Key.Key_V, CTRL)
    assert len(document.graph.groups) == 2
    pasted = next(i for i in document.graph.groups if i != block)
    assert item(view, pasted).collapsed
    assert document.selection == set(groups.members(document.graph, pasted))


def test_tidying_up_moves_a_collapsed_block_as_one(view, document, block):
    view.grouping.toggle(block)
    before = document.graph
    view.tidy_up()
    a, b = (document.graph.nodes[i].position for i in ("dense_1", "relu_1"))
    c, d = (before.nodes[i].position for i in ("dense_1", "relu_1"))
    assert (b[0] - a[0], b[1] - a[1]) == (d[0] - c[0], d[1] - c[1])
    others = [view.canvas.bounds([i]) for i in ("input_1", "dense_2", "loss_1", "add_1")]
    assert not any(item(view, block).scene_rect.intersects(rect) for rect in others)


def test_going_to_a_layer_in_a_card_shows_the_card_and_going_to_a_block_its_layers(view, document, block):
    view.grouping.toggle(block)
    view.centre_on("dense_1")
    assert view.visible_rect().contains(item(view, block).scene_rect)
    assert document.selection == {"dense_1"}
    view.centre_on(block)
    assert document.selection == {"dense_1", "relu_1"}


def test_breadcrumbs_say_where_the_selection_lies_and_lead_there(view, document, hand, block):
    assert not view.breadcrumbs.isHidden()
    document.commit(groups.rename(document.graph, block, "Stem"), "Rename")
    document.select(["relu_1"])
    assert [crumb.text() for crumb in view.breadcrumbs.crumbs] == ["Network", "Stem"]
    QTest.mouseClick(view.breadcrumbs.crumbs[1], Qt.MouseButton.LeftButton)
    assert document.selection == {"dense_1", "relu_1"}
    assert view.visible_rect().contains(item(view, block).scene_rect)
    document.select(["relu_1", "dense_2"])
    assert view.breadcrumbs.isHidden()


def test_dots_that_would_lead_astray_wait_while_the_block_is_collapsed(view, document, block):
    document.commit(document.graph.reroute(("dense_2", "in"), ((60.0, -90.0),)), "Lead")
    wire = view.canvas.wires[("dense_2", "in")]
    led = min(p.y() for p in wire.points())
    view.grouping.toggle(block)
    assert min(p.y() for p in wire.points()) > led
    view.grouping.toggle(block)
    assert min(p.y() for p in wire.points()) == led


def test_the_keyboard_walks_over_a_card_as_one(view, document, hand, block):
    view.grouping.toggle(block)
    document.select(["input_1"])
    hand.key(Qt.Key.Key_Right, CTRL)
    assert document.selection == {"dense_1", "relu_1"}
    assert view.accessibleDescription().startswith("Selected: Block block_1, 2 layers")
    hand.key(Qt.Key.Key_Right, CTRL)
    assert document.selection == {"dense_2"}


def test_ctrl_click_and_ctrl_drag_take_a_card_as_one(view, document, hand, block):
    view.grouping.toggle(block)
    document.select(["dense_2"])
    middle = QPointF(view.to_viewport(item(view, block).scene_rect.center()))
    hand.click(middle, CTRL)
    assert document.selection == {"dense_1", "relu_1", "dense_2"}
    hand.click(middle, CTRL)
    assert document.selection == {"dense_2"}
    hand.drag(middle, middle + QPointF(0, 240), modifiers=CTRL)
    assert len(document.graph.groups) == 2
    copies = document.graph.nodes.keys() - {"input_1", "dense_1", "relu_1", "dense_2", "loss_1", "add_1"}
    assert {document.graph.nodes[i].kind for i in copies} == {"Dense", "ReLU"}


def hold(view, place: QPointF) -> None:
    QTest.mouseMove(view.viewport(), place.toPoint())
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place.toPoint())


def test_holding_the_eye_of_a_card_looks_inside_and_escape_ends_it_too(view, document, hand, block):
    view.grouping.toggle(block)
    before, count = document.graph, document.undo_stack.count()
    eye = QPointF(view.to_viewport(item(view, block).eye.center()))
    hand.move(eye)
    assert item(view, block).hovered, "the eye shows under the pointer"
    hold(view, eye)
    assert view.canvas.nodes["dense_1"].isVisible()
    hand.release(eye)
    assert not view.canvas.nodes["dense_1"].isVisible()
    hold(view, eye)
    hand.key(Qt.Key.Key_Escape)
    assert not view.canvas.nodes["dense_1"].isVisible()
    hand.release(eye)
    assert document.graph is before
    assert document.undo_stack.count() == count


@pytest.fixture
def nested(view, document, block) -> tuple[str, str]:
    """The block, and another around it with dense_2; both collapsed."""
    graph, outer = groups.group(document.graph, ["dense_1", "relu_1", "dense_2"], "Outer")
    graph = groups.fold(groups.fold(graph, block, True), outer, True)
    document.commit(graph, "Nest")
    assert set(view.canvas.blocks.stand_ins.values()) == {outer}
    return block, outer


def test_going_to_a_layer_opens_every_block_around_it_as_one_step(view, document, hand, nested):
    before, count = document.graph, document.undo_stack.count()
    view.node_finder.open()
    hand.type("relu")
    assert document.graph is before, "looking around edits nothing"
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert not any(group.collapsed for group in document.graph.groups.values())
    assert document.selection == {"relu_1"}
    assert view.canvas.nodes["relu_1"].isVisible()
    assert view.visible_rect().contains(view.canvas.bounds(["relu_1"]))
    assert document.undo_stack.count() == count + 1
    document.undo_stack.undo()
    assert document.graph == before
    view.go_to("input_1")
    assert document.graph == before, "what is seen already opens nothing"


def test_blocks_are_found_by_name_and_shown_collapsed(view, document, hand, nested):
    view.node_finder.open()
    hand.type("outer")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert document.selection == {"dense_1", "relu_1", "dense_2"}
    assert document.graph.groups[nested[1]].collapsed
    view.node_finder.query = ""
    seen = []
    for _ in range(len(document.graph.nodes) + 2):
        view.node_finder.next()
        seen.append(document.selection)
    assert len(set(seen)) == len(seen), "next comes by every layer and block once"


def test_a_bypassed_block_fades_and_says_so(view, document, hand, block):
    view.grouping.toggle(block)
    place = header(view, block)
    menu = view.context_menu(place)
    next(action for action in menu.actions() if action.text().startswith("Bypass")).trigger()
    card = item(view, block)
    assert card.face.subtitle == "bypassed"
    assert card.opacity() < 0.6
    assert not document.graph.nodes["dense_1"].enabled
    hand.key(Qt.Key.Key_B, CTRL)
    assert card.opacity() == 1.0
    assert document.graph.nodes["dense_1"].enabled
