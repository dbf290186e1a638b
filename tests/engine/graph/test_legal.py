"""Which wires are refused, and with what words; pure gesture edits; layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import arrange, edits, legal
from engine.graph.check import check
from engine.graph.model import Edge, Graph
from engine.issues import ChainruleError


def chain() -> Graph:
    graph = Graph()
    for x, (kind, params) in enumerate([("Input", {"shape": (4,)}), ("Dense", {"units": 8}), ("ReLU", {}),
                                        ("Dense", {"units": 3}), ("SoftmaxCrossEntropy", {})]):
        graph, _ = graph.add(kind, params, (x * 216, 0))
    for source, target in [("input_1", "dense_1"), ("dense_1", "relu_1"), ("relu_1", "dense_2"), ("dense_2", "loss_1")]:
        graph = graph.connect(source, target)
    return graph


@pytest.mark.parametrize(
    "source, target, port, words",
    [
        ("dense_1", "dense_1", "in", "cannot feed itself"),
        ("loss_1", "relu_1", "in", "is a loss"),
        ("dense_1", "input_1", "in", "takes no wire"),
        ("dense_1", "dense_2", "in9", "no input called"),
        ("relu_1", "dense_1", "in", "dense_1 → relu_1 → dense_1"),
        ("dense_2", "dense_1", "in", "cycle"),
    ],
)
def test_refused_with_the_reason(source, target, port, words):
    graph = chain()
    assert words in (legal.why_not(graph, check(graph), source, target, port) or "")


def test_a_taken_port_and_a_skip_are_allowed():
    graph = chain()
    assert legal.why_not(graph, check(graph), "input_1", "dense_2", "in") is None


def test_refused_exactly_when_a_cycle_would_close():
    graph = chain()
    for source in graph.nodes:
        for target in graph.nodes:
            if graph.ports(target) and source != "loss_1":
                allowed = legal.why_not(graph, check(graph), source, target, "in") is None
                wired = Graph(graph.nodes, {**graph.edges, (target, "in"): Edge(source, target)})
                assert allowed == (not any(issue.code == "cycle" for issue in check(wired).issues))


def test_a_shape_that_does_not_fit_is_a_doubt():
    graph, _ = chain().add("Conv2D")
    report = check(graph)
    assert legal.why_not(graph, report, "dense_1", "conv_1", "in") is None
    assert "height × width" in (legal.doubt(graph, report, "dense_1", "conv_1", "in") or "")
    assert legal.doubt(graph, report, "dense_1", "dense_2", "in") is None


def test_a_doubt_of_many_inputs_needs_them_all():
    graph, _ = chain().add("Add")
    graph = graph.connect("dense_1", "add_1")
    assert legal.doubt(graph, check(graph), "dense_2", "add_1", "in2") is not None
    assert legal.doubt(graph, check(graph), "relu_1", "add_1", "in2") is None


def test_replug_moves_swaps_and_closes_gaps():
    graph, _ = chain().add("Concatenate")
    for source in ("input_1", "dense_1", "relu_1"):
        graph = graph.connect(source, "concatenate_1")
    swapped = edits.replug(graph, graph.edges[("concatenate_1", "in1")], "concatenate_1", "in2")
    assert [e.source for e in swapped.inputs("concatenate_1")] == ["dense_1", "input_1", "relu_1"]
    last = edits.replug(graph, graph.edges[("concatenate_1", "in1")], "concatenate_1", "in4")
    assert [(e.port, e.source) for e in last.inputs("concatenate_1")] == [
        ("in1", "dense_1"), ("in2", "relu_1"), ("in3", "input_1")]
    moved = edits.replug(graph, graph.edges[("concatenate_1", "in1")], "dense_2", "in")
    assert moved.inputs("dense_2")[0].source == "input_1"
    assert [e.port for e in moved.inputs("concatenate_1")] == ["in1", "in2"]


def test_insert_makes_room():
    graph, new = chain().add("Tanh", position=(150, 0))
    graph = edits.make_room(edits.insert_on_wire(graph, graph.edges[("relu_1", "in")], new), new, 216)
    assert graph.inputs("tanh_1")[0].source == "dense_1"
    assert graph.inputs("relu_1")[0].source == "tanh_1"
    assert graph.nodes["tanh_1"].position == (432, 0), "it does not cover what leads to it"
    assert graph.nodes["relu_1"].position[0] == 648
    assert graph.nodes["dense_1"].position == (216, 0)


def test_copy_and_paste_keep_parameters_and_inner_wires():
    graph = chain().rename("dense_1", "hidden")
    part = edits.read_text(edits.copy_text(graph, ["dense_1", "relu_1"]))
    pasted, new = edits.paste(graph, part, (24, 24))
    assert new == ("dense_3", "relu_2")
    assert pasted.nodes["dense_3"].params == {"units": 8}
    assert pasted.nodes["dense_3"].name == ""
    assert pasted.inputs("relu_2")[0].source == "dense_3"
    assert not pasted.inputs("dense_3")


@pytest.mark.parametrize("text", ["", "hi", "[1, 2]", '{"a": 1}', '{"chainrule": "layers", "version": 9}', "[" * 9000,
                                  '{"chainrule": "layers", "version": 1, "nodes": 3}'])
def test_foreign_text_is_refused_with_a_sentence(text):
    with pytest.raises(ChainruleError):
        edits.read_text(text)


def overlaps(found: dict[str, tuple[float, float]]) -> bool:
    places = list(found.values())
    return any(abs(ax - bx) < 160 and abs(ay - by) < 70 for i, (ax, ay) in enumerate(places)
               for bx, by in places[i + 1:])


def test_a_chain_lies_on_one_line():
    found = arrange.positions(chain())
    assert {y for _, y in found.values()} == {0.0}
    assert sorted(x for x, _ in found.values()) == [0, 216, 432, 648, 864]


def test_a_skip_goes_round_the_block():
    graph, _ = chain().disconnect("dense_2", "in").add("Add")
    graph = graph.connect("relu_1", "add_1").connect("input_1", "add_1").connect("add_1", "dense_2")
    found = arrange.positions(graph)
    assert not overlaps(found)
    assert found["dense_1"][1] == found["relu_1"][1] != found["add_1"][1]
    assert found["input_1"][0] < found["dense_1"][0] < found["relu_1"][0] < found["add_1"][0]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_any_graph_is_laid_out_without_overlap(pairs):
    graph = Graph()
    for _ in range(12):
        graph, _ = graph.add("Add")
    ids = list(graph.nodes)
    for source, target in pairs:
        graph = graph.connect(ids[source], ids[target])
    found = arrange.positions(graph)
    assert set(found) == set(ids)
    assert not overlaps(found)


def test_layers_that_fit_are_offered_first():
    assert legal.fitting_first(["Conv2D", "Conv1D", "Dense", "ReLU", "Add"], (64,)) == [
        "Dense", "ReLU", "Add", "Conv2D", "Conv1D"]
    assert legal.fitting_first(["Dense", "Input", "Conv2D"], (8, 8, 3)) == ["Conv2D", "Dense", "Input"]
    assert legal.fitting_first(["Dense", "Conv2D"], None) == ["Dense", "Conv2D"]
