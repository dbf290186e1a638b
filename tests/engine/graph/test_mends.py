"""Mends: each that is offered is applied, and the problem is gone; and checking again costs no truth."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.graph.build import chain
from engine.graph.check import check
from engine.graph.fixes import apply_fix
from engine.graph.model import Graph
from engine.issues import Issue, Severity
from engine.layer import Layer
from engine.layers import LAYERS, MSE, Add, Conv2D, Dense, Dropout, Flatten, Input, Linear, ReLU, SoftmaxCrossEntropy


def issue_of(graph: Graph, code: str) -> Issue:
    (found,) = [issue for issue in check(graph).issues if issue.code == code]
    return found


def codes(graph: Graph) -> set[str]:
    return {issue.code for issue in check(graph).issues}


def between(shape: tuple[int, ...], layer: Layer) -> Graph:
    return chain(Input(shape=shape), layer)


@pytest.mark.parametrize(("shape", "layer", "first", "then"), [
    ((8, 8, 3), Dense(units=2), "Insert Flatten", (2,)),
    ((6, 4), Dense(units=2), "Insert Flatten", (2,)),
    ((64,), Conv2D(filters=2), "Insert Reshape to 8 × 8 × 1", (8, 8, 2)),
    ((48,), Conv2D(filters=2), "Insert Reshape to 4 × 4 × 3", (4, 4, 2)),
    ((6, 4), Conv2D(filters=2), "Insert Reshape to 6 × 4 × 1", (6, 4, 2)),
    ((4, 5, 3), LAYERS["LSTM"](units=7), "Insert Reshape to 4 × 15", (7,)),
    ((10,), LAYERS["LSTM"](units=7), "Insert Reshape to 10 × 1", (7,)),
    ((4, 4, 10), SoftmaxCrossEntropy(), "Insert Flatten", (160,)),
    ((4, 4, 1), Conv2D(kernel_size=(7, 7), padding="valid", filters=2), "Use same padding", (4, 4, 2)),
])
def test_shapes_that_do_not_fit_are_mended(
    shape: tuple[int, ...], layer: Layer, first: str, then: tuple[int, ...]
) -> None:
    graph = between(shape, layer)
    (issue,) = [i for i in check(graph).issues if i.code in {"rank", "loss_input", "no_room"}]
    assert issue.mends[0].title == first
    last = list(graph.nodes)[-1]
    for fix in issue.mends:
        mended = check(apply_fix(graph, fix))
        assert not mended.at(last) or all(i.severity is not Severity.ERROR for i in mended.at(last)), fix.title
    assert check(apply_fix(graph, issue.mends[0])).shapes[last] == then


@pytest.mark.parametrize(("shape", "layer"), [((16,), Dense(units=8)), ((6, 6, 3), Conv2D(filters=8))])
def test_a_skip_of_another_width_gets_a_projection(shape: tuple[int, ...], layer: Layer) -> None:
    graph = chain(("x", Input(shape=shape)), ("first", layer), ("sum", Add()), ("loss", MSE()))
    graph = graph.connect("x", "sum", "in2")
    issue = issue_of(graph, "shapes_differ")
    assert len(issue.mends) == 2
    for fix in issue.mends:
        assert check(apply_fix(graph, fix)).ok


def test_two_dense_layers_in_a_row_are_told_why_they_are_one() -> None:
    graph = chain(Input(shape=(4,)), Dense(), Dropout(), Flatten(), MSE())
    assert "linear_stack" not in codes(graph)
    graph = chain(Input(shape=(4, 4, 1)), Conv2D(), Flatten(), Dense(), MSE())
    issue = issue_of(graph, "linear_stack")
    assert issue.severity is Severity.ADVICE and issue.where == "dense_1" and "one" in issue.expected
    mended = apply_fix(graph, issue.mends[0])
    assert "linear_stack" not in codes(mended) and mended.nodes["relu_1"].position[0] < mended.nodes[
        "dense_1"].position[0]


def test_a_linear_activation_between_them_is_made_a_relu() -> None:
    graph = chain(Input(shape=(4,)), Dense(), ("middle", Linear()), Dense(), MSE())
    mended = apply_fix(graph, issue_of(graph, "linear_stack").mends[0])
    assert mended.nodes["middle"].kind == "ReLU" and "linear_stack" not in codes(mended)


def test_a_non_linearity_anywhere_between_is_enough() -> None:
    graph = chain(Input(shape=(4, 4, 1)), Conv2D(), ReLU(), Flatten(), Dense(), MSE())
    assert not codes(graph)


def test_a_cut_chain_is_joined_again_with_one_click() -> None:
    graph = chain(Input(shape=(4,)), Dense(), ReLU(), Dense(), ReLU(), Dense(), MSE())
    cut = graph.disconnect("dense_2", "in")
    assert codes(cut) == {"missing_input", "unused"}, "one cut is two problems, however long the network"
    mended = apply_fix(cut, issue_of(cut, "missing_input").mends[0])
    assert mended.edges == graph.edges


def test_an_unused_branch_goes_as_a_whole_and_nothing_else_does() -> None:
    graph = chain(("x", Input(shape=(4,))), ("a", Dense()), ("loss", MSE()))
    for kind, name, before in (("ReLU", "b1", "a"), ("Dense", "b2", "b1"), ("Tanh", "b3", "b2")):
        graph, _ = graph.add(kind, id=name)
        graph = graph.connect(before, name)
    whole = next(fix for fix in issue_of(graph, "unused").mends if fix.edit == "remove_branch")
    assert whole.title == "Delete the branch of 3 layers"
    mended = apply_fix(graph, whole)
    assert set(mended.nodes) == {"x", "a", "loss"} and not codes(mended)


def test_a_branch_behind_a_cycle_or_an_unknown_layer_stays_quiet() -> None:
    graph = Graph.from_dict({"nodes": [{"id": "u", "kind": "Nix"}, {"id": "d", "kind": "Dense"},
                                       {"id": "l", "kind": "MSE"}, {"id": "x", "kind": "Input"}],
                             "edges": [{"source": "u", "target": "d"}, {"source": "d", "target": "l"}]})
    report = check(graph)
    assert not report.ok and {i.where for i in report.errors} == {"u"}


def edited(graph: Graph, rng: random.Random) -> Graph:
    """Some edit of a kind that people make."""
    ids = list(graph.nodes)
    one, other = rng.choice(ids), rng.choice(ids)
    choice = rng.randrange(7)
    if choice == 0:
        grown, new = graph.add(rng.choice(["Dense", "ReLU", "Add", "Flatten", "Conv2D", "MSE", "Nix"]))
        return grown.connect(one, new) if grown.free_port(new) else grown
    if choice == 1 and len(ids) > 2:
        return graph.remove([one], heal=rng.random() < 0.5)
    if choice == 2 and graph.edges:
        return graph.disconnect(*rng.choice(list(graph.edges)))
    if choice == 3 and graph.free_port(other):
        return graph.connect(one, other)  # a cycle is fine: checking says so
    if choice == 4:
        return graph.move({one: (rng.random(), 0.0)})
    params: dict[str, Any] = rng.choice([{"units": rng.randrange(0, 9)}, {"shape": (4, 4, 1)}, {"shape": (5,)}, {}])
    return graph.set_params(one, **params)


@pytest.mark.parametrize("seed", range(12))
def test_a_report_made_from_the_last_one_is_the_same_as_a_new_one(seed: int) -> None:
    rng = random.Random(seed)
    graph = chain(Input(shape=(4,)), Dense(), ReLU(), Dense(), MSE())
    report = check(graph)
    for _ in range(60):
        graph = edited(graph, rng)
        report = check(graph, None, report)
        assert report == check(graph)
