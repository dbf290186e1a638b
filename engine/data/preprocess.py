"""Scaling: an affine map per feature, fitted on the training part only.

Every method is ``x' = (x − offset) · factor``. A feature that never varies has factor 0: it becomes 0 for
every example, so that it neither divides by zero nor pushes the weights about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.errors import DataError

NONE = "none"
STANDARDISE = "standardise"
MINMAX = "minmax"
RANGE = "range"
AUTO = "auto"

#: What stands before a colon is the name, the rest says what it means.
METHODS = {
    NONE: "None",
    STANDARDISE: "Standardise: mean 0, deviation 1",
    MINMAX: "Min–max: 0 to 1",
    RANGE: "By maximum: divide by the largest value",
}
TABLE_METHODS = {name: METHODS[name] for name in (NONE, STANDARDISE, MINMAX)}
IMAGE_METHODS = {name: METHODS[name] for name in (RANGE, STANDARDISE, NONE)}
AUTO_METHODS = {AUTO: "Automatic: images divided by 255, else standardise", **METHODS}


@dataclass(frozen=True, eq=False)
class Scaler:
    """``apply`` maps raw values to what the network sees; ``undo`` maps them back.

    ``offset`` and ``factor`` are float64, of shape () or (features,), and broadcast over the last axis.
    """

    method: str
    offset: np.ndarray
    factor: np.ndarray

    @classmethod
    def identity(cls) -> Scaler:
        """Leaves values as they are."""
        return cls(NONE, np.zeros(()), np.ones(()))

    @classmethod
    def fit(
        cls, x: np.ndarray, method: str, *, full_scale: float | None = None, kept: np.ndarray | None = None
    ) -> Scaler:
        """The scaler that ``method`` asks for, from ``x`` of shape (N, *shape, features) without NaN.

        ``full_scale`` is the largest value an entry may take (255 for a byte image) for the method "range";
        ``kept`` marks features (bool, (features,)) that stay as they are: the 0/1 columns of categories.
        """
        if method == NONE:
            return cls.identity()
        if method == RANGE:
            top = full_scale if full_scale else float(np.max(np.abs(x), initial=0.0)) or 1.0
            return cls(RANGE, np.zeros(()), np.asarray(1.0 / top))
        axes = tuple(range(x.ndim - 1))
        offset, width = _spread(x, axes, method)
        if not np.isfinite(width).all():
            raise DataError(
                f"Feature {int(np.argmin(np.isfinite(width))) + 1} holds numbers too large to be scaled.",
                "Expected magnitudes below 1e150.",
                "Divide the column by a power of ten, or leave it out.",
            )
        # A column of equal numbers can show a deviation of rounding size, far below the numbers themselves.
        flat = width <= 1e-12 * np.maximum(1e-295, np.abs(offset))  # below 1e-308 one over it is infinite
        factor = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, width))
        if kept is not None:
            offset, factor = np.where(kept, 0.0, offset), np.where(kept, 1.0, factor)
        return cls(method, offset, factor)

    @property
    def constant(self) -> np.ndarray:
        """Positions of the features that did not vary and become 0, as whole numbers."""
        return np.flatnonzero(self.factor == 0.0)

    def apply(self, raw: np.ndarray) -> np.ndarray:
        """``raw`` (any numeric dtype, last axis the features) scaled; float32, C-contiguous, same shape."""
        if self.method == NONE:
            return np.ascontiguousarray(raw, dtype=np.float32)
        # float64 columns (years, prices) lose digits if they are rounded before the offset is taken off;
        # bytes and float32 don't, and half the memory matters for images.
        wide = np.dtype(np.float64 if raw.dtype == np.float64 or raw.dtype.itemsize > 4 else np.float32)
        out = np.empty(raw.shape, dtype=wide)
        np.subtract(raw, self.offset, out=out, casting="same_kind")
        np.multiply(out, self.factor, out=out, casting="same_kind")
        return out.astype(np.float32, copy=False)

    def undo(self, x: np.ndarray) -> np.ndarray:
        """The raw values (float64) that ``apply`` turns into ``x``; a constant feature gives its constant."""
        return x.astype(np.float64) * self.unit + self.offset

    @property
    def unit(self) -> np.ndarray:
        """How far apart raw values are that differ by 1 when scaled; 0 for a constant feature."""
        return np.divide(1.0, self.factor, out=np.zeros_like(self.factor), where=self.factor != 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"method": self.method, "offset": self.offset.tolist(), "factor": self.factor.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scaler:
        """The scaler that :meth:`to_dict` wrote. Raises :class:`DataError` where ``data`` is damaged."""
        try:
            offset = np.asarray(data["offset"], dtype=np.float64)
            factor = np.asarray(data["factor"], dtype=np.float64)
            fine = data["method"] in METHODS and offset.shape == factor.shape and offset.ndim <= 1
            fine = fine and bool(np.isfinite(offset).all() and np.isfinite(factor).all())
        except (KeyError, TypeError, ValueError):
            fine = False
        if not fine:
            raise DataError(
                "The stored scaling of the data is damaged.",
                "Expected a method and finite offsets and factors of equal length.",
                "Choose the data set again, so that the scaling is fitted anew.",
            )
        return cls(data["method"], offset, factor)


def _spread(x: np.ndarray, axes: tuple[int, ...], method: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and width of each feature, float64."""
    if method == MINMAX:
        low, high = x.min(axis=axes), x.max(axis=axes)
        return low.astype(np.float64), high.astype(np.float64) - low
    if method == STANDARDISE:
        mean = x.mean(axis=axes, dtype=np.float64)
        return mean, x.std(axis=axes, dtype=np.float64, mean=np.reshape(mean, (1,) * len(axes) + mean.shape))
    raise ValueError(f"{method!r} is not a scaling method")
