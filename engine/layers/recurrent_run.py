"""One walk over a sequence, while its passes are written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from engine.shapes import Shape

#: So many steps are taken back before their share of the weights' gradients is added up, in one product: enough to
#: make it efficient, few enough for the processor's cache.
CHUNK = 8


@dataclass
class Run:
    """One walk over a sequence, forwards or backwards in time, while its passes are written down.

    ``w`` and ``dw`` are the walk's own weights; ``keep`` and ``drop`` (steps, N) are 1 and 0 where a step counts and 0
    and 1 where it is padding, or None where all count. ``cell`` is the layer's own.
    """

    w: SimpleNamespace
    dw: SimpleNamespace
    x: np.ndarray
    joined: np.ndarray
    units: int
    keep: np.ndarray | None
    drop: np.ndarray | None
    cell: SimpleNamespace = field(default_factory=SimpleNamespace)
    #: What padded steps carry over, (units, N), for the moment it takes.
    carried: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    #: ∂L/∂(sums) of up to CHUNK steps, (rows, CHUNK + 1, N), while the steps are taken back.
    d: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0)))
    #: The gradients of weights that lie side by side, by name, added up so far, and a place for what is added.
    totals: dict[str, np.ndarray] = field(default_factory=dict)
    shares: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return self.x.shape[0]

    @property
    def column(self) -> Shape:
        """The shape of one state: (units, N)."""
        return (self.units, self.x.shape[2])

    def state(self, step: int) -> np.ndarray:
        """h before this step."""
        return self.joined[: self.units, step]

    def sums(self, rows: slice, t: int) -> np.ndarray:
        """The place of step ``t``'s ∂L/∂(sums) in ``d``."""
        return self.d[rows, t % CHUNK]

    def chunk(self, first: int) -> tuple[np.ndarray, np.ndarray]:
        """``d`` and (state, 1, x) of the steps from ``first`` on that ``d`` holds, as (rows, steps·N)."""
        n, count = self.x.shape[2], min(CHUNK, self.steps - first)
        d, joined = self.d.reshape(self.d.shape[0], -1), self.joined.reshape(self.joined.shape[0], -1)
        return d[:, : count * n], joined[:, first * n : (first + count) * n]


def own_arrays(arrays: SimpleNamespace, suffix: str) -> SimpleNamespace:
    """The arrays whose names end in ``suffix``, without it."""
    if suffix:
        return SimpleNamespace(**{n.removesuffix(suffix): a for n, a in vars(arrays).items() if n.endswith(suffix)})
    return SimpleNamespace(**{name: array for name, array in vars(arrays).items() if "_" not in name})
