"""Losses that want a margin: the right side is not enough, it must be right by a distance."""

from __future__ import annotations

import numpy as np

from engine.layer import Category, Context
from engine.layers.loss_base import BinaryLoss
from engine.shapes import Shape


class Hinge(BinaryLoss, title="Hinge", category=Category.OUTPUT):
    """For yes or no by a margin: charges what a score lacks of being 1 on the right side of 0.

    Not a likelihood. Targets are 1 for yes and 0 or −1 for no; several outputs are so many questions (one against
    the rest), as with Keras's Hinge. The mean over all examples and outputs. PyTorch's MultiMarginLoss differs: it
    compares the right class's score with the others'.
    """

    formula = "L = mean max(0, 1 − s·z), s = ±1"
    when = "Support vector machines: once an example is right by the margin, it no longer pulls."
    boundary = 0.0
    target_range = (-1.0, 1.0)
    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        side, lack = ctx.array(*z.shape), ctx.array(*z.shape)
        # −s: −1 where the target is above 0, else 1.
        ctx.do(np.greater, ctx.target, ctx.zeros(*z.shape), side)
        ctx.do(np.multiply, side, -2.0, side)
        ctx.do(np.add, side, 1.0, side)
        ctx.do(np.multiply, z, side, lack)
        ctx.do(np.add, lack, 1.0, lack)
        ctx.do(np.maximum, lack, ctx.zeros(*z.shape), out=lack)
        self._charge(ctx, lack)
        ctx.saved.side, ctx.saved.lack = side, lack
        return z

    def _charge(self, ctx: Context, lack: np.ndarray) -> None:
        self.charge_mean(ctx, lack)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """max(0, 1 − s·z) has the slope −s where it is above 0, else 0: ∂L/∂z = −s·[1 − s·z > 0] / (N·outputs)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.sign, ctx.saved.lack, dx)
            ctx.do(np.multiply, dx, ctx.saved.side, dx)
            ctx.do(np.multiply, dx, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Multiply", "Margin", "Mean")

    def headline(self) -> str:
        return "yes or no, by a margin"


class SquaredHinge(Hinge, title="Squared hinge", category=Category.OUTPUT):
    """For yes or no by a margin: charges the square of what a score lacks of being 1 on the right side of 0.

    Not a likelihood. Targets and mean as with Hinge; Keras's SquaredHinge.
    """

    formula = "L = mean max(0, 1 − s·z)², s = ±1"
    when = "Like Hinge, but smooth at the margin and harder on those far on the wrong side."
    kinked = False

    def _charge(self, ctx: Context, lack: np.ndarray) -> None:
        terms = ctx.scratch(*lack.shape)
        ctx.do(np.multiply, lack, lack, terms)
        self.charge_mean(ctx, terms)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With m = max(0, 1 − s·z), d(m²)/dz = 2m·(−s), which is 0 where m is: ∂L/∂z = −2s·m / (N·outputs)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.saved.lack, ctx.saved.side, dx)
            ctx.do(np.multiply, dx, 2.0 * self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Multiply", "Margin", "Square", "Mean")
