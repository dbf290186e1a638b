"""Analytic gradients against finite differences.

For a smooth loss L and a small ε the central difference (L(w + ε·d) − L(w − ε·d)) / 2ε differs from the directional
derivative ∇L·d by O(ε²). Richardson's extrapolation over ε and ε/2 removes that term, which leaves rounding as the
only error: in float64 about 1e-10 relative.

Where a network has several losses, each is subtracted by itself and the differences are added. Of the sum 1e8 + 0.7,
float64 keeps eight digits behind the point: a step of 1e-6 in what gave the 0.7 would be lost in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.compute.model import Batch, Model


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """One comparison: along a random direction through one array, or for one weight of it."""

    key: str
    analytic: float
    numeric: float

    @property
    def relative_error(self) -> float:
        """|analytic − numeric| over the larger of the two, or over 1e-4 where both are nearly 0."""
        scale = max(abs(self.analytic), abs(self.numeric), 1e-4)
        return abs(self.analytic - self.numeric) / scale


def gradcheck(model: Model, x: dict[str, np.ndarray], y: Batch, *, step: float = 1e-4, seed: int = 0
              ) -> list[GradientCheck]:
    """Compares every weight array's gradient, and every input's where the model computes them, along one random
    direction each. ``model`` should be of dtype float64. Random layers draw the same numbers every time."""
    rng_state = model.rng.bit_generator.state
    rng = np.random.default_rng(seed)

    def losses() -> np.ndarray:
        model.rng.bit_generator.state = rng_state
        return model.loss_terms(x, y)

    losses()
    gradients = {key: array.copy() for key, array in model.backward().items()}
    by_input = model.input_gradients_by_name()
    checks = [
        _along(key, model.weights.arrays()[key], gradient, losses, rng, step) for key, gradient in gradients.items()
    ]
    checks += [_along(key, x[key], gradient, losses, rng, step) for key, gradient in by_input.items()]
    return checks


def _along(
    key: str, array: np.ndarray, gradient: np.ndarray, losses: Callable[[], np.ndarray], rng: np.random.Generator,
    step: float,
) -> GradientCheck:
    direction = rng.normal(size=array.shape)
    start = array.copy()

    def central(epsilon: float) -> float:
        array[...] = start + epsilon * direction
        above = losses()
        array[...] = start - epsilon * direction
        below = losses()
        array[...] = start
        return float((above - below).sum()) / (2.0 * epsilon)

    wide, narrow = central(step), central(step / 2.0)
    return GradientCheck(key, float((gradient * direction).sum()), (4.0 * narrow - wide) / 3.0)
