"""Layers that rearrange numbers without changing them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.params import Int, IntTuple
from engine.receptive import ALL, Field
from engine.shapes import Shape, size, text


def outside(x: np.ndarray) -> np.ndarray:
    """An array of the engine's layout with its axes in the API's order, the batch still last: (H, W, C, N)."""
    return x.transpose(0, 2, 1, 3) if x.ndim == 4 else x


def inside(x: np.ndarray) -> np.ndarray:
    """Undoes :func:`outside`: the same exchange of two axes."""
    return outside(x)


def in_order(x: np.ndarray) -> bool:
    """Do the numbers already lie in memory as the API orders them? (One channel or one column, and the two orders are
    the same.) A flat list may be a view of the batch that came in, with the examples' numbers side by side."""
    return x.ndim == 3 or (x.ndim == 4 and 1 in x.shape[1:3])


def row_of(ctx: Context, x: np.ndarray, take: Callable[..., np.ndarray]) -> np.ndarray:
    """All numbers in the API's order as (numbers, N): a view where they lie so, else a recorded copy into what
    ``take`` gives."""
    if not in_order(x):
        ordered = take(*outside(x).shape)
        ctx.do(np.copyto, ordered, outside(x))
        x = ordered
    return x.reshape(-1, x.shape[-1])


def onnx_outside(node: OnnxNode, x: str, rank: int) -> str:
    """ONNX's layout to the API's: channels last."""
    return node.op("Transpose", x, perm=[0, 2, 3, 1]) if rank == 3 else x


def onnx_inside(node: OnnxNode, x: str, rank: int) -> str:
    """The API's layout to ONNX's: channels first."""
    return node.op("Transpose", x, perm=[0, 3, 1, 2]) if rank == 3 else x


class _Rearranging(Layer):
    linear = True

    def cost(self, *shapes: Shape) -> int:
        return 0


class _Reshaping(_Rearranging):
    """The same numbers in the API's order, under another shape."""

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        target = self.infer(outside(x).shape[:-1])
        assert not isinstance(target, Issue), "checked before"
        flat, image = len(target) == 1, len(target) == 3
        ctx.saved.plain = in_order(x) or (x.ndim == 2 and flat)
        if x.ndim == 2 and flat:
            return x
        row = row_of(ctx, x, ctx.array)
        if not image:
            return row.reshape(*target, ctx.batch)
        ordered = inside(row.reshape(*target, ctx.batch))
        if 1 in target[1:]:
            return row.reshape(ordered.shape)
        ctx.saved.plain = False
        y = ctx.array(*ordered.shape)
        ctx.do(np.copyto, y, ordered)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Every number goes back to where it came from."""
        if ctx.saved.plain:
            ctx.pass_back(dy)
            return
        dx = ctx.dx()
        if dx is not None:
            place = outside(dx)
            ctx.do(np.copyto, place, row_of(ctx, dy, ctx.scratch).reshape(place.shape))


class Flatten(_Reshaping, title="Flatten", category=Category.SHAPE):
    """Lays all numbers of an example in one row: height, then width, then channels."""

    icon = "mdi6.arrow-expand-horizontal"
    formula = "28 × 28 × 1 → 784"
    when = "Between images (or sequences) and Dense layers."
    examples = (({}, ((4,),)), ({}, ((3, 2),)), ({}, ((2, 3, 4),)), ({}, ((3, 2, 1),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return (size(shapes[0]),)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Flatten", onnx_outside(node, xs[0], len(node.input_shapes[0])), axis=1)


class Reshape(_Reshaping, title="Reshape", category=Category.SHAPE):
    """Gives the numbers of an example another shape; their order stays: height, then width, then channels."""

    icon = "mdi6.grid-large"
    formula = "784 → 28 × 28 × 1"
    when = "To make an image or a sequence of a flat list, or to cut one otherwise. One axis may be −1: what remains."
    shape = IntTuple((-1, 1), "The new shape: features, or steps × features, or height × width × channels. −1 stands "
                     "for what remains.", low=-1, high=1_000_000, longest=3)
    examples = (
        ({"shape": (2, 3)}, ((6,),)),
        ({"shape": (2, 3, 2)}, ((12,),)),
        ({"shape": (3, 2, 2)}, ((2, 3, 2),)),
        ({"shape": (4, -1)}, ((2, 4, 3),)),
        ({"shape": (2, 2, -1)}, ((2, 6),)),
        ({"shape": (-1,)}, ((2, 3, 1),)),
    )

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        total, open_axes = size(x), [axis for axis, n in enumerate(self.shape) if n == -1]
        if 0 in self.shape or len(open_axes) > 1:
            return self.mismatch("shape", f"The new shape is {text(self.shape)}.",
                                 "Its numbers are 1 or more, and at most one of them is −1.",
                                 "Correct the shape.", parameter="shape")
        known = size(tuple(n for n in self.shape if n != -1))
        if total % known or (not open_axes and total != known):
            return self.mismatch("shape", f"{text(x)} holds {total} numbers, which do not make {text(self.shape)}.",
                                 f"The new shape must hold {total} numbers too.", "Change one of the two shapes.",
                                 parameter="shape")
        return tuple(total // known if n == -1 else n for n in self.shape)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        x = onnx_outside(node, xs[0], len(node.input_shapes[0]))
        target = self.infer(*node.input_shapes)
        assert not isinstance(target, Issue)
        y = node.op("Reshape", x, node.constant(np.array([0, *target], np.int64)))
        return onnx_inside(node, y, len(target))

    def headline(self) -> str:
        return text(self.shape)


class Permute(_Rearranging, title="Permute", category=Category.SHAPE):
    """Exchanges the axes of an example: rows become columns."""

    icon = "mdi6.swap-horizontal"
    formula = "3 × 5 → 5 × 3"
    when = "To let the next layer run over another axis, for instance over features instead of steps."
    order = IntTuple((2, 1), "Which axis comes first, second …; the example's axes count from 1.", low=1, high=3,
                     longest=3)
    examples = (
        ({}, ((3, 5),)),
        ({"order": (1,)}, ((4,),)),
        ({"order": (3, 1, 2)}, ((2, 3, 4),)),
        ({"order": (2, 1, 3)}, ((2, 3, 2),)),
        ({"order": (1, 2)}, ((2, 3),)),
    )

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if sorted(self.order) == list(range(1, len(x) + 1)):
            return tuple(x[axis - 1] for axis in self.order)
        axes = ", ".join(str(axis + 1) for axis in range(len(x)))
        return self.mismatch("order", f"The order is {', '.join(map(str, self.order))}, the input {text(x)}.",
                             f"The order must name each of its axes once: {axes}.", "Correct the order.",
                             parameter="order")

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        """Axes of places change places; where channels become places no window describes what is seen."""
        places = self.order[:-1]
        if field is None or len(field) != len(places) or all(axis == field[0] for axis in field):
            return field
        return tuple(field[axis - 1] for axis in places) if self.order[-1] == len(self.order) else ALL

    def _permuted(self, x: np.ndarray) -> np.ndarray:
        return outside(x).transpose(*(axis - 1 for axis in self.order), x.ndim - 1)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        turned = inside(self._permuted(xs[0]))
        y = ctx.array(*turned.shape)
        ctx.do(np.copyto, y, turned)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Every number goes back to where it came from."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.copyto, self._permuted(dx), outside(dy))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        rank = len(self.order)
        x = node.op("Transpose", onnx_outside(node, xs[0], rank), perm=[0, *self.order])
        return onnx_inside(node, x, rank)

    def headline(self) -> str:
        return ", ".join(map(str, self.order))


class RepeatVector(_Rearranging, title="Repeat vector", category=Category.SHAPE):
    """Repeats a list of features at every step: a sequence that says the same thing again and again."""

    icon = "mdi6.repeat"
    formula = "y[t] = x"
    when = "To hand what one network has understood to a recurrent one that unfolds it."
    steps = Int(4, "How many steps.", low=1, high=100_000)
    examples = (({}, ((3,),)), ({"steps": 1}, ((4,),)), ({"steps": 6}, ((1,),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) == 1:
            return (self.steps, x[0])
        return self.mismatch("rank", f"Repeat vector receives {text(x)}.", "It takes a flat list of numbers.",
                             "Put a Flatten before it.")

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        y = ctx.array(self.steps, *xs[0].shape)
        ctx.do(np.copyto, y, xs[0])
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each number stands at every step, so it receives the sum of their errors: ∂L/∂x = Σₜ δ[t]."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.add.reduce, dy, 0, None, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        one = node.op("Unsqueeze", xs[0], node.constant(np.array([1], np.int64)))
        return node.op("Tile", one, node.constant(np.array([1, self.steps, 1], np.int64)))

    def headline(self) -> str:
        return f"{self.steps} steps"
