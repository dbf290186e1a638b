"""What comes in at a model's borders: arrays and settings that a person or a program gives, checked before use."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from engine.issues import ChainruleError, shown
from engine.layer import LossLayer
from engine.numbers import exact, number
from engine.shapes import text


def whole(value: Any, what: str, least: int) -> int:
    """``value`` as a whole number of Python; raises :class:`ChainruleError` where it is none, or below ``least``."""
    try:
        found = operator.index(value)
    except TypeError:
        found = least - 1
    if found < least:
        raise ChainruleError(f"The {what} is {shown(value)}.", f"It is a whole number from {least} on.",
                             f"Use {least} or more.")
    return int(found)


def as_examples(given: Any, name: str) -> np.ndarray:
    """``given`` as an array whose first axis counts examples. Raises :class:`ChainruleError` where it is none."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise ChainruleError(f"{name}: no array can be made of these examples ({error}).",
                             "Expected numbers, as many for every example.", "Give every example the same shape."
                             ) from error
    if array.ndim == 0:
        raise ChainruleError(f"{name} was given {shown(given)}.", "Expected an array of numbers, examples first.",
                             "Give one example as an array of one row.")
    return array


def in_precision(array: np.ndarray, dtype: Any, name: str) -> np.ndarray:
    """Finite numbers as ``dtype``; raises :class:`ChainruleError` where some are too large for it."""
    with np.errstate(over="ignore"):
        cast = np.asarray(array, dtype)
    if array.dtype.kind == "f" and array.dtype.itemsize > cast.dtype.itemsize and not np.isfinite(cast).all():
        raise ChainruleError(f"{name} holds numbers too large for single precision.", "Expected magnitudes below 3e38.",
                             "Divide the numbers by a power of ten.")
    return cast


def fill(buffer: np.ndarray, array: np.ndarray, name: str, classes: int = 0) -> None:
    """Copies a batch into a buffer, after checking shape, kind of numbers, NaN and infinity; where ``classes`` are told
    apart it has to hold their numbers. Raises :class:`ChainruleError`."""
    if array.dtype.kind not in "fiub":
        raise ChainruleError(f"{name} was given {array.dtype} values.", "Expected numbers.", "Convert them first.")
    if buffer.ndim == 2 and array.ndim == 1 and buffer.shape[1] == 1:
        array = array[:, None]
    if array.shape != buffer.shape:
        raise ChainruleError(f"{name} was given an array of {text(array.shape)}.",
                             f"Expected {text(buffer.shape)} (examples first).", "Reshape the data.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        raise ChainruleError(f"{name} was given NaN or infinity (row {row}).", "Expected finite numbers.",
                             "Clean the data first.")
    if classes:
        _require_labels(array, classes, name)
    buffer[...] = array if classes else in_precision(array, buffer.dtype, name)


def _require_labels(labels: np.ndarray, classes: int, name: str) -> None:
    if labels.dtype.kind == "f" and not (labels == np.floor(labels)).all():
        raise ChainruleError(f"{name} was given labels with fractions.", "Labels are whole numbers.",
                             "Use class numbers, or a loss for numbers.")
    if labels.min() < 0 or labels.max() >= classes:
        wrong = int(labels.min() if labels.min() < 0 else labels.max())
        raise ChainruleError(f"A label is {wrong}.", f"With {classes} classes, labels run from 0 to {classes - 1}.",
                             "Correct the labels.")


def require_in_range(targets: np.ndarray, loss: LossLayer) -> None:
    """Raises :class:`ChainruleError` where a target is outside what ``loss`` is made for."""
    low, high = loss.target_range
    if not targets.size or np.isinf(low) or (targets.min() >= low and targets.max() <= high):
        return
    wrong = targets.min() if targets.min() < low else targets.max()
    allowed = f"of {exact(low)} or more" if np.isinf(high) else f"from {exact(low)} to {exact(high)}"
    raise ChainruleError(f"A target is {number(float(wrong))}.", f"{loss.title} is for targets {allowed}.",
                         "Leave the target unscaled, or choose a loss for any number, such as mean squared error.")
