"""Losses for rare things and for masks: focal and Dice."""

from __future__ import annotations

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import sigmoid_calls
from engine.layers.loss_base import BinaryLoss, record_softplus
from engine.numbers import exact
from engine.params import Float
from engine.shapes import Shape


class Focal(BinaryLoss, title="Focal", category=Category.OUTPUT):
    """For yes or no where yes is rare: a cross-entropy that all but forgets examples that are right already.

    Not a likelihood unless γ = 0 (then Bernoulli's, halved at α = ½). From Lin et al., "Focal loss for dense object
    detection" (2017). Targets are 1 or 0 (above one half counts as 1); the mean over all examples and outputs, as
    torchvision's sigmoid_focal_loss with reduction "mean".
    """

    formula = "L = −α·(1 − q)^γ·log q, q = probability of the truth"
    when = "Few positives among very many easy negatives, as in detection. Give it raw scores (logits)."
    examples = (({}, ((1,),)), ({"gamma": 0.5}, ((4,),)), ({"alpha": 0.7, "gamma": 0.0}, ((2, 3),)), ({}, ((2, 3, 1),)))
    gamma = Float(2.0, "How fast an example counts less as it becomes right; 0 is plain cross-entropy.", low=0.0,
                  high=20.0, label="γ")
    alpha = Float(0.25, "Weight of the examples whose target is yes; the others weigh 1 − α.", low=0.0, high=1.0,
                  label="α")

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        p, side, miss = ctx.array(*z.shape), ctx.array(*z.shape), ctx.array(*z.shape)
        charge, factor = ctx.array(*z.shape), ctx.array(*z.shape)
        against, other = ctx.scratch(*z.shape), ctx.scratch(*z.shape)
        for call in sigmoid_calls(z, p):
            ctx.do(*call)
        # side is −s: −1 where the target is yes, else 1; s·z is the score of the truth.
        ctx.do(np.greater, ctx.target, 0.5, side)
        ctx.do(np.multiply, side, 2.0 * self.alpha - 1.0, factor)
        ctx.do(np.add, factor, 1.0 - self.alpha, factor)
        ctx.do(np.multiply, side, -2.0, side)
        ctx.do(np.add, side, 1.0, side)
        ctx.do(np.multiply, z, side, against)
        for call in sigmoid_calls(against, miss):
            ctx.do(*call)
        record_softplus(ctx, against, charge, other)
        ctx.do(np.power, miss, self.gamma, other)
        ctx.do(np.multiply, factor, other, factor)
        ctx.do(np.multiply, factor, charge, other)
        self.charge_mean(ctx, other)
        ctx.saved.side, ctx.saved.miss, ctx.saved.charge, ctx.saved.factor = side, miss, charge, factor
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Let m = s·z be the truth's score, q = σ(m), r = 1 − q and l = −log q, so that L = α·r^γ·l.

        dl/dm = −r and dr/dm = −r·q, hence dL/dm = −α·r^γ·(γ·q·l + r), and ∂L/∂z = s·dL/dm / (N·outputs).
        """
        dx, saved = ctx.dx(), ctx.saved
        if dx is not None:
            ctx.do(np.subtract, 1.0, saved.miss, dx)
            ctx.do(np.multiply, dx, self.gamma, dx)
            ctx.do(np.multiply, dx, saved.charge, dx)
            ctx.do(np.add, dx, saved.miss, dx)
            ctx.do(np.multiply, dx, saved.factor, dx)
            ctx.do(np.multiply, dx, saved.side, dx)
            ctx.do(np.multiply, dx, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Sigmoid", "Log", "Power", "Multiply", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sigmoid", xs[0])

    def headline(self) -> str:
        return f"γ = {exact(self.gamma)}, α = {exact(self.alpha)}"


class Dice(BinaryLoss, title="Dice", category=Category.OUTPUT):
    """For masks: charges 1 − the overlap of what is predicted and what is there, so that the background counts little.

    Not a likelihood. Overlap is Dice's coefficient with probabilities for members, taken over all numbers of an
    example; the mean is over examples. Definitions differ in the smoothing, and in whether the batch is one mask.
    """

    formula = "L = mean 1 − (2·Σ p·t + ε) / (Σ p + Σ t + ε), p = σ(z)"
    when = "Segmentation of small things in large images. Give it raw scores (logits)."
    examples = (({}, ((3,),)), ({"smooth": 0.1}, ((4, 2),)), ({}, ((2, 3, 2),)))
    smooth = Float(1.0, "Added above and below: makes an empty mask that is predicted as empty perfect.", low=0.0,
                   high=1e6, open_low=True, label="ε", advanced=True)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        n = z.shape[-1]
        axes = tuple(range(z.ndim - 1))
        p, both = ctx.array(*z.shape), ctx.scratch(*z.shape)
        above, below, overlap, term = ctx.scratch(n), ctx.array(n), ctx.array(n), ctx.scratch(n)
        for call in sigmoid_calls(z, p):
            ctx.do(*call)
        ctx.do(np.multiply, p, ctx.target, both)
        ctx.do(np.add.reduce, both, axes, None, above)
        ctx.do(np.multiply, above, 2.0, above)
        ctx.do(np.add, above, self.smooth, above)
        ctx.do(np.add, p, ctx.target, both)
        ctx.do(np.add.reduce, both, axes, None, below)
        ctx.do(np.add, below, self.smooth, below)
        ctx.do(np.divide, above, below, overlap)
        ctx.do(np.subtract, 1.0, overlap, term)
        self.charge_mean(ctx, term)
        ctx.saved.p, ctx.saved.below, ctx.saved.overlap = p, below, overlap
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With the overlap D = A/B, A = 2·Σ p·t + ε and B = Σ p + Σ t + ε: ∂D/∂p = (2t − D)/B.

        So ∂L/∂z = (D − 2t)/B · p·(1 − p) / N for the mean over the batch.
        """
        dx, saved = ctx.dx(), ctx.saved
        if dx is not None:
            slope = ctx.scratch(*dx.shape)
            ctx.do(np.multiply, ctx.target, -2.0, dx)
            ctx.do(np.add, dx, saved.overlap, dx)
            ctx.do(np.divide, dx, saved.below, dx)
            ctx.do(np.multiply, saved.p, saved.p, slope)
            ctx.do(np.subtract, saved.p, slope, slope)
            ctx.do(np.multiply, dx, slope, dx)
            ctx.do(np.multiply, dx, self.weight / ctx.batch, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Sigmoid", "Multiply", "Sum", "Divide", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sigmoid", xs[0])

    def headline(self) -> str:
        return "overlap of masks"
