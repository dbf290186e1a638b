"""The rectifier and its kin: straight above zero, something else below."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Constant
from engine.issues import Issue
from engine.kernels import along_channels
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import channel_sum, onnx_channels
from engine.layers.elementwise import SHAPES, Elementwise
from engine.numbers import exact
from engine.params import Bool, Float
from engine.shapes import Shape


class ReLU(Elementwise, title="ReLU", category=Category.ACTIVATION):
    """Lets positive numbers pass and turns the rest to 0."""

    icon = "mdi6.chart-line-variant"
    formula = "a = max(0, z)"
    when = "The usual choice between layers: cheap, and its slope of 1 keeps gradients from vanishing. Units whose " \
           "sum is never positive are dead: they learn no more."
    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(*x.shape)
        ctx.do(np.maximum, x, ctx.zeros(*x.shape), out=y)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂a/∂z is 1 for z > 0 and 0 below (and 0 by convention at 0), so ∂L/∂z = δ · [a > 0]."""
        dx, y = ctx.dx(over=dy), ctx.saved.y
        if dx is None:
            return
        alive = ctx.scratch(*dy.shape, dtype=bool)
        for part in ctx.parts(len(dy), dy.size):
            ctx.do(np.greater, y[part], ctx.zeros(*y[part].shape), alive[part])
            ctx.do(np.multiply, dy[part], alive[part], dx[part])

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Relu", xs[0])


class LeakyReLU(Elementwise, title="Leaky ReLU", category=Category.ACTIVATION):
    """Lets positive numbers pass and keeps a small share of negative ones, so that no unit dies."""

    icon = "mdi6.chart-line-variant"
    formula = "a = z for z > 0, α·z otherwise"
    when = "Where ReLU units die: the gradient of a negative sum is α, not 0."
    kinked = True
    alpha = Float(0.01, "Slope α for negative numbers.", low=0.0, high=1.0, open_high=True, label="Slope α")
    examples = (*SHAPES, ({"alpha": 0.3}, ((4,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        # α < 1, so the larger of z and α·z is z above zero and α·z below: no branch is needed.
        ctx.do(np.multiply, xs[0], self.alpha, y)
        ctx.do(np.maximum, xs[0], y, out=y)
        ctx.saved.x = xs[0]
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂a/∂z is 1 for z > 0 and α below: ∂L/∂z = δ · (α + (1 − α)·[z > 0])."""
        dx = ctx.dx()
        if dx is not None:
            positive = ctx.scratch(*dy.shape, dtype=bool)
            ctx.do(np.greater, ctx.saved.x, ctx.zeros(*dy.shape), positive)
            ctx.do(np.multiply, positive, dy.dtype.type(1.0 - self.alpha), dx)
            ctx.do(np.add, dx, self.alpha, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("LeakyRelu", xs[0], alpha=self.alpha)

    def headline(self) -> str:
        return f"α = {exact(self.alpha)}"


class PReLU(Learnable, title="PReLU", category=Category.ACTIVATION):
    """Like Leaky ReLU, but every channel learns its own slope for negative numbers."""

    icon = "mdi6.chart-line-variant"
    formula = "a = max(0, z) + α·min(0, z), α learned"
    when = "Deep image networks with data to spare: the slopes cost few weights. Source: He et al. 2015."
    kinked = True
    alpha = Float(0.25, "Slope α that every channel begins with.", low=-1.0, high=1.0, label="First slope α")
    shared = Bool(False, "Learn one slope for all channels instead of one each.")
    examples = (*SHAPES, ({"alpha": -0.2, "shared": True}, ((3, 2),)), ({"shared": True}, ((2, 2, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        # Weight decay would pull the slopes to 0, that is to ReLU: they are spared, as the source recommends.
        count = 1 if self.shared else shapes[0][-1]
        return {"alpha": WeightSpec((count,), Constant(value=self.alpha), decays=False)}

    def _slopes(self, ctx: Context, rank: int) -> np.ndarray:
        return ctx.w.alpha if self.shared else along_channels(ctx.w.alpha, rank)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, negative = ctx.array(*x.shape), ctx.scratch(*x.shape)
        zeros = ctx.zeros(*x.shape)
        ctx.do(np.minimum, x, zeros, out=negative)
        ctx.do(np.multiply, negative, self._slopes(ctx, x.ndim - 1), negative)
        ctx.do(np.maximum, x, zeros, out=y)
        ctx.do(np.add, y, negative, y)
        ctx.saved.x = x
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """a = max(0, z) + α·min(0, z): ∂a/∂z is 1 for z > 0 and α otherwise, and ∂a/∂α = min(0, z).

        So ∂L/∂z = δ·([z > 0] + α·[z ≤ 0]) and ∂L/∂α = Σ δ·min(0, z) over the examples and places of a channel.
        """
        x, zeros = ctx.saved.x, ctx.zeros(*dy.shape)
        if ctx.learns:
            product = ctx.scratch(*dy.shape)
            ctx.do(np.minimum, x, zeros, out=product)
            ctx.do(np.multiply, product, dy, product)
            if self.shared:
                ctx.do(np.add.reduce, product, None, None, ctx.dw.alpha.reshape(()))
            else:
                channel_sum(ctx, product, ctx.dw.alpha)
        dx = ctx.dx()
        if dx is not None:
            mask = ctx.scratch(*dy.shape, dtype=bool)
            ctx.do(np.less_equal, x, zeros, mask)
            ctx.do(np.multiply, mask, self._slopes(ctx, x.ndim - 1), dx)
            ctx.do(np.logical_not, mask, mask)
            ctx.do(np.add, dx, mask, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        slopes = node.weight("alpha") if self.shared else onnx_channels(node, node.weight("alpha"))
        return node.op("PRelu", xs[0], slopes)

    def headline(self) -> str:
        return "one slope" if self.shared else "a slope per channel"
