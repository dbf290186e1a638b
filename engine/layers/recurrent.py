"""Recurrent layers: what they share, and the simplest of them.

A run over a sequence keeps one array ``joined`` of (state, 1, x) × (steps + 1) × N. Each step multiplies all of a
step's column with all of a layer's weights at once, writes its state into the next column, and the gradient of every
weight comes out of one product of two such arrays over all steps and examples.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.initialisers import GlorotUniform, Initialiser, Orthogonal, Zeros
from engine.issues import Issue
from engine.layer import Category, Context, Learnable, OnnxNode, Unsupported, WeightSpec
from engine.layers.recurrent_onnx import onnx_walk
from engine.layers.recurrent_run import CHUNK, Run, own_arrays
from engine.params import Bool, Choice, Int, Variant
from engine.receptive import ALL, Field
from engine.shapes import Shape, text


class Recurrent(Learnable):
    """The base of layers that carry a state along a sequence; a subclass says what one step does."""

    #: How many blocks of ``units`` rows the weights have.
    gates: ClassVar[int] = 1
    units = Int(32, "Numbers in the state.", low=1, high=8192)
    returns = Choice("last", "What is passed on.", options={
        "last": "The last state", "sequence": "The state at every step"})
    bidirectional = Bool(False, "Walk the sequence from its end as well, with weights of their own, and pass both "
                                "states on side by side.")
    mask_zeros = Bool(False, "Skip the steps at the end of a sequence in which every number is 0: padding.",
                      advanced=True)
    initialiser = Variant(GlorotUniform(), "How the weights W of the input begin.", family=Initialiser, advanced=True)
    recurrent_initialiser = Variant(Orthogonal(), "How the weights R of the state begin.", family=Initialiser,
                                    advanced=True)

    # -- what a subclass says --------------------------------------------------------------------------------

    def prepare(self, ctx: Context, run: Run) -> None:
        """Lays out what the steps need, weights side by side included."""
        raise NotImplementedError(self.kind)

    def step(self, ctx: Context, run: Run, t: int, new: np.ndarray) -> None:
        """Writes the state after step ``t`` into ``new``."""
        raise NotImplementedError(self.kind)

    def prepare_back(self, ctx: Context, run: Run) -> int:
        """Lays out what the steps back need; returns how many rows of sums a step has."""
        raise NotImplementedError(self.kind)

    def step_back(self, ctx: Context, run: Run, t: int, dh: np.ndarray) -> None:
        """From ``dh`` = ∂L/∂(state after step t) to ∂L/∂(state before it), in the same array."""
        raise NotImplementedError(self.kind)

    def add_weights(self, ctx: Context, run: Run, d: np.ndarray, joined: np.ndarray) -> None:
        """Adds the share of some steps to the totals: ``d`` and (state, 1, x) as (rows, steps·N)."""
        self.add_product(ctx, run, "all", d, joined)

    def hand_over(self, ctx: Context, run: Run) -> None:
        """Once every step has been taken back: from the totals to the gradients of the walk's weights."""
        for part, gradient in zip(self.split(run.totals["all"]), (run.dw.R, run.dw.b, run.dw.W), strict=True):
            ctx.do(np.copyto, gradient, part)

    def input_gradient(self, ctx: Context, run: Run, d: np.ndarray, out: np.ndarray) -> None:
        """∂L/∂x of some steps into ``out`` (steps, features, N), from ``d`` (steps, rows, N)."""
        ctx.do(np.matmul, run.w.W.T, d, out)

    def bias_specs(self) -> dict[str, WeightSpec]:
        """The offsets of one walk."""
        return {"b": WeightSpec((self.gates * self.units,), Zeros(), decays=False)}

    # -- what they share -------------------------------------------------------------------------------------

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        return ALL

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 2:
            return self.mismatch("rank", f"{self.title} receives {text(x)}.", "It takes steps × features.",
                                 "Wire it to a sequence, or put a Reshape before it.")
        width = self.units * (2 if self.bidirectional else 1)
        return (x[0], width) if self.returns == "sequence" else (width,)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of the weights end in, walk by walk."""
        return ("", "_back") if self.bidirectional else ("",)

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        rows, features = self.gates * self.units, shapes[0][1]
        specs = {
            "W": WeightSpec((rows, features), Initialiser.from_dict(self.initialiser), features, rows),
            "R": WeightSpec((rows, self.units), Initialiser.from_dict(self.recurrent_initialiser), self.units, rows),
            **self.bias_specs(),
        }
        return {name + suffix: spec for suffix in self.suffixes for name, spec in specs.items()}

    def cost(self, *shapes: Shape) -> int:
        steps, features = shapes[0]
        return steps * self.gates * self.units * (features + self.units) * len(self.suffixes)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        keep, drop = self._mask(ctx, x) if self.mask_zeros else (None, None)
        runs = ctx.saved.runs = []
        for suffix in self.suffixes:
            turn = slice(None, None, -1 if suffix else 1)
            marks = (None, None) if keep is None or drop is None else (keep[turn], drop[turn])
            runs.append(self._walk(ctx, x[turn], suffix, *marks))
        y = ctx.array(*([x.shape[0]] if self.returns == "sequence" else []), self.units * len(runs), x.shape[2])
        for run, part in zip(runs, self._parts(y), strict=True):
            states = run.joined[: self.units]
            source = states[:, 1:].transpose(1, 0, 2) if self.returns == "sequence" else states[:, -1]
            ctx.do(np.copyto, part, source)
        return y

    def _parts(self, y: np.ndarray) -> list[np.ndarray]:
        """Each walk's share of an output or its gradient, in the order of that walk."""
        units = self.units
        if self.returns == "last":
            return [y[i * units : (i + 1) * units] for i in range(len(self.suffixes))]
        return [y[:, :units], y[::-1, units:]][: len(self.suffixes)]

    def _mask(self, ctx: Context, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        steps, _, n = x.shape
        nonzero, seen = ctx.scratch(*x.shape, dtype=bool), ctx.scratch(steps, n, dtype=bool)
        keep, drop = ctx.array(steps, n), ctx.array(steps, n)
        ctx.do(np.not_equal, x, 0.0, nonzero)
        ctx.do(np.logical_or.reduce, nonzero, 1, None, seen)
        ctx.do(np.logical_or.accumulate, seen[::-1], 0, None, seen[::-1])  # what follows data is not padding's end
        ctx.do(np.copyto, keep, seen)
        ctx.do(np.subtract, 1.0, keep, drop)
        return keep, drop

    def _walk(
        self, ctx: Context, x: np.ndarray, suffix: str, keep: np.ndarray | None, drop: np.ndarray | None
    ) -> Run:
        steps, features, n = x.shape
        units = self.units
        joined = ctx.array(units + 1 + features, steps + 1, n)
        run = Run(own_arrays(ctx.w, suffix), own_arrays(ctx.dw, suffix), x, joined, units, keep, drop)
        ctx.do(run.state(0).fill, 0)
        ctx.do(joined[units].fill, 1)
        ctx.do(np.copyto, joined[units + 1 :, :steps], x.transpose(1, 0, 2))
        self.prepare(ctx, run)
        run.carried, candidate = (ctx.scratch(*run.column) for _ in range(2))
        for t in range(steps):
            new = run.state(t + 1) if keep is None else candidate
            self.step(ctx, run, t, new)
            self.blend(ctx, run, t, new, run.state(t), run.state(t + 1))
        return run

    def blend(self, ctx: Context, run: Run, t: int, new: np.ndarray, old: np.ndarray, out: np.ndarray) -> None:
        """``new`` where the step counts, ``old`` where it is padding; ``new`` is used up. No call without a mask."""
        if run.keep is None or run.drop is None:
            return
        ctx.do(np.multiply, new, run.keep[t], new)
        ctx.do(np.multiply, old, run.drop[t], run.carried)
        ctx.do(np.add, new, run.carried, out)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Backpropagation through time, over all steps. A state h(t) has two readers: the output (where every step is
        passed on) and the next step. So, from the last step to the first, with δ(t) = ∂L/∂y(t)

        dh(t) = δ(t) + (∂h(t+1)/∂h(t))ᵀ·dh(t+1), and every weight's gradient is the sum of its share at each step.
        Where a step is padding, h(t+1) = h(t): dh passes unchanged, and the step has no share.
        """
        dx = ctx.dx()
        if not ctx.learns and dx is None:
            return
        for number, (run, part) in enumerate(zip(ctx.saved.runs, self._parts(dy), strict=True)):
            out = dx if number == 0 or dx is None else ctx.scratch(*dx.shape)
            self._walk_back(ctx, run, part, out)
            if ctx.learns:
                self.hand_over(ctx, run)
            if dx is not None and out is not None and number:
                ctx.do(np.add, dx, out[::-1], dx)

    def _walk_back(self, ctx: Context, run: Run, dy: np.ndarray, dx: np.ndarray | None) -> None:
        dh, carried = ctx.scratch(*run.column), ctx.scratch(*run.column)
        # One column more than is used: rows at distances of a power of two would share a few lines of the cache.
        run.d = ctx.scratch(self.prepare_back(ctx, run), CHUNK + 1, run.column[1])
        run.totals = {}
        ctx.do(np.copyto, dh, dy[-1] if self.returns == "sequence" else dy)
        for t in reversed(range(run.steps)):
            if self.returns == "sequence" and t < run.steps - 1:
                ctx.do(np.add, dh, dy[t], dh)
            if run.keep is not None and run.drop is not None:
                ctx.do(np.multiply, dh, run.drop[t], carried)
                ctx.do(np.multiply, dh, run.keep[t], dh)
            self.step_back(ctx, run, t, dh)
            if run.keep is not None:
                ctx.do(np.add, dh, carried, dh)
            if t % CHUNK == 0:
                self._collect(ctx, run, t, dx)

    def _collect(self, ctx: Context, run: Run, first: int, dx: np.ndarray | None) -> None:
        """What the steps from ``first`` on, just taken back, mean for weights and input."""
        if ctx.learns:
            self.add_weights(ctx, run, *run.chunk(first))
        if dx is not None:
            out = dx[first : first + CHUNK]
            self.input_gradient(ctx, run, run.d[:, : len(out)].transpose(1, 0, 2), out)

    def add_product(self, ctx: Context, run: Run, name: str, d: np.ndarray, joined: np.ndarray) -> None:
        """Adds d·joinedᵀ to the total of this name."""
        first = name not in run.totals
        if first:
            run.totals[name], run.shares[name] = (ctx.scratch(d.shape[0], joined.shape[0]) for _ in range(2))
        total, share = run.totals[name], run.shares[name]
        ctx.do(np.matmul, d, joined.T, total if first else share)
        if not first:
            ctx.do(np.add, total, share, total)

    def fuse(self, ctx: Context, run: Run) -> np.ndarray:
        """All weights side by side, (rows, units + 1 + features), in the order of ``joined``."""
        fused = ctx.array(run.w.R.shape[0], run.joined.shape[0])
        for part, weight in zip(self.split(fused), (run.w.R, run.w.b, run.w.W), strict=True):
            ctx.do(np.copyto, part, weight)
        return fused

    def split(self, fused: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The columns of the state, of the offset and of the input."""
        return fused[:, : self.units], fused[:, self.units], fused[:, self.units + 1 :]

    # -- description -----------------------------------------------------------------------------------------

    #: ONNX's operator, and which of our blocks its blocks are.
    onnx_op: ClassVar[str] = ""
    onnx_order: ClassVar[tuple[int, ...]] = (0,)

    def onnx_attributes(self) -> dict[str, object]:
        """The operator's further attributes."""
        return {}

    def onnx_state_bias(self, node: OnnxNode, suffix: str) -> str:
        """The second half of ONNX's offsets: those that are added to R·h alone."""
        return node.constant(np.zeros(self.gates * self.units, np.float32))

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        if self.mask_zeros:
            raise Unsupported("its padding is told by its zeros, and ONNX's operator wants to be told by lengths.")
        walks = [onnx_walk(self, node, xs[0], suffix) for suffix in self.suffixes]
        return node.op("Concat", *walks, axis=-1) if len(walks) > 1 else walks[0]

    def headline(self) -> str:
        return f"{self.units} units · {'both ways' if self.bidirectional else self.returns}"


#: Examples that cover what recurrent layers share.
EXAMPLES = (
    ({"units": 3}, ((4, 2),)),
    ({"units": 2, "returns": "sequence"}, ((3, 3),)),
    ({"units": 2, "returns": "sequence", "bidirectional": True}, ((4, 2),)),
    ({"units": 3, "bidirectional": True}, ((3, 1),)),
    ({"units": 1}, ((1, 2),)),
    ({"units": 2, "bidirectional": True, "mask_zeros": True, "returns": "sequence"}, ((3, 2),)),
)


class SimpleRNN(Recurrent, title="Simple RNN", category=Category.RECURRENT):
    """Carries a state along a sequence: each step mixes it with the new input and bends the sum."""

    icon = "mdi6.sync"
    formula = "h(t) = tanh(W·x(t) + R·h(t−1) + b)"
    when = "Short sequences, and to see how recurrence works. Over many steps its gradient dies away or explodes; " \
           "LSTM and GRU are made against that."
    onnx_op = "RNN"
    examples = EXAMPLES

    def prepare(self, ctx: Context, run: Run) -> None:
        run.cell.fused = self.fuse(ctx, run)
        run.cell.states = ctx.array(run.steps, *run.column)  # before any masking: the slopes are read off them

    def step(self, ctx: Context, run: Run, t: int, new: np.ndarray) -> None:
        own = run.cell.states[t]
        ctx.do(np.matmul, run.cell.fused, run.joined[:, t], own)
        ctx.do(np.tanh, own, own)
        ctx.do(np.copyto, new, own)

    def prepare_back(self, ctx: Context, run: Run) -> int:
        run.cell.slope = ctx.scratch(*run.column)
        return run.units

    def step_back(self, ctx: Context, run: Run, t: int, dh: np.ndarray) -> None:
        """With z(t) = W·x(t) + R·h(t−1) + b and h = tanh(z): dz = dh·(1 − h²); then ∂L/∂h(t−1) = Rᵀ·dz, and the shares
        are dz·x(t)ᵀ of W, dz·h(t−1)ᵀ of R and Σₙ dz of b."""
        slope, own, d = run.cell.slope, run.cell.states[t], run.sums(slice(None), t)
        ctx.do(np.multiply, own, own, slope)
        ctx.do(np.subtract, 1.0, slope, slope)
        ctx.do(np.multiply, dh, slope, d)
        ctx.do(np.matmul, run.w.R.T, d, dh)
