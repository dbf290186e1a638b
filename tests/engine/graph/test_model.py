"""The graph as a value: edits, healing, ports, plain data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.diff import diff
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.layers import LAYERS


def chain(*kinds: str) -> tuple[Graph, list[str]]:
    graph, ids = Graph(), []
    for kind in kinds:
        graph, node = graph.add(kind)
        if ids:
            graph = graph.connect(ids[-1], node)
        ids.append(node)
    return graph, ids


def test_an_edit_leaves_the_old_graph_alone() -> None:
    before, ids = chain("Input", "Dense")
    after = before.set_params(ids[1], units=7)
    assert before.nodes[ids[1]].params == {}
    assert after.nodes[ids[1]].params == {"units": 7}


def test_ids_are_made_from_the_kind_and_never_used_twice() -> None:
    _graph, ids = chain("Input", "Dense", "Dense", "Conv2D", "SoftmaxCrossEntropy")
    assert ids == ["input_1", "dense_1", "dense_2", "conv_1", "loss_1"]


def test_a_default_is_not_stored() -> None:
    graph, ids = chain("Dense")
    assert graph.set_params(ids[0], units=64).nodes[ids[0]].params == {}


def test_an_old_parameter_name_opens_under_its_present_one() -> None:
    graph, node = Graph().add("Dense", {"size": 9})
    assert graph.nodes[node].params == {"units": 9}


def test_an_input_port_takes_one_wire() -> None:
    graph, (_a, b) = chain("Input", "Dense")
    graph, other = graph.add("Input")
    with pytest.raises(ChainruleError, match="no free input"):
        graph.connect(other, b)
    assert graph.connect(other, b, "in").inputs(b)[0].source == other


def test_a_merge_always_has_one_more_port() -> None:
    graph, add = Graph().add("Add")
    assert graph.ports(add) == ("in1", "in2")
    for _ in range(3):
        graph, source = graph.add("Input")
        graph = graph.connect(source, add)
    assert graph.ports(add) == ("in1", "in2", "in3", "in4")
    assert [edge.port for edge in graph.inputs(add)] == ["in1", "in2", "in3"]


def test_taking_a_wire_from_a_merge_closes_the_gap() -> None:
    graph, add = Graph().add("Add")
    sources = []
    for _ in range(3):
        graph, source = graph.add("Input")
        sources.append(source)
        graph = graph.connect(source, add)
    graph = graph.disconnect(add, "in1")
    assert [(edge.port, edge.source) for edge in graph.inputs(add)] == [("in1", sources[1]), ("in2", sources[2])]


def test_removing_from_a_chain_heals_it() -> None:
    graph, ids = chain("Input", "Dense", "ReLU", "Dense")
    healed = graph.remove(ids[1:3], heal=True)
    assert [(e.source, e.target) for e in healed.edges.values()] == [(ids[0], ids[3])]
    assert not graph.remove(ids[1:3]).edges


def test_a_wire_back_would_close_a_cycle() -> None:
    graph, ids = chain("Input", "Dense", "ReLU", "Dense")
    assert graph.would_cycle(ids[3], ids[1])
    assert graph.would_cycle(ids[1], ids[1])
    assert not graph.would_cycle(ids[0], ids[3])


def test_names_are_unique_and_give_way_to_the_id() -> None:
    graph, ids = chain("Input", "Dense", "Dense")
    graph = graph.rename(ids[1], "hidden")
    assert graph.by_name("hidden").id == ids[1]
    with pytest.raises(ChainruleError, match="unique"):
        graph.rename(ids[2], "hidden")
    with pytest.raises(ChainruleError, match="Did you mean 'hidden'"):
        graph.by_name("hiden")
    assert graph.rename(ids[1], "").nodes[ids[1]].label == ids[1]


def test_a_damaged_description_is_refused_with_a_sentence() -> None:
    for data in ({}, {"nodes": 3, "edges": []}, {"nodes": [{"id": 1, "kind": "Dense"}], "edges": []},
                 {"nodes": [], "edges": [{"source": "a", "target": "b"}]},
                 {"nodes": [{"id": "a", "kind": "Dense"}] * 2, "edges": []}):
        with pytest.raises(ChainruleError):
            Graph.from_dict(data)


def test_unknown_layers_and_values_are_kept() -> None:
    data = {"nodes": [{"id": "a", "kind": "Quantum", "params": {"q": 1}},
                      {"id": "b", "kind": "Dense", "params": {"units": -3}}], "edges": []}
    graph = Graph.from_dict(data)
    assert graph.nodes["a"].params == {"q": 1}
    assert graph.nodes["b"].params == {"units": -3}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph a person could draw, sound or not."""
    graph = Graph()
    ids: list[str] = []
    for kind in draw(st.lists(st.sampled_from(sorted(LAYERS)), max_size=12)):
        position = draw(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
        graph, node = graph.add(kind, position=position)
        ids.append(node)
    for _ in range(draw(st.integers(0, 12)) if ids else 0):
        source, target = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        if graph.free_port(target) and not graph.would_cycle(source, target):
            graph = graph.connect(source, target)
    return graph


@given(graphs())
def test_any_graph_survives_being_plain_data(graph: Graph) -> None:
    assert Graph.from_dict(json.loads(json.dumps(graph.to_dict()))) == graph


@given(graphs(), graphs())
def test_a_diff_accounts_for_every_difference(before: Graph, after: Graph) -> None:
    change = diff(before, after)
    assert set(change.added) == set(after.nodes) - set(before.nodes)
    assert set(change.removed) == set(before.nodes) - set(after.nodes)
    for node_id in set(before.nodes) & set(after.nodes):
        same = before.nodes[node_id] == after.nodes[node_id]
        assert same == (node_id not in change.changed and node_id not in change.moved)
    edges = {key: edge for key, edge in before.edges.items() if edge not in change.edges_removed}
    edges.update({edge.key: edge for edge in change.edges_added})
    assert edges == after.edges


@given(graphs(), st.data())
def test_removing_anything_leaves_a_graph_whose_wires_have_ends(graph: Graph, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(graph.nodes)))) if graph.nodes else set()
    left = graph.remove(gone, heal=data.draw(st.booleans()))
    assert set(left.nodes) == set(graph.nodes) - gone
    for (target, port), edge in left.edges.items():
        assert edge.source in left.nodes and target in left.nodes and port in left.ports(target)
