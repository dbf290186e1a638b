"""Pooling over images."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.kernels import Window, window
from engine.layer import Category, Context, Layer, OnnxNode
from engine.layers.conv import PADDING, onnx_padding
from engine.params import IntOrChoice, IntTuple
from engine.shapes import Shape, text


class MaxPool2D(Layer, title="Max pool 2D", category=Category.SHAPE):
    """Keeps the largest value of each window: a smaller image that remembers whether, not exactly where."""

    stem = "pool"
    icon = "mdi6.arrow-collapse-all"
    formula = "y[i, j, c] = max x[i·s + u, j·s + v, c]"
    when = "Between convolutions, to shrink the image and let later filters see more of it."
    kinked = True
    pool_size = IntTuple((2, 2), "Height and width of a window.", low=1, high=64, axes=("height", "width"))
    stride = IntTuple((2, 2), "How far the window moves at a time.", low=1, high=64, axes=("height", "width"))
    padding = IntOrChoice("valid", "Valid drops what does not fill a window; same lets windows reach over the edge.",
                          options=PADDING, low=0, high=32)
    examples = (
        ({}, ((4, 6, 2),)),
        ({"pool_size": (2, 2)}, ((5, 5, 1),)),
        ({"pool_size": (3, 3), "stride": (2, 2), "padding": "same"}, ((5, 6, 2),)),
        ({"pool_size": (3, 2), "stride": (1, 1), "padding": 1}, ((4, 4, 2),)),
    )

    def windows(self, x: Shape) -> tuple[Window, Window]:
        """How the window slides down and across."""
        (kh, kw), (sh, sw) = self.pool_size, self.stride
        return window(x[0], kh, sh, self.padding), window(x[1], kw, sw, self.padding)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 3:
            return self.mismatch("rank", f"Max pool 2D receives {text(x)}.", "It takes height × width × channels.",
                                 "Wire it to an image, or remove it.")
        if isinstance(self.padding, int) and 2 * self.padding > min(self.pool_size):
            return self.mismatch("padding", f"Padding {self.padding} is over half the window {text(self.pool_size)}.",
                                 "A window must meet some data.", "Use a smaller padding.", parameter="padding")
        rows, columns = self.windows(x)
        if rows.out < 1 or columns.out < 1:
            return self.mismatch("no_room", f"A {text(self.pool_size)} window does not fit into {text(x[:2])}.",
                                 "The window must not be larger than the image.", "Use a smaller window.",
                                 parameter="pool_size")
        return (rows.out, columns.out, x[2])

    def cost(self, *shapes: Shape) -> int:
        rows, columns = self.windows(shapes[0])
        return rows.out * columns.out * shapes[0][2] * self.pool_size[0] * self.pool_size[1]

    def _views(self, x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each entry of the window: the outputs it meets data at, and those data."""
        height, channels, width, _ = x.shape
        rows, columns = self.windows((height, width, channels))
        pairs = []
        for u in range(self.pool_size[0]):
            for v in range(self.pool_size[1]):
                (to_row, row), (to_col, col) = rows.inside(u), columns.inside(v)
                pairs.append((y[to_row, :, to_col], x[row, :, col]))
        return pairs

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        height, channels, width, n = x.shape
        rows, columns = self.windows((height, width, channels))
        y = ctx.array(rows.out, channels, columns.out, n)
        pairs = self._views(x, y)
        whole = [pair for pair in pairs if pair[0].shape == y.shape]
        if len(whole) == len(pairs) > 1:
            ctx.do(np.maximum, pairs[0][1], pairs[1][1], out=y)
            pairs = pairs[2:]
        else:
            ctx.do(y.fill, -np.inf)
        for at, source in pairs:
            ctx.do(np.maximum, at, source, out=at)
        ctx.saved.x, ctx.saved.y = x, y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y is one of the window's x, so ∂y/∂x is 1 there and 0 elsewhere: δ goes to the place of the maximum,
        the first in row order where several are equal. ``left`` holds the δ that has not found its place yet.
        """
        dx = ctx.dx()
        if dx is None:
            return
        x, y = ctx.saved.x, ctx.saved.y
        left, hit = ctx.scratch(*dy.shape), ctx.scratch(*dy.shape, dtype=bool)
        share = ctx.scratch(*dy.shape)
        ctx.do(np.copyto, left, dy)
        ctx.do(dx.fill, 0)
        outputs = self._views(x, y)
        for (at, source), (d_left, into) in zip(outputs, self._views(dx, left), strict=True):
            at_hit, at_share = self._like(hit, at), self._like(share, at)
            ctx.do(np.greater_equal, source, at, at_hit)
            ctx.do(np.multiply, d_left, at_hit, at_share)
            ctx.do(np.subtract, d_left, at_share, d_left)
            ctx.do(np.add, into, at_share, into)

    @staticmethod
    def _like(array: np.ndarray, part: np.ndarray) -> np.ndarray:
        """The contiguous beginning of ``array`` in the shape of ``part``."""
        return array.reshape(-1)[: part.size].reshape(part.shape)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("MaxPool", xs[0], kernel_shape=list(self.pool_size), strides=list(self.stride),
                       **onnx_padding(self.padding))

    def headline(self) -> str:
        return text(self.pool_size)
