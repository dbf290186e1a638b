"""Regularisation: layers that make learning by heart harder."""

from __future__ import annotations

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import Elementwise
from engine.params import Float


class Dropout(Elementwise, title="Dropout", category=Category.NORMALISE):
    """In training, silences a random share of the numbers and scales up the rest; otherwise passes everything."""

    icon = "mdi6.scatter-plot-outline"
    formula = "y = x · m / (1 − p), m = 0 with probability p"
    when = "After wide layers that learn the training data by heart: no unit can rely on another being there."
    linear = True
    random = True
    rate = Float(0.5, "Share p of the numbers that is silenced.", low=0.0, high=1.0, open_high=True, live=True)
    examples = (({"rate": 0.3}, ((6,),)), ({"rate": 0.5}, ((3, 4, 2),)), ({"rate": 0.0}, ((4,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        if not ctx.training:
            return x
        y, mask = ctx.array(*x.shape), ctx.array(*x.shape, dtype=bool)
        rate, scale = ctx.live("rate"), ctx.kept()
        ctx.do(np.subtract, 1.0, rate, scale)
        ctx.do(np.reciprocal, scale, scale)
        ctx.do(ctx.rng.random, x.shape, x.dtype, y)
        ctx.do(np.greater_equal, y, rate, mask)
        ctx.do(np.multiply, x, mask, y)
        ctx.do(np.multiply, y, scale, y)  # so that the expected value stays what it was
        ctx.saved.mask, ctx.saved.scale = mask, scale
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y = x·m/(1 − p) is linear in x, so ∂L/∂x = δ·m/(1 − p) with the same mask m."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, dy, ctx.saved.mask, dx)
            ctx.do(np.multiply, dx, ctx.saved.scale, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])  # an exported network predicts: nothing is silenced

    def headline(self) -> str:
        return f"p = {self.rate:g}"
