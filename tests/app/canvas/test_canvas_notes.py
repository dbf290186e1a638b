"""Frames, comments, and dots on wires; with a real hand."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.graph.elements import COMMENT, FRAME, Note

ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def double_click(view, place: QPointF) -> None:
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place.toPoint())


@pytest.fixture
def frame(view, document) -> str:
    """A frame around dense_1 and relu_1."""
    document.select(["dense_1", "relu_1"])
    view.annotating.frame()
    QTest.keyClick(view.rename_field, Qt.Key.Key_Escape)
    return next(iter(document.graph.notes))


def header(view, note) -> QPointF:
    rect = view.canvas.notes.items[note].grip
    return QPointF(view.to_viewport(QPointF(rect.left() + 40, rect.top() + 12)))


def test_a_frame_lies_around_what_is_selected_and_is_titled_at_once(view, document, hand):
    document.select(["dense_1", "relu_1"])
    view.annotating.frame()
    hand.type("Encoder")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Return)
    (note,) = document.graph.notes.values()
    assert (note.kind, note.text) == (FRAME, "Encoder")
    assert view.canvas.notes.items[note.id].scene_rect.contains(view.canvas.bounds(["dense_1", "relu_1"]))
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert not document.graph.notes
    assert not view.canvas.notes.items


def test_dragging_a_frame_takes_along_what_lies_in_it(view, document, hand, frame):
    before = {i: n.position for i, n in document.graph.nodes.items()}
    count = document.undo_stack.count()
    hand.drag(header(view, frame), header(view, frame) + QPointF(48, 96))
    after = {i: n.position for i, n in document.graph.nodes.items()}
    assert {i for i in before if before[i] != after[i]} == {"dense_1", "relu_1"}
    assert after["dense_1"][1] - before["dense_1"][1] == 96
    assert document.undo_stack.count() == count + 1
    document.undo_stack.undo()
    assert {i: n.position for i, n in document.graph.nodes.items()} == before


def test_escape_in_the_middle_of_dragging_or_resizing_leaves_the_frame(view, document, hand, frame):
    before, rect = document.graph, view.canvas.notes.items[frame].scene_rect
    hand.hold(header(view, frame), header(view, frame) + QPointF(48, 96))
    assert view.canvas.notes.items[frame].scene_rect != rect
    hand.key(Qt.Key.Key_Escape)
    corner = QPointF(view.to_viewport(rect.bottomRight() - QPointF(6, 6)))
    hand.hold(corner, corner + QPointF(60, 60))
    assert view.canvas.notes.items[frame].scene_rect != rect
    hand.key(Qt.Key.Key_Escape)
    assert document.graph is before
    assert view.canvas.notes.items[frame].scene_rect == rect
    assert view.canvas.nodes["dense_1"].pos() == QPointF(*before.nodes["dense_1"].position)


def test_the_corner_resizes_and_delete_removes_the_frame_alone(view, document, hand, frame):
    rect = view.canvas.notes.items[frame].scene_rect
    corner = QPointF(view.to_viewport(rect.bottomRight() - QPointF(6, 6)))
    hand.drag(corner, corner + QPointF(60, 36))
    _, _, width, height = document.graph.notes[frame].rect
    assert (width - rect.width(), height - rect.height()) == (60, 36)
    hand.click(header(view, frame))
    assert view.canvas.notes.selected == {frame}
    hand.key(Qt.Key.Key_Delete)
    assert not document.graph.notes
    assert "dense_1" in document.graph.nodes


def test_a_comment_is_written_in_place_over_several_lines(view, document, hand):
    view.annotating.comment(hand.at(0, 260))
    field = view.rename_field
    QTest.keyClicks(field, "why ReLU")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClicks(field, "because")
    QTest.keyClick(field, Qt.Key.Key_Return, CTRL)
    (note,) = document.graph.notes.values()
    assert (note.kind, note.text) == (COMMENT, "why ReLU\nbecause")
    double_click(view, header(view, note.id))
    QTest.keyClicks(view.rename_field, "nothing")
    QTest.keyClick(view.rename_field, Qt.Key.Key_Escape)
    assert document.graph.notes[note.id].text == note.text
    menu = view.context_menu(header(view, note.id))
    next(action for action in menu.actions() if "activation" in action.text()).trigger()
    assert document.graph.notes[note.id].colour == "activation"


def test_a_press_on_the_ground_of_a_frame_draws_a_rubber_band(view, document, hand, frame):
    rect = view.canvas.notes.items[frame].scene_rect
    hand.drag(hand.at(rect.left() + 8, rect.bottom() - 30), hand.at(rect.right() - 20, rect.bottom() - 40))
    assert document.selection == {"dense_1", "relu_1"}


def test_a_double_click_on_a_wire_adds_a_dot_that_is_dragged_and_deleted(view, document, hand):
    double_click(view, hand.wire("dense_2"))
    (dot,) = document.graph.edges[("dense_2", "in")].dots
    count = document.undo_stack.count()
    hand.drag(hand.at(*dot), hand.at(dot[0], dot[1] + 120))
    (moved,) = document.graph.edges[("dense_2", "in")].dots
    assert moved == (dot[0], dot[1] + 120)
    assert document.undo_stack.count() == count + 1
    assert any(abs(p.y() - moved[1]) < 1 for p in view.canvas.wires[("dense_2", "in")].points())
    hand.key(Qt.Key.Key_Delete)
    assert document.graph.edges[("dense_2", "in")].dots == ()
    assert ("dense_2", "in") in document.graph.edges
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.graph.edges[("dense_2", "in")].dots == ()


def test_alt_press_on_a_wire_makes_a_dot_and_escape_takes_it_back(view, document, hand):
    before = document.graph
    place = hand.wire("dense_2")
    hand.hold(place, place + QPointF(0, 60), modifiers=ALT)
    assert max(p.y() for p in view.canvas.wires[("dense_2", "in")].points()) > 70
    hand.key(Qt.Key.Key_Escape)
    assert document.graph is before
    assert max(p.y() for p in view.canvas.wires[("dense_2", "in")].points()) < 70
    hand.drag(place, place + QPointF(0, 60), modifiers=ALT)
    assert len(document.graph.edges[("dense_2", "in")].dots) == 1
    assert document.report.shapes["dense_2"] == (3,)


def test_escape_in_the_middle_of_dragging_a_dot_leaves_it_where_it_was(view, document, hand):
    key, wire = ("dense_2", "in"), view.canvas.wires[("dense_2", "in")]
    document.commit(document.graph.reroute(key, ((60.0, 90.0), (84.0, 90.0))), "Lead")
    before, count, points = document.graph, document.undo_stack.count(), wire.points()
    hand.hold(hand.at(60, 90), hand.at(60, 200))
    assert wire.points() != points
    hand.key(Qt.Key.Key_Escape)
    assert wire.points() == points
    hand.move(hand.at(60, 260))
    hand.release(hand.at(60, 260))
    assert wire.points() == points, "what follows of the drag is nothing"
    assert document.graph is before
    assert document.undo_stack.count() == count
    assert view.gesture is None
    hand.drag(hand.at(60, 90), hand.at(60, 186))
    assert document.graph.edges[key].dots == ((60.0, 192.0), (84.0, 90.0))


def test_dots_lie_in_order_along_the_wire_and_go_with_both_its_ends(view, document, hand):
    document.commit(document.graph.reroute(("dense_2", "in"), ((60.0, 90.0),)), "Lead")
    wire = view.canvas.wires[("dense_2", "in")]
    second = QPointF(view.to_viewport(wire.points()[-4]))
    double_click(view, second)
    first, other = document.graph.edges[("dense_2", "in")].dots
    assert first == (60.0, 90.0)
    assert other[0] > first[0]
    document.select(["relu_1", "dense_2"])
    hand.drag(hand.node("relu_1"), hand.node("relu_1") + QPointF(0, 240))
    assert document.graph.edges[("dense_2", "in")].dots[0] == (60.0, 330.0)


def test_opening_another_project_forgets_notes_and_dots(view, document, frame):
    document.select(())
    view.canvas.notes.select([frame])
    graph = document.graph.put_note(Note("other"))
    document.commit(graph, "Add")
    document.set_content(type(document.content)())
    assert not view.canvas.notes.items
    assert not view.canvas.notes.selected


def test_a_note_that_is_put_nowhere_in_particular_covers_no_layer(view, document, hand):
    view.centre_at(view.canvas.bounds(["relu_1"]).center())
    document.select(())
    for add in (view.annotating.comment, view.annotating.frame, view.annotating.comment):
        add()
        QTest.keyClick(view.rename_field, Qt.Key.Key_Escape)
    rects = [item.scene_rect for item in view.canvas.notes.items.values()]
    rects += [view.canvas.bounds([i]) for i in document.graph.nodes]
    assert not any(a.intersects(b) for n, a in enumerate(rects) for b in rects[:n])
    assert view.visible_rect().intersects(rects[2]), "what was added last is in view"
