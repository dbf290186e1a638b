"""Answers about a network are what the network itself computes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import check, data
from engine.compute import compile as compile_graph
from engine.data.errors import DataError
from engine.look.answers import answer
from engine.look.pictures import fitted, picture_shape
from engine.look.questions import (
    TRAINING,
    VALIDATION,
    Forecast,
    Grid,
    Judge,
    Look,
    Rows,
    Scene,
)
from engine.look.subject import Subject
from engine.train.metrics import evaluate
from tests.engine.train.networks import SIGMOID_LOSS, SOFTMAX_LOSS, chain, mlp

MNIST_FLAT = {"kind": "Mnist", "flat": True}


def subject_of(graph, source, seed: int = 3, **weights) -> Subject:
    return Subject(Scene(graph, source, check(graph), seed))


def model_of(graph, weights=None, batch: int = 64, seed: int = 3):
    model = compile_graph(graph, batch_size=batch, seed=seed)
    if weights:
        model.weights.load(weights)
    return model


def other_weights(graph) -> dict[str, np.ndarray]:
    return model_of(graph, seed=11).weights.copies()


def test_judging_agrees_with_evaluation():
    graph = mlp(784, 12, 10)
    subject, weights = subject_of(graph, MNIST_FLAT), other_weights(graph)
    subject.use(weights)
    judged = answer(subject, Judge(VALIDATION))
    found = evaluate(model_of(graph, weights), subject.dataset.x_val, subject.dataset.y_val)
    assert judged.part == VALIDATION and judged.rows.tolist() == list(range(1000))
    assert judged.loss.mean() == pytest.approx(found.loss, rel=1e-5)
    assert (judged.labels == judged.answers).mean() == pytest.approx(found.metrics["accuracy"])
    assert judged.probabilities and judged.outputs.shape == (1000, 10)
    assert judged.class_names == tuple("0123456789") and judged.inputs_shape == (784,)
    assert np.array_equal(judged.labels, subject.dataset.y_val)


def test_a_larger_part_is_judged_in_evenly_spaced_rows():
    judged = answer(subject_of(mlp(784, 10), MNIST_FLAT), Judge(TRAINING, most_rows=300))
    assert len(judged.rows) <= 300 and set(np.diff(judged.rows)) == {14}


def test_without_validation_the_training_part_is_judged():
    judged = answer(subject_of(mlp(2, 3, 3), {"kind": "Blobs", "validation": 0.0}), Judge(VALIDATION))
    assert judged.part == TRAINING


def test_two_classes_with_one_output_are_told_above_a_half():
    graph = mlp(2, 3, 1, loss=SIGMOID_LOSS)
    judged = answer(subject_of(graph, {"kind": "Xor"}), Judge())
    assert judged.labels.tolist() == [0, 1, 1, 0]
    assert judged.answers.tolist() == (judged.outputs[:, 0] > 0.5).astype(int).tolist()
    p = np.where(judged.labels == 1, judged.outputs[:, 0], 1 - judged.outputs[:, 0])
    assert judged.loss == pytest.approx(-np.log(p), rel=1e-4)
    assert judged.probabilities


def test_a_regression_is_judged_in_the_persons_own_units():
    graph = mlp(10, 4, 1, loss=("MSE", {}))
    source = data.Diabetes()
    judged = answer(subject_of(graph, source.to_dict()), Judge())
    dataset = data.load(source)
    predicted = model_of(graph).predict(dataset.x_val)
    assert judged.labels is None and judged.answers is None and not judged.probabilities
    assert judged.outputs == pytest.approx(dataset.target_scaler.undo(predicted), rel=1e-4)
    assert judged.targets == pytest.approx(dataset.target_scaler.undo(dataset.y_val), rel=1e-5)
    assert judged.loss == pytest.approx(np.square(predicted - dataset.y_val)[:, 0], rel=1e-4)


def test_a_grid_is_the_network_at_each_point():
    graph = mlp(2, 5, 1, loss=SIGMOID_LOSS)
    source = {"kind": "Moons", "scaling": "standardise"}
    subject, weights = subject_of(graph, source), other_weights(graph)
    subject.use(weights)
    gridded = answer(subject, Grid((-1.0, -2.0), (3.0, 4.0), size=5))
    assert gridded.values.shape == (5, 5, 1)
    point = np.array([[-1.0 + 3 * 1.0, -2.0 + 1 * 1.5]])  # j = 3, i = 1
    model = model_of(graph, weights)
    assert gridded.values[1, 3] == pytest.approx(model.forward(subject.dataset.scaler.apply(point))[0], rel=1e-4)
    hidden = next(i for i, node in graph.nodes.items() if node.kind == "Tanh")
    units = answer(subject, Grid((-1.0, -2.0), (3.0, 4.0), size=5, node=hidden))
    assert units.values.shape == (5, 5, 5) and units.node == hidden
    assert units.values[1, 3] == pytest.approx(model.output(hidden)[0], rel=1e-4)


def test_a_grid_needs_two_inputs_and_a_node_that_is_there():
    with pytest.raises(DataError, match="784"):
        answer(subject_of(mlp(784, 10), MNIST_FLAT), Grid((0, 0), (1, 1)))
    with pytest.raises(DataError, match="not part of the network"):
        answer(subject_of(mlp(2, 2), {"kind": "Moons"}), Grid((0, 0), (1, 1), node="gone"))


CONV = chain(
    ("Input", {"shape": (28, 28, 1)}), ("Conv2D", {"filters": 3, "kernel_size": (5, 5)}), ("ReLU", {}),
    ("MaxPool2D", {}), ("Flatten", {}), ("Dense", {"units": 10}), SOFTMAX_LOSS,
)  # fmt: skip


def test_looking_at_a_row_gives_every_layers_output():
    subject = subject_of(CONV, {"kind": "Mnist"})
    looked = answer(subject, Look(VALIDATION, 7))
    model = model_of(CONV)
    model.forward(subject.dataset.x_val[7:8])
    assert set(looked.outputs) == set(CONV.nodes)
    for node, output in looked.outputs.items():
        assert output == pytest.approx(model.output(node)[0], abs=1e-5), node
    assert looked.input.max() == pytest.approx(255, abs=1e-3)
    assert (looked.part, looked.row, looked.of) == (VALIDATION, 7, 1000)
    assert looked.label == subject.dataset.y_val[7] and looked.told == looked.answer.argmax()
    assert looked.answer.sum() == pytest.approx(1.0, abs=1e-5)


def test_a_row_beyond_the_part_is_its_last():
    assert answer(subject_of(mlp(2, 1, loss=SIGMOID_LOSS), {"kind": "Xor"}), Look(VALIDATION, 99)).row == 3


def test_a_drawing_becomes_a_picture_like_those_of_the_data():
    ink = np.zeros((280, 280), np.float32)
    ink[20:120, 10:40] = 1.0  # a stroke in a corner
    looked = answer(subject_of(CONV, {"kind": "Mnist"}), Look(ink=ink))
    picture = looked.input[..., 0]
    assert picture.shape == (28, 28) and picture.max() == pytest.approx(255, abs=0.01) and looked.label == -1
    y, x = np.argwhere(picture > 100).mean(axis=0)
    assert abs(y - 13.5) <= 1 and abs(x - 13.5) <= 1
    height = np.ptp(np.argwhere(picture > 100)[:, 0]) + 1
    assert height == 20
    flat = answer(subject_of(mlp(784, 10), MNIST_FLAT), Look(ink=ink))
    assert flat.input.reshape(28, 28) == pytest.approx(picture, abs=1e-3)


def test_dark_ink_on_light_ground_is_drawn_so(tmp_path):
    random = np.random.default_rng(0)
    x = np.full((40, 9, 9), 200, np.uint8)
    x[:, 3:6, 3:6] = random.integers(0, 60, (40, 3, 3))
    path = tmp_path / "dark.npz"
    np.savez(path, x=x, y=np.arange(40) % 2)
    graph = chain(("Input", {"shape": (9, 9, 1)}), ("Flatten", {}), ("Dense", {"units": 2}), SOFTMAX_LOSS)
    subject = subject_of(graph, data.NpzFile(path=str(path)).to_dict())
    looked = answer(subject, Look(ink=np.ones((50, 50), np.float32)))
    assert looked.input[0, 0, 0] == pytest.approx(200) and looked.input[4, 4, 0] < 120


def test_a_drawing_needs_pictures():
    with pytest.raises(DataError, match="one channel"):
        answer(subject_of(mlp(4, 3), {"kind": "Iris"}), Look(ink=np.ones((9, 9))))


def test_rows_are_shown_in_the_persons_own_units():
    subject = subject_of(mlp(784, 10), MNIST_FLAT)
    given = answer(subject, Rows(VALIDATION, (5, 999, 1000)))
    assert given.rows == (5, 999) and given.inputs.shape == (2, 784)
    assert given.inputs == pytest.approx(subject.dataset.x_val[[5, 999]] * 255, abs=1e-2)
    assert given.labels.tolist() == subject.dataset.y_val[[5, 999]].tolist()


def test_a_forecast_measures_first_weights_on_training_examples():
    graph = mlp(784, 20, 10)
    subject = subject_of(graph, MNIST_FLAT)
    subject.use(other_weights(graph))
    found = answer(subject, Forecast(32))
    assert not found.made_up
    model = model_of(graph)
    program = model.program(32)
    program.input[...], program.target[...] = subject.dataset.x_train[:32], subject.dataset.y_train[:32]
    program.forward()
    program.backward(probe=True)
    for node, flow in zip(program.flow_nodes, program.flow.tolist(), strict=True):
        assert found.nodes[node].flow == pytest.approx(flow, rel=1e-4)
        assert found.nodes[node].sigma == pytest.approx(program.output(node).std(), rel=1e-4)
    # The derivative of the mean loss by the scores is (p − y) / N.
    scores = program.output(next(i for i in reversed(program.order) if i.startswith("dense")))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(32), program.target] -= 1
    last = list(found.nodes)[-2]
    assert found.nodes[last].gradient_sigma == pytest.approx((p / 32).std(), rel=1e-3)
    # Questions that follow are again about the weights in question.
    judged = answer(subject, Judge(most_rows=50))
    expected = model_of(graph, other_weights(graph)).predict(subject.dataset.x_val[judged.rows])
    assert judged.outputs == pytest.approx(expected, abs=1e-5)


def deep(kind: str, count: int, **params):
    layers = [("Input", {"shape": (2,)})]
    for _ in range(count):
        layers += [("Dense", {"units": 16, **params}), *([(kind, {})] if kind else [])]
    return chain(*layers, ("Dense", {"units": 1}), SIGMOID_LOSS)


def test_twenty_sigmoid_layers_are_seen_to_vanish():
    graph = deep("Sigmoid", 20)
    nodes = answer(subject_of(graph, {"kind": "Xor"}), Forecast()).nodes
    flow = [nodes[i].flow for i, node in graph.nodes.items() if node.kind == "Dense"]
    assert flow[0] < 1e-8 * flow[-1]


def test_a_chain_with_large_weights_is_seen_to_explode():
    graph = deep("ReLU", 20, initialiser={"kind": "Normal", "std": 1.0})
    nodes = answer(subject_of(graph, {"kind": "Xor"}), Forecast()).nodes
    dense = [nodes[i] for i, node in graph.nodes.items() if node.kind == "Dense"]
    assert dense[-2].sigma > 1e5 * dense[0].sigma
    assert dense[0].flow > 1e5 * dense[-1].flow


def test_a_forecast_without_data_makes_some_up():
    found = answer(subject_of(mlp(6, 4, 3), {}), Forecast(16))
    assert found.made_up and all(math.isfinite(e.sigma) for e in found.nodes.values())


def test_data_that_do_not_fit_are_refused_with_a_sentence():
    with pytest.raises(DataError, match="784"):
        answer(subject_of(mlp(5, 10), MNIST_FLAT), Judge())


def test_what_counts_as_a_picture():
    assert picture_shape((28, 28, 1)) == (28, 28, 1) and picture_shape((784,)) == (28, 28, 1)
    assert picture_shape((32, 32, 3)) == (32, 32, 3)
    assert picture_shape((4,)) is None and picture_shape((30,)) is None and picture_shape((28, 28, 6)) is None


def test_an_empty_drawing_is_an_empty_picture():
    assert not fitted(np.zeros((100, 100)), 28, 28).any()
