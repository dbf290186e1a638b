"""The receptive field: how much of the Input one place of a layer's output sees.

A field is a pair for each axis of places (height and width, or steps): how many places of the Input are seen, and how
many places of the Input lie between neighbours of this output. With kernels of reach k and stride s the two grow as
r ← r + (k − 1)·j and j ← j·s (Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks",
Distill 2019). ``ALL`` stands for the whole Input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Field = tuple[tuple[float, float], ...] | None
ALL: Field = None
#: One place, of any number of axes.
SINGLE = (1.0, 1.0)


def slid(field: Field, windows: Sequence[tuple[float, float]]) -> Field:
    """The field after windows of (reach, stride), one for each axis; a stride below 1 spreads places out."""
    if field is None:
        return ALL
    if len(field) != len(windows):
        if any(axis != SINGLE for axis in field):
            return ALL  # places were rearranged after some had been put together: no window describes that
        field = (SINGLE,) * len(windows)
    return tuple((seen + (reach - 1) * step, step * stride)
                 for (seen, step), (reach, stride) in zip(field, windows, strict=True))


def joined(fields: Iterable[Field]) -> Field:
    """What is seen through several inputs: the largest along each axis."""
    known = list(fields)
    first, *rest = known
    for other in rest:
        if first is None or other is None or len(first) != len(other):
            return ALL
        first = tuple((max(a, c), max(b, d)) for (a, b), (c, d) in zip(first, other, strict=True))
    return first
