"""Transposed convolution: from small images to larger ones."""

from __future__ import annotations

import numpy as np

from engine.initialisers import HeNormal, Initialiser
from engine.issues import Issue
from engine.kernels import Window, reach, window
from engine.layer import Category, Context, OnnxNode, WeightSpec, bias_spec
from engine.layers.conv import PADDING, Convolution
from engine.layers.convolve import bias_gradient, convolve, input_gradient, kernel_gradient
from engine.layers.sliding import Sliding
from engine.params import Int, IntOrChoice, IntTuple, Variant
from engine.receptive import Field, slid
from engine.shapes import Shape, text


class ConvTranspose2D(Convolution, title="Conv transpose 2D", category=Category.LEARNABLE):
    """Lets every place of a small image paint a learned pattern into a larger one; overlapping paint adds up.

    Same padding gives stride times the size. A padding of p gives (n − 1)·s − 2·p + (k − 1)·d + 1 + the extra rows
    or columns at the end, as in PyTorch; valid is a padding of 0.
    """

    stem = "up"
    icon = "mdi6.arrow-expand-all"
    formula = "z[i·s + u·d − p, j·s + v·d − p, o] = Σ K[c, o, u, v] · x[i, j, c] + b[o]"
    when = "Decoders and image-to-image networks, to make images larger. A kernel size that the stride divides " \
           "avoids a checkerboard."
    filters = Int(16, "Patterns, each giving one output channel.", low=1, high=4096)
    kernel_size = IntTuple((2, 2), "Height and width of a pattern.", low=1, high=64, axes=("height", "width"))
    stride = IntTuple((2, 2), "How far apart neighbours paint: how many times larger the image gets.", low=1, high=64,
                      axes=("height", "width"))
    padding = IntOrChoice("same", "What is cut off around the result: same leaves stride times the size, valid cuts "
                          "nothing.", options=PADDING, low=0, high=64)
    output_padding = IntTuple((0, 0), "Extra rows and columns at the end, for sizes that a stride skips. Not with "
                              "same padding.", low=0, high=63, axes=("height", "width"), advanced=True)
    dilation = IntTuple((1, 1), "Distance d of a pattern's entries: 2 leaves a gap of one between them.", low=1,
                        high=64, axes=("height", "width"), advanced=True)
    initialiser = Variant(HeNormal(), "How the patterns begin.", family=Initialiser)
    examples = (
        ({"filters": 3}, ((3, 2, 2),)),
        ({"filters": 2, "kernel_size": (3, 3)}, ((3, 4, 2),)),
        ({"filters": 2, "kernel_size": (3, 2), "stride": (2, 3), "padding": "valid", "bias": False}, ((2, 3, 3),)),
        ({"filters": 1, "kernel_size": (3, 3), "padding": 1, "output_padding": (1, 1)}, ((3, 3, 2),)),
        ({"filters": 2, "kernel_size": (3, 3), "stride": (1, 1), "dilation": (2, 1), "padding": 1}, ((4, 4, 2),)),
        ({"filters": 2, "kernel_size": (1, 2), "stride": (3, 2), "padding": "valid"}, ((2, 2, 1),)),
        ({"filters": 3, "kernel_size": (2, 2), "stride": (3, 3)}, ((2, 3, 2),)),
        ({"filters": 2, "stride": (1, 1), "dilation": (2, 3), "padding": 2, "output_padding": (1, 2)}, ((4, 3, 2),)),
    )

    def windows(self, x: Shape) -> tuple[Window, Window]:
        """Those of the convolution that leads from the output's size back to the input's."""
        (kh, kw), (sh, sw), (dh, dw) = self.kernel_size, self.stride, self.dilation
        return (self._window(x[0], kh, sh, dh, self.output_padding[0]),
                self._window(x[1], kw, sw, dw, self.output_padding[1]))

    def _window(self, length: int, kernel: int, stride: int, dilation: int, extra: int) -> Window:
        if self.padding == "same":
            return window(length * stride, kernel, stride, "same", dilation)
        pad = 0 if self.padding == "valid" else int(self.padding)
        size = (length - 1) * stride - 2 * pad + reach(kernel, dilation) + extra
        # Extra places as wide as a stride would hold one more window: so much less is padded at the end.
        return Window(size, kernel, stride, pad, pad - extra // stride * stride, dilation)

    def sliding(self, x: Shape) -> Sliding:
        """The convolution whose input has this layer's output's shape, and whose output this layer's input's."""
        rows, columns = self.windows(x)
        return Sliding(rows, columns, self.filters, x[2])

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        """A place of the output lies under ⌈k / s⌉ patterns, and outputs lie s times as close as inputs."""
        return slid(field, [(-(-w.reach // w.stride), 1 / w.stride) for w in self.windows(shapes[0])])

    def room(self, x: Shape) -> Issue | None:
        rows, columns = self.windows(x)
        if min(rows.length, columns.length) < 1:
            return self.mismatch("no_room", f"Padding {self.padding} cuts off all that {text(x[:2])} places paint.",
                                 "At least one row and column must be left.", "Use a smaller padding.",
                                 parameter="padding")
        if self.padding == "same" and any(self.output_padding):
            return self.mismatch("output_padding", "Extra rows or columns were asked for with same padding.",
                                 "Same padding gives exactly stride times the size.",
                                 "Set the output padding to 0, or the padding to a number.",
                                 parameter="output_padding")
        steps = zip(self.output_padding, self.stride, self.dilation, strict=True)
        if any(extra >= max(stride, dilation) for extra, stride, dilation in steps) \
                or min(rows.after, columns.after) < 0:
            return self.mismatch("output_padding", f"The output padding is {text(self.output_padding)}.",
                                 "It must be smaller than the stride, or than the dilation and no larger than the "
                                 "padding: nothing would reach further.",
                                 "Use a smaller output padding.", parameter="output_padding")
        return None

    def infer(self, *shapes: Shape) -> Shape | Issue:
        outcome = super().infer(*shapes)
        if isinstance(outcome, Issue):
            return outcome
        rows, columns = self.windows(shapes[0])
        return (rows.length, columns.length, self.filters)

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        (kh, kw), channels = self.kernel_size, shapes[0][2]
        kernel = WeightSpec((channels, self.filters, kh, kw), Initialiser.from_dict(self.initialiser),
                            channels * kh * kw, self.filters * kh * kw, storage=(2, 1, 3, 0))
        return {"K": kernel, "b": bias_spec(self.filters)} if self.bias else {"K": kernel}

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        height, channels, width, n = x.shape
        sliding = self.sliding((height, width, channels))
        z = ctx.array(sliding.rows.length, self.filters, sliding.columns.length, n)
        input_gradient(ctx, sliding, ctx.w.K, x, z)
        if self.bias:
            ctx.do(np.add, z, ctx.w.b[:, None, None], z)
        ctx.saved.x, ctx.saved.sliding = x, sliding
        return z

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Forward is the input gradient of a convolution C: z = Cᵀ·x. So with δ = ∂L/∂z, ∂L/∂x = C·δ, a plain
        convolution of δ: ∂L/∂x[i, j, c] = Σ K[c, o, u, v] · δ[i·s + u·d − p, j·s + v·d − p, o].

        ∂L/∂K[c, o, u, v] = Σ x[i, j, c] · δ[i·s + u·d − p, j·s + v·d − p, o]: C's kernel gradient with x and δ in
        each other's place. ∂L/∂b[o] = Σ δ[·, ·, o].
        """
        sliding, dx = ctx.saved.sliding, ctx.dx()
        patches = None if dx is None else convolve(ctx, sliding, dy, ctx.w.K, dx, keep=False)
        if ctx.learns:
            kernel_gradient(ctx, sliding, dy, patches, ctx.saved.x, ctx.dw.K)
            if self.bias:
                bias_gradient(ctx, dy, ctx.dw.b)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("MatMul", "Overlay", "Add") if self.bias else ("MatMul", "Overlay")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        height, width, _ = node.input_shapes[0]
        rows, columns = self.windows((height, width, 1))
        pads = [rows.before, columns.before, self._cut_after(rows, height), self._cut_after(columns, width)]
        extra = [max(-pads[2], 0), max(-pads[3], 0)]
        inputs = [xs[0], node.weight("K")] + ([node.weight("b")] if self.bias else [])
        return node.op("ConvTranspose", *inputs, kernel_shape=list(self.kernel_size), strides=list(self.stride),
                       dilations=list(self.dilation), pads=[max(pad, 0) for pad in pads], output_padding=extra)

    @staticmethod
    def _cut_after(window: Window, length: int) -> int:
        """How much is cut at the end (negative: how much is added) to arrive at the output's length."""
        return (length - 1) * window.stride + window.reach - window.before - window.length

    def headline(self) -> str:
        return f"{self.filters} patterns · {text(self.kernel_size)}"
