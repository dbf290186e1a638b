"""Losses: the score-card of a network, and where the backward pass begins."""

from __future__ import annotations

import numpy as np

from engine.issues import Fix, Issue
from engine.layer import Category, Context, LossLayer, OnnxNode
from engine.layers.activation import sigmoid_calls
from engine.shapes import Shape, size, text


class SoftmaxCrossEntropy(LossLayer, title="Softmax cross-entropy", category=Category.OUTPUT):
    """For one class out of several: turns scores into probabilities and charges −log of the right one's.

    The negative log-likelihood of a categorical distribution whose probabilities are softmax(z).
    """

    icon = "mdi6.bullseye-arrow"
    formula = "L = −log softmax(z)[target]"
    when = "Digits, species, any choice of one among several. Give it raw scores (logits), not probabilities."
    target_kind = "class"
    examples = (({}, ((3,),)), ({}, ((10,),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) == 1 and x[0] >= 2:
            return x
        mends = (Fix("Insert Flatten", "insert_before", (("kind", "Flatten"),)),) if len(x) > 1 else ()
        return self.mismatch("loss_input", f"The loss receives {text(x)}.",
                             "It takes one score per class, two or more.", "End with a Dense layer of one unit per class.",
                             mends=mends)

    def classes(self, *shapes: Shape) -> int:
        return shapes[0][0]

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        classes, n = z.shape
        p, shifted, onehot = ctx.array(classes, n), ctx.array(classes, n), ctx.array(classes, n)
        row = ctx.array(1, n)
        ctx.do(np.maximum.reduce, z, 0, None, row, True)
        ctx.do(np.subtract, z, row, shifted)
        ctx.do(np.exp, shifted, p)
        ctx.do(np.add.reduce, p, 0, None, row, True)
        ctx.do(np.divide, p, row, p)
        ctx.do(_mark, onehot, ctx.target, np.arange(n))
        ctx.do(np.log, row, row)
        ctx.do(_cross_entropy, row.reshape(-1), ctx.ones(n), shifted.reshape(-1), onehot.reshape(-1), ctx.loss)
        ctx.saved.p, ctx.saved.onehot = p, onehot
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With p = softmax(z) and the target t as a one-hot column, L = −Σ t·log p = log Σ e^z − z[t].

        The first term's derivative is p, the second's t, so ∂L/∂z = (p − t)/N for the mean over the batch.
        """
        dx = ctx.dx()
        if dx is not None:
            ctx.do(np.subtract, ctx.saved.p, ctx.saved.onehot, dx)
            ctx.do(np.multiply, dx, self.weight / ctx.batch, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Softmax", "Log", "Pick", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Softmax", xs[0], axis=1)

    def headline(self) -> str:
        return "one class of several"


def _mark(onehot: np.ndarray, target: np.ndarray, columns: np.ndarray) -> None:
    """Writes 1 at each example's class and 0 elsewhere."""
    onehot.fill(0)
    onehot[target, columns] = 1


def _cross_entropy(
    log_sum: np.ndarray, ones: np.ndarray, shifted: np.ndarray, onehot: np.ndarray, loss: np.ndarray
) -> None:
    """Mean of log Σ e^z − z[t], from scores whose largest was taken off."""
    loss[...] = (log_sum.dot(ones) - shifted.dot(onehot)) / log_sum.shape[0]


class SigmoidBinaryCrossEntropy(LossLayer, title="Sigmoid binary cross-entropy", category=Category.OUTPUT):
    """For yes or no, once or several times: turns scores into probabilities and charges −log of the right answer's.

    The negative log-likelihood of Bernoulli variables whose probabilities are σ(z).
    """

    icon = "mdi6.bullseye-arrow"
    formula = "L = −t·log σ(z) − (1 − t)·log(1 − σ(z))"
    when = "XOR, two classes, or several labels that may hold at once. Give it raw scores (logits)."
    examples = (({}, ((1,),)), ({}, ((4,),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def classes(self, *shapes: Shape) -> int:
        return 2 if size(shapes[0]) == 1 else 0

    def example_target(self, rng: np.random.Generator, batch: int, *shapes: Shape) -> np.ndarray:
        return rng.integers(0, 2, (batch, *shapes[0])).astype(np.float64)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        p, term = ctx.array(*z.shape), ctx.scratch(*z.shape)
        for call in sigmoid_calls(z, p):
            ctx.do(*call)
        # −log σ(z) = max(z, 0) − z + log(1 + e^−|z|), and likewise for 1 − σ(z): nothing overflows.
        other = ctx.scratch(*z.shape)
        ctx.do(np.abs, z, term)
        ctx.do(np.negative, term, term)
        ctx.do(np.exp, term, term)
        ctx.do(np.log1p, term, term)
        ctx.do(np.maximum, z, ctx.zeros(*z.shape), out=other)
        ctx.do(np.add, term, other, term)
        ctx.do(np.multiply, z, ctx.target, other)
        ctx.do(np.subtract, term, other, term)
        ctx.do(_mean, term.reshape(-1), ctx.ones(term.size), ctx.loss)
        ctx.saved.p = p
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d/dz of log(1 + e^z) − t·z is σ(z) − t, so ∂L/∂z = (p − t) / (N·outputs) for the mean over all numbers."""
        dx, p = ctx.dx(), ctx.saved.p
        if dx is not None:
            ctx.do(np.subtract, p, ctx.target, dx)
            ctx.do(np.multiply, dx, self.weight / p.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Sigmoid", "Log", "Pick", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sigmoid", xs[0])

    def headline(self) -> str:
        return "yes or no"


def _mean(values: np.ndarray, ones: np.ndarray, loss: np.ndarray) -> None:
    loss[...] = values.dot(ones) / values.shape[0]


class MSE(LossLayer, title="Mean squared error", category=Category.OUTPUT):
    """For numbers: charges the square of the distance between prediction and target, averaged over all numbers.

    Up to a constant the negative log-likelihood of a normal distribution around the prediction.
    """

    icon = "mdi6.bullseye-arrow"
    formula = "L = mean (ŷ − t)²"
    when = "Regression: prices, temperatures, curves. A far miss costs much more than several near ones."
    examples = (({}, ((1,),)), ({}, ((3,),)), ({}, ((2, 3),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

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

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])

    def headline(self) -> str:
        return "numbers"


def _mean_square(error: np.ndarray, loss: np.ndarray) -> None:
    loss[...] = error.dot(error) / error.shape[0]
