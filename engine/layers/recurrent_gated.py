"""Recurrent layers with gates, which keep gradients alive over many steps: LSTM and GRU."""

from __future__ import annotations

import numpy as np

from engine.initialisers import Initialiser, Zeros
from engine.layer import Category, Context, OnnxNode, WeightSpec
from engine.layers.recurrent import EXAMPLES, Recurrent
from engine.layers.recurrent_run import Run
from engine.params import Float


class ForgetBias(Initialiser):
    """Zeros, but ``value`` for the forget gate, the second of four blocks."""

    value = Float(1.0, "Offset of the forget gate.", low=-100.0, high=100.0)

    def fill(self, out: np.ndarray, rng: np.random.Generator, fan_in: int, fan_out: int) -> None:
        out[...] = 0.0
        out.reshape(4, -1)[1] = self.value


class LSTM(Recurrent, title="LSTM", category=Category.RECURRENT):
    """Carries a memory along a sequence, with gates that learn what to write, keep and show.

    The weights' four blocks are the gates i (write), f (keep), g (what) and o (show), in this order, as in PyTorch;
    b is the sum of PyTorch's two offsets.
    """

    icon = "mdi6.memory"
    formula = "c(t) = f·c(t−1) + i·g,  h(t) = o·tanh c(t);  i, f, o = σ(z), g = tanh(z), z = W·x(t) + R·h(t−1) + b"
    when = "Sequences where something early matters late: the memory c is carried on by sums, so its gradient lasts."
    gates = 4
    onnx_op = "LSTM"
    onnx_order = (0, 3, 1, 2)
    forget_bias = Float(1.0, "Where the forget gate's offset begins: 1 keeps the memory at first (PyTorch begins "
                             "at 0).", low=-10.0, high=10.0, advanced=True)
    examples = (*EXAMPLES, ({"units": 2, "forget_bias": 0.0}, ((3, 2),)))

    def bias_specs(self) -> dict[str, WeightSpec]:
        return {"b": WeightSpec((4 * self.units,), ForgetBias(value=self.forget_bias), decays=False)}

    def prepare(self, ctx: Context, run: Run) -> None:
        cell, units = run.cell, run.units
        cell.fused = self.fuse(ctx, run)
        for block in (cell.fused[: 2 * units], cell.fused[3 * units :]):
            ctx.do(np.multiply, block, 0.5, block)  # σ(z) = ½·tanh(z/2) + ½: one tanh serves all four gates
        cell.gates = ctx.array(run.steps, 4 * units, run.column[1])
        cell.memory = ctx.array(run.steps + 1, *run.column)
        cell.shown = ctx.array(run.steps, *run.column)
        cell.new, cell.share = ctx.scratch(*run.column), ctx.scratch(*run.column)
        ctx.do(cell.memory[0].fill, 0)

    def step(self, ctx: Context, run: Run, t: int, new: np.ndarray) -> None:
        cell, units = run.cell, run.units
        gates, shown, share = cell.gates[t], cell.shown[t], cell.share
        ctx.do(np.matmul, cell.fused, run.joined[:, t], gates)
        ctx.do(np.tanh, gates, gates)
        for block in (gates[: 2 * units], gates[3 * units :]):
            ctx.do(np.multiply, block, 0.5, block)
            ctx.do(np.add, block, 0.5, block)
        i, f, g, o = gates.reshape(4, *run.column)
        memory = cell.memory[t + 1] if run.keep is None else cell.new
        ctx.do(np.multiply, f, cell.memory[t], memory)
        ctx.do(np.multiply, i, g, share)
        ctx.do(np.add, memory, share, memory)
        ctx.do(np.tanh, memory, shown)
        ctx.do(np.multiply, o, shown, new)
        self.blend(ctx, run, t, memory, cell.memory[t], cell.memory[t + 1])

    def prepare_back(self, ctx: Context, run: Run) -> int:
        cell = run.cell
        cell.dc, cell.carried, cell.part = (ctx.scratch(*run.column) for _ in range(3))
        cell.slope, cell.raw = (ctx.scratch(4, *run.column) for _ in range(2))
        ctx.do(cell.dc.fill, 0)
        return 4 * run.units

    def step_back(self, ctx: Context, run: Run, t: int, dh: np.ndarray) -> None:
        """From h = o·tanh c and c(t) = f·c(t−1) + i·g follows, with dc as it comes from the step after

        dc ← dc + dh·o·(1 − tanh² c); do = dh·tanh c, di = dc·g, df = dc·c(t−1), dg = dc·i; dc(t−1) = dc·f.
        Times the slopes σ' = σ·(1 − σ) and tanh' = 1 − g² these are dz of all gates, and ∂L/∂h(t−1) = Rᵀ·dz; the
        shares are dz·x(t)ᵀ of W, dz·h(t−1)ᵀ of R and Σₙ dz of b.
        """
        cell, units = run.cell, run.units
        gates, shown, dc, part = cell.gates[t].reshape(4, *run.column), cell.shown[t], cell.dc, cell.part
        i, f, g, o = gates
        if run.keep is not None and run.drop is not None:
            ctx.do(np.multiply, dc, run.drop[t], cell.carried)
            ctx.do(np.multiply, dc, run.keep[t], dc)
        ctx.do(np.multiply, shown, shown, part)
        ctx.do(np.subtract, 1.0, part, part)
        ctx.do(np.multiply, part, o, part)
        ctx.do(np.multiply, part, dh, part)
        ctx.do(np.add, dc, part, dc)
        ctx.do(np.multiply, gates, gates, cell.slope)
        ctx.do(np.subtract, gates[:2], cell.slope[:2], cell.slope[:2])
        ctx.do(np.subtract, 1.0, cell.slope[2], cell.slope[2])
        ctx.do(np.subtract, o, cell.slope[3], cell.slope[3])
        for number, (a, b) in enumerate(((dc, g), (dc, cell.memory[t]), (dc, i), (dh, shown))):
            ctx.do(np.multiply, a, b, cell.raw[number])
        d = run.sums(slice(None), t)
        ctx.do(np.multiply, cell.raw.reshape(4 * units, -1), cell.slope.reshape(4 * units, -1), d)
        ctx.do(np.multiply, dc, f, dc)
        if run.keep is not None:
            ctx.do(np.add, dc, cell.carried, dc)
        ctx.do(np.matmul, run.w.R.T, d, dh)


class GRU(Recurrent, title="GRU", category=Category.RECURRENT):
    """Carries a state along a sequence, with gates that learn what to forget and how much to renew.

    The weights' three blocks are the gates r (forget), z (keep) and the candidate n, in this order, as in PyTorch,
    whose variant this is: r multiplies R·h + c, after the product. b is the sum of PyTorch's two offsets but for n,
    where c is the second of them.
    """

    icon = "mdi6.sync-circle"
    formula = "h(t) = (1 − z)·n + z·h(t−1);  n = tanh(Wₙ·x + bₙ + r·(Rₙ·h(t−1) + c));  r, z = σ(W·x + R·h(t−1) + b)"
    when = "Where an LSTM would serve: one gate and a quarter of the weights fewer, and often as good."
    gates = 3
    onnx_op = "GRU"
    onnx_order = (1, 0, 2)
    examples = EXAMPLES

    def bias_specs(self) -> dict[str, WeightSpec]:
        return {**super().bias_specs(), "c": WeightSpec((self.units,), Zeros(), decays=False)}

    def prepare(self, ctx: Context, run: Run) -> None:
        cell, units = run.cell, run.units
        cell.fused = self.fuse(ctx, run)
        ctx.do(np.multiply, cell.fused[: 2 * units], 0.5, cell.fused[: 2 * units])  # σ(z) = ½·tanh(z/2) + ½
        cell.recall = ctx.array(units, units + 1)  # Rₙ and c: what r multiplies
        ctx.do(np.copyto, cell.recall[:, :units], run.w.R[2 * units :])
        ctx.do(np.copyto, cell.recall[:, units], run.w.c)
        cell.gates = ctx.array(run.steps, 3 * units, run.column[1])
        cell.recalled = ctx.array(run.steps, *run.column)
        cell.share = ctx.scratch(*run.column)
        # Wₙ·x + bₙ does not wait for the state: all steps at once, into the place of n.
        ctx.do(np.matmul, cell.fused[2 * units :, units:], run.joined[units:, : run.steps].transpose(1, 0, 2),
               cell.gates[:, 2 * units :])

    def step(self, ctx: Context, run: Run, t: int, new: np.ndarray) -> None:
        cell, units = run.cell, run.units
        both, share, recalled = cell.gates[t][: 2 * units], cell.share, cell.recalled[t]
        r, z, n = cell.gates[t].reshape(3, *run.column)
        ctx.do(np.matmul, cell.fused[: 2 * units], run.joined[:, t], both)
        ctx.do(np.tanh, both, both)
        ctx.do(np.multiply, both, 0.5, both)
        ctx.do(np.add, both, 0.5, both)
        ctx.do(np.matmul, cell.recall, run.joined[: units + 1, t], recalled)
        ctx.do(np.multiply, r, recalled, share)
        ctx.do(np.add, n, share, n)
        ctx.do(np.tanh, n, n)
        ctx.do(np.subtract, run.state(t), n, share)
        ctx.do(np.multiply, z, share, share)
        ctx.do(np.add, n, share, new)

    def prepare_back(self, ctx: Context, run: Run) -> int:
        cell, units = run.cell, run.units
        cell.slope = ctx.scratch(2, *run.column)
        cell.dn, cell.dz, cell.kept = (ctx.scratch(*run.column) for _ in range(3))
        # The sums are of n, r, z and q: the last three meet R, the first three W with its blocks in that order.
        cell.rolled = ctx.scratch(*run.w.W.shape)
        ctx.do(np.copyto, cell.rolled[:units], run.w.W[2 * units :])
        ctx.do(np.copyto, cell.rolled[units:], run.w.W[: 2 * units])
        return 4 * units

    def step_back(self, ctx: Context, run: Run, t: int, dh: np.ndarray) -> None:
        """From h(t) = n + z·(h(t−1) − n) and n = tanh(Wₙ·x + bₙ + r·q), q = Rₙ·h(t−1) + c, follows

        dn = dh·(1 − z)·(1 − n²) of the sum inside tanh, dq = dn·r, dr = dn·q·r·(1 − r), dz = dh·(h(t−1) − n)·z·(1 − z);
        ∂L/∂h(t−1) = dh·z + Rᵀ·(dr, dz, dq). The shares are (dr, dz, dn)·x(t)ᵀ of W and their Σₙ of b,
        (dr, dz, dq)·h(t−1)ᵀ of R, Σₙ dq of c.
        """
        cell, units = run.cell, run.units
        gates = cell.gates[t].reshape(3, *run.column)
        (r, z, n), slope, dn, dz = gates, cell.slope, cell.dn, cell.dz
        d_n, d_r, d_z, d_q = (run.sums(slice(block * units, (block + 1) * units), t) for block in range(4))
        ctx.do(np.multiply, gates[:2], gates[:2], slope)
        ctx.do(np.subtract, gates[:2], slope, slope)
        ctx.do(np.multiply, dh, z, cell.kept)
        ctx.do(np.subtract, run.state(t), n, dz)
        ctx.do(np.multiply, dz, dh, dz)
        ctx.do(np.multiply, dz, slope[1], d_z)
        ctx.do(np.multiply, n, n, dn)
        ctx.do(np.subtract, 1.0, dn, dn)
        ctx.do(np.subtract, dh, cell.kept, dz)  # dh·(1 − z)
        ctx.do(np.multiply, dn, dz, dn)
        ctx.do(np.copyto, d_n, dn)
        ctx.do(np.multiply, dn, r, d_q)
        ctx.do(np.multiply, dn, cell.recalled[t], dn)
        ctx.do(np.multiply, dn, slope[0], d_r)
        ctx.do(np.matmul, run.w.R.T, run.sums(slice(units, None), t), dh)
        ctx.do(np.add, dh, cell.kept, dh)

    def add_weights(self, ctx: Context, run: Run, d: np.ndarray, joined: np.ndarray) -> None:
        units = run.units
        self.add_product(ctx, run, "gates", d[units : 3 * units], joined)
        self.add_product(ctx, run, "candidate", d[:units], joined[units:])
        self.add_product(ctx, run, "recall", d[3 * units :], joined[: units + 1])

    def hand_over(self, ctx: Context, run: Run) -> None:
        units, dw, totals = run.units, run.dw, run.totals
        (d_r, d_b, d_w), candidate, recall = self.split(totals["gates"]), totals["candidate"], totals["recall"]
        for gradient, part in ((dw.R, d_r), (dw.b, d_b), (dw.W, d_w)):
            ctx.do(np.copyto, gradient[: 2 * units], part)
        ctx.do(np.copyto, dw.b[2 * units :], candidate[:, 0])
        ctx.do(np.copyto, dw.W[2 * units :], candidate[:, 1:])
        ctx.do(np.copyto, dw.R[2 * units :], recall[:, :units])
        ctx.do(np.copyto, dw.c, recall[:, units])

    def input_gradient(self, ctx: Context, run: Run, d: np.ndarray, out: np.ndarray) -> None:
        ctx.do(np.matmul, run.cell.rolled.T, d[:, : 3 * run.units], out)

    def onnx_attributes(self) -> dict[str, object]:
        return {"linear_before_reset": 1}

    def onnx_state_bias(self, node: OnnxNode, suffix: str) -> str:
        return node.op("Concat", node.constant(np.zeros(2 * self.units, np.float32)), node.weight("c" + suffix),
                       axis=0)
