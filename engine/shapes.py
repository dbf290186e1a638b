"""Shapes of one example, batch left out: ``(784,)`` a vector, ``(steps, features)``, ``(height, width, channels)``."""

from __future__ import annotations

import math

Shape = tuple[int, ...]


def size(shape: Shape) -> int:
    """How many numbers one example of this shape holds."""
    return math.prod(shape)


def text(shape: Shape) -> str:
    """The shape as a person reads it: ``28 × 28 × 1``."""
    return " × ".join(str(n) for n in shape) if shape else "1"


def internal(shape: Shape, batch: int) -> Shape:
    """The engine's own layout for a batch of examples: the batch axis last, images as (H, C, W, N).

    Batch-last keeps the innermost run of every elementwise and pooling operation long and contiguous,
    whatever the layer; for images the row-major (H, C, W, N) makes a convolution's row of patches one
    strided matrix (see ``resources/docs/decisions/0002-batch-last.md``).
    """
    if len(shape) == 3:
        h, w, c = shape
        return (h, c, w, batch)
    return (*shape, batch)


def to_internal_axes(rank: int) -> tuple[int, ...]:
    """The transposition that turns (N, *shape) into the engine's layout."""
    return (1, 3, 2, 0) if rank == 3 else (*range(1, rank + 1), 0)


def to_external_axes(rank: int) -> tuple[int, ...]:
    """The transposition that turns the engine's layout into (N, *shape)."""
    return (3, 0, 2, 1) if rank == 3 else (rank, *range(rank))
