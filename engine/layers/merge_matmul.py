"""The product of two branches."""

from __future__ import annotations

import numpy as np

from engine.issues import Issue
from engine.layer import Category, Context, Layer, OnnxNode
from engine.params import Bool
from engine.shapes import Shape, text


class MatMul(Layer, title="MatMul", category=Category.SHAPE):
    """Multiplies its two inputs, example by example: two sequences as matrices, two flat lists as their dot product.

    A matrix of an example is steps × features: A (m × k) times B (k × n) makes m × n.
    """

    icon = "mdi6.matrix"
    formula = "Y = A·B, or A·Bᵀ; of two lists y = Σᵢ aᵢ·bᵢ"
    when = "Attention by hand (scores are Q·Kᵀ), or to measure how alike two branches are."
    inputs = ("in1", "in2")
    transposed = Bool(False, "Multiply by the second input turned on its side: every row with every row.",
                      label="Transpose the second")
    examples = (
        ({}, ((2, 3), (3, 4))),
        ({"transposed": True}, ((2, 3), (5, 3))),
        ({}, ((4,), (4,))),
        ({"transposed": True}, ((1, 2), (1, 2))),
    )

    def infer(self, *shapes: Shape) -> Shape | Issue:
        a, b = shapes
        if len(a) == len(b) == 1 and a == b:
            return (1,)
        if len(a) == len(b) == 2:
            inner, columns = (b[1], b[0]) if self.transposed else b
            if a[1] == inner:
                return (a[0], columns)
        second = "the same number of columns" if self.transposed else "as many rows as the first has columns"
        return self.mismatch("shapes_differ", f"The inputs are {text(a)} and {text(b)}.",
                             f"MatMul takes two lists of one length, or two matrices, the second with {second}.",
                             "Change the layers before it so that they agree.")

    def cost(self, *shapes: Shape) -> int:
        a, b = shapes
        return a[0] if len(a) == 1 else a[0] * a[1] * (b[0] if self.transposed else b[1])

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        a, b = xs
        ctx.saved.a, ctx.saved.b = a, b
        if a.ndim == 2:
            y, product = ctx.array(1, ctx.batch), ctx.scratch(*a.shape)
            ctx.do(np.multiply, a, b, product)
            ctx.do(np.add.reduce, product, 0, None, y, True)
            return y
        left, right = _matrices(ctx, a), _matrices(ctx, b)
        ctx.saved.left, ctx.saved.right = left, right
        right = right.transpose(0, 2, 1) if self.transposed else right
        per_example = ctx.scratch(ctx.batch, left.shape[1], right.shape[2])
        y = ctx.array(left.shape[1], right.shape[2], ctx.batch)
        ctx.do(np.matmul, left, right, per_example)
        ctx.do(np.copyto, y, per_example.transpose(1, 2, 0))
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """For Y = A·B, Y[i, j] = Σₖ A[i, k]·B[k, j]: each entry of A meets a row of B and each of B a column of A, so
        ∂L/∂A = δ·Bᵀ and ∂L/∂B = Aᵀ·δ. With B turned, Y = A·Bᵀ, they are ∂L/∂A = δ·B and ∂L/∂B = δᵀ·A.
        For two lists y = Σ aᵢ·bᵢ: ∂L/∂a = δ·b and ∂L/∂b = δ·a.
        """
        da, db = ctx.dx(0), ctx.dx(1)
        if dy.shape[0] == 1 and ctx.saved.a.ndim == 2:
            for dx, other in ((da, ctx.saved.b), (db, ctx.saved.a)):
                if dx is not None:
                    ctx.do(np.multiply, other, dy, dx)
            return
        left, right = ctx.saved.left, ctx.saved.right
        delta = ctx.scratch(ctx.batch, dy.shape[0], dy.shape[1])
        ctx.do(np.copyto, delta, dy.transpose(2, 0, 1))
        turned = delta.transpose(0, 2, 1)
        first = (delta, right if self.transposed else right.transpose(0, 2, 1))
        second = (turned, left) if self.transposed else (left.transpose(0, 2, 1), delta)
        for dx, (p, q) in ((da, first), (db, second)):
            if dx is not None:
                per_example = ctx.scratch(ctx.batch, p.shape[1], q.shape[2])
                ctx.do(np.matmul, p, q, per_example)
                ctx.do(np.copyto, dx, per_example.transpose(1, 2, 0))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        a, b = xs
        if len(node.input_shapes[0]) == 1:
            axis = node.constant(np.array([1], np.int64))
            return node.op("ReduceSum", node.op("Mul", a, b), axis, keepdims=1)
        return node.op("MatMul", a, node.op("Transpose", b, perm=[0, 2, 1]) if self.transposed else b)

    def headline(self) -> str:
        return "A·Bᵀ" if self.transposed else "A·B"


def _matrices(ctx: Context, x: np.ndarray) -> np.ndarray:
    """(rows, columns, N) copied to one matrix an example, (N, rows, columns), which is what BLAS multiplies."""
    matrices = ctx.array(x.shape[2], x.shape[0], x.shape[1])
    ctx.do(np.copyto, matrices, x.transpose(2, 0, 1))
    return matrices
