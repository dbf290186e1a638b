"""The error of this package, and the one search for NaN and Inf."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.issues import ChainruleError

_BLOCK = 1 << 20  # entries looked at together: bounds the temporary mask to 1 MB


class DataError(ChainruleError):
    """Data cannot be used: the text says what was found, what was expected and what to do."""


def first_bad(array: np.ndarray) -> tuple[int, ...] | None:
    """The index of the first NaN or Inf in ``array`` (row-major), or None where every entry is finite."""
    if array.dtype.kind not in "fc":
        return None
    flat = array.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        finite = np.isfinite(flat[start : start + _BLOCK])
        if not finite.all():
            found = np.unravel_index(start + int(np.argmin(finite)), array.shape)
            return tuple(int(i) for i in found)
    return None


def require_finite(array: np.ndarray, what: str) -> None:
    """Raises :class:`DataError` naming the first NaN or Inf of ``array``, which ``what`` names."""
    bad = first_bad(array)
    if bad is None:
        return
    value = array[bad]
    found = "NaN" if np.isnan(value) else "an infinite value"
    place = f"row {bad[0]}" + (f", entry {list(bad[1:])}" if len(bad) > 1 else "")
    raise DataError(
        f"{what} holds {found} in {place} (counted from 0).",
        "Every number must be finite.",
        "Replace the value or remove the row, then load the data again.",
    )


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in quotes for a sentence, the surplus as a count: ``'a', 'b' and 3 more``."""
    shown = ", ".join(repr(name) for name in names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown
