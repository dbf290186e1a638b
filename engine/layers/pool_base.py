"""What all pooling layers with a window share: how it slides, and the largest or the mean of what it meets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import ClassVar

import numpy as np

from engine.issues import Issue
from engine.kernels import Window, window
from engine.layer import Context, Layer, OnnxNode
from engine.layers.conv import PADDING
from engine.layers.elementwise import band_shape, band_slices
from engine.params import Bool, Int, IntOrChoice, IntTuple
from engine.receptive import Field, slid
from engine.shapes import Shape, text

Views = list[tuple[np.ndarray, np.ndarray]]


class Pool(Layer):
    """A window that slides along the places of each channel by itself."""

    stem = "pool"
    icon = "mdi6.arrow-collapse-all"
    #: Where the places lie in the engine's layout.
    places: ClassVar[tuple[int, ...]] = (0, 2)
    takes: ClassVar[str] = "height × width × channels"
    padding = IntOrChoice("valid", "Valid drops what does not fill a window; same lets windows reach over the edge.",
                          options=PADDING, low=0, high=32)

    def extent(self) -> tuple[int, ...]:
        """The window's size along each place axis."""
        raise NotImplementedError(self.kind)

    def steps(self) -> tuple[int, ...]:
        """How far the window moves along each place axis."""
        raise NotImplementedError(self.kind)

    def windows(self, x: Shape) -> tuple[Window, ...]:
        """How the window slides, for an example of the shape ``x``."""
        return tuple(window(length, kernel, stride, self.padding)
                     for length, kernel, stride in zip(x, self.extent(), self.steps(), strict=False))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != len(self.places) + 1:
            return self.mismatch("rank", f"{self.title} receives {text(x)}.", f"It takes {self.takes}.",
                                 "Wire it to a layer that puts these out, or remove it.")
        if isinstance(self.padding, int) and 2 * self.padding > min(self.extent()):
            return self.mismatch("padding", f"Padding {self.padding} is more than half the window "
                                 f"{text(self.extent())}.", "A window must meet some data.", "Use a smaller padding.",
                                 parameter="padding")
        windows = self.windows(x)
        if any(w.out < 1 for w in windows):
            return self.mismatch("no_room", f"A window of {text(self.extent())} does not fit into {text(x[:-1])}.",
                                 "The window must not be larger than the padded input.", "Use a smaller window.",
                                 parameter="pool_size")
        return (*(w.out for w in windows), x[-1])

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        return slid(field, [(w.reach, w.stride) for w in self.windows(shapes[0])])

    def cost(self, *shapes: Shape) -> int:
        cost = shapes[0][-1]
        for w in self.windows(shapes[0]):
            cost *= w.out * w.kernel
        return cost

    def _windows_of(self, x: np.ndarray) -> tuple[Window, ...]:
        return self.windows(tuple(x.shape[axis] for axis in self.places))

    def _make_output(self, ctx: Context, x: np.ndarray) -> np.ndarray:
        shape = list(x.shape)
        for axis, w in zip(self.places, self._windows_of(x), strict=True):
            shape[axis] = w.out
        return ctx.array(*shape)

    def _views(self, x: np.ndarray, y: np.ndarray) -> Views:
        """For each entry of the window: the outputs it meets data at, and those data."""
        windows = self._windows_of(x)
        pairs = []
        for offsets in product(*(range(w.kernel) for w in windows)):
            to, source = [slice(None)] * y.ndim, [slice(None)] * x.ndim
            for axis, w, offset in zip(self.places, windows, offsets, strict=True):
                to[axis], source[axis] = w.inside(offset)
            pairs.append((y[tuple(to)], x[tuple(source)]))
        return [(at, source) for at, source in pairs if at.size]

    def _separate(self) -> bool:
        """Does every number lie in one window at most?"""
        return all(stride >= kernel for stride, kernel in zip(self.steps(), self.extent(), strict=True))

    def _covers(self, x: np.ndarray) -> bool:
        """Does every number lie in some window?"""
        return all(stride <= kernel and (w.out - 1) * w.stride + w.kernel >= w.length + w.before
                   for stride, kernel, w in zip(self.steps(), self.extent(), self._windows_of(x), strict=True))

    def onnx_pool(self, node: OnnxNode, operator: str, x: str, **attributes: int) -> str:
        """A pooling operator over images, whose edges it knows."""
        windows = self.windows(node.input_shapes[0])
        return node.op(operator, x, kernel_shape=list(self.extent()), strides=list(self.steps()),
                       pads=[*(w.before for w in windows), *(w.after for w in windows)], **attributes)

    def onnx_pool_steps(self, node: OnnxNode, operator: str, x: str, padded: bool, **attributes: int) -> str:
        """The same over a sequence, taken as an image of one channel that is as high as the sequence is long."""
        (w,) = self.windows(node.input_shapes[0])
        axis = node.constant(np.array([1], np.int64))
        image = node.op("Unsqueeze", x, axis)
        y = node.op(operator, image, kernel_shape=[w.kernel, 1], strides=[w.stride, 1],
                    pads=[0] * 4 if padded else [w.before, 0, w.after, 0], **attributes)
        return node.op("Squeeze", y, axis)

    def headline(self) -> str:
        return text(self.extent())


class MaxPool(Pool):
    """The largest number of each window."""

    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = self._make_output(ctx, x)
        pairs = self._views(x, y)
        ctx.saved.x, ctx.saved.y = x, y
        if len(pairs) > 1 and all(at.shape == y.shape for at, _ in pairs):
            for part in ctx.parts(len(y), x.size):
                ctx.do(np.maximum, pairs[0][1][part], pairs[1][1][part], out=y[part])
                for _, source in pairs[2:]:
                    ctx.do(np.maximum, y[part], source[part], out=y[part])
            return y
        ctx.do(y.fill, -np.inf)
        for at, source in pairs:
            ctx.do(np.maximum, at, source, out=at)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y is one of the window's x, so ∂y/∂x is 1 there and 0 elsewhere: δ goes to the place of the maximum,
        the first in row order where several are equal. ``left`` holds the δ that has not found its place yet.
        """
        dx = ctx.dx()
        if dx is None:
            return
        x, y = ctx.saved.x, ctx.saved.y
        outputs = self._views(x, y)
        separate = self._separate()
        if separate and self._covers(x) and all(at.shape == y.shape for at, _ in outputs):
            self._part(ctx, dy, dx)
            return
        left, hit = ctx.scratch(*dy.shape), ctx.scratch(*dy.shape, dtype=bool)
        share = left if separate else ctx.scratch(*dy.shape)
        ctx.do(np.copyto, left, dy)
        if not (separate and self._covers(x)):
            ctx.do(dx.fill, 0)
        for (at, source), (d_left, into) in zip(outputs, self._views(dx, left), strict=True):
            at_hit = _like(hit, at)
            ctx.do(np.greater_equal, source, at, at_hit)
            at_share = into if separate else _like(share, at)
            ctx.do(np.multiply, d_left, at_hit, at_share)
            ctx.do(np.subtract, d_left, at_share, d_left)
            if not separate:
                ctx.do(np.add, into, at_share, into)

    def _part(self, ctx: Context, dy: np.ndarray, dx: np.ndarray) -> None:
        """The same where whole windows lie side by side: each entry of dx is written once, and what no earlier entry
        of its window took is the last one's."""
        x, y = ctx.saved.x, ctx.saved.y
        sources, places = ([view for _, view in self._views(array, y)] for array in (x, dx))
        for part in ctx.parts(len(dy), x.size):
            line = band_shape(dy.shape)
            left, hit = ctx.scratch(*line), ctx.scratch(*line, dtype=bool)
            for band in band_slices(dy.shape, part):
                rest, many = dy[band], band.stop - band.start
                for source, into in zip(sources[:-1], places, strict=False):
                    ctx.do(np.greater_equal, source[band], y[band], hit[:many])
                    ctx.do(np.multiply, rest, hit[:many], into[band])
                    ctx.do(np.subtract, rest, into[band], left[:many])
                    rest = left[:many]
                ctx.do(np.copyto, places[-1][band], rest)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        if len(self.places) == 2:
            return self.onnx_pool(node, "MaxPool", xs[0])
        # The edge is spelled out: ONNX's reference implementation gets a padded kernel of width 1 wrong.
        (w,) = self.windows(node.input_shapes[0])
        edges, least = np.array([0, w.before, 0, 0, w.after, 0], np.int64), np.finfo(np.float32).min
        x = node.op("Pad", xs[0], node.constant(edges), node.constant(np.array(least))) if edges.any() else xs[0]
        return self.onnx_pool_steps(node, "MaxPool", x, padded=True)


def _like(array: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The contiguous beginning of ``array`` in the shape of ``part``."""
    return array.reshape(-1)[: part.size].reshape(part.shape)


class AvgPool(Pool):
    """The mean of each window."""

    linear = True
    count_padding = Bool(True, "Count the zeros around the input as numbers, as PyTorch does; off, the mean is over "
                         "real numbers only, as Keras takes it.", label="Count padding")

    def _shares(self, ctx: Context, x: np.ndarray) -> np.ndarray | float:
        """1 / the count each window divides by: a number, or an array that broadcasts over the output."""
        windows = self._windows_of(x)
        if self.count_padding or not any(w.before or w.after for w in windows):
            return 1.0 / float(np.prod(self.extent()))
        shape = [windows[self.places.index(a)].out if a in self.places else 1 for a in range(x.ndim)]
        return ctx.table(partial(self._real_shares, windows, shape), *shape)

    def _real_shares(self, windows: Sequence[Window], shape: list[int]) -> np.ndarray:
        shares = np.ones(shape)
        for axis, w in zip(self.places, windows, strict=True):
            counts = np.zeros(w.out)
            for offset in range(w.kernel):
                counts[w.inside(offset)[0]] += 1.0
            shares /= counts.reshape([-1 if a == axis else 1 for a in range(len(shape))])
        return shares

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = self._make_output(ctx, x)
        pairs = self._views(x, y)
        if len(pairs) > 1 and all(at.shape == y.shape for at, _ in pairs):
            ctx.do(np.add, pairs[0][1], pairs[1][1], y)
            pairs = pairs[2:]
        else:
            ctx.do(y.fill, 0)
        for at, source in pairs:
            ctx.do(np.add, at, source, at)
        shares = self._shares(ctx, x)
        ctx.do(np.multiply, y, shares, y)
        ctx.saved.shares = shares
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Every number of a window has the same share 1/count in its mean: ∂L/∂x = Σ δ/count over its windows."""
        dx = ctx.dx()
        if dx is None:
            return
        part = ctx.scratch(*dy.shape)
        ctx.do(np.multiply, dy, ctx.saved.shares, part)
        separate = self._separate()
        if not (separate and self._covers(dx)):
            ctx.do(dx.fill, 0)
        for at, into in self._views(dx, part):
            if separate:
                ctx.do(np.copyto, into, at)
            else:
                ctx.do(np.add, into, at, into)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        counts = int(self.count_padding)
        if len(self.places) == 2:
            return self.onnx_pool(node, "AveragePool", xs[0], count_include_pad=counts)
        return self.onnx_pool_steps(node, "AveragePool", xs[0], padded=False, count_include_pad=counts)


class Pool1D(Pool):
    """Windows over the steps of a sequence."""

    places = (0,)
    takes = "steps × features"
    pool_size = Int(2, "Steps in a window.", low=1, high=1024)
    stride = Int(2, "How many steps the window moves at a time.", low=1, high=1024)

    def extent(self) -> tuple[int, ...]:
        return (self.pool_size,)

    def steps(self) -> tuple[int, ...]:
        return (self.stride,)


class Pool2D(Pool):
    """Windows over the rows and columns of an image."""

    pool_size = IntTuple((2, 2), "Height and width of a window.", low=1, high=64, axes=("height", "width"))
    stride = IntTuple((2, 2), "How far the window moves at a time.", low=1, high=64, axes=("height", "width"))

    def extent(self) -> tuple[int, ...]:
        return self.pool_size

    def steps(self) -> tuple[int, ...]:
        return self.stride
