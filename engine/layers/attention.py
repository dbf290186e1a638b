"""Attention over sequences."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from engine.initialisers import GlorotUniform, Initialiser
from engine.issues import Issue
from engine.layer import Category, Context, Learnable, OnnxNode, WeightSpec, bias_spec
from engine.layers.elementwise import softmax_calls
from engine.params import Bool, Int, Variant
from engine.receptive import ALL, Field
from engine.shapes import Shape, text


class MultiHeadSelfAttention(Learnable, title="Self-attention", category=Category.RECURRENT):
    """Lets every step of a sequence look at all others and gather what matters to it, in several ways at once.

    W holds the weights of queries, keys and values, one after the other, as PyTorch's ``in_proj_weight`` does, head
    by head; P mixes what the heads have gathered.
    """

    stem = "attention"
    icon = "mdi6.graph-outline"
    formula = "y = P·[head₁ … headₕ] + c;  head = softmax(q·kᵀ/√d)·v;  q, k, v = W·x + b"
    when = "Sequences in which far-apart steps belong together. It does not know the order of steps: put a " \
           "positional encoding before it. Its cost grows with the square of the steps."
    heads = Int(4, "How many ways of looking.", low=1, high=256)
    key_features = Int(0, "Numbers d in each head's queries, keys and values; 0 for features / heads.", low=0,
                       high=4096, advanced=True)
    causal = Bool(False, "Each step sees only itself and what came before.")
    bias = Bool(True, "Add learned offsets.", advanced=True)
    initialiser = Variant(GlorotUniform(), "How the weights begin.", family=Initialiser, advanced=True)
    examples = (
        ({"heads": 2}, ((3, 4),)),
        ({"heads": 1, "causal": True}, ((4, 2),)),
        ({"heads": 3, "key_features": 2, "causal": True}, ((3, 4),)),
        ({"heads": 2, "bias": False}, ((2, 2),)),
        ({"heads": 1}, ((1, 3),)),
    )

    def width(self, features: int) -> int:
        """Numbers in each head's queries, keys and values."""
        return self.key_features or features // self.heads

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        return ALL

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 2:
            return self.mismatch("rank", f"Self-attention receives {text(x)}.", "It takes steps × features.",
                                 "Wire it to a sequence, or put a Reshape before it.")
        if not self.key_features and x[1] % self.heads:
            return self.mismatch("heads", f"{x[1]} features do not split into {self.heads} heads.",
                                 "The features must be a multiple of the heads, or the key features be given.",
                                 "Change the heads, or set the key features.", parameter="heads")
        return x

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        features = shapes[0][1]
        inner, init = self.heads * self.width(features), Initialiser.from_dict(self.initialiser)
        found = {"W": WeightSpec((3 * inner, features), init, features, 3 * inner),
                 "P": WeightSpec((features, inner), init, inner, features)}
        return {**found, "b": bias_spec(3 * inner), "c": bias_spec(features)} if self.bias else found

    def cost(self, *shapes: Shape) -> int:
        steps, features = shapes[0]
        inner = self.heads * self.width(features)
        return steps * inner * (4 * features + 2 * steps)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        # Inside, examples come first: (N, steps, features) makes every head's queries a matrix without a copy.
        (x,) = xs
        steps, features, n = x.shape
        width, saved = self.width(features), ctx.saved
        inner = self.heads * width
        saved.x, saved.qkv = ctx.array(n, steps, features), ctx.array(n, steps, 3, self.heads, width)
        saved.shares, saved.gathered = ctx.array(n, self.heads, steps, steps), ctx.array(n, steps, inner)
        y, mixed = ctx.array(steps, features, n), ctx.scratch(n, steps, features)
        ctx.do(np.copyto, saved.x, x.transpose(2, 0, 1))
        flat = saved.qkv.reshape(n * steps, 3 * inner)
        ctx.do(np.matmul, saved.x.reshape(n * steps, features), ctx.w.W.T, flat)
        if self.bias:
            ctx.do(np.add, flat, ctx.w.b, flat)
        q, k, v = _by_head(saved.qkv)
        ctx.do(np.matmul, q, k.swapaxes(2, 3), saved.shares)
        self._softmax(ctx, saved.shares, 1.0 / math.sqrt(width))
        ctx.do(np.matmul, saved.shares, v, saved.gathered.reshape(n, steps, self.heads, width).swapaxes(1, 2))
        ctx.do(np.matmul, saved.gathered.reshape(n * steps, inner), ctx.w.P.T, mixed.reshape(n * steps, features))
        if self.bias:
            ctx.do(np.add, mixed, ctx.w.c, mixed)
        ctx.do(np.copyto, y, mixed.transpose(1, 2, 0))
        return y

    def _softmax(self, ctx: Context, scores: np.ndarray, scale: float) -> None:
        """Scores into shares, in place."""
        row = ctx.scratch(*scores.shape[:3], 1)
        ctx.do(np.multiply, scores, scale, scores)
        if self.causal:
            steps = scores.shape[2]
            ctx.do(np.add, scores, ctx.table(partial(_future, steps), steps, steps), scores)
        for call in softmax_calls(scores, scores, row, 3):
            ctx.do(*call)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """From the back, with δ = ∂L/∂y at each step, o the gathered values and a = softmax(s), s = q·kᵀ/√d:

        ∂L/∂P = Σ δ·oᵀ, ∂L/∂c = Σ δ, do = Pᵀ·δ; dv = aᵀ·do and da = do·vᵀ; a softmax's ds = a·(da − Σ da·a) along
        each row; dq = ds·k/√d and dk = dsᵀ·q/√d; with ε = (dq, dk, dv), ∂L/∂W = Σ ε·xᵀ, ∂L/∂b = Σ ε and ∂L/∂x = Wᵀ·ε.
        A step that may not be seen has a = 0, so nothing flows to it.
        """
        dx, saved = ctx.dx(), ctx.saved
        if not ctx.learns and dx is None:
            return
        n, steps, features = saved.x.shape
        width, rows = saved.qkv.shape[4], n * steps
        inner = self.heads * width
        delta, d_gathered = ctx.scratch(n, steps, features), ctx.scratch(n, steps, self.heads, width)
        d_qkv = ctx.scratch(*saved.qkv.shape)
        ctx.do(np.copyto, delta, dy.transpose(2, 0, 1))
        delta = delta.reshape(rows, features)
        ctx.do(np.matmul, delta, ctx.w.P, d_gathered.reshape(rows, inner))
        self._heads_back(ctx, d_gathered.swapaxes(1, 2), _by_head(saved.qkv), _by_head(d_qkv))
        epsilon = d_qkv.reshape(rows, 3 * inner)
        if ctx.learns:
            ones = ctx.ones(rows)
            ctx.do(np.matmul, delta.T, saved.gathered.reshape(rows, inner), ctx.dw.P)
            ctx.do(np.matmul, epsilon.T, saved.x.reshape(rows, features), ctx.dw.W)
            if self.bias:
                ctx.do(np.matmul, ones, delta, ctx.dw.c)
                ctx.do(np.matmul, ones, epsilon, ctx.dw.b)
        if dx is not None:
            back = ctx.scratch(rows, features)
            ctx.do(np.matmul, epsilon, ctx.w.W, back)
            ctx.do(np.copyto, dx, back.reshape(n, steps, features).transpose(1, 2, 0))

    def _heads_back(
        self, ctx: Context, d_gathered: np.ndarray, qkv: list[np.ndarray], d_qkv: list[np.ndarray]
    ) -> None:
        (q, k, v), (dq, dk, dv), shares = qkv, d_qkv, ctx.saved.shares
        ds, row = ctx.scratch(*shares.shape), ctx.scratch(*shares.shape[:3])
        ctx.do(np.matmul, shares.swapaxes(2, 3), d_gathered, dv)
        ctx.do(np.matmul, d_gathered, v.swapaxes(2, 3), ds)
        ctx.do(np.vecdot, ds, shares, out=row)
        ctx.do(np.subtract, ds, row[..., None], ds)
        ctx.do(np.multiply, ds, shares, ds)
        ctx.do(np.multiply, ds, 1.0 / math.sqrt(q.shape[3]), ds)
        ctx.do(np.matmul, ds, k, dq)
        ctx.do(np.matmul, ds.swapaxes(2, 3), q, dk)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("MatMul", "MatMul", "Softmax", "MatMul", "MatMul")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        steps, features = node.input_shapes[0]
        width = self.width(features)
        qkv = node.op("MatMul", xs[0], node.op("Transpose", node.weight("W"), perm=[1, 0]))
        qkv = node.op("Add", qkv, node.weight("b")) if self.bias else qkv
        qkv = node.op("Reshape", qkv, node.constant(np.array([0, steps, 3, self.heads, width], np.int64)))
        qkv = node.op("Transpose", qkv, perm=[2, 0, 3, 1, 4])
        q, k, v = (node.op("Gather", qkv, node.constant(np.array(part, np.int64)), axis=0) for part in range(3))
        scores = node.op("MatMul", q, node.op("Transpose", k, perm=[0, 1, 3, 2]))
        scores = node.op("Mul", scores, node.constant(np.array(1.0 / math.sqrt(width), np.float32)))
        if self.causal:
            scores = node.op("Add", scores, node.constant(_future(steps).astype(np.float32)))
        gathered = node.op("MatMul", node.op("Softmax", scores, axis=-1), v)
        gathered = node.op("Transpose", gathered, perm=[0, 2, 1, 3])
        gathered = node.op("Reshape", gathered, node.constant(np.array([0, steps, self.heads * width], np.int64)))
        y = node.op("MatMul", gathered, node.op("Transpose", node.weight("P"), perm=[1, 0]))
        return node.op("Add", y, node.weight("c")) if self.bias else y

    def headline(self) -> str:
        return f"{self.heads} heads · causal" if self.causal else f"{self.heads} heads"


def _by_head(qkv: np.ndarray) -> list[np.ndarray]:
    """Queries, keys and values, each (N, heads, steps, d), as views of (N, steps, 3, heads, d)."""
    return [qkv[:, :, part].swapaxes(1, 2) for part in range(3)]


def _future(steps: int) -> np.ndarray:
    """What is added to scores so that no step (row) sees a later one (column): −∞ there, which softmax makes 0."""
    return np.triu(np.full((steps, steps), -np.inf), 1)
