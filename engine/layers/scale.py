"""A learned gain and offset for every channel."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Ones, Zeros
from engine.issues import Issue
from engine.kernels import along_channels
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.layers.channels import channel_dot, channel_rows, onnx_channels
from engine.layers.elementwise import SHAPES
from engine.params import Bool
from engine.shapes import Shape


def gain_and_offset(channels: int) -> dict[str, WeightSpec]:
    """The weights of a gain that begins at 1 and an offset that begins at 0; weight decay spares both."""
    return {"gain": WeightSpec((channels,), Ones(), decays=False),
            "offset": WeightSpec((channels,), Zeros(), decays=False)}


def scaled(ctx: Context, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Writes down y = g·x + b, with the node's own gain and offset, and returns ``y``."""
    rank = x.ndim - 1
    ctx.do(np.multiply, x, along_channels(ctx.w.gain, rank), y)
    ctx.do(np.add, y, along_channels(ctx.w.offset, rank), y)
    return y


def gain_and_offset_gradients(ctx: Context, dy: np.ndarray, x: np.ndarray) -> None:
    """Writes down ∂L/∂g = Σ δ·x and ∂L/∂b = Σ δ of y = g·x + b, over all but the channels."""
    rows = channel_rows(dy)
    channel_dot(ctx, rows, channel_rows(x), ctx.dw.gain)
    channel_dot(ctx, rows, ctx.ones(rows.shape[2]), ctx.dw.offset)


class Scale(Learnable, title="Scale", category=Category.LEARNABLE):
    """Multiplies every channel by a learned gain and adds a learned offset."""

    icon = "mdi6.arrow-expand-vertical"
    formula = "y[c] = g[c] · x[c] + b[c]"
    when = "After a normalisation that has no gain of its own, or to let a branch learn how loud it is."
    linear = True
    bias = Bool(True, "Add a learned offset to every channel.")
    examples = (*SHAPES, ({"bias": False}, ((4,),)), ({"bias": False}, ((3, 2, 2),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        specs = gain_and_offset(shapes[0][-1])
        return specs if self.bias else {"gain": specs["gain"]}

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(*x.shape)
        ctx.saved.x = x
        if self.bias:
            return scaled(ctx, x, y)
        ctx.do(np.multiply, x, along_channels(ctx.w.gain, x.ndim - 1), y)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y = g·x + b per channel, so ∂L/∂g = Σ δ·x and ∂L/∂b = Σ δ over the examples and places of the channel,
        and ∂L/∂x = g·δ.
        """
        if ctx.learns and self.bias:
            gain_and_offset_gradients(ctx, dy, ctx.saved.x)
        elif ctx.learns:
            channel_dot(ctx, channel_rows(dy), channel_rows(ctx.saved.x), ctx.dw.gain)
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, dy, along_channels(ctx.w.gain, dy.ndim - 1), dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Multiply", "Add") if self.bias else ("Multiply",)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        y = node.op("Mul", xs[0], onnx_channels(node, node.weight("gain")))
        return node.op("Add", y, onnx_channels(node, node.weight("offset"))) if self.bias else y

    def headline(self) -> str:
        return "gain and offset" if self.bias else "gain"
