"""Losses for numbers: how far off a prediction is, in one sense or another."""

from __future__ import annotations

import math

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.loss_base import NumberLoss
from engine.numbers import exact
from engine.params import Float
from engine.shapes import Shape


class MSE(NumberLoss, title="Mean squared error", category=Category.OUTPUT):
    """For numbers: charges the square of the distance between prediction and target, averaged over all numbers.

    Up to a constant the negative log-likelihood of a normal distribution of variance ½ around the prediction; another
    variance would only scale it. The mean over all examples and outputs, as PyTorch's MSELoss.
    """

    formula = "L = mean (ŷ − t)²"
    when = "Regression: prices, temperatures, curves. A far miss costs much more than several near ones."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        error = ctx.array(*x.shape)
        flat = error.reshape(-1)
        ctx.do(np.subtract, x, ctx.target, error)
        ctx.do(_mean_square, flat, ctx.loss)
        ctx.saved.error = error
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d(e²)/dŷ = 2e with e = ŷ − t, so ∂L/∂ŷ = 2e / (N·outputs) for the mean over all numbers."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.saved.error, 2.0 * self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Subtract", "Square", "Mean")

    def headline(self) -> str:
        return "numbers"


def _mean_square(error: np.ndarray, loss: np.ndarray) -> None:
    loss[...] = error.dot(error) / error.shape[0]


class MAE(NumberLoss, title="Mean absolute error", category=Category.OUTPUT):
    """For numbers: charges the distance between prediction and target, averaged over all numbers.

    Up to a constant the negative log-likelihood of a Laplace distribution of scale 1 around the prediction. The mean
    over all examples and outputs, as PyTorch's L1Loss.
    """

    formula = "L = mean |ŷ − t|"
    when = "Regression with outliers: the network learns the median, which a few wild targets do not move."
    kinked = True

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        error, distance = ctx.array(*x.shape), ctx.scratch(*x.shape)
        ctx.do(np.subtract, x, ctx.target, error)
        ctx.do(np.abs, error, distance)
        self.charge_mean(ctx, distance)
        ctx.saved.error = error
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d|e|/dŷ is the sign of e = ŷ − t (0 where e is), so ∂L/∂ŷ = sign(e) / (N·outputs)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.sign, ctx.saved.error, dx)
            ctx.do(np.multiply, dx, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Subtract", "Abs", "Mean")

    def headline(self) -> str:
        return "numbers, with outliers"


class Huber(NumberLoss, title="Huber", category=Category.OUTPUT):
    """For numbers: charges half the square of small errors and grows in a straight line beyond δ.

    Up to a constant the negative log-likelihood of Huber's density: normal in the middle, exponential in its tails.
    The mean over all examples and outputs, as PyTorch's HuberLoss.
    """

    formula = "L = mean ½e² where |e| ≤ δ, else δ·(|e| − ½δ)"
    when = "Regression where most targets are precise and a few are wild: outliers pull no harder than δ."
    examples = (*NumberLoss.examples, ({"delta": 0.3}, ((4,),)))
    kinked = True
    delta = Float(1.0, "The error from which the loss grows in a straight line.", low=0.0, high=1e6, open_low=True,
                  label="δ")

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        error, held = ctx.scratch(*x.shape), ctx.array(*x.shape)
        half = ctx.scratch(*x.shape)
        ctx.do(np.subtract, x, ctx.target, error)
        ctx.do(np.maximum, error, -self.delta, out=held)
        ctx.do(np.minimum, held, self.delta, out=held)
        # With c = e held between −δ and δ both branches are c·(e − c/2).
        ctx.do(np.multiply, held, 0.5, half)
        ctx.do(np.subtract, error, half, error)
        ctx.do(np.multiply, error, held, error)
        self.charge_mean(ctx, error)
        ctx.saved.held = held
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d(½e²)/dŷ = e, and beyond δ the slope stays ±δ: ∂L/∂ŷ = c / (N·outputs) with c = e held in [−δ, δ]."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.multiply, ctx.saved.held, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Subtract", "Clip", "Multiply", "Mean")

    def headline(self) -> str:
        return f"δ = {exact(self.delta)}"


class LogCosh(NumberLoss, title="Log-cosh", category=Category.OUTPUT):
    """For numbers: charges log cosh of the error, which is half its square when small and its size when large.

    Up to a constant the negative log-likelihood of a hyperbolic secant distribution around the prediction. The mean
    over all examples and outputs.
    """

    formula = "L = mean log cosh(ŷ − t)"
    when = "Like Huber, but smooth everywhere and without a number to choose."

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        error, size, term = ctx.array(*x.shape), ctx.scratch(*x.shape), ctx.scratch(*x.shape)
        ctx.do(np.subtract, x, ctx.target, error)
        # log cosh e = |e| + log(1 + e^−2|e|) − log 2: nothing overflows.
        ctx.do(np.abs, error, size)
        ctx.do(np.multiply, size, -2.0, term)
        ctx.do(np.exp, term, term)
        ctx.do(np.log1p, term, term)
        ctx.do(np.add, term, size, term)
        ctx.do(np.subtract, term, math.log(2.0), term)
        self.charge_mean(ctx, term)
        ctx.saved.error = error
        return x

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d(log cosh e)/dŷ = sinh e / cosh e, so ∂L/∂ŷ = tanh(e) / (N·outputs)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.tanh, ctx.saved.error, dx)
            ctx.do(np.multiply, dx, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Subtract", "Log-cosh", "Mean")

    def headline(self) -> str:
        return "numbers, smooth"


class Poisson(NumberLoss, title="Poisson", category=Category.OUTPUT):
    """For counts: the network gives the logarithm of how many are expected.

    Up to a constant (log t!) the negative log-likelihood of a Poisson distribution of rate e^z. The mean over all
    examples and outputs, as PyTorch's PoissonNLLLoss with its defaults; Keras's takes the rate itself. The
    prediction is the rate.
    """

    formula = "L = mean e^z − t·z"
    when = "Counts of events: calls an hour, cells in a field. Targets are 0 or more. A z above 88 overflows."
    target_range = (0.0, math.inf)

    def example_target(self, rng: np.random.Generator, batch: int, *shapes: Shape) -> np.ndarray:
        return rng.poisson(2.0, (batch, *shapes[0])).astype(np.float64)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        rate, term = ctx.array(*z.shape), ctx.scratch(*z.shape)
        ctx.do(np.exp, z, rate)
        ctx.do(np.multiply, z, ctx.target, term)
        ctx.do(np.subtract, rate, term, term)
        self.charge_mean(ctx, term)
        ctx.saved.rate = rate
        return rate

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d(e^z − t·z)/dz = e^z − t, so ∂L/∂z = (rate − t) / (N·outputs)."""
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.subtract, ctx.saved.rate, ctx.target, dx)
            ctx.do(np.multiply, dx, self.weight / dx.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Exp", "Subtract", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Exp", xs[0])

    def headline(self) -> str:
        return "counts"
