"""Compiling and running: memory, fan-outs, borders, reproducibility."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from engine.compute import compile, plan_memory
from engine.compute.gradcheck import gradcheck
from engine.graph.model import Graph
from engine.issues import ChainruleError, GraphError
from engine.params import ParameterError
from tests.contract.networks import batch_for
from tests.engine.graph.test_model import chain


def mlp(inputs: int = 20, hidden: int = 30, outputs: int = 4) -> Graph:
    graph, ids = chain("Input", "Dense", "ReLU", "Dense", "SoftmaxCrossEntropy")
    graph = graph.set_params(ids[0], shape=(inputs,)).set_params(ids[1], units=hidden)
    return graph.set_params(ids[3], units=outputs)


def lenet() -> Graph:
    graph, ids = chain("Input", "Conv2D", "ReLU", "MaxPool2D", "Conv2D", "ReLU", "MaxPool2D", "Flatten", "Dense",
                       "Dropout", "Dense", "SoftmaxCrossEntropy")
    return graph.set_params(ids[0], shape=(12, 12, 1)).set_params(ids[-2], units=4)


def test_weights_have_the_textbook_shape() -> None:
    model = compile(mlp(784, 128, 10))
    assert model.weights.arrays()["dense_1.W"].shape == (128, 784)


def test_one_hidden_layer_is_what_the_definition_says() -> None:
    model = compile(mlp(), dtype="float64")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 20)), rng.integers(0, 4, 7)
    w = model.weights.arrays()
    hidden = np.maximum(0, x @ w["dense_1.W"].T + w["dense_1.b"])
    scores = hidden @ w["dense_2.W"].T + w["dense_2.b"]
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert model.loss(x, y) == pytest.approx(-np.log(p[np.arange(7), y]).mean(), rel=1e-12)
    np.testing.assert_allclose(model.forward(x), p, rtol=1e-12)
    model.loss(x, y)
    delta = (p - np.eye(4)[y]) / 7
    gradients = model.backward()
    np.testing.assert_allclose(gradients["dense_2.W"], delta.T @ hidden, rtol=1e-10)
    np.testing.assert_allclose(gradients["dense_1.b"], ((delta @ w["dense_2.W"]) * (hidden > 0)).sum(0), rtol=1e-10)


@pytest.mark.parametrize("graph", [mlp(200, 300), lenet()], ids=["mlp", "lenet"])
def test_a_step_allocates_nothing_in_steady_state(graph: Graph) -> None:
    model = compile(graph, batch_size=32)
    program = model.program(32)
    for probe in (False, True, False, True):
        program.forward()
        program.backward(probe)
    tracemalloc.start()
    for step in range(50):
        program.forward()
        program.backward(probe=step % 10 == 0)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # NumPy's own buffers for casting a mask (8192 numbers an operand) come and go; any array of the pass is larger.
    assert left < 20_000 and peak < 150_000, (left, peak)


def test_a_residual_tower_with_shared_branches() -> None:
    graph, x = Graph().add("Input", {"shape": (5,)})
    stem = x
    for _ in range(3):
        graph, dense = graph.add("Dense", {"units": 5, "initialiser": "GlorotNormal"})
        graph, tanh = graph.add("Tanh")
        graph, add = graph.add("Add")
        graph = graph.connect(stem, dense).connect(dense, tanh).connect(tanh, add).connect(stem, add).connect(stem, add)
        stem = add
    graph, loss = graph.add("MSE")
    graph = graph.connect(stem, loss)
    model = compile(graph, dtype="float64", input_gradients=True)
    for result in gradcheck(model, *batch_for(model, 4)):
        assert result.relative_error < 1e-6, result


@pytest.mark.parametrize("kind", ["ReLU", "BatchNorm"])
def test_a_gradient_that_others_read_too_is_not_written_over(kind: str) -> None:
    """The sum hands the same ∂L/∂output to three branches, two of which write theirs in its place where they may."""
    graph, stem = Graph().add("Input", {"shape": (5,)})
    graph, add = graph.add("Add")
    for _ in range(3):
        graph, dense = graph.add("Dense", {"units": 4, "initialiser": "GlorotNormal"})
        graph, bent = graph.add(kind)
        graph = graph.connect(stem, dense).connect(dense, bent).connect(bent, add)
    graph, loss = graph.add("MSE")
    graph = graph.connect(add, loss)
    model = compile(graph, dtype="float64", input_gradients=True)
    for result in gradcheck(model, *batch_for(model, 6), step=1e-5):
        assert result.relative_error < 1e-6, result


def test_several_losses_add_up_with_their_weights() -> None:
    graph = mlp()
    graph, second = graph.add("MSE", {"weight": 0.25})
    graph = graph.connect("dense_1", second)
    model = compile(graph, dtype="float64")
    inputs, targets = batch_for(model, 4)
    total = model.loss(inputs, targets)
    losses = model.program(4).losses
    assert total == pytest.approx(losses["loss_1"] + 0.25 * losses[second])
    for result in gradcheck(model, inputs, targets, step=1e-5):
        assert result.relative_error < 1e-6, result


def test_a_huge_loss_beside_a_small_one_does_not_drown_its_differences() -> None:
    """A Poisson loss grows like exp: rounding of 1e8 is larger than what a small step changes in a cross-entropy."""
    graph, source = Graph().add("Input", {"shape": (4,)})
    for kind in ("Poisson", "SoftmaxCrossEntropy"):
        graph, dense = graph.add("Dense", {"units": 2})
        graph, loss = graph.add(kind)
        graph = graph.connect(source, dense).connect(dense, loss)
    model = compile(graph, dtype="float64", input_gradients=True)
    model.weights.arrays()["dense_1.b"][...] = 20.0
    inputs, targets = batch_for(model, 3)
    assert model.loss(inputs, targets) > 1e8
    for result in gradcheck(model, inputs, targets):
        assert result.relative_error < 1e-6, result


def test_the_flow_is_the_mean_magnitude_of_each_outputs_gradient() -> None:
    model = compile(mlp(), dtype="float64", input_gradients=True)
    inputs, targets = batch_for(model, 6)
    model.loss(inputs, targets)
    program = model.program(6)
    program.backward(probe=True)
    flow = dict(zip(program.flow_nodes, program.flow, strict=True))
    scores = model.output("dense_2")
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    delta = (p - np.eye(4)[targets["loss_1"]]) / 6
    assert flow["dense_2"] == pytest.approx(np.abs(delta).mean(), rel=1e-5)
    before = (delta @ model.weights.arrays()["dense_2.W"]) * (model.output("relu_1") > 0)
    assert flow["dense_1"] == pytest.approx(np.abs(before).mean(), rel=1e-5)
    assert flow["input_1"] == pytest.approx(np.abs(before @ model.weights.arrays()["dense_1.W"]).mean(), rel=1e-5)


def test_probing_changes_no_gradient() -> None:
    model = compile(lenet())
    inputs, targets = batch_for(model, 5)
    model.loss(inputs, targets, training=False)
    program = model.program(5, training=False)
    program.backward()
    plain = model.weights.gradients.copy()
    program.backward(probe=True)
    assert np.array_equal(plain, model.weights.gradients)


def test_the_same_seed_gives_the_same_network_and_new_layers_disturb_no_other() -> None:
    first, second, other = (compile(mlp(), seed=s).weights.arrays() for s in (3, 3, 4))
    assert all(np.array_equal(first[key], second[key]) for key in first)
    assert not np.array_equal(first["dense_1.W"], other["dense_1.W"])
    graph, node = mlp().add("Dense", {"units": 4})
    wider = compile(graph.connect("dense_1", node), seed=3).weights.arrays()
    assert np.array_equal(first["dense_2.W"], wider["dense_2.W"])


def test_a_graph_with_errors_does_not_compile_and_says_why() -> None:
    with pytest.raises(GraphError, match="no loss") as caught:
        compile(chain("Input", "Dense")[0])
    assert caught.value.issues


@pytest.mark.parametrize(("x", "y", "words"), [
    (np.zeros((3, 19)), np.zeros(3, int), "3 × 19"),
    (np.full((3, 20), np.nan), np.zeros(3, int), "NaN"),
    (np.full((3, 20), np.inf), np.zeros(3, int), "infinity"),
    (np.zeros((3, 20)), np.array([0, 1, 4]), "label is 4"),
    (np.zeros((3, 20)), np.array([0, -1, 1]), "label is -1"),
    (np.zeros((3, 20)), np.array([0, 0.5, 1]), "fractions"),
    (np.zeros((3, 20)), np.zeros(2, int), "Expected 3"),
    (np.zeros((3, 20), object), np.zeros(3, int), "object"),
    (np.array([["a"] * 20] * 3), np.zeros(3, int), "numbers"),
    (np.array(1.0), np.zeros(3, int), "examples first"),
    ([[1.0], [2.0, 3.0]], np.zeros(2, int), "same shape"),
    (np.zeros((0, 20)), np.zeros(0, int), "no examples"),
    (np.full((3, 20), 1e39), np.zeros(3, int), "too large for single precision"),
    (np.zeros((3, 20)), None, "was given None"),
    (np.zeros((3, 20)), np.full(3, 1e30), "label is 10000"),
    (np.zeros((3, 20)), np.full(3, 2**63, np.uint64), "label is 9223372036854775808"),
])
def test_arrays_that_do_not_fit_are_refused_with_a_sentence(x, y, words: str) -> None:
    with pytest.raises(ChainruleError, match=words):
        compile(mlp()).loss(x, y)


def test_strided_read_only_and_other_number_types_are_welcome() -> None:
    model = compile(mlp())
    base = np.arange(240, dtype=np.int16).reshape(20, 12).T[::2]
    base.flags.writeable = False
    np.testing.assert_allclose(model.forward(base), model.forward(np.ascontiguousarray(base).astype(np.float64)))


def test_loading_weights_checks_before_it_changes_anything() -> None:
    model = compile(mlp())
    saved = model.weights.copies()
    for broken in ({k: v for k, v in saved.items() if k != "dense_1.b"}, {**saved, "extra": np.zeros(3)},
                   {**saved, "dense_1.W": np.zeros((2, 2))}, {**saved, "dense_1.b": np.array(["x"] * 30)},
                   {**saved, "dense_1.b": np.full(30, 1e300)}):
        before = model.weights.values.copy()
        with pytest.raises(ChainruleError):
            model.weights.load(broken)
        assert np.array_equal(before, model.weights.values)
    other = compile(mlp(), seed=9)
    other.weights.load(saved)
    assert np.array_equal(other.weights.values, model.weights.values)


def test_fitting_weights_survive_an_edit_and_the_rest_is_named() -> None:
    old = compile(mlp(20, 30))
    new = compile(mlp(20, 31), seed=1)
    left = new.weights.copy_fitting(old.weights.arrays())
    assert set(left) == {"dense_1.W", "dense_1.b", "dense_2.W"}
    assert np.array_equal(new.weights.arrays()["dense_2.b"], old.weights.arrays()["dense_2.b"])


def test_live_parameters_act_at_once_and_keep_their_range() -> None:
    model = compile(lenet())
    model.set_live("dropout_1", "rate", 0.0)
    inputs, targets = batch_for(model, 4)
    assert model.loss(inputs, targets) == pytest.approx(model.loss(inputs, targets, training=False), rel=1e-6)
    for node, name, value in (("dropout_1", "rate", 1.5), ("dropout_1", "shape", 1.0), ("nobody", "rate", 0.1)):
        with pytest.raises(ParameterError):
            model.set_live(node, name, value)


@contextmanager
def little_memory() -> Iterator[None]:
    """What is done within takes less than a megabyte."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


HUGE = [
    (r"at least 52\d GB", [("Input", {"shape": (1_000_000,)}), ("Dense", {"units": 65_000}), ("Dense", {})]),
    ("at least 5.25e14 GB", [("Input", {"shape": (1_000_000,) * 3}), ("Flatten", {}), ("Dense", {"units": 65_536})]),
    ("at least 1.05e9 GB", [("Input", {"shape": (1_000_000, 1_000_000, 1)}), ("Conv2D", {"filters": 4096}),
                            ("GlobalAvgPool", {})]),
    ("takes 1.0.e6 GB", [("Input", {"shape": (1_000_000, 8)}),
                           ("MultiHeadSelfAttention", {"heads": 2, "causal": True}), ("GlobalAvgPool", {})]),
    (r"takes 1\u2009280 GB", [("Input", {"shape": (100_000, 1, 1)}),
                       ("Upsample", {"mode": "bilinear", "factor": (32, 1)}), ("GlobalAvgPool", {})]),
]


@pytest.mark.parametrize(("number", "layers"), HUGE, ids=[layers[1][0] for _, layers in HUGE])
def test_a_network_that_would_not_fit_is_refused_with_the_number_before_anything_is_allocated(
    number: str, layers: list[tuple[str, dict]]
) -> None:
    graph, ids = chain(*(kind for kind, _ in layers), "MSE")
    for node, (_, params) in zip(ids, layers, strict=False):
        graph = graph.set_params(node, **params)
    with little_memory(), pytest.raises(ChainruleError, match=number + r".*free.*smaller"):
        compile(graph)


def test_a_batch_that_would_not_fit_is_refused_before_anything_is_allocated() -> None:
    words = r"with 1\u2009000\u2009000\u2009000\u2009000 examples.*at least .* GB"
    with little_memory(), pytest.raises(ChainruleError, match=words):
        compile(mlp(), batch_size=10**12)


@pytest.mark.parametrize(("setting", "words"), [
    ({"batch_size": 0}, "batch size is 0"), ({"batch_size": 1.5}, "batch size is 1.5"),
    ({"seed": -1}, "seed is -1"), ({"seed": None}, "seed is None"), ({"threads": "two"}, "threads is 'two'"),
    ({"dtype": "float16"}, "precision is 'float16'"), ({"dtype": None}, "Expected float32 or float64"),
])
def test_what_a_model_is_made_with_is_checked(setting: dict, words: str) -> None:
    with pytest.raises(ChainruleError, match=words):
        compile(mlp(), **setting)
    assert compile(mlp(), batch_size=np.int64(3), dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize("graph", [mlp(200, 300), lenet()], ids=["mlp", "lenet"])
def test_the_plan_is_what_the_passes_take(graph: Graph) -> None:
    plan = plan_memory(graph, 32, optimizer_slots=2)
    model = compile(graph, batch_size=32)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    program = model.program(32)
    program.write_backward()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert plan.parameters == model.weights.values.nbytes == plan.optimizer // 2
    assert taken == pytest.approx(plan.activations + plan.backward, rel=0.1, abs=100_000)
