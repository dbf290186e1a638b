"""Metrics against their definitions; averaging that does not depend on the batch size."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.data.bundled import Diabetes
from engine.data.errors import DataError
from engine.issues import ChainruleError
from engine.train.config import TrainingConfig
from engine.train.metrics import Evaluator, Score, correct, evaluate
from engine.train.targets import to_targets
from engine.train.trainer import Trainer
from tests.engine.train.networks import SIGMOID_LOSS, chain, classes, compiled, mlp

MSE = ("MSE", {})


def loss_of(model):
    return model.report.layers[model.report.losses[0]]


def test_correct_by_the_largest_the_half_and_the_marked_column():
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.2, 0.6]])
    assert correct(scores, np.array([1, 1, 2])).tolist() == [True, False, True]
    assert correct(scores, np.eye(3)[[1, 1, 2]]).tolist() == [True, False, True]
    assert correct(np.array([[0.4], [0.6], [0.5]]), np.array([[0.0], [1.0], [1.0]])).tolist() == [True, True, False]


@pytest.mark.parametrize("batch", [1, 7, 50, 90, 1000])
def test_evaluation_is_the_same_at_any_batch_size(batch):
    data = classes(90, held_back=0)
    model = compiled(mlp(6, 8, 3))
    p = model.predict(data.x_train).astype(np.float64)
    found = evaluate(model, data.x_train, data.y_train, batch)
    assert found.loss == pytest.approx(-np.log(p[np.arange(90), data.y_train]).mean(), rel=1e-6)
    assert found.metrics["accuracy"] == (p.argmax(1) == data.y_train).mean()


@pytest.mark.parametrize("batch", [1, 7, 90])
@pytest.mark.parametrize("kind", ["SoftmaxCrossEntropy", "NegativeLogLikelihood"])
def test_with_class_weights_the_loss_is_that_of_all_rows_at_once(kind, batch):
    """Σ w[t]·L / Σ w[t] over all rows is not the mean of what each batch says of itself."""
    data, w = classes(90, held_back=0), np.array([1.0, 5.0, 0.2])
    loss = (kind, {"class_weights": tuple(w)})
    graph = chain(("Input", {"shape": (6,)}), ("Dense", {"units": 3}),
                  *([("LogSoftmax", {})] if kind == "NegativeLogLikelihood" else []), loss)
    model, y = compiled(graph), data.y_train
    p = model.predict(data.x_train).astype(np.float64)
    wanted = (-np.log(p[np.arange(90), y]) * w[y]).sum() / w[y].sum()
    assert evaluate(model, data.x_train, y, batch).loss == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_regression_metrics_against_their_definitions(batch):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(64, 3)).astype(np.float32), rng.normal(100.0, 2.0, (64, 2)).astype(np.float32)
    model = compiled(mlp(3, 4, 2, loss=MSE))
    error = model.predict(x).astype(np.float64) - y
    found = evaluate(model, x, y, batch).metrics
    assert found["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-6)
    assert found["rmse"] == pytest.approx(math.sqrt((error**2).mean()), rel=1e-6)
    assert found["r2"] == pytest.approx(1 - (error**2).sum() / ((y - y.mean(0, dtype=float)) ** 2).sum(), rel=1e-6)


def test_errors_are_in_the_units_of_the_data_where_a_run_scaled_the_targets():
    """As the plot of predictions tells them: one name, one number."""
    data = Diabetes().load()
    model = compiled(mlp(10, 4, 1, loss=MSE))
    trainer = Trainer(model, data, TrainingConfig(epochs=1))
    found = evaluate(model, data.x_val, data.y_val)
    own = Evaluator(model, trainer.validation)
    list(own.batches())
    error = data.target_scaler.undo(model.predict(data.x_val)) - data.target_scaler.undo(data.y_val)
    metrics = own.result().metrics
    assert metrics["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-6)
    assert metrics["rmse"] == pytest.approx(math.sqrt((error**2).mean()), rel=1e-6)
    assert metrics["mae"] > 10.0 * found.metrics["mae"], "a point of the target is worth many"
    assert metrics["r2"] == pytest.approx(found.metrics["r2"], abs=1e-6)
    assert own.result().loss == pytest.approx(found.loss), "what is minimised is of scaled targets"


def test_targets_have_units_of_their_own():
    score = Score(classification=False, unit=np.array([10.0, 0.0]))
    score.add(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[0.0, 1.0], [1.0, 2.0]]))
    assert score.result() == pytest.approx({"mae": 7.5, "rmse": math.sqrt(125.0), "r2": -9.0})


def test_always_predicting_the_mean_has_an_r2_of_zero_and_a_constant_target_has_none():
    score = Score(classification=False)
    y = np.array([[1.0], [2.0], [6.0]])
    score.add(np.full((3, 1), 3.0), y)
    assert score.result()["r2"] == pytest.approx(0.0)
    flat = Score(classification=False)
    flat.add(np.ones((3, 1)), np.full((3, 1), 2.0))
    assert set(flat.result()) == {"mae", "rmse"}


def test_no_rows_give_no_loss_and_no_metrics():
    model = compiled(mlp(6, 3))
    found = evaluate(model, np.zeros((0, 6), np.float32), np.zeros(0, np.int64))
    assert math.isnan(found.loss)
    assert found.metrics == {}


def test_targets_by_kind_of_loss():
    softmax, sigmoid1 = compiled(mlp(6, 3)), compiled(mlp(6, 1, loss=SIGMOID_LOSS))
    labels = np.array([0, 1, 1], np.int32)
    taken = to_targets(labels, loss_of(softmax), (3,))
    assert taken.dtype == np.int64
    assert taken.tolist() == [0, 1, 1]
    binary = to_targets(labels, loss_of(sigmoid1), (1,))
    assert (binary.dtype, binary.tolist()) == (np.float32, [[0.0], [1.0], [1.0]])
    assert to_targets(labels, loss_of(sigmoid1), (2,)).tolist() == [[1, 0], [0, 1], [0, 1]]
    assert to_targets(np.arange(6.0).reshape(3, 2) / 5, loss_of(sigmoid1), (2, 1)).shape == (3, 2, 1)


@pytest.mark.parametrize("labels, output, words", [
    ([0, 3], (3,), "label is 3, but the network tells 3"),
    ([0, -1], (3,), "label is -1"),
    ([0, 2], (1,), "label is 2, but the network tells 2"),
    ([0, 5], (4,), "label is 5"),
])
def test_labels_out_of_range_are_named(labels, output, words):
    model = compiled(mlp(6, 3)) if output == (3,) else compiled(mlp(6, 1, loss=SIGMOID_LOSS))
    with pytest.raises(DataError, match=words):
        to_targets(np.array(labels), loss_of(model), output)


@pytest.mark.parametrize("x, y, words", [
    (np.zeros((4, 6)), np.zeros(3, int), "4 examples but 3 targets"),
    (np.zeros((4, 6)), np.zeros(5, int), "4 examples but 5 targets"),
    (np.zeros((4, 6)), None, "The target was given None"),
    (np.zeros((4, 6)), np.array(["a", "b", "c", "d"]), "Expected numbers"),
    (np.zeros((4, 5)), np.zeros(4, int), "an example of the given part is 5"),
    (np.full((4, 6), 1e39), np.zeros(4, int), "too large for single precision"),
])
def test_what_cannot_be_evaluated_is_named(x, y, words):
    with pytest.raises(ChainruleError, match=words):
        evaluate(compiled(mlp(6, 3)), x, y)


@pytest.mark.parametrize("kind, wrong, words", [
    ("SigmoidBinaryCrossEntropy", 2.0, "A target is 2. .* for targets from 0 to 1"),
    ("Focal", -0.5, "A target is −0.5."),
    ("Dice", 1.5, "from 0 to 1"), ("Hinge", -2.0, "from −1 to 1"), ("Poisson", -1.0, "targets of 0 or more"),
    ("KLDivergence", -0.1, "targets of 0 or more"), ("MSE", 1e39, "too large for single precision"),
])
def test_targets_outside_what_a_loss_is_made_for_are_named(kind, wrong, words):
    model, y = compiled(mlp(6, 3, loss=(kind, {}))), np.zeros((4, 3))
    y[2, 1] = wrong
    with pytest.raises(ChainruleError, match=words):
        to_targets(y, loss_of(model), (3,))
    with pytest.raises(ChainruleError, match=words):
        model.loss(np.zeros((4, 6)), y)


def test_numbers_that_do_not_fit_are_named():
    softmax, mse = compiled(mlp(6, 3)), compiled(mlp(6, 3, loss=MSE))
    with pytest.raises(DataError, match="tells classes apart"):
        to_targets(np.array([0.5, 1.0]), loss_of(softmax), (3,))
    with pytest.raises(DataError, match="puts out 3 numbers, the target has 2"):
        to_targets(np.zeros((4, 2), np.float32), loss_of(mse), (3,))
    with pytest.raises(DataError, match="NaN in row 1"):
        to_targets(np.array([[1.0], [np.nan]]), loss_of(mse), (1,))
