"""Normalisation over the batch."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Ones, Zeros
from engine.issues import Issue
from engine.kernels import along_channels
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import channel_rows, onnx_channels_back, onnx_channels_first
from engine.layers.elementwise import SHAPES, band_shape, band_slices
from engine.layers.scale import gain_and_offset
from engine.numbers import exact
from engine.params import Bool, Float
from engine.shapes import Shape, size


class BatchNorm(Learnable, title="Batch norm", category=Category.NORMALISE):
    """Shifts and scales every channel to mean 0 and variance 1 over the batch, then by a learned gain and offset.

    In training the statistics are the batch's (its variance divided by M, the count of numbers); beside them running
    ones are kept, mean and unbiased variance, which stand in for them afterwards. A frozen Batch norm uses the running
    statistics and leaves them alone. Source: Ioffe & Szegedy 2015.
    """

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "y = g · (x − mean) / √(var + ε) + b"
    when = "After convolutions or Dense layers, before the activation: learning is faster and less touchy about the " \
           "learning rate. Not with batches of a few examples."
    linear = True
    momentum = Float(0.1, "Share of the new batch in the running statistics (PyTorch's meaning; Keras counts the old "
                     "share, 0.9).", low=0.0, high=1.0)
    eps = Float(1e-5, "Added to the variance, so that nothing is divided by 0.", low=1e-12, high=1.0, log=True,
                label="Epsilon ε", advanced=True)
    affine = Bool(True, "Learn a gain and an offset for every channel.", label="Gain and offset")
    examples = (*SHAPES, ({"affine": False, "eps": 1e-3}, ((4,),)), ({"momentum": 0.5}, ((3, 2, 2),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        channels = shapes[0][-1]
        found = gain_and_offset(channels) if self.affine else {}
        return {**found, "running_mean": WeightSpec((channels,), Zeros(), decays=False, trainable=False),
                "running_var": WeightSpec((channels,), Ones(), decays=False, trainable=False)}

    def cost(self, *shapes: Shape) -> int:
        return 2 * size(shapes[0])

    def _uses_batch(self, ctx: Context) -> bool:
        return ctx.training and self.trainable

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(*x.shape)
        mean, inverse, factor, shift = (ctx.kept(ctx.w.running_mean.size) for _ in range(4))
        if self._uses_batch(ctx):
            self._batch_statistics(ctx, x, mean, inverse)
        else:
            ctx.do(np.copyto, mean, ctx.w.running_mean)
            ctx.do(np.copyto, inverse, ctx.w.running_var)
        ctx.do(np.add, inverse, self.eps, inverse)
        ctx.do(np.sqrt, inverse, inverse)
        ctx.do(np.reciprocal, inverse, inverse)
        # y = x·factor + shift: two passes over the data.
        ctx.do(np.multiply, inverse, ctx.w.gain if self.affine else 1.0, factor)
        ctx.do(np.multiply, mean, factor, shift)
        ctx.do(np.subtract, ctx.w.offset if self.affine else 0.0, shift, shift)
        for part in ctx.parts(len(x), x.size):
            for band in band_slices(x.shape, part):
                ctx.do(np.multiply, x[band], _spread(factor, x, band), y[band])
                ctx.do(np.add, y[band], _spread(shift, x, band), y[band])
        ctx.saved.x, ctx.saved.mean, ctx.saved.inverse, ctx.saved.factor = x, mean, inverse, factor
        return y

    def _batch_statistics(self, ctx: Context, x: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> None:
        """Mean, then the squares of what lies beside it: mean x² − mean² would cancel where the mean is large."""
        count = x.size // mean.size
        self._sum(ctx, x, mean)
        ctx.do(np.multiply, mean, 1.0 / count, mean)
        self._sum_beside(ctx, x, mean, None, variance)
        ctx.do(np.multiply, variance, 1.0 / count, variance)
        change = ctx.kept(mean.size)
        for running, new, unbiased in ((ctx.w.running_mean, mean, 1.0),
                                       (ctx.w.running_var, variance, count / max(count - 1, 1))):
            ctx.do(np.multiply, new, self.momentum * unbiased, change)
            ctx.do(np.multiply, running, 1.0 - self.momentum, running)
            ctx.do(np.add, running, change, running)

    def _sum(self, ctx: Context, x: np.ndarray, out: np.ndarray) -> None:
        """``out`` = Σ x per channel."""
        rows = channel_rows(x)
        sums, ones = ctx.scratch(*rows.shape[:2]), ctx.ones(rows.shape[2])
        for part in ctx.parts(len(x), x.size):
            ctx.do(np.vecdot, _rows_of(rows, x, part), ones, out=_rows_of(sums, x, part))
        ctx.do(np.add.reduce, sums, 0, None, out)

    def _sum_beside(
        self, ctx: Context, x: np.ndarray, mean: np.ndarray, other: np.ndarray | None, out: np.ndarray
    ) -> None:
        """``out`` = Σ (x − mean)·other per channel, or Σ (x − mean)² where there is no other, a band at a time."""
        sums = ctx.scratch(*channel_rows(x).shape[:2])
        for part in ctx.parts(len(x), x.size):
            work = ctx.scratch(*band_shape(x.shape))
            for band in band_slices(x.shape, part):
                beside = work[: band.stop - band.start]
                ctx.do(np.subtract, x[band], _spread(mean, x, band), beside)
                rows = channel_rows(beside)
                against = rows if other is None else channel_rows(other[band])
                ctx.do(np.vecdot, rows, against, out=_rows_of(sums, x, band))
        ctx.do(np.add.reduce, sums, 0, None, out)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With r = 1/√(var + ε) and x̂ = r·(x − mean), y = g·x̂ + b per channel: ∂L/∂b = Σ δ and ∂L/∂g = Σ δ·x̂.

        Mean and variance depend on every x of the channel. ∂x̂ⱼ/∂xᵢ = r·([i = j] − 1/M − x̂ᵢ·x̂ⱼ/M), the second term
        through the mean, the third through the variance, so

        ∂L/∂xᵢ = g·r·(δᵢ − Σ δ/M − x̂ᵢ·Σ δ·x̂/M): what moves the whole channel, or scales it, is taken out.
        With running statistics, which are constants, only the first term is there: ∂L/∂x = g·r·δ.
        """
        saved = ctx.saved
        total, match = ctx.scratch(saved.mean.size), ctx.scratch(saved.mean.size)
        through_batch = self._uses_batch(ctx)
        if through_batch or (ctx.learns and self.affine):
            self._sum(ctx, dy, total)
            self._sum_beside(ctx, saved.x, saved.mean, dy, match)
            ctx.do(np.multiply, match, saved.inverse, match)
        if ctx.learns and self.affine:
            ctx.do(np.copyto, ctx.dw.offset, total)
            ctx.do(np.copyto, ctx.dw.gain, match)
        dx = ctx.dx(over=dy)
        if dx is None:
            return
        if through_batch:
            self._through_batch(ctx, dy, total, match, dx)
            return
        for part in ctx.parts(len(dy), dy.size):
            ctx.do(np.multiply, dy[part], _spread(saved.factor, dy, part), dx[part])

    def _through_batch(
        self, ctx: Context, dy: np.ndarray, total: np.ndarray, match: np.ndarray, dx: np.ndarray
    ) -> None:
        """dx = g·r·δ + slope·x + level, with slope = −g·r²·Σ δ·x̂/M and level = −g·r·Σ δ/M − slope·mean."""
        saved, share = ctx.saved, total.size / dy.size  # 1/M
        slope, level = ctx.scratch(total.size), ctx.scratch(total.size)
        ctx.do(np.multiply, match, saved.inverse, slope)
        ctx.do(np.multiply, slope, saved.mean, level)
        ctx.do(np.subtract, level, total, level)
        for vector, sign in ((slope, -share), (level, share)):
            ctx.do(np.multiply, vector, saved.factor, vector)
            ctx.do(np.multiply, vector, sign, vector)
        for part in ctx.parts(len(dy), dy.size):
            work = ctx.scratch(*band_shape(dy.shape))
            for band in band_slices(dy.shape, part):
                line, into = work[: band.stop - band.start], dx[band]
                ctx.do(np.multiply, saved.x[band], _spread(slope, dy, band), line)
                ctx.do(np.add, line, _spread(level, dy, band), line)
                ctx.do(np.multiply, dy[band], _spread(saved.factor, dy, band), into)
                ctx.do(np.add, into, line, into)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        steps = ("Mean", "Subtract", "Variance", "Divide")
        return (*steps, "Multiply", "Add") if self.affine else steps

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        channels = node.input_shapes[0][-1]
        gain = node.weight("gain") if self.affine else node.constant(np.ones(channels, np.float32))
        offset = node.weight("offset") if self.affine else node.constant(np.zeros(channels, np.float32))
        y = node.op("BatchNormalization", onnx_channels_first(node, xs[0]), gain, offset,
                    node.weight("running_mean"), node.weight("running_var"), epsilon=self.eps)
        return onnx_channels_back(node, y)

    def headline(self) -> str:
        return f"momentum {exact(self.momentum)}"


def _spread(vector: np.ndarray, x: np.ndarray, band: slice) -> np.ndarray:
    """One number per channel, as it broadcasts over a band of ``x``. The first axis of a flat list is its channels."""
    view = along_channels(vector, x.ndim - 1)
    return view[band] if x.ndim == 2 else view


def _rows_of(rows: np.ndarray, x: np.ndarray, band: slice) -> np.ndarray:
    """The part that belongs to a band of ``x`` of what is laid out as (outer, channels, …)."""
    return rows[:, band] if x.ndim == 2 else rows[band]
