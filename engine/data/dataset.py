"""A data set as values: arrays ready for training, and what was learned to prepare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.errors import DataError
from engine.data.preprocess import Scaler
from engine.issues import Issue
from engine.shapes import Shape
from engine.signature import DataSignature


@dataclass(frozen=True, slots=True)
class Column:
    """One input column of a table: a number, or one of ``categories``, which become a 0/1 feature each."""

    name: str
    categories: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many features the column becomes."""
        return len(self.categories) or 1

    @property
    def features(self) -> tuple[str, ...]:
        """The features' names: ``colour = red``."""
        return tuple(f"{self.name} = {c}" for c in self.categories) or (self.name,)


@dataclass(frozen=True, eq=False)
class Preparation:
    """Everything new examples need to become the network's input, and its output to become readable.

    ``columns`` is empty for arrays and images. ``fill`` (float64, (features,)) replaces missing values, or is
    None where they are refused. ``target_scaler`` is fitted for regression, and identity for classification.
    """

    input_shape: Shape
    scaler: Scaler
    target_scaler: Scaler
    columns: tuple[Column, ...] = ()
    class_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    fill: np.ndarray | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "input_shape": list(self.input_shape),
            "scaler": self.scaler.to_dict(),
            "target_scaler": self.target_scaler.to_dict(),
            "columns": [{"name": c.name, "categories": list(c.categories)} for c in self.columns],
            "class_names": list(self.class_names),
            "target_names": list(self.target_names),
            "fill": None if self.fill is None else self.fill.tolist(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Preparation:
        """What :meth:`to_dict` wrote. Raises :class:`DataError` where ``data`` is damaged."""
        try:
            columns = tuple(Column(str(c["name"]), tuple(map(str, c["categories"]))) for c in data["columns"])
            fill = None if data["fill"] is None else np.asarray(data["fill"], dtype=np.float64)
            return cls(
                tuple(int(n) for n in data["input_shape"]),
                Scaler.from_dict(data["scaler"]),
                Scaler.from_dict(data["target_scaler"]),
                columns,
                tuple(map(str, data["class_names"])),
                tuple(map(str, data["target_names"])),
                fill,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                "The stored preparation of the data is damaged.",
                "Expected the input shape, columns, scaling and class names of the data set.",
                "Choose the data set again, so that it is prepared anew.",
            ) from error


@dataclass(frozen=True, eq=False)
class Row:
    """One example as it stands in the source: ``x`` (float64, input shape) before scaling.

    ``cells`` pairs each column with its text and is empty for images. ``target`` is the class name, or the
    numbers of a regression target (float64, target shape).
    """

    x: np.ndarray
    target: str | np.ndarray
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Arrays for training: batch first, channels last, read-only.

    ``x_*`` is float32, C-contiguous, (N, *input_shape). ``y_*`` is int64 labels (N,) for classification,
    float32 (N, *target_shape) for regression. The validation arrays have N = 0 where nothing is held back.
    ``spelling`` is what texts are made of, "" where examples are none: token 1 is its first sign, 0 no sign.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    signature: DataSignature
    preparation: Preparation
    feature_names: tuple[str, ...] = ()
    notes: tuple[Issue, ...] = ()
    spelling: str = ""

    def __post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_val, self.y_val):
            array.setflags(write=False)

    @property
    def scaler(self) -> Scaler:
        """The scaling of the inputs."""
        return self.preparation.scaler

    @property
    def target_scaler(self) -> Scaler:
        """The scaling of a regression's targets; ``undo`` makes predictions readable."""
        return self.preparation.target_scaler

    @property
    def target_unit(self) -> np.ndarray:
        """What 1 of each target stands for in the data's own units."""
        return self.target_scaler.unit

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels; empty for regression."""
        return self.preparation.class_names

    def samples(self, count: int) -> np.ndarray:
        """Up to ``count`` examples, (N, *input_shape): held-back ones first, then training examples."""
        return np.concatenate([self.x_val[:count], self.x_train[: max(0, count - len(self.x_val))]])

    def row(self, index: int, *, validation: bool = False) -> Row:
        """Example ``index`` of the training (or validation) part, for display."""
        x, y = (self.x_val, self.y_val) if validation else (self.x_train, self.y_train)
        raw = self.scaler.undo(x[index])
        names = self.class_names
        target = names[int(y[index])] if names else self.target_scaler.undo(y[index])
        return Row(raw, target, self._cells(raw))

    def _cells(self, raw: np.ndarray) -> tuple[tuple[str, str], ...]:
        if self.spelling:
            return (("text", spelt(raw, self.spelling)),)
        if raw.ndim != 1:
            return ()
        columns = self.preparation.columns or tuple(map(Column, self.feature_names))
        cells, start = [], 0
        for column in columns:
            block = raw[start : start + column.width]
            start += column.width
            if not column.categories:
                # Seven digits are what float32 holds: more would show 5.1 as 5.0999999.
                cells.append((column.name, f"{float(block[0]):.7g}"))
            elif block.any():
                cells.append((column.name, column.categories[int(block.argmax())]))
            else:
                cells.append((column.name, ""))
        return tuple(cells)


def spelt(tokens: np.ndarray, spelling: str) -> str:
    """The text of tokens (places in ``spelling`` from 1 on, 0 for none); "?" for a token that is no sign of it."""
    known = (int(token) for token in tokens.reshape(-1) if token)
    return "".join(spelling[token - 1] if 0 < token <= len(spelling) else "?" for token in known)
