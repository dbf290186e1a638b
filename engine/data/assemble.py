"""From raw arrays to a :class:`Dataset`: split, fill, scale, check.

In that order, so that nothing of the held-back examples leaks into what is learned from the training part.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from engine.data.dataset import Column, Dataset, Preparation
from engine.data.errors import DataError, listed, require_finite
from engine.data.preprocess import AUTO, NONE, RANGE, STANDARDISE, Scaler
from engine.data.split import split
from engine.issues import Issue, Severity
from engine.numbers import count
from engine.signature import DataSignature

IMBALANCE = 5.0  # the largest class over the smallest, from which on accuracy misleads


@dataclass(frozen=True, eq=False)
class Raw:
    """What a source reads or makes, before anything is learned from it.

    ``x`` is (N, *shape) of any numeric dtype, ``y`` int labels (N,) or numbers (N, *target_shape).
    ``held_back`` is the set's own validation part (x, y).
    ``full_scale`` marks images: the largest value a pixel can have.
    ``fill_missing`` says that NaN in ``x`` stands for a missing value, filled from the training part.
    ``flat`` turns each example into a vector after scaling.
    ``spelling`` marks texts: token 1 stands for its first sign, and so on; 0 for none.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    held_back: tuple[np.ndarray, np.ndarray] | None = None
    full_scale: float | None = None
    fill_missing: bool = False
    flat: bool = False
    target_scaling: str = NONE
    spelling: str = ""
    notes: list[Issue] = field(default_factory=list)

    def named(self, name: str) -> Raw:
        """The same under another name."""
        return replace(self, name=name)


def assemble(raw: Raw, *, validation: float, seed: int, scaling: str) -> Dataset:
    """The data set that ``raw`` becomes. Raises :class:`DataError` where it cannot be used."""
    _check(raw)
    x_train, y_train, x_val, y_val = _parts(raw, validation, seed)
    fill = _fitted_fill(x_train, raw.columns) if raw.fill_missing else None
    if fill is not None:
        x_train, x_val = filled(x_train, fill), filled(x_val, fill)
    scaler = _input_scaler(raw, x_train, scaling)
    target_scaler = Scaler.identity() if raw.class_names else Scaler.fit(y_train, raw.target_scaling)
    x = [_scaled(scaler, part, raw) for part in (x_train, x_val)]
    y = [_targets(target_scaler, part, raw) for part in (y_train, y_val)]
    preparation = Preparation(
        x[0].shape[1:], scaler, target_scaler, raw.columns, raw.class_names, raw.target_names, fill
    )
    signature = DataSignature(x[0].shape[1:], y[0].shape[1:], raw.class_names, len(x[0]), raw.name)
    notes = (*raw.notes, *_constant_notes(raw, scaler), *_class_notes(raw, y[0], y[1]))
    return Dataset(
        raw.name, x[0], y[0], x[1], y[1], signature, preparation, _feature_names(raw), notes, raw.spelling
    )


def filled(x: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """``x`` (N, features) with ``fill`` (features,) in place of NaN."""
    return np.where(np.isnan(x), fill, x)


def _check(raw: Raw) -> None:
    for part, x, y in (("training", raw.x, raw.y), ("validation", *(raw.held_back or (raw.x, raw.y)))):
        if len(x) == 0:
            raise DataError(
                f"{raw.name} has no {part} examples.", "Expected at least one.", "Choose another file or set."
            )
        if len(x) != len(y):
            raise DataError(
                f"{raw.name} has {count(len(x))} {part} inputs but {count(len(y))} targets.",
                "Expected one target for each input.",
                "Mend the file so that both have the same length.",
            )
    for x, y in ((raw.x, raw.y), *((raw.held_back,) if raw.held_back else ())):
        if not raw.fill_missing:
            require_finite(x, f"The input of {raw.name}")
        require_finite(y, f"The target of {raw.name}")


def _parts(raw: Raw, validation: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    if raw.held_back is not None:
        return raw.x, raw.y, *raw.held_back
    train, held = split(len(raw.x), validation, seed, raw.y if raw.class_names else None)
    return raw.x[train], raw.y[train], raw.x[held], raw.y[held]


def _fitted_fill(x_train: np.ndarray, columns: tuple[Column, ...]) -> np.ndarray:
    """The training mean of each feature, NaN left out; for 0/1 features, the column's commonest category.

    A feature without a single known value is filled with 0.
    """
    known = ~np.isnan(x_train)
    fill = np.where(known, x_train, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    start = 0
    for column in columns:
        block = fill[start : start + column.width]
        if column.categories:
            block[:] = np.arange(column.width) == block.argmax()
        start += column.width
    return fill


def _input_scaler(raw: Raw, x_train: np.ndarray, scaling: str) -> Scaler:
    if scaling == AUTO:
        scaling = RANGE if raw.full_scale else STANDARDISE
    kept = None
    if any(column.categories for column in raw.columns):
        kept = np.concatenate([np.full(c.width, bool(c.categories)) for c in raw.columns])
    with np.errstate(over="ignore", invalid="ignore"):
        return Scaler.fit(x_train, scaling, full_scale=raw.full_scale, kept=kept)


def _scaled(scaler: Scaler, x: np.ndarray, raw: Raw) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = scaler.apply(x)
    require_representable(scaled, f"The input of {raw.name}")
    return scaled.reshape(len(scaled), -1) if raw.flat else scaled


def _targets(scaler: Scaler, y: np.ndarray, raw: Raw) -> np.ndarray:
    if raw.class_names:
        return y.astype(np.int64)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = scaler.apply(y)
    require_representable(scaled, f"The target of {raw.name}")
    return scaled


def require_representable(scaled: np.ndarray, what: str) -> None:
    """Raises :class:`DataError` where finite values left the range of float32 when ``what`` was scaled."""
    if not np.isfinite(scaled).all():
        raise DataError(
            f"{what} holds numbers too large for single precision.",
            "Expected magnitudes below 3e38.",
            "Divide the column by a power of ten, or leave it out.",
        )


def _feature_names(raw: Raw) -> tuple[str, ...]:
    if raw.columns:
        return tuple(name for column in raw.columns for name in column.features)
    return raw.feature_names


def _constant_notes(raw: Raw, scaler: Scaler) -> list[Issue]:
    constant, names = scaler.constant, _feature_names(raw)
    if not constant.size or scaler.factor.ndim != 1 or not names:
        return []
    named = listed([names[i] for i in constant])
    return [
        Issue(
            "data.constant-column",
            f"{count(constant.size)} of {count(len(names))} features never vary in the training part: {named}.",
            "A feature that is the same for every example teaches nothing.",
            "They were set to 0. You can ignore these columns.",
            severity=Severity.WARNING,
        )
    ]


def _class_notes(raw: Raw, y_train: np.ndarray, y_val: np.ndarray) -> list[Issue]:
    if not raw.class_names:
        return []
    notes = []
    counts = np.bincount(y_train, minlength=len(raw.class_names))
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    if counts[largest] >= IMBALANCE * max(int(counts[smallest]), 1):
        notes.append(
            Issue(
                "data.imbalance",
                f"Class {raw.class_names[largest]!r} has {counts[largest]} training examples, "
                f"class {raw.class_names[smallest]!r} only {counts[smallest]}.",
                "With classes this uneven a network can score well by always answering the largest.",
                "Look at the confusion matrix rather than accuracy, or balance the data.",
                severity=Severity.WARNING,
            )
        )
    absent = [n for i, n in enumerate(raw.class_names) if len(y_val) and not (y_val == i).any()]
    if absent:
        notes.append(
            Issue(
                "data.class-not-validated",
                f"No validation example belongs to class {listed(absent)}.",
                "Validation says nothing about a class it never sees.",
                "Add examples of it, or hold back a larger part.",
                severity=Severity.WARNING,
            )
        )
    return notes
