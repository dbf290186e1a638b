"""Normalisation over the batch."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Ones, Zeros
from engine.issues import Issue
from engine.kernels import along_channels
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import channel_rows, channel_sum, onnx_channels_back, onnx_channels_first
from engine.layers.elementwise import SHAPES, band_slices
from engine.layers.scale import gain_and_offset
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
        channels = ctx.w.running_mean.size
        centred, y = ctx.array(*x.shape), ctx.array(*x.shape)
        # Per channel: 1/√(var + ε), and that times the gain.
        inverse, factor = ctx.kept(channels), ctx.kept(channels)
        if self._uses_batch(ctx):
            self._batch_statistics(ctx, x, centred, inverse)
        else:
            ctx.do(np.subtract, x, along_channels(ctx.w.running_mean, x.ndim - 1), centred)
            ctx.do(np.copyto, inverse, ctx.w.running_var)
        ctx.do(np.add, inverse, self.eps, inverse)
        ctx.do(np.sqrt, inverse, inverse)
        ctx.do(np.reciprocal, inverse, inverse)
        ctx.do(np.multiply, inverse, ctx.w.gain if self.affine else 1.0, factor)
        for band in band_slices(x.shape):
            ctx.do(np.multiply, centred[band], _spread(factor, x, band), y[band])
            if self.affine:
                ctx.do(np.add, y[band], _spread(ctx.w.offset, x, band), y[band])
        ctx.saved.centred, ctx.saved.inverse, ctx.saved.factor = centred, inverse, factor
        return y

    def _batch_statistics(self, ctx: Context, x: np.ndarray, centred: np.ndarray, variance: np.ndarray) -> None:
        """Mean, then the squares of what lies beside it: mean x² − mean² would cancel where the mean is large."""
        mean = ctx.kept(variance.size)
        count = x.size // mean.size
        channel_sum(ctx, x, mean)
        ctx.do(np.multiply, mean, 1.0 / count, mean)
        rows = channel_rows(centred)
        squares = ctx.scratch(*rows.shape[:2])
        for band in band_slices(x.shape):
            ctx.do(np.subtract, x[band], _spread(mean, x, band), centred[band])
            part = _rows_of(rows, x, band)
            ctx.do(np.vecdot, part, part, out=_rows_of(squares, x, band))
        ctx.do(np.add.reduce, squares, 0, None, variance)
        ctx.do(np.multiply, variance, 1.0 / count, variance)
        change = ctx.kept(mean.size)
        for running, new, unbiased in ((ctx.w.running_mean, mean, 1.0),
                                       (ctx.w.running_var, variance, count / max(count - 1, 1))):
            ctx.do(np.multiply, new, self.momentum * unbiased, change)
            ctx.do(np.multiply, running, 1.0 - self.momentum, running)
            ctx.do(np.add, running, change, running)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With r = 1/√(var + ε) and x̂ = r·(x − mean), y = g·x̂ + b per channel: ∂L/∂b = Σ δ and ∂L/∂g = Σ δ·x̂.

        Mean and variance depend on every x of the channel. ∂x̂ⱼ/∂xᵢ = r·([i = j] − 1/M − x̂ᵢ·x̂ⱼ/M), the second term
        through the mean, the third through the variance, so

        ∂L/∂xᵢ = g·r·(δᵢ − Σ δ/M − x̂ᵢ·Σ δ·x̂/M): what moves the whole channel, or scales it, is taken out.
        With running statistics, which are constants, only the first term is there: ∂L/∂x = g·r·δ.
        """
        dx, inverse, centred = ctx.dx(), ctx.saved.inverse, ctx.saved.centred
        through_batch = self._uses_batch(ctx) and dx is not None
        total, match = ctx.scratch(inverse.size), ctx.scratch(inverse.size)
        if through_batch or (ctx.learns and self.affine):
            self._sums(ctx, dy, total, match)
        if ctx.learns and self.affine:
            ctx.do(np.copyto, ctx.dw.offset, total)
            ctx.do(np.copyto, ctx.dw.gain, match)
        if dx is None:
            return
        if through_batch:
            share = inverse.size / dy.size  # 1/M
            ctx.do(np.multiply, total, share, total)
            ctx.do(np.multiply, match, inverse, match)
            ctx.do(np.multiply, match, share, match)
        for band in band_slices(dy.shape):
            part, factor = dx[band], _spread(ctx.saved.factor, dy, band)
            if not through_batch:
                ctx.do(np.multiply, dy[band], factor, part)
                continue
            ctx.do(np.multiply, centred[band], _spread(match, dy, band), part)
            ctx.do(np.add, part, _spread(total, dy, band), part)
            ctx.do(np.subtract, dy[band], part, part)
            ctx.do(np.multiply, part, factor, part)

    def _sums(self, ctx: Context, dy: np.ndarray, total: np.ndarray, match: np.ndarray) -> None:
        """``total`` = Σ δ and ``match`` = Σ δ·x̂ per channel, each band of δ read once for both."""
        rows, centred = channel_rows(dy), channel_rows(ctx.saved.centred)
        totals, matches = ctx.scratch(*rows.shape[:2]), ctx.scratch(*rows.shape[:2])
        for band in band_slices(dy.shape):
            part = _rows_of(rows, dy, band)
            ctx.do(np.vecdot, part, ctx.ones(rows.shape[2]), out=_rows_of(totals, dy, band))
            ctx.do(np.vecdot, part, _rows_of(centred, dy, band), out=_rows_of(matches, dy, band))
        ctx.do(np.add.reduce, totals, 0, None, total)
        ctx.do(np.add.reduce, matches, 0, None, match)
        ctx.do(np.multiply, match, ctx.saved.inverse, match)

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
        return f"momentum {self.momentum:g}"


def _spread(vector: np.ndarray, x: np.ndarray, band: slice) -> np.ndarray:
    """One number per channel, as it broadcasts over a band of ``x``. The first axis of a flat list is its channels."""
    view = along_channels(vector, x.ndim - 1)
    return view[band] if x.ndim == 2 else view


def _rows_of(rows: np.ndarray, x: np.ndarray, band: slice) -> np.ndarray:
    """The part that belongs to a band of ``x`` of what is laid out as (outer, channels, …)."""
    return rows[:, band] if x.ndim == 2 else rows[band]
