"""The fully connected layer."""

from __future__ import annotations

import numpy as np

from engine.initialisers import HeNormal, Initialiser
from engine.issues import Fix, Issue
from engine.kernels import SMALL_PRODUCT
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec, bias_spec
from engine.params import Bool, Int, Variant
from engine.receptive import ALL, Field
from engine.shapes import Shape, size, text

#: Multiply–adds of products for which it pays to turn a transposed second operand first.
_TURNED_FIRST = range(100_000, SMALL_PRODUCT)


class Dense(Learnable, title="Dense", category=Category.LEARNABLE):
    """Weighs and sums all its inputs for each unit, and adds a learned offset: z = W·x + b."""

    icon = "mdi6.dots-grid"
    formula = "z = W·x + b"
    when = "The general-purpose layer for tables and for the last steps of any network; every input meets every unit."
    linear = True
    units = Int(64, "Numbers each example becomes.", low=1, high=65536)
    initialiser = Variant(HeNormal(), "How the weights W begin.", family=Initialiser)
    bias = Bool(True, "Add a learned offset b to every unit.")
    renamed = {"size": "units"}
    examples = (({"units": 3}, ((4,),)), ({"units": 2, "bias": False}, ((5,),)), ({"units": 1}, ((1,),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) == 1:
            return (self.units,)
        return self.mismatch(
            "rank", f"Dense receives {text(x)}.", "It takes a flat list of numbers.", "Put a Flatten before it.",
            mends=(Fix("Insert Flatten", "insert_before", (("kind", "Flatten"),)),))

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        inputs = size(shapes[0])
        init = Initialiser.from_dict(self.initialiser)
        found = {"W": WeightSpec((self.units, inputs), init, inputs, self.units)}
        return {**found, "b": bias_spec(self.units)} if self.bias else found

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        return ALL

    def cost(self, *shapes: Shape) -> int:
        return self.units * size(shapes[0])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        z = ctx.array(self.units, ctx.batch)
        ctx.saved.x = x
        ctx.do(ctx.w.W.dot, x, z)
        if self.bias:
            ctx.do(np.add, z, ctx.w.b[:, None], z)
        return z

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With δ = ∂L/∂z (units, N) and z = W·x + b the chain rule gives

        ∂L/∂W = δ·xᵀ: each weight's share is the error at its end times the activation at its start, summed over
        the batch; ∂L/∂b = Σₙ δ, because ∂z/∂b = 1; ∂L/∂x = Wᵀ·δ: the errors flow back along the same weights.
        """
        if ctx.learns:
            ctx.do(dy.dot, self._turned(ctx, ctx.saved.x), ctx.dw.W)
            if self.bias:
                ctx.do(dy.dot, ctx.ones(ctx.batch), ctx.dw.b)
        dx = ctx.dx()
        if dx is not None:
            ctx.do(ctx.w.W.T.dot, dy, dx)

    def _turned(self, ctx: Context, x: np.ndarray) -> np.ndarray:
        """xᵀ, laid out anew where that pays."""
        if not x.flags.c_contiguous or self.units * x.size not in _TURNED_FIRST:
            return x.T
        turned = ctx.scratch(*x.T.shape)
        ctx.do(np.copyto, turned, x.T)
        return turned

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("MatMul", "Add") if self.bias else ("MatMul",)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        inputs = [xs[0], node.weight("W")] + ([node.weight("b")] if self.bias else [])
        return node.op("Gemm", *inputs, transB=1)

    def headline(self) -> str:
        return f"{self.units} · {Initialiser.kinds[self.initialiser['kind']].title}"
