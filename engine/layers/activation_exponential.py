"""Rectifiers that bend towards a floor below zero: their negative outputs pull a layer's mean to 0."""

from __future__ import annotations

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import SHAPES, Elementwise
from engine.numbers import exact
from engine.params import Float


class _Exponential(Elementwise):
    """a = s·(max(0, z) + α·(e^(min(0, z)/κ) − 1)): what ELU, SELU and CELU have in common."""

    kinked = True

    def shape_of_curve(self) -> tuple[float, float, float]:
        """Scale s, depth α and width κ."""
        raise NotImplementedError(self.kind)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        scale, depth, width = self.shape_of_curve()
        y, below = ctx.array(*x.shape), ctx.array(*x.shape)
        zeros = ctx.zeros(*x.shape)
        ctx.do(np.minimum, x, zeros, out=below)
        if width != 1.0:
            ctx.do(np.multiply, below, 1.0 / width, below)
        ctx.do(np.expm1, below, below)
        ctx.do(np.multiply, below, scale * depth, below)  # 0 wherever z > 0
        ctx.do(np.maximum, x, zeros, out=y)
        if scale != 1.0:
            ctx.do(np.multiply, y, scale, y)
        ctx.do(np.add, y, below, y)
        ctx.saved.x, ctx.saved.below = x, below
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """The slope is s for z > 0. Below, a = s·α·(e^(z/κ) − 1) has the slope s·α·e^(z/κ)/κ = (a + s·α)/κ.

        Where z > 0 the saved lower part is 0, so (0 + s·α)/κ stands there, and s − s·α/κ is added to make it s:
        ∂L/∂z = δ · ((below + s·α)/κ + (s − s·α/κ)·[z > 0]).
        """
        dx = ctx.dx()
        if dx is None:
            return
        scale, depth, width = self.shape_of_curve()
        ctx.do(np.add, ctx.saved.below, scale * depth, dx)
        if width != 1.0:
            ctx.do(np.multiply, dx, 1.0 / width, dx)
        missing = scale - scale * depth / width
        if missing:
            positive, share = ctx.scratch(*dy.shape, dtype=bool), ctx.scratch(*dy.shape)
            ctx.do(np.greater, ctx.saved.x, ctx.zeros(*dy.shape), positive)
            ctx.do(np.multiply, positive, dy.dtype.type(missing), share)
            ctx.do(np.add, dx, share, dx)
        ctx.do(np.multiply, dx, dy, dx)


class ELU(_Exponential, title="ELU", category=Category.ACTIVATION):
    """Straight above zero, a soft exponential floor of −α below."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = z for z > 0, α·(eᶻ − 1) otherwise"
    when = "Instead of ReLU where units die or the mean of activations drifts. Source: Clevert et al. 2015."
    alpha = Float(1.0, "Depth α of the floor. At 1 the curve has no corner.", low=0.0, high=100.0, label="Depth α")
    examples = (*SHAPES, ({"alpha": 0.5}, ((4,),)), ({"alpha": 2.0}, ((3, 2),)))

    def shape_of_curve(self) -> tuple[float, float, float]:
        return 1.0, self.alpha, 1.0

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Elu", xs[0], alpha=self.alpha)

    def headline(self) -> str:
        return f"α = {exact(self.alpha)}"


class SELU(_Exponential, title="SELU", category=Category.ACTIVATION):
    """ELU scaled so that a deep stack of layers keeps mean 0 and variance 1 by itself."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = λ·z for z > 0, λ·α·(eᶻ − 1) otherwise; λ ≈ 1.0507, α ≈ 1.6733"
    when = "Deep stacks of Dense layers without normalisation, with LeCun normal weights. Source: Klambauer et al. " \
           "2017."
    #: The fixed point of mean 0 and variance 1, from the source.
    alpha_star = 1.6732632423543772848170429916717
    lambda_star = 1.0507009873554804934193349852946

    def shape_of_curve(self) -> tuple[float, float, float]:
        return self.lambda_star, self.alpha_star, 1.0

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Selu", xs[0], alpha=self.alpha_star, gamma=self.lambda_star)


class CELU(_Exponential, title="CELU", category=Category.ACTIVATION):
    """ELU whose curve is stretched instead of scaled, so that its slope has no jump whatever α is."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = max(0, z) + α·(e^(min(0, z)/α) − 1)"
    when = "Where ELU's floor is to be moved without a corner at 0. Source: Barron 2017."
    alpha = Float(1.0, "Depth α of the floor and width of the bend.", low=0.01, high=100.0, label="Depth α")
    examples = (*SHAPES, ({"alpha": 0.5}, ((4,),)), ({"alpha": 2.0}, ((3, 2),)))

    def shape_of_curve(self) -> tuple[float, float, float]:
        return 1.0, self.alpha, self.alpha

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Celu", xs[0], alpha=self.alpha)

    def headline(self) -> str:
        return f"α = {exact(self.alpha)}"
