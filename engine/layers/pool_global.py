"""Pooling over all places of a channel: sequences and images become lists of features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Examples, Layer, OnnxNode
from engine.receptive import ALL, Field
from engine.shapes import Shape, text


class _GlobalPool(Layer):
    stem = "pool"
    icon = "mdi6.arrow-collapse"
    examples: ClassVar[Examples] = (({}, ((4, 3),)), ({}, ((2, 3, 4),)), ({}, ((1, 2),)), ({}, ((1, 1, 3),)))
    onnx_operator: ClassVar[str]

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        return ALL

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) in (2, 3):
            return (x[-1],)
        return self.mismatch("rank", f"{self.title} receives {text(x)}.",
                             "It takes steps × features or height × width × channels.",
                             "Remove it: a flat list of numbers has no places to pool over.")

    def cost(self, *shapes: Shape) -> int:
        return int(np.prod(shapes[0]))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        shape = node.input_shapes[0]
        if len(shape) == 3:
            return node.op("Flatten", node.op(f"Global{self.onnx_operator}", xs[0]), axis=1)
        # A sequence is an image of one channel, and the window is as high as it is long.
        image = node.op("Unsqueeze", xs[0], node.constant(np.array([1], np.int64)))
        return node.op("Flatten", node.op(self.onnx_operator, image, kernel_shape=[shape[0], 1]), axis=1)


def _over_places(ctx: Context, reduce: np.ufunc, x: np.ndarray, out: np.ndarray) -> None:
    """Writes down ``out`` (channels, N) = ``x`` reduced over its places: rows first, which keeps the runs long."""
    if x.ndim == 4:
        row = ctx.scratch(*x.shape[1:])
        ctx.do(reduce.reduce, x, 0, None, row)
        ctx.do(reduce.reduce, row, 1, None, out)
    else:
        ctx.do(reduce.reduce, x, 0, None, out)


def _spread(features: np.ndarray, ndim: int) -> np.ndarray:
    """(channels, N) as a view that broadcasts over the places."""
    return features[:, None, :] if ndim == 4 else features


class GlobalAvgPool(_GlobalPool, title="Global average pool", category=Category.SHAPE):
    """The mean of each channel over all its places: one number a channel."""

    formula = "y[c] = mean x[…, c]"
    when = "At the end of an image network, in place of Flatten and a large Dense layer: it has no weights and takes " \
           "any size of image."
    linear = True
    onnx_operator = "AveragePool"

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(x.shape[1], ctx.batch)
        _over_places(ctx, np.add, x, y)
        ctx.do(np.multiply, y, y.size / x.size, y)
        ctx.saved.ndim = x.ndim
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each of the P places has the share 1/P in the mean: ∂L/∂x = δ/P everywhere."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, _spread(dy, ctx.saved.ndim), dy.size / dx.size, dx)


class GlobalMaxPool(_GlobalPool, title="Global max pool", category=Category.SHAPE):
    """The largest value of each channel over all its places: was the pattern there at all?"""

    formula = "y[c] = max x[…, c]"
    when = "At the end of a network that looks for something which may stand anywhere."
    kinked = True
    onnx_operator = "MaxPool"

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(x.shape[1], ctx.batch)
        _over_places(ctx, np.maximum, x, y)
        ctx.saved.x, ctx.saved.y = x, y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y is the largest x, so ∂y/∂x is 1 there and 0 elsewhere. Where k places share the maximum each receives
        δ/k, as with PyTorch's ``amax``: the mean of the subgradients.
        """
        dx, x = ctx.dx(), ctx.saved.x
        if dx is None:
            return
        hit, count = ctx.scratch(*x.shape, dtype=bool), ctx.scratch(*dy.shape)
        ctx.do(np.equal, x, _spread(ctx.saved.y, x.ndim), hit)
        ctx.do(np.copyto, dx, hit)
        _over_places(ctx, np.add, dx, count)
        ctx.do(np.divide, dy, count, count)
        ctx.do(np.multiply, dx, _spread(count, x.ndim), dx)
