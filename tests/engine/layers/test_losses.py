"""Losses: values by hand, large scores, weights of classes, targets as rows of zeros with a 1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.compute import Model
from engine.compute.gradcheck import gradcheck
from engine.data.errors import DataError
from engine.graph.check import check
from engine.issues import ChainruleError
from engine.layer import LossLayer
from engine.layers import LAYERS, SoftmaxCrossEntropy
from engine.train.targets import to_targets
from tests.contract.networks import batch_for, chain, compiled

LOSSES = [kind for kind, layer in LAYERS.items() if issubclass(layer, LossLayer)]
#: Scores whose exponential is beyond every number are no fault of these: their loss is that exponential.
BOUNDLESS = {"Poisson", "KLDivergence", "NegativeLogLikelihood"}


def model_of(kind: str, features: int, dtype: str = "float64", **params) -> Model:
    return compiled(chain(kind, params, ((features,),)), dtype)


@pytest.mark.parametrize("kind, params, z, t, wanted", [
    ("SoftmaxCrossEntropy", {}, [[0.0, 0.0]], [1], math.log(2)),
    ("SoftmaxCrossEntropy", {"label_smoothing": 1.0}, [[0.0, math.log(3)]], [1], 0.5 * math.log(4 * 4 / 3)),
    ("SoftmaxCrossEntropy", {"class_weights": (1, 3)}, [[0.0, 0.0], [0.0, math.log(3)]], [0, 1],
     (math.log(2) + 3 * math.log(4 / 3)) / 4),
    ("NegativeLogLikelihood", {}, [[-1.0, -2.0], [-3.0, -4.0]], [0, 1], 2.5),
    ("SigmoidBinaryCrossEntropy", {"pos_weight": 3.0}, [[0.0], [0.0]], [[1.0], [0.0]], 2 * math.log(2)),
    ("MAE", {}, [[1.0, -2.0]], [[0.0, 1.0]], 2.0),
    ("Huber", {}, [[0.5, 3.0]], [[0.0, 0.0]], (0.125 + 2.5) / 2),
    ("LogCosh", {}, [[1.0]], [[0.0]], math.log(math.cosh(1.0))),
    ("Poisson", {}, [[math.log(2.0)]], [[3.0]], 2.0 - 3.0 * math.log(2.0)),
    ("KLDivergence", {}, [[math.log(0.25), math.log(0.75)]], [[0.5, 0.5]], 0.5 * math.log(2) + 0.5 * math.log(2 / 3)),
    ("CosineLoss", {}, [[3.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [0.0, 5.0]], (1 - math.sqrt(0.5)) / 2),
    ("Hinge", {}, [[0.5], [-2.0], [0.5], [2.0]], [[1.0], [1.0], [-1.0], [0.0]], (0.5 + 3.0 + 1.5 + 3.0) / 4),
    ("SquaredHinge", {}, [[0.5], [-2.0], [3.0]], [[1.0], [1.0], [1.0]], (0.25 + 9.0) / 3),
    ("Dice", {}, [[0.0, 0.0]], [[1.0, 0.0]], 1 - (2 * 0.5 + 1) / (1 + 1 + 1)),
    ("Focal", {}, [[0.0]], [[1.0]], 0.25 * 0.25 * math.log(2)),
    ("Focal", {}, [[0.0]], [[0.0]], 0.75 * 0.25 * math.log(2)),
])
def test_values_by_hand(kind, params, z, t, wanted):
    model = model_of(kind, len(z[0]), **params)
    assert model.loss(np.array(z), np.array(t)) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("kind", [kind for kind in LOSSES if kind not in BOUNDLESS])
@pytest.mark.parametrize("scale", [1e4, 0.0])
def test_large_and_vanishing_scores_stay_finite(kind, scale):
    model = model_of(kind, 4, "float32")
    inputs, targets = batch_for(model, 6)
    inputs = {name: (np.sign(x) * scale).astype(np.float32) for name, x in inputs.items()}
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss = model.loss(inputs, targets)
        model.backward()
    assert math.isfinite(loss)
    (gradient,) = model.input_gradients_by_name().values()
    assert np.isfinite(gradient).all()


def test_a_cross_entropy_that_is_far_off_is_the_distance_of_the_scores():
    model = model_of("SoftmaxCrossEntropy", 3, "float32")
    assert model.loss(np.array([[1e4, -1e4, 0.0]]), np.array([1])) == pytest.approx(2e4)
    binary = model_of("SigmoidBinaryCrossEntropy", 1, "float32", pos_weight=2.0)
    assert binary.loss(np.array([[-1e4], [1e4]]), np.array([[1.0], [0.0]])) == pytest.approx(1.5e4)


@pytest.mark.parametrize("kind", LOSSES)
def test_the_share_of_a_loss_scales_its_gradient(kind):
    model = compiled(chain(kind, {"weight": 2.5}, ((4,),)))
    inputs, targets = batch_for(model, 3)
    step = 2e-6 if LAYERS[kind].kinked else 1e-4
    assert all(result.relative_error <= 1e-6 for result in gradcheck(model, inputs, targets, step=step))


def test_equal_class_weights_change_nothing():
    z, t = np.random.default_rng(0).normal(size=(7, 3)), np.arange(7) % 3
    plain, weighted = model_of("SoftmaxCrossEntropy", 3), model_of("SoftmaxCrossEntropy", 3, class_weights=(5, 5, 5))
    assert plain.loss(z, t) == pytest.approx(weighted.loss(z, t), rel=1e-12)


def test_a_batch_whose_classes_weigh_nothing_teaches_nothing():
    for kind in ("SoftmaxCrossEntropy", "NegativeLogLikelihood"):
        model = model_of(kind, 2, class_weights=(0, 1))
        assert model.loss(np.array([[1.0, 2.0]]), np.array([0])) == 0.0
        model.backward()
        assert not next(iter(model.input_gradients_by_name().values())).any()


def test_class_weights_that_do_not_fit_are_named():
    report = check(chain("SoftmaxCrossEntropy", {"class_weights": [1, 2]}, ((3,),)))
    (issue,) = report.errors
    assert issue.code == "class_weights" and "2 class weights, but 3 classes" in issue.happened
    assert issue.parameter == "class_weights"


@pytest.mark.parametrize("given, stored", [
    ("0.5, 2", (0.5, 2.0)), ([1, 2], (1.0, 2.0)), ("", ()), (3, (3.0,)), ("1 × 0.25;4", (1.0, 0.25, 4.0)),
])
def test_class_weights_may_be_typed(given, stored):
    assert SoftmaxCrossEntropy(class_weights=given).class_weights == stored


@pytest.mark.parametrize("wrong", ["a, 2", [-1.0], [float("nan")], [True], None, {"a": 1}])
def test_class_weights_that_are_none_are_refused(wrong):
    with pytest.raises(ChainruleError, match="Class weights must be a list of numbers"):
        SoftmaxCrossEntropy(class_weights=wrong)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.bool_])
def test_one_hot_rows_are_class_numbers(dtype):
    rows = np.eye(3)[[2, 0, 1]].astype(dtype)
    loss = SoftmaxCrossEntropy()
    assert to_targets(rows, loss, (3,)).tolist() == [2, 0, 1]
    z = np.random.default_rng(0).normal(size=(3, 3))
    model = model_of("SoftmaxCrossEntropy", 3)
    assert model.loss(z, rows) == model.loss(z, np.array([2, 0, 1]))


@pytest.mark.parametrize("rows", [[[0.5, 0.5, 0.0]], [[1.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]], [[np.nan, 1.0, 0.0]]])
def test_rows_that_are_not_one_hot_are_refused(rows):
    with pytest.raises(DataError, match="tells classes apart"):
        to_targets(np.array(rows), SoftmaxCrossEntropy(), (3,))
    with pytest.raises(ChainruleError, match="Expected"):
        model_of("SoftmaxCrossEntropy", 3).loss(np.zeros((1, 3)), np.array(rows))


def test_every_loss_says_whose_negative_log_likelihood_it_is_or_that_it_is_nobodys() -> None:
    names = ("categorical", "Bernoulli", "normal", "Laplace", "hyperbolic secant", "Poisson", "von Mises–Fisher")
    for kind in LOSSES:
        said = LAYERS[kind].likelihood()
        named = "negative log-likelihood" in said and any(name in said for name in names)
        assert named or "Not a likelihood" in said, kind
