"""Telling a network where in a sequence a step stands."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.initialisers import Normal
from engine.issues import Issue
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec
from engine.params import Choice
from engine.shapes import Shape, text


class PositionalEncoding(Learnable, title="Positional encoding", category=Category.RECURRENT):
    """Adds to every step a pattern that tells its place in the sequence."""

    stem = "position"
    icon = "mdi6.map-marker-path"
    formula = "y[t] = x[t] + p[t];  p[t, 2i] = sin(t / 10000^(2i/F)), p[t, 2i+1] = cos(t / 10000^(2i/F))"
    when = "Before self-attention, which cannot tell the order of steps otherwise."
    linear = True
    pattern = Choice("sinusoidal", "Where the patterns come from.", options={
        "sinusoidal": "Sine waves of many lengths, fixed", "learned": "Learned, one for each place"})
    examples = (({}, ((4, 5),)), ({}, ((3, 4),)), ({"pattern": "learned"}, ((3, 2),)), ({}, ((1, 1),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) == 2:
            return x
        return self.mismatch("rank", f"Positional encoding receives {text(x)}.", "It takes steps × features.",
                             "Wire it to a sequence, or put a Reshape before it.")

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        steps, features = shapes[0]
        learned = {"p": WeightSpec(shapes[0], Normal(std=0.02), steps, features, decays=False)}
        return learned if self.pattern == "learned" else {}

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y = ctx.array(*x.shape)
        pattern = ctx.w.p if self.pattern == "learned" else ctx.table(partial(sine_waves, *x.shape[:2]), *x.shape[:2])
        ctx.do(np.add, x, pattern[:, :, None], y)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """y = x + p, so ∂L/∂x = δ, and where p is learned ∂L/∂p[t] = Σₙ δ[t]: every example of the batch has the
        same pattern."""
        if ctx.learns:
            ctx.do(np.matmul, dy, ctx.ones(dy.shape[2]), ctx.dw.p)
        ctx.pass_back(dy)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Add",)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        if self.pattern == "learned":
            return node.op("Add", xs[0], node.weight("p"))
        return node.op("Add", xs[0], node.constant(sine_waves(*node.input_shapes[0]).astype(np.float32)))

    def headline(self) -> str:
        return self.pattern


def sine_waves(steps: int, features: int) -> np.ndarray:
    """The patterns of Vaswani et al. 2017, (steps, features): sines at even features, cosines at odd ones, of
    wavelengths from 2π to 10000·2π."""
    places = np.arange(steps)[:, None]
    angles = places / 10000.0 ** (np.arange(0, features, 2) / features)
    waves = np.zeros((steps, features))
    waves[:, 0::2] = np.sin(angles)
    waves[:, 1::2] = np.cos(angles[:, : features // 2])
    return waves
