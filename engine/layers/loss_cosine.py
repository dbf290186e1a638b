"""The loss of direction."""

from __future__ import annotations

import numpy as np

from engine.kernels import channel_axis
from engine.layer import Category, Context
from engine.layers.elementwise import row_shape
from engine.layers.loss_base import NumberLoss
from engine.shapes import Shape

#: Keeps the cosine finite where a vector is zero; as in PyTorch's CosineEmbeddingLoss.
EPS = 1e-12


class CosineLoss(NumberLoss, title="Cosine", category=Category.OUTPUT):
    """For directions: charges 1 − the cosine of the angle between prediction and target, whatever their lengths.

    The negative log-likelihood, up to a constant, of a von Mises–Fisher distribution of concentration 1 around the
    prediction's direction. The vectors lie along the features; the mean is over examples (and positions), as
    PyTorch's CosineEmbeddingLoss for pairs that belong together. Keras's cosine similarity is this minus 1.
    """

    formula = "L = mean 1 − ŷ·t / (‖ŷ‖·‖t‖)"
    when = "Embeddings of words, faces, sentences: where only the direction of a vector means something."
    examples = (({}, ((3,),)), ({}, ((4, 2),)), ({}, ((2, 3, 2),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        axis = channel_axis(x.ndim - 1)
        rows = row_shape(x, axis)
        cosine, inverse, square = ctx.array(*rows), ctx.array(*rows), ctx.array(*rows)
        terms, term, target_square = ctx.scratch(*x.shape), ctx.scratch(*rows), ctx.scratch(*rows)
        for a, b, out in ((x, ctx.target, cosine), (x, x, square), (ctx.target, ctx.target, target_square)):
            ctx.do(np.multiply, a, b, terms)
            ctx.do(np.add.reduce, terms, axis, None, out, True)
        ctx.do(np.add, square, EPS, square)
        ctx.do(np.add, target_square, EPS, target_square)
        ctx.do(np.sqrt, square, inverse)
        ctx.do(np.sqrt, target_square, target_square)
        ctx.do(np.multiply, inverse, target_square, inverse)  # two roots: the product of the squares may overflow
        ctx.do(np.divide, 1.0, inverse, inverse)
        ctx.do(np.multiply, cosine, inverse, cosine)
        ctx.do(np.subtract, 1.0, cosine, term)
        self.charge_mean(ctx, term)
        ctx.do(np.divide, cosine, square, square)
        ctx.saved.x, ctx.saved.inverse, ctx.saved.pull = x, inverse, square
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With c = x·t / (‖x‖·‖t‖), ∂c/∂x = t / (‖x‖·‖t‖) − c·x / ‖x‖², and ∂L/∂x = −∂c/∂x / (N·positions)."""
        dx = ctx.dx()
        if dx is not None:
            x, saved = ctx.saved.x, ctx.saved
            terms = ctx.scratch(*dx.shape)
            ctx.do(np.multiply, x, saved.pull, dx)
            ctx.do(np.multiply, ctx.target, saved.inverse, terms)
            ctx.do(np.subtract, dx, terms, dx)
            ctx.do(np.multiply, dx, self.weight / saved.pull.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Dot", "Norm", "Divide", "Mean")

    def headline(self) -> str:
        return "directions"
