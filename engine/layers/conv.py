"""Convolution over images."""

from __future__ import annotations

import numpy as np

from engine.initialisers import HeNormal, Initialiser
from engine.issues import Issue
from engine.kernels import window
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec, bias_spec
from engine.layers.convolve import bias_gradient, convolve, input_gradient, kernel_gradient
from engine.layers.sliding import Sliding
from engine.params import Bool, Int, IntOrChoice, IntTuple, Variant
from engine.receptive import Field, slid
from engine.shapes import Shape, text

PADDING = {"same": "Same: keep the size", "valid": "Valid: no padding"}


class Convolution(Learnable):
    """The base of layers that slide one kernel K, and perhaps add one offset b to every filter."""

    linear = True
    bias = Bool(True, "Add a learned offset to every filter.")

    def sliding(self, x: Shape) -> Sliding:
        """The geometry over an input of (height, width, channels); a sequence is (steps, 1, features)."""
        raise NotImplementedError(self.kind)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 3:
            return self.mismatch("rank", f"{self.title} receives {text(x)}.", "It takes height × width × channels.",
                                 "Wire it to an image Input, or put a Reshape before it.")
        return self.room(x) or self.sliding(x).output

    def room(self, x: Shape) -> Issue | None:
        """What is wrong where the kernel does not fit into an input of (height, width, channels)."""
        sliding = self.sliding(x)
        if sliding.rows.out >= 1 and sliding.columns.out >= 1:
            return None
        return self.no_room(text((sliding.rows.reach, sliding.columns.reach)), text(x[:2]))

    def no_room(self, filter_size: str, input_size: str) -> Issue:
        """The filter is larger than the padded input."""
        return self.mismatch(
            "no_room", f"A filter that spans {filter_size} does not fit into {input_size}.",
            "The filter must not be larger than the padded input.", "Use a smaller kernel or padding \"same\".",
            parameter="kernel_size")

    def uneven_groups(self, channels: int, filters: int, groups: int) -> Issue | None:
        """What is wrong where channels or filters do not split into the groups."""
        if channels % groups == 0 and filters % groups == 0:
            return None
        return self.mismatch(
            "groups", f"{self.title} splits {channels} channels and {filters} filters into {groups} groups.",
            "Both must be multiples of the number of groups.", "Change the groups or the filters.",
            parameter="groups")

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        x = shapes[0]
        sliding = self.sliding(x if len(x) == 3 else (x[0], 1, x[1]))
        windows = (sliding.rows, sliding.columns)[: len(x) - 1]
        return slid(field, [(w.reach, w.stride) for w in windows])

    def cost(self, *shapes: Shape) -> int:
        return self.sliding(shapes[0]).cost

    def kernel_spec(self, x: Shape, initialiser: Initialiser) -> WeightSpec:
        """The kernel, public (filters, channels/groups, height, width), stored as the passes want it."""
        sliding = self.sliding(x)
        own, taps = sliding.channels // sliding.groups, sliding.rows.kernel * sliding.columns.kernel
        shape = (sliding.filters, own, sliding.rows.kernel, sliding.columns.kernel)
        return WeightSpec(shape, initialiser, own * taps, sliding.filters // sliding.groups * taps,
                          storage=(2, 1, 3, 0))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        height, channels, width, n = x.shape
        sliding = self.sliding((height, width, channels))
        z = ctx.array(sliding.rows.out, sliding.filters, sliding.columns.out, n)
        ctx.saved.x, ctx.saved.sliding = x, sliding
        ctx.saved.patches = convolve(ctx, sliding, x, ctx.w.K, z, keep=True, bias=ctx.w.b if self.bias else None)
        return z

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each output is a sum of products K·x, so with δ = ∂L/∂z

        ∂L/∂K[o, c, u, v] = Σ δ[i, j, o] · x[i·s + u·d, j·s + v·d, c] over places and examples: per row of outputs
        the product of δ with its band of patches, transposed. ∂L/∂b[o] = Σ δ[·, ·, o].
        ∂L/∂x[p, q, c] = Σ K[o, c, u, v] · δ[i, j, o] over all (i, j, u, v) with i·s + u·d = p and j·s + v·d = q.
        """
        sliding = ctx.saved.sliding
        if ctx.learns:
            kernel_gradient(ctx, sliding, ctx.saved.x, ctx.saved.patches, dy, ctx.dw.K)
            if self.bias:
                bias_gradient(ctx, dy, ctx.dw.b)
        dx = ctx.dx()
        if dx is not None:
            input_gradient(ctx, sliding, ctx.w.K, dy, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Patches", "MatMul", "Add") if self.bias else ("Patches", "MatMul")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        sliding = self.sliding(node.input_shapes[0])
        inputs = [xs[0], node.weight("K")] + ([node.weight("b")] if self.bias else [])
        return node.op("Conv", *inputs, **onnx_sliding(sliding))


class Conv2D(Convolution, title="Conv 2D", category=Category.LEARNABLE):
    """Slides small learned filters over an image; each answers where its pattern occurs."""

    stem = "conv"
    icon = "mdi6.grid"
    formula = "z[i, j, o] = Σ K[o, c, u, v] · x[i·s + u·d, j·s + v·d, c] + b[o]"
    when = "Pictures and anything laid out on a grid: the same filter serves every place, so few weights see much."
    filters = Int(16, "Filters, each giving one output channel.", low=1, high=4096)
    kernel_size = IntTuple((3, 3), "Height and width of a filter.", low=1, high=64, axes=("height", "width"))
    stride = IntTuple((1, 1), "How far the filter moves at a time.", low=1, high=64, axes=("height", "width"))
    padding = IntOrChoice("same", "Zeros around the image: same keeps the size at stride 1, valid adds none.",
                          options=PADDING, low=0, high=64)
    dilation = IntTuple((1, 1), "Distance d of a filter's entries: 2 leaves a gap of one between them.", low=1,
                        high=64, axes=("height", "width"), advanced=True)
    groups = Int(1, "Splits channels and filters into this many parts that do not see each other.", low=1, high=4096,
                 advanced=True)
    initialiser = Variant(HeNormal(), "How the filters begin.", family=Initialiser)
    examples = (
        ({"filters": 3, "kernel_size": (3, 3)}, ((5, 6, 2),)),
        ({"filters": 2, "kernel_size": (2, 3), "padding": "valid"}, ((5, 4, 3),)),
        ({"filters": 2, "kernel_size": (3, 3), "stride": (2, 2)}, ((6, 7, 1),)),
        ({"filters": 2, "kernel_size": (3, 2), "stride": (2, 3), "padding": 1, "bias": False}, ((7, 6, 2),)),
        ({"filters": 1, "kernel_size": (1, 1), "padding": "valid"}, ((2, 3, 2),)),
        ({"filters": 3, "kernel_size": (3, 2), "dilation": (2, 3)}, ((7, 6, 2),)),
        ({"filters": 2, "kernel_size": (2, 2), "dilation": (2, 1), "stride": (2, 1), "padding": "valid"},
         ((6, 4, 2),)),
        ({"filters": 6, "groups": 2, "kernel_size": (3, 3)}, ((5, 4, 4),)),
        ({"filters": 2, "groups": 2, "kernel_size": (2, 2), "stride": (2, 2), "dilation": (1, 2)}, ((5, 5, 2),)),
        ({"filters": 4, "groups": 2, "kernel_size": (1, 1), "padding": "valid"}, ((3, 2, 4),)),
        ({"filters": 17, "kernel_size": (3, 3)}, ((4, 4, 8),)),
        ({"filters": 16, "kernel_size": (2, 3), "padding": 2}, ((3, 4, 16),)),
        ({"filters": 9, "kernel_size": (3, 1), "padding": 1}, ((4, 3, 16),)),
    )

    def sliding(self, x: Shape) -> Sliding:
        (kh, kw), (sh, sw), (dh, dw) = self.kernel_size, self.stride, self.dilation
        rows, columns = window(x[0], kh, sh, self.padding, dh), window(x[1], kw, sw, self.padding, dw)
        return Sliding(rows, columns, x[2], self.filters, self.groups)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        return (self.uneven_groups(x[2], self.filters, self.groups) if len(x) == 3 else None) or super().infer(x)

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        kernel = self.kernel_spec(shapes[0], Initialiser.from_dict(self.initialiser))
        return {"K": kernel, "b": bias_spec(self.filters)} if self.bias else {"K": kernel}

    def headline(self) -> str:
        return f"{self.filters} filters · {text(self.kernel_size)}"


def onnx_sliding(sliding: Sliding) -> dict[str, object]:
    """The ONNX attributes of a convolution over an image, with its padding in numbers."""
    rows, columns = sliding.rows, sliding.columns
    return {
        "kernel_shape": [rows.kernel, columns.kernel], "strides": [rows.stride, columns.stride],
        "dilations": [rows.dilation, columns.dilation], "group": sliding.groups,
        "pads": [rows.before, columns.before, rows.after, columns.after],
    }
