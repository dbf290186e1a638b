"""Convolution over sequences: the images' passes with a width of one."""

from __future__ import annotations

import numpy as np

from engine.initialisers import HeNormal, Initialiser
from engine.issues import Issue
from engine.kernels import Window, window
from engine.layer import Category, Context, OnnxNode, WeightSpec, bias_spec
from engine.layers.conv import PADDING, Convolution
from engine.layers.convolve import bias_gradient, convolve, input_gradient, kernel_gradient
from engine.layers.sliding import Sliding
from engine.params import Int, IntOrChoice, Variant
from engine.shapes import Shape, text


class Conv1D(Convolution, title="Conv 1D", category=Category.LEARNABLE):
    """Slides small learned filters along a sequence; each answers when its pattern occurs."""

    stem = "conv"
    icon = "mdi6.chart-timeline-variant"
    formula = "z[t, o] = Σ K[o, c, u] · x[t·s + u·d, c] + b[o]"
    when = "Sound, sensors, text: patterns that mean the same whenever they occur. Causal padding for forecasts, " \
           "where no step may see a later one."
    filters = Int(16, "Filters, each giving one output feature.", low=1, high=4096)
    kernel_size = Int(3, "Steps a filter sees.", low=1, high=1024)
    stride = Int(1, "How far the filter moves at a time.", low=1, high=1024)
    padding = IntOrChoice(
        "same", "Zeros around the sequence: same keeps the length at stride 1, valid adds none.",
        options={**PADDING, "causal": "Causal: see nothing later"}, low=0, high=1024)
    dilation = Int(1, "Distance d of a filter's entries: 2 leaves a gap of one between them.", low=1, high=1024,
                   advanced=True)
    groups = Int(1, "Splits features and filters into this many parts that do not see each other.", low=1, high=4096,
                 advanced=True)
    initialiser = Variant(HeNormal(), "How the filters begin.", family=Initialiser)
    examples = (
        ({"filters": 3, "kernel_size": 3}, ((6, 2),)),
        ({"filters": 2, "kernel_size": 2, "padding": "valid"}, ((5, 3),)),
        ({"filters": 2, "kernel_size": 3, "stride": 2}, ((7, 2),)),
        ({"filters": 2, "kernel_size": 4, "stride": 3, "padding": 2, "bias": False}, ((8, 1),)),
        ({"filters": 3, "kernel_size": 3, "dilation": 2, "padding": "causal"}, ((7, 2),)),
        ({"filters": 2, "kernel_size": 3, "stride": 2, "padding": "causal"}, ((6, 2),)),
        ({"filters": 4, "kernel_size": 3, "groups": 2}, ((5, 4),)),
        ({"filters": 2, "kernel_size": 1, "padding": "valid"}, ((4, 3),)),
    )

    def sliding(self, x: Shape) -> Sliding:
        rows = window(x[0], self.kernel_size, self.stride, self.padding, self.dilation)
        return Sliding(rows, Window(1, 1, 1, 0, 0), x[2], self.filters, self.groups)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 2:
            return self.mismatch("rank", f"{self.title} receives {text(x)}.", "It takes steps × features.",
                                 "Wire it to a sequence, or put a Reshape before it.")
        rows = self.sliding((x[0], 1, x[1])).rows
        if rows.out < 1:
            return self.no_room(f"{rows.reach} steps", str(rows.length))
        return self.uneven_groups(x[1], self.filters, self.groups) or (rows.out, self.filters)

    def cost(self, *shapes: Shape) -> int:
        steps, features = shapes[0]
        return super().cost((steps, 1, features))

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        own = shapes[0][1] // self.groups
        shape = (self.filters, own, self.kernel_size)
        kernel = WeightSpec(shape, Initialiser.from_dict(self.initialiser), own * self.kernel_size,
                            self.filters // self.groups * self.kernel_size, storage=(2, 1, 0))
        return {"K": kernel, "b": bias_spec(self.filters)} if self.bias else {"K": kernel}

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        steps, features, n = x.shape
        sliding = self.sliding((steps, 1, features))
        z = ctx.array(sliding.rows.out, self.filters, 1, n)
        ctx.saved.x, ctx.saved.sliding = x[:, :, None], sliding
        ctx.saved.patches = convolve(ctx, sliding, x[:, :, None], ctx.w.K[:, :, None], z, keep=True,
                                     bias=ctx.w.b if self.bias else None)
        return z[:, :, 0]

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Each output is a sum of products K·x, so with δ = ∂L/∂z

        ∂L/∂K[o, c, u] = Σ δ[t, o] · x[t·s + u·d, c] over steps and examples; ∂L/∂b[o] = Σ δ[·, o];
        ∂L/∂x[p, c] = Σ K[o, c, u] · δ[t, o] over all (t, u) with t·s + u·d = p.
        """
        sliding, dy = ctx.saved.sliding, dy[:, :, None]
        if ctx.learns:
            kernel_gradient(ctx, sliding, ctx.saved.x, ctx.saved.patches, dy, ctx.dw.K[:, :, None])
            if self.bias:
                bias_gradient(ctx, dy, ctx.dw.b)
        dx = ctx.dx()
        if dx is not None:
            input_gradient(ctx, sliding, ctx.w.K[:, :, None], dy, dx[:, :, None])

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        steps, features = node.input_shapes[0]
        rows = self.sliding((steps, 1, features)).rows
        inputs = [node.op("Transpose", xs[0], perm=[0, 2, 1]), node.weight("K")]
        z = node.op("Conv", *inputs, *([node.weight("b")] if self.bias else []), kernel_shape=[rows.kernel],
                    strides=[rows.stride], dilations=[rows.dilation], group=self.groups,
                    pads=[rows.before, rows.after])
        return node.op("Transpose", z, perm=[0, 2, 1])

    def headline(self) -> str:
        return f"{self.filters} filters · {self.kernel_size}"
