"""Targets in the form a loss compares with: class numbers, 0/1 columns or numbers."""

from __future__ import annotations

import numpy as np

from engine.compute.borders import in_precision, require_in_range
from engine.data.errors import DataError, require_finite
from engine.layer import LossLayer
from engine.layers.loss_base import class_numbers
from engine.shapes import Shape, size, text


def to_targets(y: np.ndarray, loss: LossLayer, output: Shape) -> np.ndarray:
    """``y`` as ``loss`` wants it, given the shape ``output`` of one example's prediction.

    ``y`` is int (N,) class labels or (N, …) numbers. A loss over classes gets int64 (N,), also where ``y`` has a row of
    zeros with a single 1 for each example (one-hot); a loss over values
    gets float32 (N, *output): labels of two classes become 0 and 1 for a single output, labels for C outputs become
    a 1 in their class's place, numbers keep their order. Raises :class:`~engine.issues.ChainruleError`, in most cases a
    :class:`~engine.data.errors.DataError`.
    """
    if y.dtype.kind not in "fiub":
        raise DataError(f"The target holds {y.dtype} values.", "Expected numbers.",
                        "Convert texts to categories or numbers first.")
    labels = y.dtype.kind in "iub" and y.ndim == 1
    if loss.target_kind == "class":
        if not labels and y.dtype.kind in "fiub" and y.shape[1:] == output:
            numbers = class_numbers(y)
            y, labels = (y, False) if numbers is None else (numbers, True)
        if not labels:
            raise DataError(
                f"{loss.title} tells classes apart, but the target is a number.",
                "Expected a target of classes.",
                "Choose the mean squared error loss, or a target column of classes.",
            )
        return np.ascontiguousarray(_in_range(y, output[-1]), dtype=np.int64)
    if labels:
        return _columns(y, output)
    numbers = _numbers(y, output)
    require_in_range(numbers, loss)
    return numbers


def _in_range(labels: np.ndarray, classes: int) -> np.ndarray:
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = int(labels.min()) if labels.min() < 0 else int(labels.max())
        raise DataError(
            f"A label is {wrong}, but the network tells {classes} classes apart.",
            f"Expected labels from 0 to {classes - 1}.",
            f"Give the last layer {wrong + 1} units, or correct the labels."
            if wrong > 0
            else "Correct the labels, or remove the rows that have none.",
        )
    return labels


def _columns(labels: np.ndarray, output: Shape) -> np.ndarray:
    width = size(output)
    if width == 1:
        return _in_range(labels, 2).astype(np.float32).reshape(-1, *output)
    columns = np.zeros((labels.size, width), np.float32)
    columns[np.arange(labels.size), _in_range(labels, width)] = 1.0
    return columns.reshape(-1, *output)


def _numbers(y: np.ndarray, output: Shape) -> np.ndarray:
    if size(y.shape[1:]) != size(output):
        raise DataError(
            f"The network puts out {text(output)} numbers, the target has {text(y.shape[1:])}.",
            "The two must be the same.",
            f"Give the last layer {size(y.shape[1:])} units.",
        )
    require_finite(y, "The target")
    return np.ascontiguousarray(in_precision(y, np.float32, "The target")).reshape(-1, *output)
