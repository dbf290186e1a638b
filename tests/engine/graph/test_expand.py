"""What is drawn against what is computed: repeated blocks, bypassed nodes, issues told where they can be mended."""

from dataclasses import replace

import numpy as np
import pytest

from engine.compute import compile
from engine.graph import groups
from engine.graph.analysis import analyse
from engine.graph.build import chain
from engine.graph.check import check
from engine.graph.expand import expand
from engine.graph.fixes import apply_fix
from engine.graph.model import Graph
from engine.issues import GraphError
from engine.layers import MSE, Add, Dense, Dropout, Input, ReLU, SoftmaxCrossEntropy
from engine.project import Project, open_project, save


def tower(units: int = 4) -> Graph:
    return chain(("in", Input(shape=(4,))), ("a", Dense(units=units)), ("relu", ReLU()), ("b", Dense(units=3)),
                 ("loss", SoftmaxCrossEntropy()))


def repeated(graph: Graph, ids: list[str], times: int) -> tuple[Graph, str]:
    grouped, block = groups.group(graph, ids)
    return groups.put(grouped, replace(grouped.groups[block], repeat=times)), block


def test_a_graph_without_repeats_and_bypasses_is_its_own_expansion():
    graph, _ = groups.group(tower(), ["a", "relu"], collapsed=True)
    assert expand(graph).graph is graph


def test_copies_stand_in_a_chain_with_weights_of_their_own():
    graph, _ = repeated(tower(), ["a", "relu"], 3)
    wide = expand(graph).graph
    written = chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("relu", ReLU()), ("a·2", Dense(units=4)),
                    ("relu·2", ReLU()), ("a·3", Dense(units=4)), ("relu·3", ReLU()), ("b", Dense(units=3)),
                    ("loss", SoftmaxCrossEntropy()))
    assert {k: e.source for k, e in wide.edges.items()} == {k: e.source for k, e in written.edges.items()}
    assert {i: (n.kind, n.params) for i, n in wide.nodes.items()} == {
        i: (n.kind, n.params) for i, n in written.nodes.items()}
    one, other = compile(graph, seed=3), compile(written, seed=3)
    assert "a·3.W" in one.weights.arrays()
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(one.forward(x), other.forward(x))
    assert one.report.total_parameters == other.report.total_parameters == 3 * 20 + 15
    assert (one.report.parameters("a"), one.report.parameters("a·2")) == (3 * 20, 20)


def test_a_residual_block_is_fed_by_one_layer_through_several_wires():
    graph = chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("relu", ReLU()), ("sum", Add()),
                  ("loss", MSE())).connect("in", "sum", "in2")
    graph, _ = repeated(graph, ["a", "relu", "sum"], 2)
    wide = expand(graph).graph
    assert wide.edges[("sum·2", "in2")].source == wide.edges[("a·2", "in")].source == "sum"
    assert wide.edges[("loss", "in")].source == "sum·2"
    assert check(graph).ok


def test_blocks_within_blocks_multiply():
    graph, inner = repeated(tower(), ["a"], 2)
    graph, outer = groups.group(graph, ["a", "relu"])
    graph = groups.put(graph, replace(graph.groups[outer], repeat=3))
    dense = [n for n in expand(graph).graph.nodes.values() if n.kind == "Dense" and n.id != "b"]
    assert len(dense) == 6
    assert set(expand(graph).origin.values()) == {"a", "relu"}
    assert check(graph).ok
    assert graph.groups[inner].parent == outer


def test_a_block_that_puts_out_another_shape_is_told_on_the_block_and_mended():
    graph, block = repeated(tower(units=6), ["a", "relu"], 2)
    report = check(graph)
    assert [(i.code, i.where) for i in report.errors] == [("repeat_shape", block)]
    assert "takes 4 and puts out 6" in report.errors[0].happened
    with pytest.raises(GraphError):
        compile(graph)
    assert check(apply_fix(graph, report.errors[0].mends[0])).ok


def test_a_block_with_two_entries_or_a_loss_is_not_repeated_and_says_why():
    graph = tower()
    two, block = repeated(graph, ["a", "b"], 2)
    assert [(i.code, i.where) for i in check(two).errors] == [("repeat", block)]
    alone, block = repeated(graph.add("Dense", id="alone")[0], ["alone"], 2)
    assert "fed by no layers" in next(i for i in check(alone).errors if i.code == "repeat").happened
    ends, block = repeated(graph.add("MSE", id="end")[0].connect("a", "end"), ["a", "end"], 2)
    assert "holds a loss" in check(ends).errors[0].happened
    huge, block = repeated(graph, ["a"], 100)
    for _ in range(2):
        huge, block = groups.group(huge, ["a"])
        huge = groups.put(huge, replace(huge.groups[block], repeat=100))
    assert "more than" in next(i for i in check(huge).errors if i.code == "repeat").happened


def test_what_is_wrong_with_every_copy_is_said_once_and_at_the_original():
    graph, _ = repeated(tower().set_params("a", units=0), ["a", "relu"], 4)
    issues = [i for i in check(graph).issues if i.code == "parameter"]
    assert [(i.where, i.parameter) for i in issues] == [("a", "units")]
    assert apply_fix(graph, issues[0].mends[0]).nodes["a"].params == {}


def test_a_bypassed_node_is_computed_as_if_it_were_not_there():
    graph = chain(("in", Input(shape=(4,))), ("a", Dense(units=4)), ("drop", Dropout()), ("b", Dense(units=3)),
                  ("loss", SoftmaxCrossEntropy()))
    off = graph.enable(["a", "drop"], False)
    report = check(off)
    assert report.ok
    assert report.order == ("in", "b", "loss")
    assert report.shapes["drop"] == (4,)
    without = graph.remove(["a", "drop"], heal=True)
    x = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(compile(off, seed=1).forward(x), compile(without, seed=1).forward(x))
    assert check(off.enable(["a", "drop"], True)) == check(graph)


@pytest.mark.parametrize(("node", "words"), [
    ("wide", "makes"), ("in", "no input"), ("sum", "several inputs"), ("loss", "loss cannot be left out")])
def test_a_bypass_that_cannot_be_is_refused_with_the_reason(node, words):
    graph = chain(("in", Input(shape=(4,))), ("wide", Dense(units=6)), ("sum", Add()), ("loss", MSE()))
    graph = graph.connect("wide", "sum", "in2")
    off = graph.enable([node], False)
    (issue,) = [i for i in check(off).errors if i.code == "bypass"]
    assert issue.where == node
    assert words in issue.sentence()
    assert apply_fix(off, issue.mends[0]) == graph


def test_a_report_made_from_the_last_one_is_the_same_as_a_new_one():
    graph, block = repeated(tower(), ["a", "relu"], 3)
    steps = [tower(), graph, graph.enable(["relu"], False), graph.set_params("a", units=5), graph.set_params(
        "a", units=4), groups.ungroup(graph, block), tower().enable(["a"], False)]
    report = None
    for step in steps:
        report = check(step, None, report)
        fresh = check(step)
        assert (report.issues, report.order, report.shapes, report.costs) == (
            fresh.issues, fresh.order, fresh.shapes, fresh.costs)


def test_a_project_with_blocks_keeps_its_weights(tmp_path):
    graph, _ = repeated(tower(), ["a", "relu"], 2)
    model = compile(graph.enable(["relu"], True), seed=5)
    save(tmp_path / "a.chainrule", Project.of(model))
    opened = open_project(tmp_path / "a.chainrule")
    assert opened.graph == graph
    assert not opened.notices
    for key, array in model.weights.arrays().items():
        np.testing.assert_array_equal(opened.weights[key], array)
    again = compile(opened.graph)
    again.weights.load(opened.weights)


def test_a_live_parameter_reaches_every_copy():
    graph = chain(("in", Input(shape=(4,))), ("drop", Dropout(rate=0.5)), ("b", Dense(units=3)),
                  ("loss", SoftmaxCrossEntropy()))
    model = compile(repeated(graph, ["drop"], 2)[0])
    model.set_live("drop", "rate", 0.25)
    assert float(model.live("drop·2", "rate")) == 0.25


def test_the_facts_of_a_repeated_layer_add_up_to_the_whole():
    graph, _ = repeated(tower(), ["a", "relu"], 3)
    report = check(graph)
    facts = {fact.id: fact for fact in analyse(graph, report)}
    assert facts["a"].parameters == 3 * 20
    assert sum(fact.parameters for fact in facts.values()) == report.total_parameters
    assert sum(fact.cost for fact in facts.values()) == report.total_cost


def residual(width: int, *, skip: bool = True) -> tuple[Graph, str]:
    """Input (4) → a block (Dense, ReLU, Dense, and Add where there is a skip) → Dense → loss."""
    graph = chain(("in", Input(shape=(4,))), ("a", Dense(units=7)), ("relu", ReLU()), ("b", Dense(units=width)),
                  ("out", Dense(units=3)), ("loss", SoftmaxCrossEntropy()))
    inside = ["a", "relu", "b"]
    if skip:
        graph, add = graph.add("Add", id="sum")
        graph = graph.connect("b", add).connect("in", add).connect("sum", "out", "in")
        inside.append(add)
    return groups.group(graph, inside)


@pytest.mark.parametrize("skip", [True, False])
def test_a_block_that_keeps_the_shape_is_bypassed_as_one(skip):
    graph, block = residual(4, skip=skip)
    off = graph.enable(groups.members(graph, block), False)
    report = check(off)
    assert report.ok, [issue.sentence() for issue in report.issues]
    assert report.order == ("in", "out", "loss")
    x = np.random.default_rng(0).normal(size=(5, 4))
    without = graph.remove(groups.members(graph, block), heal=True)
    assert without.edges[("out", "in")].source == "in"
    np.testing.assert_array_equal(compile(off, seed=1).forward(x), compile(without, seed=1).forward(x))


def test_a_block_that_changes_the_shape_says_so_once_and_is_enabled_in_one_click():
    graph, block = residual(6, skip=False)
    off = graph.enable(groups.members(graph, block), False)
    (issue,) = [i for i in check(off).errors if i.code == "bypass"]
    assert issue.where == block
    assert "makes 6 of 4" in issue.sentence()
    assert apply_fix(off, issue.mends[0]) == graph


@pytest.mark.parametrize(("ids", "words"), [(("in", "a"), "not fed by one layer"), (("out", "loss"), "a loss in it")])
def test_a_block_with_an_input_or_a_loss_cannot_be_bypassed(ids, words):
    graph, block = groups.group(groups.ungroup(*residual(4)), ids)
    (issue,) = [i for i in check(graph.enable(ids, False)).errors if i.code == "bypass"]
    assert (issue.where, words in issue.sentence()) == (block, True)
