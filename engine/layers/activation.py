"""Activations: what bends a network's straight lines."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.issues import Issue
from engine.kernels import channel_axis
from engine.layer import Category, Context, Examples, Layer, OnnxNode
from engine.params import Float
from engine.shapes import Shape

_SHAPES: Examples = (({}, ((5,),)), ({}, ((3, 2),)), ({}, ((2, 3, 4),)))


class Elementwise(Layer):
    """A function of each number by itself: the shape stays."""

    examples: ClassVar[Examples] = _SHAPES

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]


class ReLU(Elementwise, title="ReLU", category=Category.ACTIVATION):
    """Lets positive numbers pass and turns the rest to 0."""

    icon = "mdi6.chart-line-variant"
    formula = "a = max(0, z)"
    when = "The usual choice between layers: cheap, and its slope of 1 keeps gradients from vanishing. Units whose " \
           "sum is never positive are dead: they learn no more."
    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        ctx.do(np.maximum, xs[0], ctx.zeros(*y.shape), out=y)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂a/∂z is 1 for z > 0 and 0 below (and 0 by convention at 0), so ∂L/∂z = δ · [a > 0]."""
        dx = ctx.dx()
        if dx is not None:
            alive = ctx.scratch(*dy.shape, dtype=bool)
            ctx.do(np.greater, ctx.saved.y, ctx.zeros(*dy.shape), alive)
            ctx.do(np.multiply, dy, alive, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Relu", xs[0])


class LeakyReLU(Elementwise, title="Leaky ReLU", category=Category.ACTIVATION):
    """Lets positive numbers pass and keeps a small share of negative ones, so that no unit dies."""

    icon = "mdi6.chart-line-variant"
    formula = "a = z for z > 0, α·z otherwise"
    when = "Where ReLU units die: the gradient of a negative sum is α, not 0."
    kinked = True
    alpha = Float(0.01, "Slope α for negative numbers.", low=0.0, high=1.0, open_high=True, label="Slope α")
    examples = (*_SHAPES, ({"alpha": 0.3}, ((4,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        # α < 1, so the larger of z and α·z is z above zero and α·z below: no branch is needed.
        ctx.do(np.multiply, xs[0], self.alpha, y)
        ctx.do(np.maximum, xs[0], y, out=y)
        ctx.saved.x = xs[0]
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂a/∂z is 1 for z > 0 and α below: ∂L/∂z = δ · (α + (1 − α)·[z > 0])."""
        dx = ctx.dx()
        if dx is not None:
            positive = ctx.scratch(*dy.shape, dtype=bool)
            ctx.do(np.greater, ctx.saved.x, ctx.zeros(*dy.shape), positive)
            ctx.do(np.multiply, positive, dy.dtype.type(1.0 - self.alpha), dx)
            ctx.do(np.add, dx, self.alpha, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("LeakyRelu", xs[0], alpha=self.alpha)

    def headline(self) -> str:
        return f"α = {self.alpha:g}"


class Sigmoid(Elementwise, title="Sigmoid", category=Category.ACTIVATION):
    """Squeezes each number into (0, 1)."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = 1 / (1 + e⁻ᶻ)"
    when = "Gates and probabilities of yes or no. Between layers it saturates: its slope is at most ¼ and dies far " \
           "from 0, so deep stacks of it stop learning."

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


def sigmoid_calls(x: np.ndarray, out: np.ndarray) -> list[tuple]:
    """σ(z) = ½·tanh(z/2) + ½: exact, never overflows, and faster than the exponential."""
    return [(np.multiply, x, 0.5, out), (np.tanh, out, out), (np.multiply, out, 0.5, out), (np.add, out, 0.5, out)]


class Tanh(Elementwise, title="Tanh", category=Category.ACTIVATION):
    """Squeezes each number into (−1, 1), around 0."""

    icon = "mdi6.sine-wave"
    formula = "a = tanh(z)"
    when = "Small networks and recurrent ones. Centred on 0, slope 1 there; it saturates for large sums."

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
        row = ctx.scratch(*(1 if i == axis else n for i, n in enumerate(x.shape)))
        for call in softmax_calls(x, y, row, axis):
            ctx.do(*call)
        ctx.saved.y = y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂aᵢ/∂zⱼ = aᵢ·([i = j] − aⱼ), so ∂L/∂zⱼ = aⱼ·(δⱼ − Σᵢ δᵢ·aᵢ)."""
        dx, y = ctx.dx(), ctx.saved.y
        if dx is not None:
            axis = channel_axis(y.ndim - 1)
            row = ctx.scratch(*(1 if i == axis else n for i, n in enumerate(y.shape)))
            ctx.do(np.multiply, dy, y, dx)
            ctx.do(np.add.reduce, dx, axis, None, row, True)
            ctx.do(np.subtract, dy, row, dx)
            ctx.do(np.multiply, dx, y, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Exp", "Sum", "Divide")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        # Images are channels-first in ONNX; everything else ends with its features.
        return node.op("Softmax", xs[0], axis=node.channel_axis)


def softmax_calls(x: np.ndarray, out: np.ndarray, row: np.ndarray, axis: int) -> list[tuple]:
    """Softmax along ``axis``; the largest score is taken off first, so that no exponential overflows."""
    return [
        (np.maximum.reduce, x, axis, None, row, True),
        (np.subtract, x, row, out),
        (np.exp, out, out),
        (np.add.reduce, out, axis, None, row, True),
        (np.divide, out, row, out),
    ]
