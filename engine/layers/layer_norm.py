"""Normalisation of each place by itself, over its features; batches do not matter."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Ones
from engine.issues import Issue
from engine.kernels import along_channels, channel_axis
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import channel_dot, channel_rows, feature_sum, onnx_channels
from engine.layers.elementwise import SHAPES, row_shape
from engine.layers.scale import gain_and_offset, gain_and_offset_gradients, scaled
from engine.params import Bool, Float
from engine.shapes import Shape, size


def epsilon(default: float) -> Float:
    """The parameter all normalisations share."""
    return Float(default, "Added to the variance, so that nothing is divided by 0.", low=1e-12, high=1.0, log=True,
                 label="Epsilon ε", advanced=True)


class LayerNorm(Learnable, title="Layer norm", category=Category.NORMALISE):
    """Shifts and scales the features of each example (each step, each pixel) to mean 0 and variance 1.

    The statistics are over the last axis alone, as is usual for sequences; Group norm with one group normalises whole
    examples. Source: Ba et al. 2016.
    """

    icon = "mdi6.format-align-middle"
    formula = "y = g · (x − mean) / √(var + ε) + b, over the features"
    when = "Transformers and recurrent networks, and wherever batches are small: every example stands for itself."
    eps = epsilon(1e-5)
    affine = Bool(True, "Learn a gain and an offset for every feature.", label="Gain and offset")
    examples = (*SHAPES, ({"affine": False, "eps": 1e-3}, ((4,),)), ({"affine": False}, ((3, 2, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        return gain_and_offset(shapes[0][-1]) if self.affine else {}

    def cost(self, *shapes: Shape) -> int:
        return 2 * size(shapes[0])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        axis = channel_axis(x.ndim - 1)
        share = 1.0 / x.shape[axis]
        normal, y = ctx.array(*x.shape), ctx.array(*x.shape)
        mean, inverse = ctx.scratch(*row_shape(x, axis)), ctx.array(*row_shape(x, axis))
        feature_sum(ctx, x, mean)
        ctx.do(np.multiply, mean, share, mean)
        ctx.do(np.subtract, x, mean, normal)
        ctx.do(np.multiply, normal, normal, y)
        feature_sum(ctx, y, inverse)
        ctx.do(np.multiply, inverse, share, inverse)
        ctx.do(np.add, inverse, self.eps, inverse)
        ctx.do(np.sqrt, inverse, inverse)
        ctx.do(np.reciprocal, inverse, inverse)
        ctx.do(np.multiply, normal, inverse, normal)
        ctx.saved.normal, ctx.saved.inverse = normal, inverse
        return scaled(ctx, normal, y) if self.affine else normal

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With r = 1/√(var + ε), x̂ = r·(x − mean) and y = g·x̂ + b: ∂L/∂b = Σ δ and ∂L/∂g = Σ δ·x̂ over examples.

        With γ = g·δ the gradient at x̂, and F features that share mean and variance,
        ∂L/∂xᵢ = r·(γᵢ − Σⱼ γⱼ/F − x̂ᵢ·Σⱼ γⱼ·x̂ⱼ/F), for the reasons given at Batch norm.
        """
        normal, rank = ctx.saved.normal, dy.ndim - 1
        if ctx.learns and self.affine:
            gain_and_offset_gradients(ctx, dy, normal)
        dx = ctx.dx()
        if dx is None:
            return
        axis = channel_axis(rank)
        work, row = ctx.scratch(*dy.shape), ctx.scratch(*row_shape(dy, axis))
        at_normal = dy
        if self.affine:
            at_normal = ctx.scratch(*dy.shape)
            ctx.do(np.multiply, dy, along_channels(ctx.w.gain, rank), at_normal)
        ctx.do(np.multiply, at_normal, normal, work)
        feature_sum(ctx, work, row)
        ctx.do(np.multiply, normal, row, dx)
        feature_sum(ctx, at_normal, row)
        ctx.do(np.add, dx, row, dx)
        ctx.do(np.multiply, dx, 1.0 / dy.shape[axis], dx)
        ctx.do(np.subtract, at_normal, dx, dx)
        ctx.do(np.multiply, dx, ctx.saved.inverse, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        steps = ("Mean", "Subtract", "Variance", "Divide")
        return (*steps, "Multiply", "Add") if self.affine else steps

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        features = node.input_shapes[0][-1]
        gain = node.weight("gain") if self.affine else node.constant(np.ones(features, np.float32))
        inputs = [gain, node.weight("offset")] if self.affine else [gain]
        image = len(node.input_shapes[0]) == 3
        x = node.op("Transpose", xs[0], perm=[0, 2, 3, 1]) if image else xs[0]
        y = node.op("LayerNormalization", x, *inputs, axis=-1, epsilon=self.eps)
        return node.op("Transpose", y, perm=[0, 3, 1, 2]) if image else y

    def headline(self) -> str:
        return "over features"


class RMSNorm(Learnable, title="RMS norm", category=Category.NORMALISE):
    """Scales the features of each example (each step, each pixel) to a root mean square of 1; nothing is shifted.

    Source: Zhang & Sennrich 2019. PyTorch's ε, where none is given, is the precision's own; here it is stated.
    """

    icon = "mdi6.format-align-middle"
    formula = "y = g · x / √(mean x² + ε), over the features"
    when = "A cheaper Layer norm in transformers; the mean rarely matters there."
    eps = epsilon(1e-6)
    affine = Bool(True, "Learn a gain for every feature.", label="Gain")
    examples = (*SHAPES, ({"affine": False, "eps": 1e-3}, ((4,),)), ({"affine": False}, ((3, 2, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        return {"gain": WeightSpec((shapes[0][-1],), Ones(), decays=False)} if self.affine else {}

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        axis = channel_axis(x.ndim - 1)
        normal, y = ctx.array(*x.shape), ctx.array(*x.shape)
        inverse = ctx.array(*row_shape(x, axis))
        ctx.do(np.multiply, x, x, y)
        feature_sum(ctx, y, inverse)
        ctx.do(np.multiply, inverse, 1.0 / x.shape[axis], inverse)
        ctx.do(np.add, inverse, self.eps, inverse)
        ctx.do(np.sqrt, inverse, inverse)
        ctx.do(np.reciprocal, inverse, inverse)
        ctx.do(np.multiply, x, inverse, normal)
        ctx.saved.normal, ctx.saved.inverse = normal, inverse
        if not self.affine:
            return normal
        ctx.do(np.multiply, normal, along_channels(ctx.w.gain, x.ndim - 1), y)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With r = 1/√(mean x² + ε), x̂ = r·x and y = g·x̂: ∂L/∂g = Σ δ·x̂ over examples.

        ∂r/∂xᵢ = −r³·xᵢ/F, so with γ = g·δ: ∂L/∂xᵢ = r·(γᵢ − x̂ᵢ·Σⱼ γⱼ·x̂ⱼ/F).
        """
        normal, rank = ctx.saved.normal, dy.ndim - 1
        if ctx.learns and self.affine:
            channel_dot(ctx, channel_rows(dy), channel_rows(normal), ctx.dw.gain)
        dx = ctx.dx()
        if dx is None:
            return
        axis = channel_axis(rank)
        work, row = ctx.scratch(*dy.shape), ctx.scratch(*row_shape(dy, axis))
        at_normal = dy
        if self.affine:
            at_normal = ctx.scratch(*dy.shape)
            ctx.do(np.multiply, dy, along_channels(ctx.w.gain, rank), at_normal)
        ctx.do(np.multiply, at_normal, normal, work)
        feature_sum(ctx, work, row)
        ctx.do(np.multiply, row, 1.0 / dy.shape[axis], row)
        ctx.do(np.multiply, normal, row, dx)
        ctx.do(np.subtract, at_normal, dx, dx)
        ctx.do(np.multiply, dx, ctx.saved.inverse, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        steps = ("Square", "Mean", "Divide")
        return (*steps, "Multiply") if self.affine else steps

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        # Spelled out, for ONNX has an operator of its own only from opset 23 on; ReduceSum since 13 alike.
        def number(value: float) -> str:
            return node.constant(np.array(value, np.float32))

        axis = node.constant(np.array([node.channel_axis], np.int64))
        squares = node.op("ReduceSum", node.op("Mul", xs[0], xs[0]), axis, keepdims=1)
        mean = node.op("Mul", squares, number(1.0 / node.input_shapes[0][-1]))
        y = node.op("Div", xs[0], node.op("Sqrt", node.op("Add", mean, number(self.eps))))
        return node.op("Mul", y, onnx_channels(node, node.weight("gain"))) if self.affine else y

    def headline(self) -> str:
        return "over features"
