"""What arrays from a person's file mean: their axes, classes and parts."""

from __future__ import annotations

import numpy as np

from engine.data.assemble import Raw
from engine.data.cells import number_text
from engine.data.encode import MOST_CLASSES, require_classes
from engine.data.errors import DataError, require_finite
from engine.data.preprocess import NONE
from engine.issues import Issue, Severity

AUTO, CLASSIFICATION, REGRESSION = "auto", "classification", "regression"
TASKS = {AUTO: "Automatic", CLASSIFICATION: "Classification", REGRESSION: "Regression"}

Parts = list[np.ndarray]
"""The training array, followed by the validation array where the file has one."""


def raw_from_arrays(
    name: str,
    x: Parts,
    y: Parts,
    *,
    task: str = AUTO,
    sequences: bool = False,
    target_scaling: str = NONE,
) -> Raw:
    """Inputs ``x`` and targets ``y`` as a file holds them. Raises :class:`DataError`.

    ``sequences`` says that three axes are (N, steps, features) rather than pictures without a channel axis.
    """
    for part, other in zip(x, y, strict=True):
        _same_length(name, part, other)
    inputs = [_input(name, part, sequences) for part in x]
    if len({part.shape[1:] for part in inputs}) > 1:
        raise DataError(
            f"{name} has training examples of shape {inputs[0].shape[1:]} and validation examples of "
            f"{inputs[1].shape[1:]}.",
            "Expected the same shape in both.",
            "Mend the file.",
        )
    targets, names = _targets(name, y, task)
    features = tuple(f"x{i + 1}" for i in range(inputs[0].shape[1])) if inputs[0].ndim == 2 else ()
    return Raw(
        name,
        inputs[0],
        targets[0],
        names,
        ("class",) if names else (),
        features,
        held_back=(inputs[1], targets[1]) if len(x) > 1 else None,
        full_scale=255.0 if x[0].dtype == np.uint8 and x[0].ndim >= 3 else None,
        target_scaling=NONE if names else target_scaling,
        notes=_layout_notes(name, inputs[0]),
    )


def _same_length(name: str, x: np.ndarray, y: np.ndarray) -> None:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        shapes = f"inputs of shape {x.shape} and targets of shape {y.shape}"
        raise DataError(
            f"{name} has {shapes}.",
            "Expected both to have the same length along their first axis, one entry an example.",
            "Mend the file.",
        )


def _input(name: str, x: np.ndarray, sequences: bool) -> np.ndarray:
    """``x`` as numbers (N, features), (N, steps, features) or (N, height, width, channels)."""
    if x.dtype.kind not in "buif":
        raise DataError(
            f"The input array of {name} is of type {x.dtype}.",
            "Expected real numbers.",
            "Convert it, for instance with astype('float32'), and save it again.",
        )
    if x.ndim == 1:
        x = x[:, None]
    elif x.ndim == 3 and not sequences:
        x = x[..., None]
    if not 2 <= x.ndim <= 4 or 0 in x.shape[1:]:
        raise DataError(
            f"The input array of {name} has the shape {x.shape}.",
            "Expected (examples, features), (examples, steps, features) or (examples, height, width, channels).",
            "Reshape the array and save it again.",
        )
    require_finite(x, f"The input array of {name}")
    return x


def _targets(name: str, y: Parts, task: str) -> tuple[Parts, tuple[str, ...]]:
    """Labels and class names, or numbers (N, *target_shape) and no names."""
    y = [_dense(part) for part in y]
    kinds = {part.dtype.kind for part in y}
    if not kinds <= set("buifU") or (kinds != {"U"} and "U" in kinds):
        raise DataError(
            f"The target array of {name} is of type {y[0].dtype}.",
            "Expected whole numbers or texts for classes, or real numbers for a regression.",
            "Convert the array and save it again.",
        )
    for part in y:
        require_finite(part, f"The target array of {name}")
    classes = kinds <= set("buiU") and y[0].ndim == 1
    if task == CLASSIFICATION or (task == AUTO and classes):
        return _labels(name, y)
    if "U" in kinds:
        raise DataError(
            f"The target array of {name} holds texts.",
            "Expected numbers for a regression.",
            "Set the task to classification.",
        )
    return [part[:, None] if part.ndim == 1 else part for part in y], ()


def _dense(y: np.ndarray) -> np.ndarray:
    """One-hot rows and single columns of whole numbers as a plain list of labels, anything else as it is."""
    if y.ndim != 2:
        return y
    if y.shape[1] == 1 and y.dtype.kind in "buiU":
        return y[:, 0]
    if y.shape[1] > 1 and y.dtype.kind in "buif" and bool(((y == 0) | (y == 1)).all()):
        one_hot = bool((y.sum(axis=1) == 1).all())
        return y.argmax(axis=1) if one_hot else y
    return y


def _labels(name: str, y: Parts) -> tuple[Parts, tuple[str, ...]]:
    if any(part.ndim != 1 for part in y):
        raise DataError(
            f"The target array of {name} has the shape {y[0].shape}.",
            "Expected one class for each example, or one-hot rows.",
            "Reshape the array, or set the task to regression.",
        )
    values, codes = np.unique(np.concatenate(y), return_inverse=True)
    if len(values) > MOST_CLASSES:
        raise DataError(
            f"The target array of {name} holds {len(values)} different values.",
            f"Expected at most {MOST_CLASSES} classes.",
            "Set the task to regression if they are measurements.",
        )
    names = tuple(str(v) if values.dtype.kind == "U" else number_text(float(v)) for v in values)
    require_classes(names, f"The target array of {name}")
    return np.split(codes.astype(np.int64), [len(y[0])])[: len(y)], names


def _layout_notes(name: str, x: np.ndarray) -> list[Issue]:
    if x.ndim != 4 or x.shape[1] not in (1, 3) or x.shape[3] in (1, 3, 4):
        return []
    return [
        Issue(
            "data.channels-first",
            f"The pictures of {name} are {x.shape[1]} × {x.shape[2]} × {x.shape[3]}.",
            "Expected height × width × channels; this looks like channels first.",
            "If so, save the array after np.moveaxis(x, 1, -1).",
            severity=Severity.WARNING,
        )
    ]
