"""Activations: what bends a network's straight lines. Here the bounded ones and those over all features."""

from __future__ import annotations

import numpy as np

from engine.kernels import channel_axis
from engine.layer import Category, Context, OnnxNode
from engine.layers.channels import feature_sum
from engine.layers.elementwise import Elementwise, row_shape, sigmoid_calls, softmax_calls
from engine.shapes import Shape


class Sigmoid(Elementwise, title="Sigmoid", category=Category.ACTIVATION):
    """Squeezes each number into (0, 1)."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = 1 / (1 + e⁻ᶻ)"
    when = "Gates and probabilities of yes or no. Between layers it saturates: its slope is at most ¼ and dies far " \
           "from 0, so deep stacks of it stop learning."

    def flat_ends(self) -> tuple[float, float]:
        return 0.02, 0.98

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        for call in sigmoid_calls(xs[0], y):
            ctx.do(*call)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """a = σ(z) has the slope σ'(z) = a·(1 − a), so ∂L/∂z = δ · (a − a²)."""
        dx, y = ctx.dx(), ctx.saved.y
        if dx is not None:
            ctx.do(np.multiply, y, y, dx)
            ctx.do(np.subtract, y, dx, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sigmoid", xs[0])


class Tanh(Elementwise, title="Tanh", category=Category.ACTIVATION):
    """Squeezes each number into (−1, 1), around 0."""

    icon = "mdi6.sine-wave"
    formula = "a = tanh(z)"
    when = "Small networks and recurrent ones. Centred on 0, slope 1 there; it saturates for large sums."

    def flat_ends(self) -> tuple[float, float]:
        return -0.98, 0.98

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        ctx.do(np.tanh, xs[0], y)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """tanh has the slope 1 − tanh², so ∂L/∂z = δ · (1 − a²)."""
        dx, y = ctx.dx(), ctx.saved.y
        if dx is not None:
            ctx.do(np.multiply, y, y, dx)
            ctx.do(np.subtract, 1.0, dx, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Tanh", xs[0])


class Softmax(Elementwise, title="Softmax", category=Category.ACTIVATION):
    """Turns scores into probabilities that sum to 1, over the features of each example."""

    icon = "mdi6.chart-histogram"
    formula = "aᵢ = e^zᵢ / Σⱼ e^zⱼ"
    when = "Attention, or probabilities inside a network. Not before a cross-entropy loss, which applies it itself."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, axis = ctx.array(*x.shape), channel_axis(x.ndim - 1)
        row = ctx.scratch(*row_shape(x, axis))
        for call in softmax_calls(x, y, row, axis):
            ctx.do(*call)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂aᵢ/∂zⱼ = aᵢ·([i = j] − aⱼ), so ∂L/∂zⱼ = aⱼ·(δⱼ − Σᵢ δᵢ·aᵢ)."""
        dx, y = ctx.dx(), ctx.saved.y
        if dx is not None:
            axis = channel_axis(y.ndim - 1)
            row = ctx.scratch(*row_shape(y, axis))
            ctx.do(np.multiply, dy, y, dx)
            feature_sum(ctx, dx, row)
            ctx.do(np.subtract, dy, row, dx)
            ctx.do(np.multiply, dx, y, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Exp", "Sum", "Divide")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        # Images are channels-first in ONNX; everything else ends with its features.
        return node.op("Softmax", xs[0], axis=node.channel_axis)


class LogSoftmax(Elementwise, title="Log-softmax", category=Category.ACTIVATION):
    """The logarithm of softmax, over the features of each example: log-probabilities that never become −∞."""

    icon = "mdi6.chart-histogram"
    formula = "aᵢ = zᵢ − log Σⱼ e^zⱼ"
    when = "Before a negative log-likelihood loss. Softmax cross-entropy does the same in one layer."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, axis = ctx.array(*x.shape), channel_axis(x.ndim - 1)
        row, terms = ctx.scratch(*row_shape(x, axis)), ctx.scratch(*x.shape)
        ctx.do(np.maximum.reduce, x, axis, None, row, True)
        ctx.do(np.subtract, x, row, y)  # the largest is now 0, so no exponential overflows
        ctx.do(np.exp, y, terms)
        feature_sum(ctx, terms, row)
        ctx.do(np.log, row, row)
        ctx.do(np.subtract, y, row, y)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂aᵢ/∂zⱼ = [i = j] − pⱼ with p = softmax(z) = e^a, so ∂L/∂zⱼ = δⱼ − pⱼ · Σᵢ δᵢ."""
        dx, y = ctx.dx(), ctx.saved.y
        if dx is not None:
            axis = channel_axis(y.ndim - 1)
            row = ctx.scratch(*row_shape(y, axis))
            feature_sum(ctx, dy, row)
            ctx.do(np.exp, y, dx)
            ctx.do(np.multiply, dx, row, dx)
            ctx.do(np.subtract, dy, dx, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Exp", "Sum", "Log", "Subtract")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("LogSoftmax", xs[0], axis=node.channel_axis)


class Linear(Elementwise, title="Linear", category=Category.ACTIVATION):
    """Passes every number on as it is: the activation that is none."""

    icon = "mdi6.minus"
    formula = "a = z"
    when = "As a named end of a regression network, or to hold a place while you try other activations there."
    linear = True

    def cost(self, *shapes: Shape) -> int:
        return 0

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        return xs[0]

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂a/∂z = 1, so ∂L/∂z = δ."""
        ctx.pass_back(dy)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])
