"""Scores of classifiers, computed by hand and against their plainest definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.issues import ChainruleError
from engine.train.metrics import TITLES, class_labels, correct
from engine.train.scores import confusion_matrix, macro_auc, precision_recall_f1, roc_auc, score_classes, top_k
from tests.engine.train.networks import chain, classes, compiled, mlp


def test_a_confusion_matrix_counts_pairs():
    found = confusion_matrix(np.array([0, 1, 1, 2, 0]), np.array([0, 1, 2, 2, 1]), 3)
    assert found.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    assert confusion_matrix(np.array([], int), np.array([], int), 2).tolist() == [[0, 0], [0, 0]]


def test_precision_recall_and_f1_by_hand():
    """Class 0: 8 found of 10, 2 false alarms. Class 1 is never predicted; class 2 never occurs."""
    confusion = np.array([[8, 0, 2], [2, 0, 0], [0, 0, 0]])
    precision, recall, f1 = precision_recall_f1(confusion)
    assert precision.tolist() == [0.8, 0.0, 0.0]
    assert recall.tolist() == [0.8, 0.0, 0.0]
    assert f1 == pytest.approx([0.8, 0.0, 0.0])


def test_top_k_by_hand():
    prediction = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]])
    labels = np.array([1, 0, 1])
    assert [top_k(prediction, labels, k) for k in (1, 2, 3)] == pytest.approx([0.0, 2 / 3, 1.0])
    rng = np.random.default_rng(0)
    scores, truth = rng.normal(size=(50, 7)), rng.integers(0, 7, 50)
    assert top_k(scores, truth, 1) == np.mean(correct(scores, truth))


@pytest.mark.parametrize("scores, positive, wanted", [
    ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75),
    ([1, 2, 3, 4], [0, 0, 1, 1], 1.0), ([4, 3, 2, 1], [0, 0, 1, 1], 0.0), ([1, 1, 1, 1], [0, 1, 0, 1], 0.5),
])
def test_the_area_under_the_curve_by_hand(scores, positive, wanted):
    assert roc_auc(np.array(scores, float), np.array(positive)) == wanted


def test_the_area_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(1)
    for _ in range(20):
        scores, positive = rng.integers(0, 6, 30).astype(float), rng.integers(0, 2, 30).astype(bool)
        pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
        assert roc_auc(scores, positive) == pytest.approx(np.mean(pairs))
    assert math.isnan(roc_auc(np.ones(3), np.ones(3)))
    assert math.isnan(macro_auc(np.ones((3, 2)), np.zeros(3, int)))


@pytest.mark.parametrize("loss, outputs, count", [
    ("SoftmaxCrossEntropy", 3, 3), ("SoftmaxCrossEntropy", 8, 8), ("SigmoidBinaryCrossEntropy", 1, 2), ("Hinge", 1, 2),
])
def test_a_network_is_scored_as_a_whole(loss, outputs, count):
    data = classes(rows=60, count=count)
    model = compiled(mlp(6, outputs, loss=(loss, {})))
    found = score_classes(model, data.x_train, data.y_train, batch=16)
    assert found.confusion.shape == (count, count) and found.confusion.sum() == 60
    assert found.metrics["accuracy"] == pytest.approx(found.evaluation.metrics["accuracy"])
    assert found.metrics["f1"] == pytest.approx(found.f1.mean())
    assert ("top5" in found.metrics) == (count > 5)
    assert 0.0 <= found.metrics["auc"] <= 1.0 and set(found.metrics) <= set(TITLES)
    assert len(found.precision) == len(found.recall) == count


def test_a_score_of_hinge_is_yes_above_zero():
    model = compiled(chain(("Input", {"shape": (1,)}), ("Linear", {}), ("Hinge", {})))
    x = np.array([[-0.2], [0.2], [0.4], [-3.0]], np.float32)
    found = score_classes(model, x, np.array([0, 1, 1, 1]))
    assert found.evaluation.metrics["accuracy"] == found.metrics["accuracy"] == 0.75


def test_numbers_cannot_be_scored_as_classes():
    model = compiled(mlp(6, 1, loss=("MSE", {})))
    with pytest.raises(ChainruleError, match="no classes to score"):
        score_classes(model, np.zeros((3, 6)), np.zeros((3, 1)))
    with pytest.raises(ChainruleError, match="no examples"):
        score_classes(compiled(mlp(6, 3)), np.zeros((0, 6)), np.zeros(0, np.int64))


def test_targets_become_class_numbers():
    assert class_labels(np.array([2, 0])).tolist() == [2, 0]
    assert class_labels(np.array([[1.0], [-1.0], [0.0]])).tolist() == [1, 0, 0]
    assert class_labels(np.array([[0.0, 1.0], [1.0, 0.0]])).tolist() == [1, 0]
