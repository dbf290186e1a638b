"""Adagrad, Adadelta and RMSprop: paces from squared gradients alone."""

from __future__ import annotations

import math

import numpy as np

from engine.params import Bool, Float
from engine.train.optim.base import Block, Do, FirstOrder, base_rate, running_share, small_term


class Adagrad(FirstOrder, title="Adagrad"):
    """Divides each weight's pace by the root of all its squared gradients so far (Duchi et al. 2011).

    s ← s + g²; w ← w − η/(1 + (t − 1)·d)·g/(√s + ε). Good for rare features; paces only ever fall. Weight decay is
    L2, inside the gradient. PyTorch's defaults; Keras begins s at 0.1 and has the learning rate 0.001.
    """

    learning_rate = base_rate(0.01)
    lr_decay = Float(0.0, "Lets the learning rate fall besides: it is divided by 1 + this, times the steps done.",
                     low=0.0, high=1.0, label="Rate decay d", advanced=True)
    initial_accumulator_value = Float(0.0, "What the sum of squares begins at.", low=0.0, high=1e6,
                                      label="First sum", advanced=True)
    eps = small_term(1e-10)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("sum",)

    def first(self, slot: str) -> float:
        return self.initial_accumulator_value

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate / (1.0 + (step - 1) * self.lr_decay)), "eps": self.eps}

    def record(self, do: Do, block: Block) -> None:
        g, step, total = self._gradient(do, block), block.scratch, block.slots["sum"]
        do(np.multiply, g, g, step)
        do(np.add, total, step, total)
        do(np.sqrt, total, step)
        do(np.add, step, block.scalars["eps"], step)
        do(np.divide, g, step, step)
        do(np.multiply, step, block.scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class Adadelta(FirstOrder, title="Adadelta"):
    """Needs no learning rate: steps are as large as recent steps were, divided by recent gradients (Zeiler 2012).

    s ← ρs + (1 − ρ)g²; δ = √(d + ε)/√(s + ε)·g; d ← ρd + (1 − ρ)δ²; w ← w − η·δ. Weight decay is L2, inside the
    gradient. PyTorch's defaults; Keras has η = 0.001, ρ = 0.95 and ε = 1e-7.
    """

    learning_rate = base_rate(1.0)
    rho = running_share(0.9, "the running means of squares", "ρ")
    eps = small_term(1e-6)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("square", "step")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """The slots hold s and d divided by 1 − ρ, which saves two multiplications a weight; ε is divided too."""
        return {**super().scalars(step, rate), "rho": self.rho, "eps": self.eps / (1.0 - self.rho)}

    def record(self, do: Do, block: Block) -> None:
        g, square, steps = self._gradient(do, block), block.slots["square"], block.slots["step"]
        scalars, delta, term = block.scalars, block.scratch, block.other
        do(np.multiply, g, g, term)
        do(np.multiply, square, scalars["rho"], square)
        do(np.add, square, term, square)
        do(np.add, steps, scalars["eps"], delta)
        do(np.add, square, scalars["eps"], term)
        do(np.divide, delta, term, delta)
        do(np.sqrt, delta, delta)
        do(np.multiply, delta, g, delta)
        do(np.multiply, delta, delta, term)
        do(np.multiply, steps, scalars["rho"], steps)
        do(np.add, steps, term, steps)
        do(np.multiply, delta, scalars["rate"], delta)
        do(np.subtract, block.w, delta, block.w)


class RMSprop(FirstOrder, title="RMSprop"):
    """Divides each weight's pace by the root of a running mean of its squared gradient (Hinton 2012).

    s ← αs + (1 − α)g²; w ← w − η·g/(√s + ε). Centred, it is the variance s − ḡ² that counts; with momentum the
    quotients are summed, b ← μb + g/(√s + ε), and w ← w − η·b. Weight decay is L2, inside the gradient. PyTorch's
    form and defaults; Keras has ε inside the root, α = 0.9 and the learning rate 0.001.
    """

    learning_rate = base_rate(0.01)
    alpha = running_share(0.99, "the squared gradient's running mean", "α")
    momentum = Float(0.0, "Share μ of the last step's direction that is kept.", low=0.0, high=1.0, open_high=True,
                     live=True)
    centered = Bool(False, "Divide by the standard deviation of the gradient, not its root mean square.",
                    label="Centred", advanced=True)
    eps = small_term(1e-8)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("square", "momentum", "mean") if self.centered else ("square", "momentum")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """The slots hold S = s/(1 − α) and G = ḡ/(1 − α). With c = √(1 − α) we have √(s − ḡ²) = c·√(S − c²G²)."""
        c = math.sqrt(1.0 - self.alpha)
        return {**super().scalars(step, rate / c), "alpha": self.alpha, "eps": self.eps / c, "c": c,
                "momentum": self.momentum}

    def record(self, do: Do, block: Block) -> None:
        g, step, scalars = self._gradient(do, block), block.scratch, block.scalars
        square = block.slots["square"]
        do(np.multiply, g, g, step)
        do(np.multiply, square, scalars["alpha"], square)
        do(np.add, square, step, square)
        if self.centered:
            self._record_variance(do, block, g)
            square = step
        do(np.sqrt, square, step)
        do(np.add, step, scalars["eps"], step)
        do(np.divide, g, step, step)
        if self.momentum:
            b = block.slots["momentum"]
            do(np.multiply, b, scalars["momentum"], b)
            do(np.add, b, step, b)
            do(np.multiply, b, scalars["rate"], step)
        else:
            do(np.multiply, step, scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)

    def _record_variance(self, do: Do, block: Block, g: np.ndarray) -> None:
        mean, step = block.slots["mean"], block.scratch
        do(np.multiply, mean, block.scalars["alpha"], mean)
        do(np.add, mean, g, mean)
        do(np.multiply, mean, block.scalars["c"], step)
        do(np.multiply, step, step, step)
        do(np.subtract, block.slots["square"], step, step)
        do(np.maximum, step, 0.0, out=step)  # rounding may take a vanishing variance below zero
