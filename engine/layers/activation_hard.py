"""Activations made of straight pieces: cheap stand-ins for the curved ones."""

from __future__ import annotations

import math

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import SHAPES, Elementwise
from engine.numbers import exact
from engine.params import Float


def clip_calls(x: np.ndarray, low: float, high: float, out: np.ndarray) -> list[tuple]:
    """``out`` = ``x`` held between ``low`` and ``high``."""
    return [(np.clip, x, low, high, out)]


def inside_calls(x: np.ndarray, low: float, high: float, mask: np.ndarray, other: np.ndarray) -> list[tuple]:
    """``mask`` = is ``x`` strictly between the two; ``other`` is a second array of truth values to work in."""
    return [(np.greater, x, low, mask), (np.less, x, high, other), (np.logical_and, mask, other, mask)]


class _Clipped(Elementwise):
    """a = scale·clip(z, low, high) + shift; the slope is ``scale`` between the two corners and 0 outside."""

    kinked = True

    def corners(self) -> tuple[float, float]:
        raise NotImplementedError(self.kind)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        ctx.do(np.clip, xs[0], *self.corners(), y)
        ctx.saved.x = xs[0]
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Between its corners the slope is 1, outside it is 0: ∂L/∂z = δ · [low < z < high]."""
        dx = ctx.dx()
        if dx is not None:
            inside, other = ctx.scratch(*dy.shape, dtype=bool), ctx.scratch(*dy.shape, dtype=bool)
            for call in inside_calls(ctx.saved.x, *self.corners(), inside, other):
                ctx.do(*call)
            ctx.do(np.multiply, dy, inside, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        low, high = (node.constant(np.array(corner, np.float32)) for corner in self.corners())
        return node.op("Clip", xs[0], low, high)


class ReLU6(_Clipped, title="ReLU6", category=Category.ACTIVATION):
    """ReLU that stops at 6, so that numbers keep to a range small formats can hold."""

    icon = "mdi6.chart-line-variant"
    formula = "a = min(max(0, z), 6)"
    when = "Networks meant for phones and fixed-point arithmetic."
    examples = (*SHAPES, ({}, ((12,),)))

    def corners(self) -> tuple[float, float]:
        return 0.0, 6.0

    def flat_ends(self) -> tuple[float, float]:
        return -math.inf, 5.88  # what is 0 is told apart: a dead unit


class HardTanh(_Clipped, title="Hard tanh", category=Category.ACTIVATION):
    """Holds each number between two bounds: tanh in three straight pieces."""

    icon = "mdi6.sine-wave"
    formula = "a = min(max(low, z), high)"
    when = "Where tanh is too dear, or an output has to stay within bounds. Outside them nothing is learned."
    low = Float(-1.0, "Smallest number that leaves the layer.", low=-1000.0, high=0.0)
    high = Float(1.0, "Largest number that leaves the layer.", low=0.0, high=1000.0, open_low=True)
    examples = (*SHAPES, ({"low": -0.5, "high": 2.0}, ((4,),)))

    def corners(self) -> tuple[float, float]:
        return self.low, self.high

    def flat_ends(self) -> tuple[float, float]:
        room = 0.01 * (self.high - self.low)
        return self.low + room, self.high - room

    def headline(self) -> str:
        return f"{exact(self.low)} to {exact(self.high)}"


class HardSigmoid(Elementwise, title="Hard sigmoid", category=Category.ACTIVATION):
    """Squeezes each number into [0, 1] along a straight line."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = min(max(0, z + 3), 6) / 6"
    when = "A sigmoid without an exponential, for gates that have to be quick."
    kinked = True
    examples = (*SHAPES, ({}, ((12,),)))

    def flat_ends(self) -> tuple[float, float]:
        return 0.02, 0.98

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        for call in hard_sigmoid_calls(xs[0], y):
            ctx.do(*call)
        ctx.saved.x = xs[0]
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """The line has the slope 1/6 between −3 and 3 and is level outside: ∂L/∂z = δ · [−3 < z < 3] / 6."""
        dx = ctx.dx()
        if dx is not None:
            inside, other = ctx.scratch(*dy.shape, dtype=bool), ctx.scratch(*dy.shape, dtype=bool)
            for call in inside_calls(ctx.saved.x, -3.0, 3.0, inside, other):
                ctx.do(*call)
            ctx.do(np.multiply, dy, 1.0 / 6.0, dx)
            ctx.do(np.multiply, dx, inside, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("HardSigmoid", xs[0], alpha=1.0 / 6.0, beta=0.5)


def hard_sigmoid_calls(x: np.ndarray, out: np.ndarray) -> list[tuple]:
    """``out`` = clip(x, −3, 3)/6 + ½, which is clip(x + 3, 0, 6)/6."""
    return [*clip_calls(x, -3.0, 3.0, out), (np.multiply, out, 1.0 / 6.0, out), (np.add, out, 0.5, out)]


class HardSwish(Elementwise, title="Hard swish", category=Category.ACTIVATION):
    """Each number times its own hard sigmoid: SiLU in pieces without an exponential."""

    icon = "mdi6.chart-bell-curve"
    formula = "a = z · min(max(0, z + 3), 6) / 6"
    when = "Small image networks that have to be quick. Source: Howard et al. 2019 (MobileNetV3)."
    kinked = True
    examples = (*SHAPES, ({}, ((12,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        for call in hard_sigmoid_calls(xs[0], y):
            ctx.do(*call)
        ctx.do(np.multiply, y, xs[0], y)
        ctx.saved.x = xs[0]
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With h the hard sigmoid, a = z·h(z) has the slope h + z·h', and h' is 1/6 between −3 and 3, 0 outside:

        ∂L/∂z = δ · (h(z) + z·[−3 < z < 3]/6).
        """
        dx, x = ctx.dx(), ctx.saved.x
        if dx is not None:
            inside, other = ctx.scratch(*dy.shape, dtype=bool), ctx.scratch(*dy.shape, dtype=bool)
            term = ctx.scratch(*dy.shape)
            for call in [*inside_calls(x, -3.0, 3.0, inside, other), *hard_sigmoid_calls(x, dx)]:
                ctx.do(*call)
            ctx.do(np.multiply, x, 1.0 / 6.0, term)
            ctx.do(np.multiply, term, inside, term)
            ctx.do(np.add, dx, term, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("HardSwish", xs[0])
