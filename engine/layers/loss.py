"""Losses over classes, each a negative log-likelihood: a network's score-card, where the backward pass begins."""

from __future__ import annotations

import numpy as np

from engine.layer import Category, Context, OnnxNode
from engine.layers.elementwise import sigmoid_calls
from engine.layers.loss_base import BinaryLoss, ClassLoss, record_softplus, total_weight
from engine.params import Float
from engine.shapes import Shape


class SoftmaxCrossEntropy(ClassLoss, title="Softmax cross-entropy", category=Category.OUTPUT):
    """For one class out of several: turns scores into probabilities and charges −log of the right one's.

    The negative log-likelihood of a categorical distribution whose probabilities are softmax(z). The mean over the
    batch, as PyTorch's CrossEntropyLoss: with class weights w it is Σ w[t]·L / Σ w[t]. Targets are class numbers, or
    rows of zeros with a single 1.
    """

    formula = "L = −log softmax(z)[target]"
    when = "Digits, species, any choice of one among several. Give it raw scores (logits), not probabilities."
    examples = (
        ({}, ((3,),)), ({}, ((10,),)), ({"label_smoothing": 0.1}, ((4,),)), ({"class_weights": (0.5, 1, 3)}, ((3,),)),
        ({"class_weights": (2, 0.1, 1, 0), "label_smoothing": 0.3}, ((4,),)),
    )
    label_smoothing = Float(
        0.0, "Share ε of the target that is spread evenly over all classes, so that the network is never asked to be "
        "quite sure. 0.1 is usual.", low=0.0, high=1.0, advanced=True)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        classes, n = z.shape
        p, shifted, wanted = ctx.array(classes, n), ctx.array(classes, n), ctx.array(classes, n)
        row = ctx.array(1, n)
        ctx.do(np.maximum.reduce, z, 0, None, row, True)
        ctx.do(np.subtract, z, row, shifted)
        ctx.do(np.exp, shifted, p)
        ctx.do(np.add.reduce, p, 0, None, row, True)
        ctx.do(np.divide, p, row, p)
        self.mark_targets(ctx, wanted)
        ctx.do(np.log, row, row)
        share, total = ctx.ones(1, n), np.array(n, ctx.dtype)
        if self.label_smoothing:
            ctx.do(np.multiply, wanted, 1.0 - self.label_smoothing, wanted)
            ctx.do(np.add, wanted, self.label_smoothing / classes, wanted)
        if self.class_weights:
            share = self._weigh(ctx, wanted, total)
        log_sum, flat = row.reshape(-1), (shifted.reshape(-1), wanted.reshape(-1))
        ctx.do(_cross_entropy, log_sum, share.reshape(-1), *flat, total, ctx.loss)
        ctx.saved.p, ctx.saved.wanted, ctx.saved.share, ctx.saved.total = p, wanted, share, total
        return p

    def _weigh(self, ctx: Context, wanted: np.ndarray, total: np.ndarray) -> np.ndarray:
        """Multiplies the targets by their class's weight; returns their sums (1, N), whose weights sum to ``total``."""
        n = wanted.shape[1]
        weights, drawn, share = self.column(ctx), ctx.scratch(n), ctx.array(1, n)
        ctx.do(weights.reshape(-1).take, ctx.target, 0, drawn, "clip")
        ctx.do(total_weight, drawn, ctx.ones(n), total)
        ctx.do(np.multiply, wanted, weights, wanted)
        ctx.do(np.add.reduce, wanted, 0, None, share, True)
        return share

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """With p = softmax(z) and the target as a column t of zeros and a 1, L = −Σ t·log p = log Σ e^z·Σ t − Σ t·z.

        The first term's derivative is p·Σt, the second's t, so ∂L/∂z = (p − t)/N for the mean over the batch. Label
        smoothing makes t (1 − ε)·t + ε/C; class weights make it w∘t, whose sum s is no longer 1, and N the sum of
        the targets' weights: ∂L/∂z = (s·p − t)/Σw.
        """
        dx, saved = ctx.dx(), ctx.saved
        if dx is None:
            return
        if self.class_weights:
            factor = ctx.scratch(1)
            ctx.do(np.multiply, saved.p, saved.share, dx)
            ctx.do(np.subtract, dx, saved.wanted, dx)
            ctx.do(np.divide, self.weight, saved.total, factor)
            ctx.do(np.multiply, dx, factor, dx)
        else:
            ctx.do(np.subtract, saved.p, saved.wanted, dx)
            ctx.do(np.multiply, dx, self.weight / ctx.batch, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Softmax", "Log", "Pick", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Softmax", xs[0], axis=1)

    def headline(self) -> str:
        return "one class of several"


def _cross_entropy(
    log_sum: np.ndarray, share: np.ndarray, shifted: np.ndarray, wanted: np.ndarray, total: np.ndarray,
    loss: np.ndarray,
) -> None:
    """Mean of Σt·log Σ e^z − Σ t·z, from scores whose largest was taken off."""
    loss[...] = (log_sum.dot(share) - shifted.dot(wanted)) / total


class NegativeLogLikelihood(ClassLoss, title="Negative log-likelihood", category=Category.OUTPUT):
    """For one class out of several, after a Log-softmax layer: charges − the log-probability of the right class.

    The negative log-likelihood of a categorical distribution whose log-probabilities are the inputs. The mean over
    the batch, as PyTorch's NLLLoss: with class weights w it is Σ w[t]·L / Σ w[t]. The prediction is e^input.
    """

    formula = "L = −a[target]"
    when = "Where the network ends with Log-softmax. Softmax cross-entropy does both in one layer."
    examples = (({}, ((3,),)), ({"class_weights": (0.5, 1, 0, 3)}, ((4,),)))

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (x,) = xs
        classes, n = x.shape
        p, wanted, total = ctx.array(classes, n), ctx.array(classes, n), np.array(n, ctx.dtype)
        ctx.do(np.exp, x, p)
        self.mark_targets(ctx, wanted)
        if self.class_weights:
            weights, drawn = self.column(ctx), ctx.scratch(n)
            ctx.do(weights.reshape(-1).take, ctx.target, 0, drawn, "clip")
            ctx.do(total_weight, drawn, ctx.ones(n), total)
            ctx.do(np.multiply, wanted, weights, wanted)
        terms = ctx.scratch(classes, n)
        ctx.do(np.multiply, x, wanted, terms)
        ctx.do(_minus_sum_over, terms.reshape(-1), ctx.ones(terms.size), total, ctx.loss)
        ctx.saved.wanted, ctx.saved.total = wanted, total
        return p

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """L = −Σ w∘t·a / Σ w[t] with the target as a column t of zeros and a 1, so ∂L/∂a = −w∘t / Σ w[t]."""
        dx = ctx.dx()
        if dx is not None:
            factor = ctx.scratch(1)
            ctx.do(np.divide, -self.weight, ctx.saved.total, factor)
            ctx.do(np.multiply, ctx.saved.wanted, factor, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Pick", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Exp", xs[0])

    def headline(self) -> str:
        return "one class of several"


def _minus_sum_over(terms: np.ndarray, ones: np.ndarray, total: np.ndarray, loss: np.ndarray) -> None:
    loss[...] = -terms.dot(ones) / total


class SigmoidBinaryCrossEntropy(BinaryLoss, title="Sigmoid binary cross-entropy", category=Category.OUTPUT):
    """For yes or no, once or several times: turns scores into probabilities and charges −log of the right answer's.

    The negative log-likelihood of Bernoulli variables whose probabilities are σ(z). The mean over all examples and
    outputs, as PyTorch's BCEWithLogitsLoss.
    """

    formula = "L = −t·log σ(z) − (1 − t)·log(1 − σ(z))"
    when = "XOR, two classes, or several labels that may hold at once. Give it raw scores (logits)."
    examples = (({}, ((1,),)), ({}, ((4,),)), ({"pos_weight": 3.0}, ((2,),)), ({"pos_weight": 0.2}, ((2, 3, 1),)))
    pos_weight = Float(1.0, "How much a yes counts; above 1 where yes is rare.", low=0.0, high=1e6,
                       label="Weight of yes", advanced=True)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        (z,) = xs
        p, term = ctx.array(*z.shape), ctx.scratch(*z.shape)
        for call in sigmoid_calls(z, p):
            ctx.do(*call)
        other = ctx.scratch(*z.shape)
        if self.pos_weight == 1.0:
            # −log σ(z) = log(1 + e^z) − z, and −log(1 − σ(z)) = log(1 + e^z).
            record_softplus(ctx, z, term, other)
            ctx.do(np.multiply, z, ctx.target, other)
            ctx.do(np.subtract, term, other, term)
        else:
            self._charge_weighted(ctx, z, term, other)
        self.charge_mean(ctx, term)
        ctx.saved.p = p
        return p

    def _charge_weighted(self, ctx: Context, z: np.ndarray, term: np.ndarray, other: np.ndarray) -> None:
        """With u = 1 + (w − 1)·t, the loss is (1 − t)·z + u·log(1 + e^−z)."""
        u = ctx.array(*z.shape)
        ctx.do(np.negative, z, u)
        record_softplus(ctx, u, term, other)
        ctx.do(np.multiply, ctx.target, self.pos_weight - 1.0, u)
        ctx.do(np.add, u, 1.0, u)
        ctx.do(np.multiply, term, u, term)
        ctx.do(np.subtract, 1.0, ctx.target, other)
        ctx.do(np.multiply, other, z, other)
        ctx.do(np.add, term, other, term)
        ctx.saved.u = u

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """d/dz of log(1 + e^z) − t·z is σ(z) − t, so ∂L/∂z = (p − t) / (N·outputs) for the mean over all numbers.

        With the weight w for yes, d/dz of (1 − t)·z + u·log(1 + e^−z) is 1 − t − u·(1 − p) = u·p − w·t, where
        u = 1 + (w − 1)·t.
        """
        dx, p = ctx.dx(), ctx.saved.p
        if dx is None:
            return
        if self.pos_weight == 1.0:
            ctx.do(np.subtract, p, ctx.target, dx)
        else:
            scaled = ctx.scratch(*p.shape)
            ctx.do(np.multiply, p, ctx.saved.u, dx)
            ctx.do(np.multiply, ctx.target, self.pos_weight, scaled)
            ctx.do(np.subtract, dx, scaled, dx)
        ctx.do(np.multiply, dx, self.weight / p.size, dx)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        return ("Sigmoid", "Log", "Pick", "Mean")

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Sigmoid", xs[0])

    def headline(self) -> str:
        return "yes or no"
