"""Dropping, moving, selecting, deleting, renaming, copying: by mouse and by key."""

import json
from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.canvas import menus
from app.canvas.metrics import GRID
from engine.graph.model import Graph

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


# -- from the palette ---------------------------------------------------------------------------------------


def test_a_drop_adds_a_node_on_the_grid(document, view, hand):
    place = hand.at(101, -149)
    assert hand.carry("Tanh", place)
    assert "tanh_1" not in document.graph.nodes
    assert hand.let_go(place)
    x, y = document.graph.nodes["tanh_1"].position
    assert x % GRID == 0 and y % GRID == 0
    assert view.canvas.bounds(["tanh_1"]).contains(QPointF(101, -149))
    assert document.selection == {"tanh_1"}


def test_a_drop_on_a_wire_inserts_and_makes_room(document, view, hand):
    place = hand.wire("relu_1")
    hand.carry("Dropout", place)
    assert view.canvas.wires[("relu_1", "in")].hovered
    assert "insert" in view.hint.text()
    hand.let_go(place)
    graph = document.graph
    assert [e.source for e in graph.inputs("dropout_1")] == ["dense_1"]
    assert [e.source for e in graph.inputs("relu_1")] == ["dropout_1"]
    assert graph.nodes["relu_1"].position[0] >= graph.nodes["dropout_1"].position[0] + 216
    assert graph.nodes["dropout_1"].position[0] >= graph.nodes["dense_1"].position[0] + 216
    assert document.undo_stack.count() == 1


def test_a_layer_found_for_a_wire_is_inserted_and_makes_room(document, view, hand):
    entry = next(e for e in menus.wire_entries(view, ("relu_1", "in"), hand.wire("relu_1")) if e)
    entry.run()
    hand.type("dropout")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    graph = document.graph
    assert graph.inputs("relu_1")[0].source == "dropout_1" and graph.inputs("dropout_1")[0].source == "dense_1"
    assert graph.nodes["relu_1"].position[0] >= graph.nodes["dropout_1"].position[0] + 216
    assert document.undo_stack.count() == 1


def test_a_loss_is_not_inserted_on_a_wire(document, hand):
    hand.carry("MSE", hand.wire("relu_1"))
    hand.let_go(hand.wire("relu_1"))
    assert document.graph.inputs("relu_1")[0].source == "dense_1"
    assert not document.graph.inputs("loss_2")


def test_a_drag_that_leaves_leaves_nothing(document, view, hand):
    before, items = document.graph, len(view.canvas.items())
    hand.carry("Tanh", hand.wire("relu_1"))
    hand.carry_away()
    assert document.graph is before
    assert len(view.canvas.items()) == items
    assert not view.canvas.wires[("relu_1", "in")].hovered
    assert not view.hint.isVisible()


@pytest.mark.parametrize("kind", ["Nonsense", ""])
def test_foreign_drags_are_not_welcome(view, hand, kind):
    assert not hand.carry(kind, hand.at(0, 0))
    mime = QMimeData()
    mime.setText("hello")
    assert not hand.carry_mime(mime, hand.at(0, 0))


def test_an_input_takes_the_shape_of_the_data(document, hand):
    document.commit_source({"kind": "Iris"})
    hand.carry("Input", hand.at(0, -200))
    hand.let_go(hand.at(0, -200))
    assert document.report.shapes["input_2"] == (4,)


# -- appending ----------------------------------------------------------------------------------------------


def test_append_goes_into_the_wire_after_the_selected_node(document, view):
    document.select(["dense_1"])
    view.append("Tanh")
    assert document.graph.inputs("relu_1")[0].source == "tanh_1"
    assert document.graph.inputs("tanh_1")[0].source == "dense_1"


def test_append_builds_a_chain_from_nothing(document, view):
    document.commit(Graph(), "Clear")
    for kind in ("Input", "Dense", "ReLU", "Dense", "MSE"):
        view.append(kind)
    order = ["input_1", "dense_1", "relu_1", "dense_2", "loss_1"]
    assert [(e.source, e.target) for e in document.graph.edges.values()] == list(pairwise(order))
    xs = [document.graph.nodes[i].position[0] for i in order]
    assert xs == sorted(xs) and len({document.graph.nodes[i].position for i in order}) == 5
    assert document.report.ok


def test_append_to_a_finished_network_goes_before_its_loss(document, view):
    document.commit(document.graph.remove(["add_1"]), "Delete")
    view.append("Dropout")
    assert document.graph.inputs("loss_1")[0].source == "dropout_1"


# -- selecting ----------------------------------------------------------------------------------------------


def test_click_shift_and_ctrl(document, hand):
    hand.click(hand.node("dense_1"))
    hand.click(hand.node("relu_1"), SHIFT)
    assert document.selection == {"dense_1", "relu_1"}
    hand.click(hand.node("dense_1"), CTRL)
    assert document.selection == {"relu_1"}
    hand.click(hand.at(0, -250))
    assert document.selection == frozenset()


def test_a_click_on_one_of_several_selects_it_alone(document, hand):
    document.select(["dense_1", "relu_1"])
    hand.click(hand.node("dense_1"))
    assert document.selection == {"dense_1"}


def test_rubber_band(document, view, hand):
    hand.drag(hand.at(-300, -60), hand.at(-20, 80))
    assert document.selection == {"dense_1", "relu_1"}
    hand.drag(hand.at(-160, 130), hand.at(0, 240), modifiers=SHIFT)
    assert document.selection == {"dense_1", "relu_1", "add_1"}
    document.select(["loss_1"])
    hand.hold(hand.at(-300, -60), hand.at(0, 80))
    items = len(view.canvas.items())
    hand.key(Qt.Key.Key_Escape)
    assert document.selection == {"loss_1"}
    assert len(view.canvas.items()) == items - 1


def test_the_document_selects_on_the_canvas(document, view):
    document.select(["relu_1"])
    assert [i for i, item in view.canvas.nodes.items() if item.selected] == ["relu_1"]
    assert "ReLU relu_1" in view.accessibleDescription()


def test_ctrl_arrows_walk_the_network(document, hand):
    document.select(["dense_1"])
    hand.key(Qt.Key.Key_Right, CTRL)
    assert document.selection == {"relu_1"}
    hand.key(Qt.Key.Key_Down, CTRL)
    assert document.selection == {"add_1"}


def test_wiring_with_the_keyboard_alone(document, hand):
    document.commit(document.graph.disconnect("relu_1", "in"), "Unplug")
    document.select(["dense_1"])
    hand.key(Qt.Key.Key_Right, CTRL | SHIFT)
    assert document.selection == {"dense_1", "relu_1"}
    hand.key(Qt.Key.Key_F)
    assert document.graph.inputs("relu_1")[0].source == "dense_1"


def test_wiring_by_key_is_refused_with_the_reason(document, hand, messages):
    document.commit(document.graph.move({"loss_1": (-900, 0)}), "Move")
    document.select(["loss_1", "dense_1"])
    before = document.graph
    hand.key(Qt.Key.Key_F)
    assert document.graph is before
    assert "is a loss" in messages[0]


# -- moving -------------------------------------------------------------------------------------------------


def test_moving_several_is_one_step_on_the_grid(document, view, hand):
    document.select(["dense_1", "relu_1"])
    before = {i: document.graph.nodes[i].position for i in ("dense_1", "relu_1")}
    hand.drag(hand.node("dense_1"), hand.node("dense_1") + QPointF(50, 100))
    for node_id, (x, y) in before.items():
        assert document.graph.nodes[node_id].position == (x + 48, y + 96)
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Move 2 layers"
    document.undo_stack.undo()
    assert view.canvas.nodes["dense_1"].pos() == QPointF(*before["dense_1"])


def test_wires_follow_while_a_node_is_dragged(view, hand):
    before = view.canvas.wires[("relu_1", "in")].middle()
    hand.hold(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 120))
    assert view.canvas.wires[("relu_1", "in")].middle() != before
    hand.key(Qt.Key.Key_Escape)
    assert view.canvas.wires[("relu_1", "in")].middle() == before


def test_a_dragged_node_lines_up_with_its_neighbours(document, view, hand):
    document.commit(document.graph.move({"relu_1": (-70, 3), "add_1": (-72, 250)}), "Off the grid")
    items = len(view.canvas.items())
    hand.hold(hand.node("add_1"), hand.node("add_1") + QPointF(5, -110))
    assert view.canvas.nodes["add_1"].x() == -70
    assert len(view.canvas.items()) == items + 1
    hand.move(hand.node("add_1"), modifiers=Qt.KeyboardModifier.AltModifier)
    hand.release(hand.node("add_1"))
    assert len(view.canvas.items()) == items


def test_a_loose_node_dropped_on_a_wire_is_inserted(document, view, hand):
    document.commit(document.graph.add("Tanh", position=(100, -200))[0], "Add")
    hand.drag(hand.node("tanh_1"), hand.wire("relu_1"))
    assert document.graph.inputs("relu_1")[0].source == "tanh_1"
    assert document.undo_stack.count() == 2
    hand.drag(hand.node("tanh_1"), hand.wire("loss_1"))
    assert document.graph.inputs("loss_1")[0].source == "dense_2"


def test_a_drag_to_the_edge_scrolls_on(view, hand, document, qtbot):
    before = view.visible_rect().center().x()
    hand.hold(hand.node("relu_1"), QPointF(view.viewport().width() - 2, 300))
    qtbot.waitUntil(lambda: view.visible_rect().center().x() > before + 60)
    hand.key(Qt.Key.Key_Escape)
    assert not view.hands.edge.is_scrolling
    assert not document.undo_stack.count()


def test_escape_in_the_middle_of_a_move(document, view, hand):
    before = document.graph
    hand.hold(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 120))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.node("relu_1"))
    assert document.graph is before
    assert view.canvas.nodes["relu_1"].pos() == QPointF(*before.nodes["relu_1"].position)


def test_arrow_keys_step_by_the_grid_and_merge(document, hand):
    document.select(["relu_1"])
    x, y = document.graph.nodes["relu_1"].position
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert document.graph.nodes["relu_1"].position == (x + GRID, y + 5 * GRID)
    assert document.undo_stack.count() == 1


def test_tidy_up_is_one_step(document, view, hand):
    document.commit(document.graph.move({"relu_1": (900, 900), "dense_1": (-900, 5)}), "Mess up")
    view.tidy_up()
    places = [document.graph.nodes[i].position for i in ("input_1", "dense_1", "relu_1", "dense_2", "loss_1")]
    assert len({y for _, y in places}) == 1
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert document.undo_stack.undoText() == "Tidy up"


def test_tidy_up_glides_and_ends_in_place(document, view, qtbot, monkeypatch):
    from app.style import theme

    monkeypatch.setattr(theme, "motion", lambda milliseconds: 30)
    document.commit(document.graph.move({"relu_1": (900, 900)}), "Mess up")
    view.tidy_up()
    assert view.canvas.nodes["relu_1"].pos() != QPointF(*document.graph.nodes["relu_1"].position)
    qtbot.waitUntil(lambda: view.canvas.nodes["relu_1"].pos() == QPointF(*document.graph.nodes["relu_1"].position))


# -- deleting -----------------------------------------------------------------------------------------------


def test_delete_heals_a_simple_chain(document, view, hand):
    document.select(["dense_1", "relu_1"])
    hand.key(Qt.Key.Key_Delete)
    assert document.graph.inputs("dense_2")[0].source == "input_1"
    assert set(view.canvas.nodes) == set(document.graph.nodes)
    assert set(view.canvas.wires) == set(document.graph.edges)
    document.undo_stack.undo()
    assert set(view.canvas.wires) == set(document.graph.edges)


def test_backspace_deletes_too(document, hand):
    document.select(["add_1"])
    hand.key(Qt.Key.Key_Backspace)
    assert "add_1" not in document.graph.nodes


def test_several_wires_of_one_layer_are_deleted_together(document, view):
    graph = document.graph
    for source in ("input_1", "dense_1", "relu_1"):
        graph = graph.connect(source, "add_1")
    document.commit(graph, "Wire")
    view.unplug("add_1")
    assert not document.graph.inputs("add_1")


# -- naming -------------------------------------------------------------------------------------------------


def test_f2_renames_in_place(document, view, hand):
    document.select(["dense_1"])
    hand.key(Qt.Key.Key_F2)
    view.rename_field.selectAll()
    hand.type("hidden")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Return)
    assert document.graph.nodes["dense_1"].name == "hidden"
    assert view.canvas.nodes["dense_1"].face.title == "hidden"
    assert view.rename_field is None


def test_double_click_renames_and_escape_keeps_the_name(document, view, hand):
    before = document.graph
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=hand.node("dense_1").toPoint())
    hand.type("x")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Escape)
    assert document.graph is before


def test_a_name_that_is_taken_is_refused_with_a_sentence(document, view, messages):
    view.editor.rename("dense_1", "relu_1")
    assert "Another layer is called" in messages[0]
    assert document.graph.nodes["dense_1"].name == ""


# -- clipboard ----------------------------------------------------------------------------------------------


def test_copy_and_paste_as_json_text(document, hand):
    document.select(["dense_1", "relu_1"])
    hand.key(Qt.Key.Key_C, CTRL)
    data = json.loads(QGuiApplication.clipboard().text())
    assert [node["id"] for node in data["nodes"]] == ["dense_1", "relu_1"]
    hand.key(Qt.Key.Key_V, CTRL)
    assert document.selection == {"dense_3", "relu_2"}
    assert document.graph.inputs("relu_2")[0].source == "dense_3"
    first = document.graph.nodes["dense_3"].position
    hand.key(Qt.Key.Key_V, CTRL)
    assert document.graph.nodes["dense_4"].position != first


def test_cut_and_paste(document, hand):
    document.select(["add_1"])
    hand.key(Qt.Key.Key_X, CTRL)
    assert "add_1" not in document.graph.nodes
    hand.key(Qt.Key.Key_V, CTRL)
    assert "add_1" in document.graph.nodes


def test_duplicate_leaves_the_clipboard_alone(document, hand):
    QGuiApplication.clipboard().setText("mine")
    document.select(["relu_1"])
    hand.key(Qt.Key.Key_D, CTRL)
    assert document.selection == {"relu_2"}
    assert QGuiApplication.clipboard().text() == "mine"


def test_foreign_text_is_refused_with_a_sentence(document, hand, messages):
    QGuiApplication.clipboard().setText("To be, or not to be")
    before = document.graph
    hand.key(Qt.Key.Key_V, CTRL)
    assert document.graph is before
    assert "clipboard holds no layers" in messages[0]


def test_undo_and_redo_by_key(document, hand):
    document.select(["add_1"])
    hand.key(Qt.Key.Key_Delete)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert "add_1" in document.graph.nodes
    QTest.keyClick(hand.view, Qt.Key.Key_Z, CTRL | SHIFT)
    assert "add_1" not in document.graph.nodes


# -- search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Slash])
def test_search_adds_at_the_pointer(document, view, hand, key):
    hand.move(hand.at(60, -160), button=Qt.MouseButton.NoButton)
    QTest.keyClick(view, key)
    assert view.search is not None
    hand.type("drop")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.canvas.bounds(["dropout_1"]).contains(QPointF(60, -160))


def test_search_with_a_selected_node_appends_for_the_keyboard(document, view, hand):
    document.select(["dense_2"])
    hand.key(Qt.Key.Key_Tab)
    hand.type("tanh")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert document.graph.inputs("tanh_1")[0].source == "dense_2"


def test_what_is_added_at_a_loss_goes_before_it_and_the_list_says_so(document, view, hand):
    document.select(["loss_1"])
    hand.key(Qt.Key.Key_Tab)
    assert view.search.findChild(QLabel).text() == "Add after dense_2"
    hand.type("tanh")
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert [edge.source for edge in document.graph.inputs("loss_1")] == ["tanh_1"]


def test_escape_closes_the_search(document, view, hand):
    before = document.graph
    hand.key(Qt.Key.Key_Tab)
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)
    assert view.search is None
    assert document.graph is before
    assert view.hasFocus()


def test_search_says_when_nothing_fits(view, hand):
    hand.key(Qt.Key.Key_Tab)
    hand.type("zzzz")
    assert "No layer" in view.search.list.item(0).text()
    QTest.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search is not None
    QTest.keyClick(view.search.field, Qt.Key.Key_Escape)
