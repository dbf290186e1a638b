"""Layers in which branches meet."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.kernels import channel_axis
from engine.layer import Category, Context, Layer, OnnxNode
from engine.shapes import Shape, text


class _SameShape(Layer):
    """Two or more inputs of one shape, joined number by number."""

    def infer(self, *shapes: Shape) -> Shape | Issue:
        if len(set(shapes)) == 1:
            return shapes[0]
        return self.mismatch("shapes_differ", f"The inputs are {', '.join(text(s) for s in shapes)}.",
                             f"{self.title} needs inputs of one shape.",
                             "Change the layers before it so that they agree.")

    def cost(self, *shapes: Shape) -> int:
        return super().cost(*shapes) * (len(shapes) - 1)

    def headline(self) -> str:
        return "number by number"


class _Variadic(_SameShape):
    variadic = True
    examples = (({}, ((4,), (4,))), ({}, ((2, 3), (2, 3), (2, 3))), ({}, ((2, 3, 2), (2, 3, 2))))

    def joined(self, ctx: Context, join: np.ufunc, xs: tuple[np.ndarray, ...]) -> np.ndarray:
        """Writes down ((x₁ ∘ x₂) ∘ x₃) …"""
        y = ctx.array(*xs[0].shape)
        ctx.do(join, xs[0], xs[1], out=y)
        for x in xs[2:]:
            ctx.do(join, y, x, out=y)
        return y


class Add(_Variadic, title="Add", category=Category.SHAPE):
    """Adds its inputs, number by number."""

    icon = "mdi6.plus-circle-outline"
    formula = "y = x₁ + x₂ + …"
    when = "Residual connections: the gradient flows through a sum unchanged, so deep networks keep learning."
    linear = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        ctx.saved.count = len(xs)
        return self.joined(ctx, np.add, xs)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂y/∂xᵢ = 1, so every input receives δ as it is."""
        for index in range(ctx.saved.count):
            ctx.pass_back(dy, index)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sum", *xs)


class Average(_Variadic, title="Average", category=Category.SHAPE):
    """The mean of its inputs, number by number."""

    icon = "mdi6.approximately-equal"
    formula = "y = (x₁ + x₂ + …) / k"
    when = "To let several branches vote."
    linear = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = self.joined(ctx, np.add, xs)
        ctx.do(np.multiply, y, 1.0 / len(xs), y)
        ctx.saved.count = len(xs)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂y/∂xᵢ = 1/k for k inputs, so each receives δ/k."""
        for index in range(ctx.saved.count):
            dx = ctx.dx(index)
            if dx is not None:
                ctx.do(np.multiply, dy, 1.0 / ctx.saved.count, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Mean", *xs)


class Multiply(_Variadic, title="Multiply", category=Category.SHAPE):
    """Multiplies its inputs, number by number."""

    icon = "mdi6.close-circle-outline"
    formula = "y = x₁ · x₂ · …"
    when = "Gates: a branch that ends in a sigmoid decides how much of another one passes."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        ctx.saved.xs = xs
        return self.joined(ctx, np.multiply, xs)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """By the product rule ∂y/∂xᵢ is the product of the others: ∂L/∂xᵢ = δ · Πⱼ≠ᵢ xⱼ. (Not y/xᵢ: xᵢ may be 0.)"""
        xs = ctx.saved.xs
        for index in range(len(xs)):
            dx = ctx.dx(index)
            if dx is None:
                continue
            factor = dy
            for other in (*xs[:index], *xs[index + 1 :]):
                ctx.do(np.multiply, factor, other, dx)
                factor = dx

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        y = xs[0]
        for x in xs[1:]:
            y = node.op("Mul", y, x)
        return y


class Maximum(_Variadic, title="Maximum", category=Category.SHAPE):
    """The largest of its inputs, number by number."""

    icon = "mdi6.chevron-double-up"
    formula = "y = max(x₁, x₂, …)"
    when = "Branches that compete (maxout): each number comes from the branch that says most."
    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = self.joined(ctx, np.maximum, xs)
        ctx.saved.xs, ctx.saved.y = xs, y
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂y/∂xᵢ is 1 where xᵢ is the largest and 0 elsewhere. Where k inputs are equal each receives δ/k, as
        PyTorch's ``maximum`` of two does it: the mean of the subgradients.
        """
        xs, y = ctx.saved.xs, ctx.saved.y
        hit, share = ctx.scratch(*dy.shape, dtype=bool), ctx.scratch(*dy.shape)
        ctx.do(share.fill, 0)
        for x in xs:
            ctx.do(np.equal, x, y, hit)
            ctx.do(np.add, share, hit, share)
        ctx.do(np.divide, dy, share, share)
        for index, x in enumerate(xs):
            dx = ctx.dx(index)
            if dx is not None:
                ctx.do(np.equal, x, y, hit)
                ctx.do(np.multiply, share, hit, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Max", *xs)


class Subtract(_SameShape, title="Subtract", category=Category.SHAPE):
    """Takes its second input from its first, number by number."""

    icon = "mdi6.minus-circle-outline"
    formula = "y = x₁ − x₂"
    when = "To compare two branches: what one sees and the other does not."
    inputs = ("in1", "in2")
    linear = True
    examples = (({}, ((4,), (4,))), ({}, ((2, 3), (2, 3))), ({}, ((2, 3, 2), (2, 3, 2))))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(*xs[0].shape)
        ctx.do(np.subtract, xs[0], xs[1], y)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """∂y/∂x₁ = 1 and ∂y/∂x₂ = −1: the first receives δ, the second −δ."""
        ctx.pass_back(dy, 0)
        dx = ctx.dx(1)
        if dx is not None:
            ctx.do(np.negative, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sub", *xs)


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
