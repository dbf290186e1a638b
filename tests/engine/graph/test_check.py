"""Checking: every kind of problem is found, says three things, and its mend mends it."""

from __future__ import annotations

import pytest

from engine.graph.check import Report, check
from engine.graph.fixes import apply_fix
from engine.graph.model import Edge, Graph
from engine.issues import Issue, Severity
from engine.signature import DataSignature
from tests.engine.graph.test_model import chain

IRIS = DataSignature((4,), (), ("setosa", "versicolor", "virginica"), 120, "iris")
CURVE = DataSignature((1,), (1,), (), 100, "curve")


def only(report: Report, code: str) -> Issue:
    (issue,) = [i for i in report.issues if i.code == code]
    assert issue.happened and issue.expected and issue.fix
    return issue


def classifier() -> Graph:
    graph, ids = chain("Input", "Dense", "ReLU", "Dense", "SoftmaxCrossEntropy")
    return graph.set_params(ids[0], shape=(4,)).set_params(ids[3], units=3)


def test_a_sound_graph_has_no_issues() -> None:
    report = check(classifier(), IRIS)
    assert report.ok and not report.issues
    assert report.shapes["dense_1"] == (64,)
    assert report.order == ("input_1", "dense_1", "relu_1", "dense_2", "loss_1")
    assert report.total_parameters == 4 * 64 + 64 + 64 * 3 + 3


def test_an_empty_graph() -> None:
    assert only(check(Graph()), "empty").severity is Severity.ERROR


def test_a_cycle_is_named_in_full() -> None:
    graph, _ids = chain("Input", "Add", "Dense", "ReLU", "MSE")
    edges = {**graph.edges, ("add_1", "in2"): Edge("relu_1", "add_1", "in2")}
    report = check(Graph(graph.nodes, edges))
    issues = [i for i in report.issues if i.code == "cycle"]
    assert {i.where for i in issues} == {"add_1", "dense_1", "relu_1"}
    assert "relu_1" in issues[0].happened and "→" in issues[0].happened


@pytest.mark.parametrize("kind", ["Flatten", "Linear"])
def test_a_cycle_before_a_layer_ends_the_search_for_what_lies_before_it(kind: str) -> None:
    """A file may hold one: opening it must not look for ever."""
    graph, ids = chain("Input", "Dense", kind, kind, "Dense", "MSE")
    edges = {**graph.edges, (ids[2], "in"): Edge(ids[3], ids[2], "in")}
    report = check(Graph(graph.nodes, edges), CURVE)
    assert {i.where for i in report.issues if i.code == "cycle"} == {ids[2], ids[3]}


def test_a_wire_at_a_port_that_is_none_is_told_and_harms_nothing() -> None:
    for kind, strange in (("Dense", "nope"), ("Subtract", "in²"), ("Add", "in²"), ("MSE", "in" + "9" * 5000)):
        graph, ids = chain("Input", "ReLU", kind)
        port = graph.ports(ids[2])[-1]
        edges = {**graph.edges, (ids[2], strange): Edge(ids[0], ids[2], strange),
                 (ids[2], port): Edge(ids[0], ids[2], port)}
        assert [i.where for i in check(Graph(graph.nodes, edges), CURVE).issues if i.code == "port"] == [ids[2]]


def test_a_layer_wired_to_itself() -> None:
    graph, _ids = chain("Input", "Dense", "MSE")
    report = check(Graph(graph.nodes, {**graph.edges, ("dense_1", "in"): Edge("dense_1", "dense_1", "in")}))
    assert only(report, "cycle").where == "dense_1"


def test_missing_inputs() -> None:
    graph = classifier().disconnect("relu_1", "in")
    issue = only(check(graph), "missing_input")
    assert issue.where == "relu_1"
    graph, _add = classifier().add("Add")
    assert "in1 and in2" in only(check(graph), "missing_input").happened


def test_no_input_and_no_loss_offer_both() -> None:
    graph, _ = Graph().add("Dense")
    report = check(graph)
    fixed = apply_fix(apply_fix(graph, only(report, "no_input").mends[0]), only(report, "no_loss").mends[0])
    codes = {issue.code for issue in check(fixed).issues}
    assert "no_input" not in codes and "no_loss" not in codes


def test_a_branch_that_leads_nowhere_is_a_warning_and_can_be_deleted() -> None:
    graph, spare = classifier().add("Tanh")
    graph = graph.connect("dense_1", spare)
    report = check(graph)
    issue = only(report, "unused")
    assert report.ok and issue.severity is Severity.WARNING and issue.where == spare
    assert spare not in apply_fix(graph, issue.mends[0]).nodes


def test_an_unknown_layer_and_a_bad_parameter_stay_on_their_nodes() -> None:
    graph = Graph.from_dict({"nodes": [{"id": "a", "kind": "Dens"}, {"id": "b", "kind": "Dense", "params": {
        "units": 0, "colour": "red"}}], "edges": []})
    report = check(graph)
    assert "Did you mean 'Dense'" in only(report, "unknown_layer").fix
    issues = [i for i in report.issues if i.code == "parameter"]
    assert {i.parameter for i in issues} == {"units", "colour"}
    assert "from 1 to 65\u2009536" in next(i for i in issues if i.parameter == "units").expected
    for issue in issues:
        graph = apply_fix(graph, issue.mends[0])
    assert graph.nodes["b"].params == {}


def test_an_image_into_dense_offers_flatten() -> None:
    graph, ids = chain("Input", "Dense", "MSE")
    graph = graph.set_params(ids[0], shape=(8, 8, 1))
    issue = only(check(graph), "rank")
    mended = check(apply_fix(graph, issue.mends[0]))
    assert mended.ok and "Flatten" in {layer.kind for layer in mended.layers.values()}


def test_a_kernel_that_leaves_no_output_is_caught_before_numpy() -> None:
    graph, ids = chain("Input", "Conv2D", "Flatten", "Dense", "MSE")
    graph = graph.set_params(ids[0], shape=(4, 4, 1)).set_params(ids[1], kernel_size=(7, 7), padding="valid")
    assert only(check(graph), "no_room").parameter == "kernel_size"


def test_nothing_may_follow_a_loss() -> None:
    graph, _ids = chain("Input", "Dense", "MSE", "Dense")
    issue = only(check(graph), "after_loss")
    assert not [i for i in check(apply_fix(graph, issue.mends[0])).issues if i.code == "after_loss"]


def test_softmax_before_a_loss_that_wants_logits() -> None:
    graph, ids = chain("Input", "Dense", "Softmax", "SoftmaxCrossEntropy")
    issue = only(check(graph), "double_softmax")
    assert issue.severity is Severity.WARNING
    assert apply_fix(graph, issue.mends[0]).inputs(ids[3])[0].source == ids[1]


@pytest.mark.parametrize(("graph", "data", "code"), [
    (classifier().set_params("input_1", shape=(5,)), IRIS, "input_shape"),
    (classifier().set_params("dense_2", units=10), IRIS, "outputs"),
    (classifier().set_params("input_1", shape=(1,)), CURVE, "loss_task"),
])
def test_graph_and_data_must_fit_and_one_click_makes_them(graph: Graph, data: DataSignature, code: str) -> None:
    issue = only(check(graph, data), code)
    mended = check(apply_fix(graph, issue.mends[0]), data)
    assert code not in {i.code for i in mended.issues}


def test_two_classes_may_be_one_yes_or_no() -> None:
    graph, ids = chain("Input", "Dense", "SigmoidBinaryCrossEntropy")
    graph = graph.set_params(ids[1], units=1)
    assert check(graph, DataSignature((2,), (), ("0", "1"))).ok
    assert not check(graph, IRIS.__class__((2,), (), ("a", "b", "c"))).ok
