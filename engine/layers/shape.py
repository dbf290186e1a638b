"""Layers that rearrange numbers without changing them."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.shapes import Shape, size


class Flatten(Layer, title="Flatten", category=Category.SHAPE):
    """Lays all numbers of an example in one row: height, then width, then channels."""

    icon = "mdi6.arrow-expand-horizontal"
    formula = "28 × 28 × 1 → 784"
    when = "Between images (or sequences) and Dense layers."
    linear = True
    examples = (({}, ((4,),)), ({}, ((3, 2),)), ({}, ((2, 3, 4),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return (size(shapes[0]),)

    def cost(self, *shapes: Shape) -> int:
        return 0

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        ctx.saved.rank = x.ndim - 1
        if x.ndim != 4:
            return x.reshape(-1, ctx.batch)
        height, channels, width, n = x.shape
        y = ctx.array(height, width, channels, n)
        ctx.do(np.copyto, y, x.transpose(0, 2, 1, 3))
        return y.reshape(-1, n)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Every number goes back to where it came from."""
        if ctx.saved.rank != 3:
            ctx.pass_back(dy)
            return
        dx = ctx.dx()
        if dx is not None:
            height, channels, width, n = dx.shape
            ctx.do(np.copyto, dx, dy.reshape(height, width, channels, n).transpose(0, 2, 1, 3))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        x = node.op("Transpose", xs[0], perm=[0, 2, 3, 1]) if len(node.input_shapes[0]) == 3 else xs[0]
        return node.op("Flatten", x, axis=1)
