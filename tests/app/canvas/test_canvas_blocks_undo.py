"""Any sequence of edits with blocks, dots and notes, then as many undos, gives back the identical graph and canvas."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from app.canvas.port_item import OUTPUT
from app.canvas.scene import CanvasScene
from app.document import Content, Document
from engine.graph import edits, groups
from engine.graph.elements import Note
from engine.graph.model import Graph
from tests.app.undoing import check_there_and_back, pick, row_of

PICK = st.integers(0, 99)
SOME = st.sets(PICK, min_size=1, max_size=4)
STEP = st.one_of(
    st.tuples(st.just("group"), SOME),
    st.tuples(st.sampled_from(["ungroup", "fold", "delete_block", "rename_block"]), PICK),
    st.tuples(st.just("repeat"), PICK, st.integers(1, 3)),
    st.tuples(st.sampled_from(["bypass", "delete", "move", "paste", "take_out"]), SOME),
    st.tuples(st.just("dots"), PICK, st.integers(0, 2)),
    st.tuples(st.just("note"), PICK),
)


def edited(graph: Graph, step: tuple) -> Graph:
    """One step of a person, passed over where it makes no sense."""
    name, *rest = step
    if name == "note":
        note = Note(f"note_{rest[0] % 2}", text="x" * rest[0])
        return graph.remove_notes([note.id]) if graph.notes.get(note.id) == note else graph.put_note(note)
    if name == "dots":
        key = pick(graph.edges, rest[0])
        return graph.reroute(key, ((10.0, 20.0),) * rest[1]) if key else graph
    if isinstance(rest[0], set):
        return edited_nodes(graph, name, {pick(graph.nodes, n) for n in rest[0]} - {None})
    block = pick(graph.groups, rest[0])
    if block is None:
        return graph
    match name:
        case "ungroup":
            return groups.ungroup(graph, block)
        case "fold":
            return groups.fold(graph, block, not graph.groups[block].collapsed)
        case "delete_block":
            return graph.remove(groups.members(graph, block), heal=True)
        case "rename_block":
            return groups.put(graph, replace(graph.groups[block], name=f"B{rest[0]}"))
        case _:
            return groups.put(graph, replace(graph.groups[block], repeat=rest[1]))


def edited_nodes(graph: Graph, name: str, some: set[str]) -> Graph:
    if not some:
        return graph
    match name:
        case "group":
            return groups.group(graph, some)[0]
        case "bypass":
            return graph.enable(some, not any(graph.nodes[i].enabled for i in some))
        case "delete":
            return graph.remove(some, heal=True)
        case "move":
            return graph.move({i: (graph.nodes[i].position[0] + 24, graph.nodes[i].position[1]) for i in some})
        case "take_out":
            return groups.adopt(graph, some, "")
        case _:
            return edits.paste(graph, edits.extract(graph, some), (24.0, 24.0))[0]


def in_step(scene: CanvasScene, graph: Graph) -> bool:
    """Do the items show exactly this graph, what is in collapsed blocks unseen, wires from port to port?"""
    hidden = groups.stand_ins(graph)
    seen = {i for i, item in scene.nodes.items() if item.isVisible()}
    wires = all(wire.isVisible() == (hidden.get(wire.edge.source) is None
                                     or hidden.get(wire.edge.source) != hidden.get(wire.edge.target))
                for wire in scene.wires.values())
    ends = all(wire.ends == (scene.nodes[wire.edge.source].anchor(OUTPUT),
                             scene.nodes[wire.edge.target].anchor(wire.edge.port)) for wire in scene.wires.values())
    ported = all(scene.nodes[wire.edge.target].port(wire.edge.port) is not None and
                 scene.nodes[wire.edge.source].port(OUTPUT) is not None
                 for wire in scene.wires.values() if wire.isVisible())
    cards = all(item.collapsed == graph.groups[i].collapsed for i, item in scene.blocks.items.items())
    return (scene.nodes.keys() == graph.nodes.keys() and seen == graph.nodes.keys() - hidden.keys() and wires and ends
            and ported and cards and scene.blocks.items.keys() == graph.groups.keys()
            and {i: item.note for i, item in scene.notes.items.items()} == graph.notes
            and {key: wire.edge for key, wire in scene.wires.items()} == graph.edges)


@pytest.fixture
def beginning() -> Graph:
    return row_of("Input", "Dense", "ReLU", "Add", "Dense", "MSE", wires=[
        ("input_1", "dense_1"), ("dense_1", "relu_1"), ("relu_1", "add_1"), ("dense_1", "add_1"), ("add_1", "dense_2"),
        ("dense_2", "loss_1")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_as_many_undos_give_back_the_identical_graph_and_canvas(qapp, beginning, steps):
    document = Document()
    document.set_content(Content(beginning))
    scene = CanvasScene(document)
    for step in steps:
        document.commit(edited(document.graph, step), step[0])
        assert in_step(scene, document.graph)
        Graph.from_dict(document.graph.to_dict())  # raises where ids lead nowhere
    check_there_and_back(scene, beginning, in_step)


def test_peeking_changes_the_picture_only(qapp, beginning):
    graph, block = groups.group(beginning, ["dense_1", "relu_1", "add_1"], collapsed=True)
    document = Document()
    document.set_content(Content(graph))
    scene = CanvasScene(document)
    before = scene.nodes["dense_2"].pos()
    assert scene.blocks.peek(block)
    assert scene.nodes["relu_1"].isVisible()
    assert scene.blocks.items[block].scene_rect.contains(scene.nodes["add_1"].own_rect)
    assert scene.blocks.peek("")
    assert in_step(scene, graph)
    assert scene.nodes["dense_2"].pos() == before == QPointF(*graph.nodes["dense_2"].position)
    scene.deleteLater()
    document.deleteLater()
