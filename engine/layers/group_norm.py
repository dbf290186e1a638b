"""Normalisation of each example by itself, over groups of its channels and all their places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.issues import Issue
from engine.kernels import along_channels
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import (
    onnx_channels,
    onnx_channels_back,
    onnx_channels_first,
)
from engine.layers.layer_norm import epsilon
from engine.layers.scale import gain_and_offset, gain_and_offset_gradients, scaled
from engine.params import Bool, Float, Int
from engine.shapes import Shape, size, text


class _Groups(NamedTuple):
    """How an array of the engine's layout divides: as (outer, groups, channels each, width, N)."""

    outer: int
    groups: int
    each: int
    width: int
    batch: int

    @property
    def numbers(self) -> int:
        """Numbers that share a mean."""
        return self.outer * self.each * self.width

    def of(self, array: np.ndarray) -> np.ndarray:
        """The array seen so. Splitting an axis never copies."""
        return array.reshape(self)

    def sum_into(self, ctx: Context, array: np.ndarray, narrow: np.ndarray, out: np.ndarray) -> None:
        """Writes down ``out`` (1, groups, 1, 1, N) = sums; ``narrow`` (outer, groups, N) is working space.

        A product with ones for each run of a group: BLAS adds several times faster than NumPy's own sum.
        """
        total = out.reshape(self.groups, self.batch)
        if self.each * self.width == 1:
            ctx.do(np.add.reduce, array.reshape(self.outer, self.groups, self.batch), 0, None, total)
            return
        runs = array.reshape(self.outer, self.groups, self.each * self.width, self.batch)
        ctx.do(np.matmul, ctx.ones(runs.shape[2]), runs, narrow)
        ctx.do(np.add.reduce, narrow, 0, None, total)


def _groups(x: np.ndarray, groups: int) -> _Groups:
    n = x.shape[-1]
    if x.ndim == 2:
        return _Groups(1, groups, x.shape[0] // groups, 1, n)
    if x.ndim == 3:
        return _Groups(x.shape[0], groups, x.shape[1] // groups, 1, n)
    return _Groups(x.shape[0], groups, x.shape[1] // groups, x.shape[2], n)


class _GroupNormalised(Learnable):
    """What Group norm and Instance norm share: everything but the number of groups."""

    eps: Float
    affine: Bool

    def groups_for(self, channels: int) -> int:
        raise NotImplementedError(self.kind)

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        return gain_and_offset(shapes[0][-1]) if self.affine else {}

    def cost(self, *shapes: Shape) -> int:
        return 2 * size(shapes[0])

    def _parts(self, x: np.ndarray) -> _Groups:
        channels = x.shape[0] if x.ndim == 2 else x.shape[1]
        return _groups(x, self.groups_for(channels))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        parts = self._parts(x)
        normal, y = ctx.array(*x.shape), ctx.array(*x.shape)
        row = (1, parts.groups, 1, 1, parts.batch)
        narrow = ctx.scratch(parts.outer, parts.groups, parts.batch)
        mean, inverse = ctx.scratch(*row), ctx.array(*row)
        parts.sum_into(ctx, x, narrow, mean)
        ctx.do(np.multiply, mean, 1.0 / parts.numbers, mean)
        ctx.do(np.subtract, parts.of(x), mean, parts.of(normal))
        ctx.do(np.multiply, normal, normal, y)
        parts.sum_into(ctx, y, narrow, inverse)
        ctx.do(np.multiply, inverse, 1.0 / parts.numbers, inverse)
        ctx.do(np.add, inverse, self.eps, inverse)
        ctx.do(np.sqrt, inverse, inverse)
        ctx.do(np.reciprocal, inverse, inverse)
        ctx.do(np.multiply, parts.of(normal), inverse, parts.of(normal))
        ctx.saved.normal, ctx.saved.inverse = normal, inverse
        return scaled(ctx, normal, y) if self.affine else normal

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With r = 1/√(var + ε), x̂ = r·(x − mean) and y = g·x̂ + b: ∂L/∂b = Σ δ and ∂L/∂g = Σ δ·x̂ per channel.

        With γ = g·δ the gradient at x̂, and M numbers of a group that share mean and variance,
        ∂L/∂xᵢ = r·(γᵢ − Σⱼ γⱼ/M − x̂ᵢ·Σⱼ γⱼ·x̂ⱼ/M), for the reasons given at Batch norm.
        """
        normal, rank = ctx.saved.normal, dy.ndim - 1
        if ctx.learns and self.affine:
            gain_and_offset_gradients(ctx, dy, normal)
        dx = ctx.dx()
        if dx is None:
            return
        parts = self._parts(dy)
        row = (1, parts.groups, 1, 1, parts.batch)
        narrow = ctx.scratch(parts.outer, parts.groups, parts.batch)
        at_normal, sums = ctx.scratch(*dy.shape), ctx.scratch(*row)
        gain = along_channels(ctx.w.gain, rank) if self.affine else 1.0
        ctx.do(np.multiply, dy, gain, at_normal)
        ctx.do(np.multiply, at_normal, normal, dx)
        parts.sum_into(ctx, dx, narrow, sums)
        ctx.do(np.multiply, parts.of(normal), sums, parts.of(dx))
        parts.sum_into(ctx, at_normal, narrow, sums)
        ctx.do(np.add, parts.of(dx), sums, parts.of(dx))
        ctx.do(np.multiply, dx, 1.0 / parts.numbers, dx)
        ctx.do(np.subtract, at_normal, dx, dx)
        ctx.do(np.multiply, parts.of(dx), ctx.saved.inverse, parts.of(dx))

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        steps = ("Mean", "Subtract", "Variance", "Divide")
        return (*steps, "Multiply", "Add") if self.affine else steps

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        # InstanceNormalization over (N, groups, everything else), which every opset knows.
        shape = node.input_shapes[0]
        channels, groups = shape[-1], self.groups_for(shape[-1])
        x = onnx_channels_first(node, xs[0])
        ones, zeros = np.ones(groups, np.float32), np.zeros(groups, np.float32)
        grouped = node.op("Reshape", x, node.constant(np.array([0, groups, -1], np.int64)))
        y = node.op("InstanceNormalization", grouped, node.constant(ones), node.constant(zeros), epsilon=self.eps)
        y = node.op("Reshape", y, node.constant(np.array([0, channels, *shape[:-1]], np.int64)))
        y = onnx_channels_back(node, y)
        if not self.affine:
            return y
        y = node.op("Mul", y, onnx_channels(node, node.weight("gain")))
        return node.op("Add", y, onnx_channels(node, node.weight("offset")))


class GroupNorm(_GroupNormalised, title="Group norm", category=Category.NORMALISE):
    """Shifts and scales groups of channels, with all their places, to mean 0 and variance 1, each example by itself.

    One group takes in the whole example. Source: Wu & He 2018.
    """

    icon = "mdi6.group"
    formula = "y = g · (x − mean) / √(var + ε) + b, over a group of channels"
    when = "Instead of Batch norm where batches are small: it does the same in training and afterwards."
    groups = Int(2, "How many groups the channels are divided into; the channels must divide evenly.", low=1, high=4096)
    eps = epsilon(1e-5)
    affine = Bool(True, "Learn a gain and an offset for every channel.", label="Gain and offset")
    examples = (
        ({}, ((6,),)),
        ({"groups": 3}, ((4, 6),)),
        ({}, ((2, 3, 4),)),
        ({"groups": 1, "affine": False}, ((3, 2, 2),)),
        ({"groups": 4, "eps": 1e-3}, ((3, 3, 4),)),
        ({"groups": 3}, ((3,),)),
    )

    def infer(self, *shapes: Shape) -> Shape | Issue:
        channels = shapes[0][-1]
        if channels % self.groups == 0:
            return shapes[0]
        return self.mismatch("groups", f"{channels} channels do not divide into {self.groups} groups.",
                             "Each group must have the same number of channels.",
                             "Use a number of groups that divides the channels.", parameter="groups")

    def groups_for(self, channels: int) -> int:
        return self.groups

    def headline(self) -> str:
        return "1 group" if self.groups == 1 else f"{self.groups} groups"


class InstanceNorm(_GroupNormalised, title="Instance norm", category=Category.NORMALISE):
    """Shifts and scales each channel of each example, over all its places, to mean 0 and variance 1.

    Like PyTorch's it has no gain and offset unless asked for. Source: Ulyanov et al. 2016.
    """

    icon = "mdi6.image-filter-center-focus"
    formula = "y = (x − mean) / √(var + ε), over the places of a channel"
    when = "Where an image's contrast should not matter, as in changing its style."
    eps = epsilon(1e-5)
    affine = Bool(False, "Learn a gain and an offset for every channel.", label="Gain and offset")
    examples = (({}, ((4, 3),)), ({"affine": True}, ((5, 2),)), ({}, ((2, 3, 4),)), ({"affine": True}, ((3, 3, 2),)),
                ({}, ((4, 1, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        if len(shapes[0]) > 1:
            return shapes[0]
        return self.mismatch("rank", f"Instance norm receives {text(shapes[0])}.",
                             "It takes a sequence or an image, whose channels have several places.",
                             "Use Layer norm for a flat list of numbers.")

    def groups_for(self, channels: int) -> int:
        return channels

    def headline(self) -> str:
        return "per channel and example"
