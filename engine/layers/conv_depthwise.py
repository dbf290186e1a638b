"""Convolutions that keep channels apart: depthwise, and depthwise with a mixing step after it."""

from __future__ import annotations

import numpy as np

from engine.initialisers import HeNormal, Initialiser
from engine.issues import Issue
from engine.kernels import Window, window
from engine.layer import Category, Context, OnnxNode, WeightSpec, bias_spec
from engine.layers.conv import PADDING, Convolution, onnx_sliding
from engine.layers.convolve import bias_gradient, convolve, input_gradient, kernel_gradient
from engine.layers.sliding import Sliding
from engine.params import Int, IntOrChoice, IntTuple, Variant
from engine.shapes import Shape, text


class _Depthwise(Convolution):
    """One group per channel."""

    kernel_size = IntTuple((3, 3), "Height and width of a filter.", low=1, high=64, axes=("height", "width"))
    stride = IntTuple((1, 1), "How far the filter moves at a time.", low=1, high=64, axes=("height", "width"))
    padding = IntOrChoice("same", "Zeros around the image: same keeps the size at stride 1, valid adds none.",
                          options=PADDING, low=0, high=64)
    dilation = IntTuple((1, 1), "Distance d of a filter's entries: 2 leaves a gap of one between them.", low=1,
                        high=64, axes=("height", "width"), advanced=True)
    depth_multiplier = Int(1, "Filters for each channel.", low=1, high=256, advanced=True)
    initialiser = Variant(HeNormal(), "How the filters begin.", family=Initialiser)

    def sliding(self, x: Shape) -> Sliding:
        (kh, kw), (sh, sw), (dh, dw) = self.kernel_size, self.stride, self.dilation
        rows, columns = window(x[0], kh, sh, self.padding, dh), window(x[1], kw, sw, self.padding, dw)
        return Sliding(rows, columns, x[2], x[2] * self.depth_multiplier, groups=x[2])


class DepthwiseConv2D(_Depthwise, title="Depthwise conv 2D", category=Category.LEARNABLE):
    """Slides filters of their own over every channel; no channel sees another."""

    stem = "depthwise"
    icon = "mdi6.layers-outline"
    formula = "z[i, j, c·m + k] = Σ K[c·m + k, u, v] · x[i·s + u·d, j·s + v·d, c] + b"
    when = "Small, fast networks for images, with a 1 × 1 convolution after it that mixes the channels."
    examples = (
        ({}, ((4, 5, 3),)),
        ({"depth_multiplier": 2, "kernel_size": (2, 3), "padding": "valid"}, ((4, 5, 2),)),
        ({"stride": (2, 2), "bias": False}, ((6, 5, 2),)),
        ({"dilation": (2, 1), "padding": 1, "depth_multiplier": 3}, ((5, 4, 2),)),
        ({}, ((3, 3, 1),)),
    )

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        kernel = self.kernel_spec(shapes[0], Initialiser.from_dict(self.initialiser))
        return {"K": kernel, "b": bias_spec(kernel.shape[0])} if self.bias else {"K": kernel}

    def headline(self) -> str:
        return f"{text(self.kernel_size)} a channel"


class SeparableConv2D(_Depthwise, title="Separable conv 2D", category=Category.LEARNABLE):
    """A convolution in two cheaper steps: each channel by itself, then a mix of the channels at each place."""

    stem = "separable"
    icon = "mdi6.layers-triple-outline"
    formula = "m[i, j, c] = Σ D[c, u, v] · x[i·s + u·d, j·s + v·d, c];  z[i, j, o] = Σ P[o, c] · m[i, j, c] + b[o]"
    when = "In place of Conv 2D where weights or time are short: about a ninth of both for 3 × 3 filters."
    filters = Int(16, "Mixes, each giving one output channel.", low=1, high=4096)
    examples = (
        ({"filters": 3}, ((4, 5, 2),)),
        ({"filters": 2, "kernel_size": (2, 3), "padding": "valid", "depth_multiplier": 2}, ((4, 5, 2),)),
        ({"filters": 4, "stride": (2, 2), "bias": False}, ((6, 5, 3),)),
        ({"filters": 1, "dilation": (1, 2), "padding": 2}, ((4, 4, 1),)),
    )

    def mixing(self, x: Shape) -> Sliding:
        """The second step: a 1 × 1 convolution over what the first puts out."""
        height, width, channels = self.sliding(x).output
        return Sliding(Window(height, 1, 1, 0, 0), Window(width, 1, 1, 0, 0), channels, self.filters)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        outcome = super().infer(*shapes)
        return (*outcome[:2], self.filters) if isinstance(outcome, tuple) else outcome

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        init = Initialiser.from_dict(self.initialiser)
        depth = self.kernel_spec(shapes[0], init)
        channels = depth.shape[0]
        point = WeightSpec((self.filters, channels, 1, 1), init, channels, self.filters, storage=(2, 1, 3, 0))
        found = {"D": depth, "P": point}
        return {**found, "b": bias_spec(self.filters)} if self.bias else found

    def cost(self, *shapes: Shape) -> int:
        return self.sliding(shapes[0]).cost + self.mixing(shapes[0]).cost

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        height, channels, width, n = x.shape
        depth, mixing = self.sliding((height, width, channels)), self.mixing((height, width, channels))
        middle = ctx.array(depth.rows.out, depth.filters, depth.columns.out, n)
        z = ctx.array(depth.rows.out, self.filters, depth.columns.out, n)
        saved = ctx.saved
        saved.depth, saved.mixing, saved.x, saved.middle = depth, mixing, x, middle
        saved.patches = convolve(ctx, depth, x, ctx.w.D, middle, keep=True)
        saved.places = convolve(ctx, mixing, middle, ctx.w.P, z, keep=True, bias=ctx.w.b if self.bias else None)
        return z

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Two convolutions in a row, so the rules of one are applied twice, from the back. With δ = ∂L/∂z

        ∂L/∂P[o, c] = Σ δ[i, j, o] · m[i, j, c], ∂L/∂b[o] = Σ δ[·, ·, o], and ε = ∂L/∂m = Σ P[o, c] · δ[i, j, o];
        ∂L/∂D[c, u, v] = Σ ε[i, j, c] · x[i·s + u·d, j·s + v·d, c], and ∂L/∂x[p, q, c] = Σ D[c, u, v] · ε[i, j, c]
        over all (i, j, u, v) with i·s + u·d = p and j·s + v·d = q.
        """
        saved, dx = ctx.saved, ctx.dx()
        if ctx.learns:
            kernel_gradient(ctx, saved.mixing, saved.middle, saved.places, dy, ctx.dw.P)
            if self.bias:
                bias_gradient(ctx, dy, ctx.dw.b)
        if not ctx.learns and dx is None:
            return
        d_middle = ctx.scratch(*saved.middle.shape)
        input_gradient(ctx, saved.mixing, ctx.w.P, dy, d_middle)
        if ctx.learns:
            kernel_gradient(ctx, saved.depth, saved.x, saved.patches, d_middle, ctx.dw.D)
        if dx is not None:
            input_gradient(ctx, saved.depth, ctx.w.D, d_middle, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        steps = ("Patches", "MatMul", "MatMul")
        return (*steps, "Add") if self.bias else steps

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        x = node.input_shapes[0]
        middle = node.op("Conv", xs[0], node.weight("D"), **onnx_sliding(self.sliding(x)))
        bias = [node.weight("b")] if self.bias else []
        return node.op("Conv", middle, node.weight("P"), *bias, **onnx_sliding(self.mixing(x)))

    def headline(self) -> str:
        return f"{self.filters} filters · {text(self.kernel_size)}"
