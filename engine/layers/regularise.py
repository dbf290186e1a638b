"""Regularisation: layers that make learning by heart harder."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.issues import Issue
from engine.kernels import channel_axis
from engine.layer import Category, Context, Examples, Layer, OnnxNode
from engine.layers.elementwise import SHAPES, Elementwise
from engine.numbers import exact
from engine.params import Float
from engine.shapes import Shape, text


class Dropout(Elementwise, title="Dropout", category=Category.NORMALISE):
    """In training, silences a random share of the numbers and scales up the rest; otherwise passes everything."""

    icon = "mdi6.scatter-plot-outline"
    formula = "y = x · m / (1 − p), m = 0 with probability p"
    when = "After wide layers that learn the training data by heart: no unit can rely on another being there."
    linear = True
    random = True
    rate = Float(0.5, "Share p of the numbers that is silenced.", low=0.0, high=1.0, open_high=True, live=True)
    examples: ClassVar[Examples] = (({"rate": 0.3}, ((6,),)), ({"rate": 0.5}, ((3, 4, 2),)), ({"rate": 0.0}, ((4,),)))

    def mask_shape(self, x: np.ndarray) -> Shape:
        """How many independent draws one pass makes, in a shape that broadcasts over ``x``."""
        return x.shape

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        if not ctx.training:
            return x
        y, draws = ctx.array(*x.shape), ctx.scratch(*self.mask_shape(x), dtype=np.float32)
        mask = ctx.array(*draws.shape, dtype=bool)
        rate, scale = ctx.live("rate"), ctx.kept()
        ctx.do(np.subtract, 1.0, rate, scale)
        ctx.do(np.reciprocal, scale, scale)
        ctx.do(ctx.rng.random, draws.shape, draws.dtype, draws)
        ctx.do(np.greater_equal, draws, rate, mask)
        ctx.do(np.multiply, x, mask, y)
        ctx.do(np.multiply, y, scale, y)  # so that the expected value stays what it was
        ctx.saved.mask, ctx.saved.scale = mask, scale
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y = x·m/(1 − p) is linear in x, so ∂L/∂x = δ·m/(1 − p) with the same mask m. Outside training y = x."""
        if not ctx.training:
            ctx.pass_back(dy)
            return
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, dy, ctx.saved.mask, dx)
            ctx.do(np.multiply, dx, ctx.saved.scale, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])  # an exported network predicts: nothing is silenced

    def headline(self) -> str:
        return f"p = {exact(self.rate)}"


class SpatialDropout(Dropout, title="Spatial dropout", category=Category.NORMALISE):
    """In training, silences whole channels: a feature map of an image, a feature of all steps of a sequence."""

    icon = "mdi6.layers-remove"
    formula = "y[…, c] = x[…, c] · m[c] / (1 − p), m = 0 with probability p"
    when = "After convolutions, where neighbouring numbers say nearly the same and plain dropout takes little away."
    examples = (({"rate": 0.3}, ((3, 6),)), ({"rate": 0.5}, ((3, 2, 8),)), ({"rate": 0.0}, ((4, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        if len(shapes[0]) > 1:
            return shapes[0]
        return self.mismatch("rank", f"Spatial dropout receives {text(shapes[0])}.",
                             "It takes a sequence or an image, whose channels have several places.",
                             "Use Dropout for a flat list of numbers.")

    def mask_shape(self, x: np.ndarray) -> Shape:
        keep = (channel_axis(x.ndim - 1), x.ndim - 1)
        return tuple(n if axis in keep else 1 for axis, n in enumerate(x.shape))


class GaussianNoise(Elementwise, title="Gaussian noise", category=Category.NORMALISE):
    """In training, adds normal random numbers; otherwise passes everything."""

    icon = "mdi6.blur"
    formula = "y = x + σ·n, n normal with mean 0 and variance 1"
    when = "On inputs of few examples: the network cannot learn them to the last digit."
    linear = True
    random = True
    std = Float(0.1, "Standard deviation σ of the noise.", low=0.0, high=1000.0, live=True, label="Std deviation σ")
    examples = (*SHAPES, ({"std": 0.0}, ((4,),)), ({"std": 2.0}, ((3, 2),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        if not ctx.training:
            return x
        # Drawn in single precision whatever the network's: noise needs no more, and a seed then means the same.
        y, noise = ctx.array(*x.shape), ctx.scratch(*x.shape, dtype=np.float32)
        ctx.do(ctx.rng.standard_normal, noise.shape, noise.dtype, noise)
        ctx.do(np.multiply, noise, ctx.live("std"), y)
        ctx.do(np.add, y, x, y)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """The noise does not depend on x: ∂y/∂x = 1, so ∂L/∂x = δ."""
        ctx.pass_back(dy)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])  # an exported network predicts: nothing is added

    def headline(self) -> str:
        return f"σ = {exact(self.std)}"


class ActivityRegularisation(Layer, title="Activity penalty", category=Category.NORMALISE):
    """Passes numbers on unchanged and charges for their size: what a layer says shall cost something."""

    icon = "mdi6.scale-balance"
    formula = "L ← L + λ₁·mean|a| + λ₂·mean a²"
    when = "For sparse codes (λ₁) or small activations (λ₂). The mean is over all numbers of the batch, so the " \
           "charge does not grow with the layer. It counts towards the loss shown, in training and in validation."
    kinked = True
    l1 = Float(0.01, "Price λ₁ of the mean absolute value.", low=0.0, high=1000.0, label="L1 λ₁")
    l2 = Float(0.0, "Price λ₂ of the mean square.", low=0.0, high=1000.0, label="L2 λ₂")
    examples = (*SHAPES, ({"l1": 0.0, "l2": 0.5}, ((3, 2),)), ({"l1": 0.3, "l2": 0.2}, ((2, 3, 2),)),
                ({"l1": 0.0}, ((3,),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        size, penalty = ctx.scratch(*x.shape), ctx.penalty()
        ctx.do(np.absolute, x, size)
        flat = size.reshape(-1)
        ctx.do(_charge, flat, ctx.ones(flat.size), self.l1, self.l2, penalty)
        ctx.saved.x = x
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y = x passes δ on. The charge's own derivative is λ₁·sign(x)/M + 2·λ₂·x/M for the means over M numbers:

        ∂L/∂x = δ + (λ₁·sign(x) + 2·λ₂·x)/M.
        """
        dx, x = ctx.dx(), ctx.saved.x
        if dx is None:
            return
        if self.l2:
            ctx.do(np.multiply, x, 2.0 * self.l2 / x.size, dx)
            ctx.do(np.add, dx, dy, dx)
        else:
            ctx.do(np.copyto, dx, dy)
        if self.l1:
            sign = ctx.scratch(*x.shape)
            ctx.do(np.sign, x, sign)
            ctx.do(np.multiply, sign, self.l1 / x.size, sign)
            ctx.do(np.add, dx, sign, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])  # a charge on training only

    def headline(self) -> str:
        return f"λ₁ = {exact(self.l1)} · λ₂ = {exact(self.l2)}"


def _charge(size: np.ndarray, ones: np.ndarray, l1: float, l2: float, penalty: np.ndarray) -> None:
    penalty[...] = (l1 * float(size.dot(ones)) + l2 * float(size.dot(size))) / size.shape[0]
