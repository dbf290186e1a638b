"""Images made larger or smaller by weighing places: maps that are linear and go axis by axis.

Averaging over rectangles and interpolating between pixels both take the form Y = R·X·Cᵀ for each channel, with one
matrix R for the rows and one C for the columns, so both are two matrix products and differ only in the matrices.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.params import Choice, IntTuple
from engine.receptive import Field, slid
from engine.shapes import Shape, text


class _Resample(Layer):
    """Y = R·X·Cᵀ for each channel."""

    linear = True

    def sizes(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of what comes out."""
        raise NotImplementedError(self.kind)

    def matrix(self, length: int, out: int) -> np.ndarray:
        """(out, length): how much of each place stands in each new one."""
        raise NotImplementedError(self.kind)

    def mixes(self, length: int, out: int) -> int:
        """How many places stand in a new one, at the most."""
        raise NotImplementedError(self.kind)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) == 3:
            return (*self.sizes(x[0], x[1]), x[2])
        return self.mismatch("rank", f"{self.title} receives {text(x)}.", "It takes height × width × channels.",
                             "Wire it to an image, or put a Reshape before it.")

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        """What the matrices mix: the most numbers that one row holds, and how far apart rows lie."""
        height, width, _ = shapes[0]
        rows, columns = self.sizes(height, width)
        sizes = ((height, rows), (width, columns))
        return slid(field, [(self.mixes(length, out), length / out) for length, out in sizes])

    def cost(self, *shapes: Shape) -> int:
        height, width, channels = shapes[0]
        rows, columns = self.sizes(height, width)
        return channels * width * rows * (height + columns)

    def _kept_matrix(self, ctx: Context, length: int, out: int) -> np.ndarray:
        return ctx.table(partial(self.matrix, length, out), out, length)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        height, channels, width, n = x.shape
        rows, columns = self.sizes(height, width)
        down, across = self._kept_matrix(ctx, height, rows), self._kept_matrix(ctx, width, columns)
        half, y = ctx.scratch(rows, channels, width, n), ctx.array(rows, channels, columns, n)
        ctx.do(np.matmul, down, x.reshape(height, -1), half.reshape(rows, -1))
        ctx.do(np.matmul, across, half, y)
        ctx.saved.down, ctx.saved.across = down, across
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Y = R·X·Cᵀ is linear in X, so the errors go back the same way, transposed: ∂L/∂X = Rᵀ·δ·C."""
        dx = ctx.dx()
        if dx is None:
            return
        height, channels, width, n = dx.shape
        half = ctx.scratch(dy.shape[0], channels, width, n)
        ctx.do(np.matmul, ctx.saved.across.T, dy, half)
        ctx.do(np.matmul, ctx.saved.down.T, half.reshape(dy.shape[0], -1), dx.reshape(height, -1))

    def onnx_products(self, node: OnnxNode, x: str) -> str:
        """R·X·Cᵀ with constant matrices; ONNX broadcasts over examples and channels."""
        height, width, _ = node.input_shapes[0]
        rows, columns = self.sizes(height, width)
        down = node.constant(self.matrix(height, rows).astype(np.float32))
        across = node.constant(np.ascontiguousarray(self.matrix(width, columns).T, np.float32))
        return node.op("MatMul", node.op("MatMul", down, x), across)


class AdaptiveAvgPool2D(_Resample, title="Adaptive average pool 2D", category=Category.SHAPE):
    """Averages an image down (or out) to a size you choose, whatever the size that comes in.

    New place i takes the mean of the places from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉, as in PyTorch; these may overlap.
    """

    stem = "pool"
    icon = "mdi6.arrow-collapse-all"
    formula = "y[i, j, c] = mean x over the i-th of m bands of rows and the j-th of columns"
    when = "Before Flatten and Dense, so that images of another size still fit."
    output_size = IntTuple((1, 1), "Height and width of what comes out.", low=1, high=1024, axes=("height", "width"))
    examples = (
        ({}, ((3, 4, 2),)),
        ({"output_size": (2, 3)}, ((5, 7, 2),)),
        ({"output_size": (2, 2)}, ((4, 6, 1),)),
        ({"output_size": (5, 3)}, ((3, 3, 2),)),
    )

    def sizes(self, height: int, width: int) -> tuple[int, int]:
        return self.output_size[0], self.output_size[1]

    def mixes(self, length: int, out: int) -> int:
        return max(-(-(i + 1) * length // out) - i * length // out for i in range(out))

    def matrix(self, length: int, out: int) -> np.ndarray:
        shares = np.zeros((out, length))
        for i in range(out):
            start, stop = i * length // out, -(-(i + 1) * length // out)
            shares[i, start:stop] = 1.0 / (stop - start)
        return shares

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return self.onnx_products(node, xs[0])

    def headline(self) -> str:
        return text(self.output_size)


class Upsample(_Resample, title="Upsample", category=Category.SHAPE):
    """Makes an image larger: each pixel repeated, or new ones put between by straight lines.

    Pixels are taken as areas: the corners of the picture keep their place, not those of the corner pixels
    (``align_corners=False``, as PyTorch, Keras and browsers have it).
    """

    icon = "mdi6.arrow-expand-all"
    formula = "y[i, j, c] = x at (i / f, j / f)"
    when = "In the second half of networks whose output is an image. It has no weights; a convolution often follows."
    factor = IntTuple((2, 2), "How many times as high and as wide.", low=1, high=32, axes=("height", "width"))
    mode = Choice("nearest", "Repeat pixels, or interpolate between them.",
                  options={"nearest": "Nearest", "bilinear": "Bilinear"})
    examples = (
        ({}, ((2, 3, 2),)),
        ({"factor": (3, 1)}, ((2, 2, 1),)),
        ({"mode": "bilinear"}, ((3, 2, 2),)),
        ({"mode": "bilinear", "factor": (3, 4)}, ((2, 3, 1),)),
    )

    def sizes(self, height: int, width: int) -> tuple[int, int]:
        return height * self.factor[0], width * self.factor[1]

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        if self.mode == "bilinear":
            return super().receptive_field(field, *shapes)
        return slid(field, [(1, 1 / factor) for factor in self.factor])

    def mixes(self, length: int, out: int) -> int:
        return 2 if out > length > 1 else 1

    def matrix(self, length: int, out: int) -> np.ndarray:
        """New pixel i has its centre at (i + ½)·length/out − ½ of the old ones, held within the picture."""
        centre = np.clip((np.arange(out) + 0.5) * length / out - 0.5, 0.0, length - 1.0)
        left = np.minimum(centre.astype(int), max(length - 2, 0))
        right = np.minimum(left + 1, length - 1)
        shares = np.zeros((out, length))
        shares[np.arange(out), left] += 1.0 - (centre - left)
        shares[np.arange(out), right] += centre - left
        return shares

    def _repeated(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The larger array with the copies of a pixel on axes of their own, 1 and 4."""
        height, channels, width, n = x.shape
        return y.reshape(height, self.factor[0], channels, width, self.factor[1], n)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        if self.mode == "bilinear":
            return super().forward(ctx, *xs)
        (x,) = xs
        height, channels, width, n = x.shape
        y = ctx.array(height * self.factor[0], channels, width * self.factor[1], n)
        ctx.do(np.copyto, self._repeated(y, x), x[:, None, :, :, None])
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each pixel receives the sum of the errors of its copies; interpolated, Y = R·X·Cᵀ gives ∂L/∂X = Rᵀ·δ·C."""
        if self.mode == "bilinear":
            super().backward(ctx, dy)
            return
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.add.reduce, self._repeated(dy, dx), (1, 4), None, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        if self.mode == "bilinear":
            return self.onnx_products(node, xs[0])
        scales = node.constant(np.array([1, 1, *self.factor], np.float32))
        return node.op("Resize", xs[0], "", scales, mode="nearest", nearest_mode="floor",
                       coordinate_transformation_mode="asymmetric")

    def headline(self) -> str:
        return f"× {text(self.factor)} · {self.mode}"
