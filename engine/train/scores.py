"""Scores of a classifier, each from its definition in plain NumPy.

``labels`` are class numbers (N,) int; ``prediction`` has a row per example and a column per class, the higher the
more likely. What is undefined (precision of a class that is never predicted) counts as 0, as scikit-learn has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.compute import Model
from engine.issues import ChainruleError
from engine.train.metrics import Evaluation, Evaluator, Examples, class_labels


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) int64: entry [i, j] counts the examples of class i that were told to be j."""
    pairs = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def precision_recall_f1(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each class: the share of its predictions that are right, the share of its examples that are found, and
    their harmonic mean 2PR/(P + R); three (classes,) float64 arrays."""
    right = confusion.diagonal().astype(np.float64)
    precision = _over(right, confusion.sum(axis=0))
    recall = _over(right, confusion.sum(axis=1))
    return precision, recall, _over(2.0 * precision * recall, precision + recall)


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0)


def top_k(prediction: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The share of examples whose class is among the ``k`` most likely; of equals, earlier classes come first."""
    truth = prediction[np.arange(len(labels)), labels][:, None]
    earlier = np.arange(prediction.shape[1]) < np.asarray(labels)[:, None]
    ahead = (prediction > truth) | ((prediction == truth) & earlier)
    return float(np.mean(ahead.sum(axis=1) < k))


def roc_auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """The area under the ROC curve: how often a random positive scores higher than a random negative, ties by half.

    From the sum of the positives' ranks (Mann & Whitney 1947). NaN where there is no positive or no negative.
    """
    positive = np.asarray(positive, bool)
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        return float("nan")
    values, place = np.unique(scores, return_inverse=True)
    counts = np.bincount(place.reshape(-1), minlength=len(values))
    ranks = np.cumsum(counts) - (counts - 1) / 2.0  # equals share the mean of their ranks
    return float((ranks[place.reshape(-1)][positive].sum() - yes * (yes + 1) / 2.0) / (yes * no))


def macro_auc(prediction: np.ndarray, labels: np.ndarray) -> float:
    """The mean over the classes that occur of :func:`roc_auc` of each against the rest."""
    areas = [roc_auc(prediction[:, c], labels == c) for c in range(prediction.shape[1])]
    known = [area for area in areas if not np.isnan(area)]
    return float(np.mean(known)) if known else float("nan")


@dataclass(frozen=True, eq=False)
class ClassScores:
    """How well a network tells classes apart. ``metrics`` holds accuracy, macro precision, recall, F1 and AUC, and
    "top5" where there are more than five classes; the arrays have an entry per class."""

    evaluation: Evaluation
    metrics: dict[str, float]
    confusion: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def score_classes(model: Model, x: np.ndarray, y: np.ndarray, batch: int = 256) -> ClassScores:
    """Evaluates ``model`` in inference mode on inputs ``x`` (N, …) and labels ``y``.

    Raises :class:`ChainruleError` where the network does not tell classes apart or there is nothing to score.
    """
    examples = Examples.of(model, x, y)
    judged = next((node_id for node_id, yes in examples.classification.items() if yes), None)
    if judged is None or len(x) == 0:
        raise ChainruleError("There are no classes to score." if len(x) else "There are no examples to score.",
                             "Expected examples with class labels.", "Choose data with classes, or look at the loss.")
    parts: list[np.ndarray] = []
    evaluator = Evaluator(model, examples, batch)
    for program in evaluator.batches():
        parts.append(np.array(program.predictions[judged]).reshape(program.batch, -1))
    return _scored(evaluator.result(), np.concatenate(parts), class_labels(examples.targets[judged]),
                   examples.boundaries[judged])


def _scored(evaluation: Evaluation, prediction: np.ndarray, labels: np.ndarray, boundary: float) -> ClassScores:
    single = prediction.shape[1] == 1
    predicted = (prediction[:, 0] > boundary).astype(np.int64) if single else prediction.argmax(axis=1)
    classes = 2 if single else prediction.shape[1]
    confusion = confusion_matrix(predicted, labels, classes)
    precision, recall, f1 = precision_recall_f1(confusion)
    metrics = {
        "accuracy": float(confusion.trace() / confusion.sum()),
        "precision": float(precision.mean()), "recall": float(recall.mean()), "f1": float(f1.mean()),
        "auc": roc_auc(prediction[:, 0], labels == 1) if single else macro_auc(prediction, labels),
    }
    if classes > 5:
        metrics["top5"] = top_k(prediction, labels, 5)
    return ClassScores(evaluation, metrics, confusion, precision, recall, f1)
