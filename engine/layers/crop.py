"""Layers that take a part of an example, or put zeros around it."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.layers.shape import outside
from engine.params import Int, IntOrChoice, IntTuple
from engine.shapes import Shape, text


def onnx_axis(axis: int, rank: int) -> int:
    """Where the example's axis (from 0, API order) lies in ONNX's layout."""
    return (2, 3, 1)[axis] if rank == 3 else axis + 1


class _Edges(Layer):
    """What Crop and Zero pad share: how much at each edge."""

    linear = True
    rows: IntTuple
    columns: IntTuple

    def edges(self, rank: int) -> tuple[tuple[int, int], ...]:
        """(before, after) for rows and, in images, columns."""
        both = ((self.rows[0], self.rows[1]), (self.columns[0], self.columns[1]))
        return both[: rank - 1]

    def cost(self, *shapes: Shape) -> int:
        return 0

    def wrong_rank(self, x: Shape) -> Issue | None:
        if len(x) in (2, 3):
            return None
        return self.mismatch("rank", f"{self.title} receives {text(x)}.",
                             "It takes steps × features or height × width × channels.",
                             "For a flat list of numbers use Slice.")

    def inner(self, larger: np.ndarray) -> np.ndarray:
        """The part of an array of the larger shape (engine's layout) that lies between the edges."""
        view = outside(larger)
        cut = tuple(slice(before, view.shape[axis] - after)
                    for axis, (before, after) in enumerate(self.edges(larger.ndim - 1)))
        return outside(view[cut])

    def headline(self) -> str:
        return f"{sum(self.edges(3)[0])} rows · {sum(self.edges(3)[1])} columns"


class Crop(_Edges, title="Crop", category=Category.SHAPE):
    """Cuts rows and columns off the edges of an image, or steps off the ends of a sequence."""

    icon = "mdi6.crop"
    formula = "y[i, j, c] = x[i + top, j + left, c]"
    when = "To make branches of different size fit together, or to leave out an empty margin."
    rows = IntTuple((1, 1), "Rows (or steps) cut off at the beginning and at the end.", low=0, high=4096,
                    axes=("top", "bottom"))
    columns = IntTuple((1, 1), "Columns cut off on either side; images only.", low=0, high=4096,
                       axes=("left", "right"))
    examples = (({}, ((4, 5, 2),)), ({"rows": (0, 2)}, ((5, 2),)), ({"rows": (2, 0), "columns": (0, 1)}, ((3, 3, 1),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        wrong = self.wrong_rank(x)
        if wrong is not None:
            return wrong
        left = tuple(n - sum(edge) for n, edge in zip(x, self.edges(len(x)), strict=False))
        if min(left) < 1:
            return self.mismatch("no_room", f"Nothing is left of {text(x)}.", "Some rows and columns must remain.",
                                 "Cut off less.", parameter="rows" if left[0] < 1 else "columns")
        return (*left, x[-1])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        part = self.inner(xs[0])
        y = ctx.array(*part.shape)
        ctx.do(np.copyto, y, part)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """What was kept receives its own δ; what was cut off had no influence, so its gradient is 0."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(dx.fill, 0)
            ctx.do(np.copyto, self.inner(dx), dy)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        shape = node.input_shapes[0]
        edges = self.edges(len(shape))
        bounds = [[before for before, _ in edges],
                  [n - after for n, (_, after) in zip(shape, edges, strict=False)],
                  [onnx_axis(axis, len(shape)) for axis in range(len(edges))]]
        return node.op("Slice", xs[0], *(node.constant(np.array(entry, np.int64)) for entry in bounds))


class ZeroPad(_Edges, title="Zero pad", category=Category.SHAPE):
    """Puts rows and columns of zeros around an image, or steps of zeros around a sequence."""

    icon = "mdi6.border-outside"
    formula = "y[i + top, j + left, c] = x[i, j, c], 0 elsewhere"
    when = "Before a convolution whose padding is not the same on all sides, or to bring branches to one size."
    rows = IntTuple((1, 1), "Rows (or steps) of zeros at the beginning and at the end.", low=0, high=4096,
                    axes=("top", "bottom"))
    columns = IntTuple((1, 1), "Columns of zeros on either side; images only.", low=0, high=4096,
                       axes=("left", "right"))
    examples = (({}, ((2, 3, 2),)), ({"rows": (2, 0)}, ((3, 2),)), ({"rows": (0, 1), "columns": (2, 0)}, ((2, 2, 1),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        wrong = self.wrong_rank(x)
        if wrong is not None:
            return wrong
        return (*(n + sum(edge) for n, edge in zip(x, self.edges(len(x)), strict=False)), x[-1])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        shape = list(outside(x).shape)
        for axis, edge in enumerate(self.edges(x.ndim - 1)):
            shape[axis] += sum(edge)
        if x.ndim == 4:
            shape[1], shape[2] = shape[2], shape[1]
        y = ctx.kept(*shape)  # the zeros are laid out once
        ctx.do(np.copyto, self.inner(y), x)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each number stands unchanged in y and receives its own δ; the zeros are constants."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.copyto, dx, self.inner(dy))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        rank = len(node.input_shapes[0])
        pads = np.zeros((2, rank + 1), np.int64)
        for axis, edge in enumerate(self.edges(rank)):
            pads[:, onnx_axis(axis, rank)] = edge
        return node.op("Pad", xs[0], node.constant(pads.reshape(-1)))


class Slice(Layer, title="Slice", category=Category.SHAPE):
    """Takes every n-th entry of one axis between two places: some features, some steps, some channels."""

    icon = "mdi6.content-cut"
    formula = "y = x[start : stop : step] along one axis"
    when = "To send parts of an example into branches of their own, or to keep only the last step."
    linear = True
    axis = Int(-1, "Which axis; the example's axes count from 1, −1 is the last one.", low=-3, high=3)
    start = Int(0, "First entry taken, from 0; −1 is the last one.", low=-1_000_000, high=1_000_000)
    stop = IntOrChoice("end", "Entry before which it stops; negative numbers count from the end.",
                       options={"end": "To the end"}, low=-1_000_000, high=1_000_000)
    step = Int(1, "Take every n-th entry.", low=1, high=1_000_000)
    examples = (
        ({"start": 1, "stop": 4}, ((6,),)),
        ({"axis": 1, "start": -1}, ((4, 3),)),
        ({"start": 0, "step": 2}, ((2, 3, 5),)),
        ({"axis": 2, "start": 1, "stop": -1}, ((2, 4, 3),)),
        ({"axis": 1, "stop": 2}, ((3, 2, 2),)),
    )

    def cost(self, *shapes: Shape) -> int:
        return 0

    def _axis(self, rank: int) -> int | None:
        """The axis from 0, or None where there is none of that number."""
        axis = self.axis - 1 if self.axis > 0 else rank + self.axis
        return axis if self.axis and 0 <= axis < rank else None

    def _places(self, length: int) -> slice:
        stop = None if self.stop == "end" else self.stop
        return slice(*slice(self.start, stop, self.step).indices(length))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        axis = self._axis(len(x))
        if axis is None:
            return self.mismatch("axis", f"There is no axis {self.axis} in {text(x)}.",
                                 f"Axes run from 1 to {len(x)}, or from −{len(x)} to −1.", "Choose one of them.",
                                 parameter="axis")
        places = self._places(x[axis])
        count = len(range(places.start, places.stop, places.step))
        if count == 0:
            return self.mismatch("no_room", f"Nothing lies from {self.start} to {self.stop} of {x[axis]} entries.",
                                 "At least one entry must be taken.", "Change start or stop.", parameter="start")
        return (*x[:axis], count, *x[axis + 1 :])

    def _part(self, x: np.ndarray) -> np.ndarray:
        view = outside(x)
        axis = self._axis(x.ndim - 1)
        assert axis is not None, "checked by infer"
        return outside(view[(slice(None),) * axis + (self._places(view.shape[axis]),)])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        part = self._part(xs[0])
        y = ctx.array(*part.shape)
        ctx.do(np.copyto, y, part)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """What was taken receives its own δ; the rest had no influence, so its gradient is 0."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(dx.fill, 0)
            ctx.do(np.copyto, self._part(dx), dy)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        shape = node.input_shapes[0]
        axis = self._axis(len(shape))
        assert axis is not None, "checked by infer"
        places = self._places(shape[axis])
        bounds = (places.start, places.stop, onnx_axis(axis, len(shape)), places.step)
        return node.op("Slice", xs[0], *(node.constant(np.array([entry], np.int64)) for entry in bounds))

    def headline(self) -> str:
        every = f" by {self.step}" if self.step > 1 else ""
        return f"axis {self.axis}: {self.start} to {self.stop}{every}"
