"""Layers in which branches meet."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.kernels import channel_axis
from engine.layer import Category, Context, Layer, OnnxNode
from engine.shapes import Shape, text


class Add(Layer, title="Add", category=Category.SHAPE):
    """Adds its inputs, number by number."""

    icon = "mdi6.plus-circle-outline"
    formula = "y = x₁ + x₂ + …"
    when = "Residual connections: the gradient flows through a sum unchanged, so deep networks keep learning."
    variadic = True
    linear = True
    examples = (({}, ((4,), (4,))), ({}, ((2, 3), (2, 3), (2, 3))), ({}, ((2, 3, 2), (2, 3, 2))))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        if len(set(shapes)) == 1:
            return shapes[0]
        return self.mismatch("shapes_differ", f"The inputs are {', '.join(text(s) for s in shapes)}.",
                             "Add needs inputs of one shape.", "Change the layers before it so that they agree.")

    def cost(self, *shapes: Shape) -> int:
        return super().cost(*shapes) * (len(shapes) - 1)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        ctx.do(np.add, xs[0], xs[1], y)
        for x in xs[2:]:
            ctx.do(np.add, y, x, y)
        ctx.saved.count = len(xs)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂y/∂xᵢ = 1, so every input receives δ as it is."""
        for index in range(ctx.saved.count):
            ctx.pass_back(dy, index)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sum", *xs)

    def headline(self) -> str:
        return "number by number"


class Concatenate(Layer, title="Concatenate", category=Category.SHAPE):
    """Puts its inputs side by side: features after features, channels after channels."""

    icon = "mdi6.table-merge-cells"
    formula = "y = [x₁, x₂, …]"
    when = "To give a layer everything that several branches found, without mixing it."
    variadic = True
    linear = True
    examples = (({}, ((4,), (2,))), ({}, ((2, 3), (2, 1), (2, 2))), ({}, ((2, 3, 1), (2, 3, 4))))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        leading = {shape[:-1] for shape in shapes}
        if len(leading) == 1:
            return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))
        return self.mismatch("shapes_differ", f"The inputs are {', '.join(text(s) for s in shapes)}.",
                             "Concatenate needs inputs that agree in everything but their last number.",
                             "Change the layers before it so that they agree.")

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        axis = channel_axis(xs[0].ndim - 1)
        shape = list(xs[0].shape)
        shape[axis] = sum(x.shape[axis] for x in xs)
        y = ctx.array(*shape)
        ctx.saved.parts = _parts(xs, axis)
        for x, part in zip(xs, ctx.saved.parts, strict=True):
            ctx.do(np.copyto, y[part], x)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each input's numbers stand unchanged in y, so it receives its own part of δ."""
        for index, part in enumerate(ctx.saved.parts):
            dx = ctx.dx(index)
            if dx is not None:
                ctx.do(np.copyto, dx, dy[part])

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Concat", *xs, axis=node.channel_axis)

    def headline(self) -> str:
        return "side by side"


def _parts(xs: tuple[np.ndarray, ...], axis: int) -> list[tuple[slice, ...]]:
    """Where each input lies in the joined array."""
    parts, start = [], 0
    for x in xs:
        stop = start + x.shape[axis]
        parts.append((slice(None),) * axis + (slice(start, stop),))
        start = stop
    return parts
