"""Layers and notes that are selected together are moved, copied, cut, deleted and undone together."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from app.canvas.editor import Editor
from app.canvas.scene import CanvasScene
from app.canvas.transfer import Transfer
from app.document import Content, Document
from engine.graph.elements import COMMENT, FRAME, NOTE_COLOURS, Note
from engine.graph.model import Graph

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
KEY = ("dense_2", "in")


@pytest.fixture
def notes(document) -> None:
    """A frame around dense_1 and relu_1, and a comment below them."""
    document.commit(document.graph.put_note(
        Note("frame", FRAME, "Encoder", (-324.0, -60.0, 420.0, 160.0)),
        Note("words", COMMENT, "why", (-300.0, 180.0, 120.0, 60.0), "shape")), "Notes")


def grip(view, note: str) -> QPointF:
    rect = view.canvas.notes.items[note].grip
    return QPointF(view.to_viewport(QPointF(rect.left() + 30, rect.top() + 10)))


def test_a_rubber_band_selects_layers_the_comments_it_touches_and_the_frames_it_holds(view, document, hand, notes):
    hand.drag(hand.at(-340, -80), hand.at(100, 200))
    assert document.selection == {"dense_1", "relu_1", "add_1"}
    assert view.canvas.notes.selected == {"frame", "words"}
    hand.drag(hand.at(-200, -30), hand.at(100, 190))
    assert view.canvas.notes.selected == {"words"}
    hand.hold(hand.at(-340, -80), hand.at(110, 140))
    hand.key(Qt.Key.Key_Escape)
    assert view.canvas.notes.selected == {"words"}, "Escape gives back what was selected"


def test_shift_adds_a_note_to_layers_and_a_click_elsewhere_lets_go_of_both(view, document, hand, notes):
    hand.click(hand.node("dense_2"))
    hand.click(grip(view, "words"), SHIFT)
    assert (document.selection, view.canvas.notes.selected) == ({"dense_2"}, {"words"})
    hand.click(grip(view, "words"), SHIFT)
    assert view.canvas.notes.selected == set()
    hand.click(grip(view, "words"), SHIFT)
    hand.click(hand.at(-480, 250))
    assert (document.selection, view.canvas.notes.selected) == (set(), set())


@pytest.mark.parametrize("begin", ["node", "note"])
def test_dragging_one_moves_all_in_one_step_and_escape_puts_them_back(view, document, hand, notes, begin):
    view.canvas.choose(["dense_2"], ["words"])
    before, count = document.graph, document.undo_stack.count()
    start = hand.node("dense_2") if begin == "node" else grip(view, "words")
    hand.hold(start, start + QPointF(0, 96))
    assert view.canvas.notes.items["words"].pos() != QPointF(*before.notes["words"].rect[:2])
    hand.key(Qt.Key.Key_Escape)
    assert document.graph is before
    assert view.canvas.notes.items["words"].pos() == QPointF(*before.notes["words"].rect[:2])
    hand.drag(start, start + QPointF(0, 96))
    ways = {document.graph.nodes["dense_2"].position[1] - before.nodes["dense_2"].position[1],
            document.graph.notes["words"].rect[1] - before.notes["words"].rect[1]}
    assert len(ways) == 1
    assert ways.pop() > 60
    assert document.undo_stack.count() == count + 1


def test_arrow_keys_move_a_frame_with_what_lies_in_it(view, document, hand, notes):
    hand.click(grip(view, "frame"))
    before = document.graph
    hand.key(Qt.Key.Key_Down)
    hand.key(Qt.Key.Key_Down)
    assert document.graph.notes["frame"].rect[1] - before.notes["frame"].rect[1] == 24
    assert document.graph.nodes["relu_1"].position[1] - before.nodes["relu_1"].position[1] == 24
    assert document.graph.nodes["dense_2"].position == before.nodes["dense_2"].position
    document.undo_stack.undo()
    assert document.graph == before, "steps in a row are one undo step"


def test_copy_paste_and_duplicate_carry_notes(view, document, hand, notes):
    view.canvas.choose(["dense_1", "relu_1"], ["frame", "words"])
    hand.key(Qt.Key.Key_C, CTRL)
    hand.key(Qt.Key.Key_V, CTRL)
    assert len(document.graph.notes) == 4
    made = view.canvas.notes.selected
    assert {document.graph.notes[i].text for i in made} == {"Encoder", "why"}
    frame = next(i for i in made if document.graph.notes[i].kind == FRAME)
    assert set(view.canvas.notes.inside(frame)[0]) >= document.selection, "the frame's copy lies around the copies"
    hand.key(Qt.Key.Key_D, CTRL)
    assert len(document.graph.notes) == 6
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert set(document.graph.notes) == {"frame", "words"}


def test_cut_and_delete_take_both_in_one_step(view, document, hand, notes):
    before = document.graph
    for key, modifiers in ((Qt.Key.Key_X, CTRL), (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)):
        view.canvas.choose(["relu_1"], ["words"])
        hand.key(key, modifiers)
        assert "relu_1" not in document.graph.nodes
        assert set(document.graph.notes) == {"frame"}
        assert document.graph.edges[KEY].source == "dense_1", "the chain heals"
        document.undo_stack.undo()
        assert document.graph == before
    assert QGuiApplication.clipboard().text().count('"why"') == 1


def test_a_note_alone_is_copied_too(view, document, hand, notes):
    view.canvas.choose((), ["words"])
    hand.key(Qt.Key.Key_C, CTRL)
    hand.key(Qt.Key.Key_V, CTRL)
    assert [note.text for note in document.graph.notes.values()].count("why") == 2


NOTES = st.lists(st.builds(
    Note, st.just(""), st.sampled_from([FRAME, COMMENT]), st.text(max_size=20),
    st.tuples(*[st.integers(-900, 900).map(float)] * 2, *[st.integers(36, 900).map(float)] * 2),
    st.sampled_from(NOTE_COLOURS)), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(notes=NOTES, places=st.lists(st.tuples(st.integers(-900, 900), st.integers(-900, 900)), min_size=1, max_size=4))
def test_any_layers_and_notes_survive_copying_into_an_empty_network(qapp, notes, places):
    graph = Graph()
    for number, (x, y) in enumerate(places):
        graph, node = graph.add("Dense", {"units": number + 2}, (float(x), float(y)))
        if number:
            graph = graph.connect(f"dense_{number}", node)
    graph = graph.put_note(*(Note(f"note_{n}", note.kind, note.text, note.rect, note.colour)
                             for n, note in enumerate(notes, 1)))
    document = Document()
    document.set_content(Content(graph))
    scene = CanvasScene(document)
    editor = Editor(document, scene, lambda severity, sentence: None)
    transfer = Transfer(document, scene, lambda severity, sentence: None, editor.anchor)
    scene.choose(graph.nodes, graph.notes)
    assert transfer.copy()
    document.set_content(Content())
    transfer.paste()
    found = document.graph.move({i: (x - 24, y - 24) for i, n in document.graph.nodes.items()
                                 for x, y in [n.position]})
    found = found.put_note(*(note.shifted(-24, -24) for note in found.notes.values()))
    assert found == graph
    scene.deleteLater()
    document.deleteLater()
