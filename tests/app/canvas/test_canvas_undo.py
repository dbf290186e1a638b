"""Any sequence of edits, then as many undos, gives back the identical graph, on the canvas as in the document."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from app.canvas.editor import Editor
from app.canvas.scene import CanvasScene
from app.canvas.transfer import Transfer
from app.document import Content, Document
from engine.graph import edits
from engine.graph.elements import COMMENT, FRAME, Note
from engine.graph.model import Graph
from engine.layers import LAYERS
from engine.project.templates import TEMPLATES
from tests.app.undoing import check_there_and_back, pick, row_of

KINDS = st.sampled_from(sorted(LAYERS))
PLACE = st.tuples(st.integers(-400, 400), st.integers(-400, 400))
PICK = st.integers(0, 99)
STEP = st.one_of(
    st.tuples(st.just("add"), KINDS, PLACE),
    st.tuples(st.just("append"), KINDS),
    st.tuples(st.just("insert"), KINDS, PICK),
    st.tuples(st.just("connect"), PICK, PICK, PICK),
    st.tuples(st.just("replug"), PICK, PICK, PICK),
    st.tuples(st.just("unplug"), PICK),
    st.tuples(st.just("select"), st.sets(PICK, max_size=4), st.sets(PICK, max_size=2)),
    st.tuples(st.just("note"), st.sampled_from([FRAME, COMMENT]), PLACE),
    st.tuples(st.just("template"), st.sampled_from(sorted(TEMPLATES))),
    st.tuples(st.sampled_from(["delete", "duplicate", "tidy_up", "cut", "paste", "wire_selected"])),
    st.tuples(st.just("lift"), PLACE, st.none() | PICK),
    st.tuples(st.just("copy_wired"), PLACE),
    st.tuples(st.just("nudge"), PLACE),
    st.tuples(st.just("rename"), PICK, st.sampled_from(["", "a", "b", "dense_1"])),
)


def perform(editor: Editor, transfer: Transfer, scene: CanvasScene, step: tuple) -> None:
    """One step of a person at the canvas, passed over where it makes no sense."""
    name, *rest = step
    document = scene.document
    graph = document.graph
    if name == "add":
        editor.add(rest[0], QPointF(*rest[1]))
    elif name == "append":
        editor.append(rest[0], QPointF(0, 0))
    elif name == "insert":
        edge = pick(graph.edges, rest[1])
        if edge and edits.fits_on_wire(rest[0]):
            editor.add_on_wire(rest[0], edge, QPointF(0, 0))
    elif name == "connect" and graph.nodes:
        target = pick(graph.nodes, rest[1])
        editor.connect(pick(graph.nodes, rest[0]), target, pick(graph.ports(target), rest[2]) or "in")
    elif name == "replug" and graph.edges:
        target = pick(graph.nodes, rest[1])
        editor.replug(graph.edges[pick(graph.edges, rest[0])], target, pick(graph.ports(target), rest[2]) or "in")
    elif name == "unplug" and graph.edges:
        editor.disconnect([pick(graph.edges, rest[0])])
    elif name == "select":
        scene.choose((i for n in rest[0] if (i := pick(graph.nodes, n))),
                     (i for n in rest[1] if (i := pick(graph.notes, n))))
    elif name == "nudge":
        editor.nudge(*rest[0])
    elif name == "lift" and document.selection:
        places = {i: (x + rest[0][0], y + rest[0][1]) for i in document.selection for x, y in [graph.nodes[i].position]}
        alone = len(places) == 1 and edits.fits_on_wire(graph.nodes[next(iter(places))].kind)
        editor.lift(places, pick(graph.edges, rest[1]) if alone and rest[1] is not None else None)
    elif name == "copy_wired":
        transfer.duplicate_wired(document.selection, rest[0])
    elif name == "rename" and graph.nodes:
        editor.rename(pick(graph.nodes, rest[0]), rest[1])
    elif name == "note":
        note = Note(edits.fresh_note(graph), rest[0], "words", (*rest[1], 240.0, 120.0))
        document.commit(graph.put_note(note), "Add a note")
    elif name == "template":
        transfer.add_template(rest[0])
    elif not rest:
        getattr(transfer if hasattr(transfer, name) else editor, name)()


def in_step(scene: CanvasScene, graph: Graph) -> bool:
    """Do the items show exactly this graph?"""
    places = all(item.pos() == QPointF(*graph.nodes[i].position) for i, item in scene.nodes.items())
    ports = all(item.input_names == graph.ports(i) for i, item in scene.nodes.items())
    wires = {key: wire.edge for key, wire in scene.wires.items()}
    notes = {i: item.note for i, item in scene.notes.items.items()}
    return (scene.nodes.keys() == graph.nodes.keys() and wires == dict(graph.edges) and places and ports
            and notes == dict(graph.notes))


@pytest.fixture
def beginning() -> Graph:
    return row_of("Input", "Dense", "ReLU", "Add", "MSE", wires=[("input_1", "dense_1"), ("dense_1", "relu_1")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=15))
def test_as_many_undos_give_back_the_identical_graph(qapp, beginning, steps):
    document = Document()
    document.set_content(Content(beginning))
    scene = CanvasScene(document)
    editor = Editor(document, scene, lambda severity, sentence: None)
    transfer = Transfer(document, scene, lambda severity, sentence: None, editor.anchor)
    for step in steps:
        perform(editor, transfer, scene, step)
        assert in_step(scene, document.graph)
        assert not [issue for issue in document.report.issues if issue.code in ("cycle", "port", "after_loss")]
    check_there_and_back(scene, beginning, in_step)
