"""Where data enters a network."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.params import IntTuple
from engine.shapes import Shape, text


class Input(Layer, title="Input", category=Category.DATA):
    """Where examples enter the network: one row of a table, one image, one sequence."""

    icon = "mdi6.import"
    formula = "a⁰ = x"
    when = "The start of every network. Its shape follows the data: 784 for a flat digit, 28 × 28 × 1 for a picture."
    inputs = ()
    linear = True
    shape = IntTuple((2,), "Shape of one example: features, or steps × features, or height × width × channels.",
                     low=1, high=1_000_000, longest=3)
    examples = (({"shape": (4,)}, ()), ({"shape": (3, 2)}, ()), ({"shape": (4, 5, 2)}, ()))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return self.shape

    def cost(self, *shapes: Shape) -> int:
        return 0

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        return xs[0]  # the program hands over the batch, already in the engine's layout

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Nothing lies before an Input."""

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return xs[0]

    def headline(self) -> str:
        return text(self.shape)
