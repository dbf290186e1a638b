"""Groups as values: making, undoing, nesting, ports, what survives which journey."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import edits, groups
from engine.graph.build import chain
from engine.graph.diff import diff
from engine.graph.elements import Note
from engine.graph.model import Edge, Graph
from engine.issues import ChainruleError
from engine.layers import Add, Dense, Dropout, Input, ReLU, SoftmaxCrossEntropy


def tower() -> Graph:
    """in → a → relu → b → loss"""
    return chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("relu", ReLU()), ("b", Dense(units=3)),
                 ("loss", SoftmaxCrossEntropy()))


def test_a_group_holds_the_nodes_and_ungrouping_gives_back_the_same_graph():
    graph = tower()
    grouped, block = groups.group(graph, ["a", "relu"], "Hidden")
    assert groups.members(grouped, block) == ("a", "relu")
    assert grouped.groups[block].label == "Hidden"
    assert groups.ungroup(grouped, block) == graph


def test_a_group_of_all_of_a_group_stands_around_it_and_one_of_some_inside_it():
    graph, inner = groups.group(tower(), ["a", "relu"])
    outside, around = groups.group(graph, ["a", "relu"])
    assert outside.groups[inner].parent == around
    within, small = groups.group(graph, ["a"])
    assert within.groups[small].parent == inner
    assert groups.members(within, inner) == ("a", "relu")
    mixed, whole = groups.group(graph, ["a", "b"])
    assert mixed.groups[inner].parent == whole
    assert groups.members(mixed, whole) == ("a", "relu", "b")


def test_ports_follow_the_wires_that_cross_and_the_ends_that_are_free():
    graph, block = groups.group(tower(), ["a", "relu"])
    found = groups.ports(graph, block)
    assert (found.inputs, found.outputs) == ((("a", "in"),), ("relu",))
    assert set(found.crossing) == {Edge("in", "a"), Edge("relu", "b")}
    assert groups.ports(graph.disconnect("a", "in").disconnect("b", "in"), block).inputs == (("a", "in"),)
    tapped, merge = graph.add("Add")
    tapped = tapped.connect("a", merge).connect("relu", merge)
    assert groups.ports(tapped, block).outputs == ("a", "relu")


def test_a_group_without_layers_is_no_more():
    graph, inner = groups.group(tower(), ["a"])
    graph, outer = groups.group(graph, ["a", "relu"])
    assert graph.remove(["a"]).groups.keys() == {outer}
    assert not graph.remove(["a", "relu"]).groups
    assert inner in graph.groups


def test_only_the_outermost_collapsed_block_stands_for_a_node():
    graph, inner = groups.group(tower(), ["a"], collapsed=True)
    graph, outer = groups.group(graph, ["a", "relu"])
    assert groups.stand_ins(graph) == {"a": inner}
    closed = groups.put(graph, graph.groups[outer].__class__(outer, collapsed=True))
    assert groups.stand_ins(closed) == {"a": outer, "relu": outer}
    assert groups.open_home(graph, ["relu"]) == outer
    assert groups.open_home(closed, ["relu"]) == ""


def test_names_of_blocks_are_unique():
    graph, first = groups.group(tower(), ["a"], "Stem")
    graph, second = groups.group(graph, ["b"])
    with pytest.raises(ChainruleError, match="Another block is called 'Stem'"):
        groups.rename(graph, second, "Stem")
    assert groups.rename(graph, first, first).groups[first].name == ""


def test_what_changed_is_told_apart_from_what_computes():
    graph = tower()
    grouped, block = groups.group(graph, ["a"])
    closed = groups.put(grouped, grouped.groups[block].__class__(block, collapsed=True))
    assert diff(grouped, closed).groups == (block,)
    assert diff(grouped, closed).computes_same
    twice = groups.put(grouped, grouped.groups[block].__class__(block, repeat=2))
    assert not diff(grouped, twice).computes_same
    dotted = graph.reroute(("b", "in"), ((3.0, 4.0),))
    change = diff(graph, dotted)
    assert change.edges_rerouted == (Edge("relu", "b", dots=((3.0, 4.0),)),)
    assert change.computes_same
    noted = graph.put_note(Note("note_1", text="why"))
    assert diff(graph, noted).notes == diff(noted, graph).notes == ("note_1",)
    assert diff(graph, noted).computes_same


# -- any graph ------------------------------------------------------------------------------------------------

IDS = ["in", "a", "relu", "b", "loss", "drop", "add"]
NUMBER = st.floats(-1e4, 1e4, allow_nan=False)


@st.composite
def graphs(draw) -> Graph:
    """Towers with groups in groups, notes, dots and bypassed nodes."""
    graph = tower()
    for name, layer in (("drop", Dropout()), ("add", Add())):
        graph, _ = graph.add(layer.kind, layer.values, (draw(NUMBER), draw(NUMBER)), id=name)
    graph = graph.connect("a", "add").connect("relu", "add").connect("add", "drop")
    for _ in range(draw(st.integers(0, 4))):
        some = draw(st.sets(st.sampled_from(IDS), min_size=1))
        graph, block = groups.group(graph, some, collapsed=draw(st.booleans()))
        graph = groups.put(graph, graph.groups[block].__class__(
            block, graph.groups[block].name, graph.groups[block].parent, draw(st.booleans()), draw(st.integers(1, 4))))
    for key in draw(st.sets(st.sampled_from(sorted(graph.edges)))):
        graph = graph.reroute(key, tuple(draw(st.lists(st.tuples(NUMBER, NUMBER), max_size=3))))
    for number in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["frame", "comment"]))
        rect = (draw(NUMBER), draw(NUMBER), draw(st.floats(40, 900)), draw(st.floats(40, 900)))
        graph = graph.put_note(Note(f"note_{number}", kind, draw(st.text(max_size=9)), rect))
    return graph.enable(draw(st.sets(st.sampled_from(IDS))), False)


@given(graph=graphs())
def test_any_graph_survives_being_written_down(graph):
    assert Graph.from_dict(json.loads(json.dumps(graph.to_dict()))) == graph


@given(graph=graphs(), some=st.sets(st.sampled_from(IDS), min_size=1))
def test_grouping_and_ungrouping_changes_nothing(graph, some):
    grouped, block = groups.group(graph, some)
    assert some <= set(groups.members(grouped, block))
    assert groups.ungroup(grouped, block) == graph
    Graph.from_dict(grouped.to_dict())  # raises where ids lead nowhere or round in a circle


def told(graph: Graph, names: dict[str, str]) -> set:
    """What a graph says, ids made comparable."""
    nodes = {(names[n.id], n.kind, str(n.params), names.get(n.group, ""), n.enabled) for n in graph.nodes.values()}
    wires = {(names[e.source], names[e.target], e.port, e.dots) for e in graph.edges.values()}
    blocks = {(names[g.id], g.name, names.get(g.parent, ""), g.collapsed, g.repeat) for g in graph.groups.values()}
    return nodes | wires | blocks


@given(graph=graphs())
def test_any_graph_survives_copy_and_paste(graph):
    part = edits.read_text(edits.copy_text(graph, graph.nodes))
    pasted, ids = edits.paste(Graph(), part, (0.0, 0.0))
    assert len(ids) == len(graph.nodes)
    nodes = dict(zip(ids, part.nodes, strict=True))
    blocks = dict(zip(pasted.groups, part.groups, strict=True))
    same = {i: i for i in (*graph.nodes, *graph.groups)}
    assert told(pasted, nodes | blocks) == told(graph, same)


@given(graph=graphs(), some=st.sets(st.sampled_from(IDS), min_size=1))
def test_a_copied_part_takes_whole_groups_only(graph, some):
    part = edits.read_text(edits.copy_text(graph, some))
    assert set(part.nodes) == some
    for block in part.groups:
        assert set(groups.members(graph, block)) <= some


@pytest.mark.parametrize("damage", [
    {"groups": [{"id": "g", "parent": "g"}]},
    {"groups": [{"id": "g", "parent": "h"}]},
    {"groups": [{"id": "g", "repeat": 0}]},
    {"groups": [{"id": "g", "repeat": 10**9}]},
    {"groups": [{"id": 7}]},
    {"notes": [{"id": "n", "rect": [1, 2, 3]}]},
    {"notes": [{"id": "n", "rect": [1, 2, 3, 4], "colour": "#fff"}]},
    {"nodes": [{"id": "a", "kind": "ReLU", "group": "nowhere"}]},
    {"nodes": [{"id": "a", "kind": "ReLU", "enabled": "no"}]},
])
def test_a_damaged_description_is_refused_with_a_sentence(damage):
    with pytest.raises(ChainruleError, match="older copy"):
        Graph.from_dict({"nodes": [{"id": "x", "kind": "ReLU"}], "edges": [], **damage})


def test_places_that_no_canvas_can_show_become_zero():
    told = {"nodes": [], "edges": [], "notes": [{"id": "n", "rect": [float("nan"), 1e300, -5, float("inf")]}]}
    assert Graph.from_dict(told).notes["n"].rect == (0.0, 0.0, 36.0, 36.0)


def test_folding_a_block_moves_what_follows_in_its_own_row_only():
    graph = chain(("in", Input(shape=(4,))), *((f"d{n}", Dense(units=4)) for n in range(9)),
                  ("loss", SoftmaxCrossEntropy()))
    rows = {node_id: (place % 6 * 200.0, place // 6 * 150.0) for place, node_id in enumerate(graph.nodes)}
    graph, block = groups.group(graph.move(rows), ["d0", "d1", "d2"])
    closed = groups.fold(graph, block, True)
    moved = {i: rows[i][0] - node.position[0] for i, node in closed.nodes.items() if node.position != rows[i]}
    assert moved == {"d0": 200, "d1": 200, "d2": 200, "d3": 400, "d4": 400}
    assert groups.fold(closed, block, False) == graph
