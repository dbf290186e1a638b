"""Smooth activations: gates of a number by itself, and softened corners."""

from __future__ import annotations

import math

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import SHAPES, Elementwise, band_shape, bands, sigmoid_calls
from engine.layers.normal_cdf import normal_cdf_calls
from engine.numbers import exact
from engine.params import Choice, Float

#: √(2/π) and the cubic coefficient of GELU's tanh form.
_TANH_SCALE, _CUBIC = math.sqrt(2.0 / math.pi), 0.044715


class GELU(Elementwise, title="GELU", category=Category.ACTIVATION):
    """Each number times the chance that a standard normal variable lies below it: a smooth ReLU."""

    icon = "mdi6.chart-bell-curve"
    formula = "a = z · Φ(z)"
    when = "Transformers. Smooth everywhere, and negative numbers keep a small gradient. Source: Hendrycks & " \
           "Gimpel 2016."
    form = Choice("exact", "The exact Φ, or the tanh formula that early transformers used.",
                  options={"exact": "Exact", "tanh": "tanh approximation"})
    examples = (*SHAPES, *(({"form": "tanh"}, shapes) for _, shapes in SHAPES), ({}, ((12,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, gate = ctx.array(*x.shape), ctx.array(*x.shape)
        ctx.saved.x, ctx.saved.gate = x, gate
        small = band_shape(x.shape)
        t, square, positive = ctx.scratch(*small), ctx.scratch(*small), ctx.scratch(*small, dtype=bool)
        for a, z, g, *work in bands(y, x, gate, t, square, positive):
            for call in normal_cdf_calls(z, g, *work) if self.form == "exact" else _tanh_gate_calls(z, g):
                ctx.do(*call)
            ctx.do(np.multiply, z, g, a)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """a = z·G(z) has the slope G + z·G'.

        Exact: G = Φ, whose derivative is the normal density φ(z) = e^(−z²/2)/√(2π).
        tanh form: G = ½ + ½·tanh u with u = c·(z + k·z³), so G' = ½·(1 − tanh²u)·u' = 2·G·(1 − G)·c·(1 + 3k·z²).
        ∂L/∂z = δ · (G + z·G').
        """
        dx = ctx.dx()
        if dx is None:
            return
        spread = ctx.scratch(*band_shape(dx.shape))
        for d, delta, z, g, rest in bands(dx, dy, ctx.saved.x, ctx.saved.gate, spread):
            ctx.do(np.multiply, z, z, d)
            if self.form == "exact":
                ctx.do(np.multiply, d, -0.5, d)
                ctx.do(np.exp, d, d)
                ctx.do(np.multiply, d, 1.0 / math.sqrt(2.0 * math.pi), d)
            else:
                ctx.do(np.multiply, d, 6.0 * _TANH_SCALE * _CUBIC, d)
                ctx.do(np.add, d, 2.0 * _TANH_SCALE, d)
                ctx.do(np.multiply, d, g, d)
                ctx.do(np.subtract, 1.0, g, rest)
                ctx.do(np.multiply, d, rest, d)
            ctx.do(np.multiply, d, z, d)
            ctx.do(np.add, d, g, d)
            ctx.do(np.multiply, d, delta, d)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        # Spelled out: ONNX has an operator of its own only from opset 20 on.
        if self.form == "exact":
            inner = node.op("Erf", node.op("Mul", xs[0], _number(node, math.sqrt(0.5))))
        else:
            square = node.op("Mul", xs[0], xs[0])
            slope = node.op("Add", node.op("Mul", square, _number(node, _TANH_SCALE * _CUBIC)),
                            _number(node, _TANH_SCALE))
            inner = node.op("Tanh", node.op("Mul", slope, xs[0]))
        gate = node.op("Add", node.op("Mul", inner, _number(node, 0.5)), _number(node, 0.5))
        return node.op("Mul", xs[0], gate)

    def headline(self) -> str:
        return "exact" if self.form == "exact" else "tanh form"


def _tanh_gate_calls(z: np.ndarray, gate: np.ndarray) -> list[tuple]:
    """Φ(z) ≈ ½ + ½·tanh(c·z·(1 + 0.044715·z²))."""
    return [
        (np.multiply, z, z, gate),
        (np.multiply, gate, _TANH_SCALE * _CUBIC, gate),
        (np.add, gate, _TANH_SCALE, gate),
        (np.multiply, gate, z, gate),
        (np.tanh, gate, gate),
        (np.multiply, gate, 0.5, gate),
        (np.add, gate, 0.5, gate),
    ]


def _number(node: OnnxNode, value: float) -> str:
    return node.constant(np.array(value, np.float32))


class SiLU(Elementwise, title="SiLU", category=Category.ACTIVATION):
    """Each number times its own sigmoid; also known as Swish."""

    icon = "mdi6.chart-bell-curve"
    formula = "a = z · σ(z)"
    when = "A smooth stand-in for ReLU in deep image networks. Source: Elfwing et al. 2017, Ramachandran et al. 2017."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, gate = ctx.array(*x.shape), ctx.array(*x.shape)
        for call in sigmoid_calls(x, gate):
            ctx.do(*call)
        ctx.do(np.multiply, x, gate, y)
        ctx.saved.y, ctx.saved.gate = y, gate
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """a = z·σ has the slope σ + z·σ·(1 − σ) = σ + a·(1 − σ) = σ·(1 − a) + a: ∂L/∂z = δ · (σ − σ·a + a)."""
        dx, y, gate = ctx.dx(), ctx.saved.y, ctx.saved.gate
        if dx is not None:
            ctx.do(np.multiply, gate, y, dx)
            ctx.do(np.subtract, gate, dx, dx)
            ctx.do(np.add, dx, y, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Mul", xs[0], node.op("Sigmoid", xs[0]))


class Mish(Elementwise, title="Mish", category=Category.ACTIVATION):
    """Each number times the tanh of its softplus: like SiLU with a slightly deeper dip."""

    icon = "mdi6.chart-bell-curve"
    formula = "a = z · tanh(log(1 + eᶻ))"
    when = "Where SiLU or GELU would serve too; it costs more. Source: Misra 2019."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, gate = ctx.array(*x.shape), ctx.array(*x.shape)
        ctx.saved.x, ctx.saved.gate = x, gate
        # tanh(log(1 + e)) = ((1 + e)² − 1)/((1 + e)² + 1) = q/(q + 2) with q = e·(e + 2). From z = 20 on it is 1.
        for a, z, g, e in bands(y, x, gate, ctx.scratch(*band_shape(x.shape))):
            ctx.do(np.minimum, z, 20.0, out=e)
            ctx.do(np.exp, e, e)
            ctx.do(np.add, e, 2.0, g)
            ctx.do(np.multiply, g, e, e)
            ctx.do(np.add, e, 2.0, g)
            ctx.do(np.divide, e, g, g)
            ctx.do(np.multiply, z, g, a)
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With s = softplus(z), s' = σ(z), and ω = tanh s, a = z·ω has the slope ω + z·(1 − ω²)·σ(z):

        ∂L/∂z = δ · (ω + z·σ(z)·(1 − ω²)).
        """
        dx = ctx.dx()
        if dx is None:
            return
        scratch = ctx.scratch(*band_shape(dx.shape))
        for d, delta, z, g, rest in bands(dx, dy, ctx.saved.x, ctx.saved.gate, scratch):
            for call in sigmoid_calls(z, d):
                ctx.do(*call)
            ctx.do(np.multiply, g, g, rest)
            ctx.do(np.subtract, 1.0, rest, rest)
            ctx.do(np.multiply, d, rest, d)
            ctx.do(np.multiply, d, z, d)
            ctx.do(np.add, d, g, d)
            ctx.do(np.multiply, d, delta, d)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Mul", xs[0], node.op("Tanh", node.op("Softplus", xs[0])))


class Softplus(Elementwise, title="Softplus", category=Category.ACTIVATION):
    """A ReLU whose corner is rounded; what leaves it is always positive."""

    icon = "mdi6.chart-bell-curve-cumulative"
    formula = "a = log(1 + e^(β·z)) / β"
    when = "Outputs that have to be positive, a standard deviation or a rate. Exact for every z: no threshold above " \
           "which it turns straight, as PyTorch has at 20."
    beta = Float(1.0, "Sharpness β of the bend: the larger, the nearer to ReLU.", low=0.001, high=1000.0, log=True,
                 label="Sharpness β")
    examples = (*SHAPES, ({"beta": 3.0}, ((4,),)), ({"beta": 0.5}, ((3, 2),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, tail = ctx.array(*x.shape), ctx.scratch(*x.shape)
        # log(1 + e^u) = max(u, 0) + log(1 + e^−|u|): nothing overflows.
        ctx.do(np.absolute, x, tail)
        ctx.do(np.multiply, tail, -self.beta, tail)
        ctx.do(np.exp, tail, tail)
        ctx.do(np.log1p, tail, tail)
        if self.beta != 1.0:
            ctx.do(np.multiply, tail, 1.0 / self.beta, tail)
        ctx.do(np.maximum, x, ctx.zeros(*x.shape), out=y)
        ctx.do(np.add, y, tail, y)
        ctx.saved.x = x
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d/dz of log(1 + e^(β·z))/β is e^(β·z)/(1 + e^(β·z)) = σ(β·z): ∂L/∂z = δ · σ(β·z)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.saved.x, self.beta, dx)
            for call in sigmoid_calls(dx, dx):
                ctx.do(*call)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        if self.beta == 1.0:
            return node.op("Softplus", xs[0])
        beta = _number(node, self.beta)
        return node.op("Div", node.op("Softplus", node.op("Mul", xs[0], beta)), beta)

    def headline(self) -> str:
        return f"β = {exact(self.beta)}"


class Softsign(Elementwise, title="Softsign", category=Category.ACTIVATION):
    """Squeezes each number into (−1, 1) by a quotient; it saturates more slowly than tanh."""

    icon = "mdi6.sine-wave"
    formula = "a = z / (1 + |z|)"
    when = "Instead of tanh where saturation stops learning. Source: Turian et al. 2009."

    def flat_ends(self) -> tuple[float, float]:
        return -0.98, 0.98

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        y, share = ctx.array(*x.shape), ctx.array(*x.shape)
        ctx.do(np.absolute, x, share)
        ctx.do(np.add, share, 1.0, share)
        ctx.do(np.reciprocal, share, share)
        ctx.do(np.multiply, x, share, y)
        ctx.saved.share = share
        return y

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """By the quotient rule (1 + |z| − z·sign z)/(1 + |z|)² = 1/(1 + |z|)²: ∂L/∂z = δ / (1 + |z|)²."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.saved.share, ctx.saved.share, dx)
            ctx.do(np.multiply, dx, dy, dx)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Softsign", xs[0])
