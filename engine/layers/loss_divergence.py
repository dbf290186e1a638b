"""The loss between two distributions."""

from __future__ import annotations

import math

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.loss_base import NumberLoss
from engine.shapes import Shape

#: What stands in for a probability of 0 under the logarithm, where it is multiplied by that 0.
_TINY = 1e-30


class KLDivergence(NumberLoss, title="KL divergence", category=Category.OUTPUT):
    """For whole distributions as targets, after a Log-softmax layer: charges how far the predicted one lies from them.

    Kullback and Leibler's divergence from prediction to target: the expected excess negative log-likelihood of a
    categorical distribution. The sum over classes (and positions), the mean over examples: PyTorch's KLDivLoss with
    reduction "batchmean". The input is log-probabilities, the target probabilities; the prediction is e^input.
    """

    formula = "L = mean Σ t·(log t − a)"
    when = "Soft targets: distilling a larger network, or votes of several people instead of one label."
    target_range = (0.0, math.inf)
    examples = (({}, ((3,),)), ({}, ((4, 2),)), ({}, ((2, 3, 2),)))

    def example_target(self, rng: np.random.Generator, batch: int, *shapes: Shape) -> np.ndarray:
        drawn = rng.exponential(size=(batch, *shapes[0]))
        if shapes[0][-1] > 1:
            drawn[0, ..., 0] = 0.0  # a class that never occurs
        return drawn / drawn.sum(axis=-1, keepdims=True)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        p, term = ctx.array(*x.shape), ctx.scratch(*x.shape)
        ctx.do(np.exp, x, p)
        ctx.do(np.maximum, ctx.target, _TINY, out=term)
        ctx.do(np.log, term, term)
        ctx.do(np.subtract, term, x, term)
        ctx.do(np.multiply, term, ctx.target, term)
        ctx.do(_sum_over, term.reshape(-1), ctx.ones(term.size), ctx.batch, ctx.loss)
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Only −t·a depends on the input, so ∂L/∂a = −t / N."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.target, -self.weight / ctx.batch, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Log", "Subtract", "Multiply", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Exp", xs[0])

    def headline(self) -> str:
        return "distributions"


def _sum_over(values: np.ndarray, ones: np.ndarray, count: int, loss: np.ndarray) -> None:
    loss[...] = values.dot(ones) / count
