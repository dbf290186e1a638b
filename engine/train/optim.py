"""Optimizers: each one class that declares its parameters and writes down its update.

An optimizer is a value. What changes while it works (moments, step count) is held by
:class:`engine.train.update.Update`, which asks ``record`` once for the NumPy calls of one update of one block of
weights and replays them after every backward pass. Names and defaults are PyTorch's, but ``lr`` reads
``learning_rate`` and ``betas`` are ``beta1`` and ``beta2``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.params import Bool, Declared, Float

Do = Callable[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A run of weights that are updated together; all arrays are 1-D and equally long.

    ``scalars`` are 0-d arrays of the weights' dtype, refreshed before each update from :meth:`Optimizer.scalars`.
    """

    w: np.ndarray
    #: ∂L/∂w, to be read only.
    g: np.ndarray
    slots: Mapping[str, np.ndarray]
    scalars: Mapping[str, np.ndarray]
    #: Memory that others use too, before and after.
    scratch: np.ndarray
    scratch_for_gradient: np.ndarray
    #: Does weight decay apply to these weights?
    decays: bool


class Optimizer(Declared):
    """Turns gradients into steps of the weights."""

    #: Names of the vectors, as long as the weights and zero at first, that the optimizer keeps between steps.
    slots: ClassVar[tuple[str, ...]] = ()
    renamed = {"lr": "learning_rate"}

    learning_rate = Float(
        0.001, "Scales every step. Too high and the loss jumps or explodes, too low and it creeps.",
        low=0.0, high=1000.0, log=True, live=True,
    )
    weight_decay = Float(
        0.0, "Pulls weights towards zero: adds this share of each weight to its gradient (L2). Biases are spared.",
        low=0.0, high=1000.0, live=True,
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # The learning rate is what a person looks for first, whatever else the optimizer declares.
        cls.parameters = dict(sorted(cls.parameters.items(), key=lambda item: item[0] != "learning_rate"))

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """The numbers of update ``step`` (from 1) under the learning rate ``rate``.

        "rate" multiplies what is taken off the weights; :class:`~engine.train.update.Update` further multiplies it
        by the layer's learning-rate factor.
        """
        return {"rate": rate, "weight_decay": self.weight_decay}

    def record(self, do: Do, block: Block) -> None:
        """Writes down the calls that update ``block`` once."""
        raise NotImplementedError(self.kind)

    def with_value(self, name: str, value: Any) -> Optimizer:
        """The same optimizer with one parameter changed. Raises :class:`~engine.params.ParameterError`."""
        return type(self)(**{**self.values, name: value})

    def _decayed(self, do: Do, block: Block) -> np.ndarray:
        """The gradient with the L2 term in it; the gradient itself, uncopied, where nothing is added."""
        if not (block.decays and self.weight_decay):
            return block.g
        total = block.scratch_for_gradient
        do(np.multiply, block.w, block.scalars["weight_decay"], total)
        do(np.add, total, block.g, total)
        return total


class SGD(Optimizer, title="SGD"):
    """Steps against the gradient; with momentum it steps against a decaying sum of the gradients so far.

    b ← μ·b + g; w ← w − η·b, and with Nesterov's look ahead w ← w − η·(g + μ·b). PyTorch's form: η is outside the
    sum (Sutskever et al. 2013 and Keras have it inside, which differs once η changes). Dampening is left out.
    """

    slots = ("momentum",)
    momentum = Float(
        0.0, "Share μ of the last step's direction that is kept. 0.9 is usual.",
        low=0.0, high=1.0, open_high=True, live=True,
    )
    nesterov = Bool(False, "Look ahead: take the gradient's share after the momentum's (needs momentum).")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate), "momentum": self.momentum}

    def record(self, do: Do, block: Block) -> None:
        g, step = self._decayed(do, block), block.scratch
        if self.momentum:
            b, momentum = block.slots["momentum"], block.scalars["momentum"]
            do(np.multiply, b, momentum, b)
            do(np.add, b, g, b)
            if self.nesterov:
                do(np.multiply, b, momentum, step)
                do(np.add, step, g, step)
                g = step
            else:
                g = b
        do(np.multiply, g, block.scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class Adam(Optimizer, title="Adam"):
    """Gives each weight a pace of its own, from running means of its gradient and of its square (Kingma & Ba 2015).

    m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
    Weight decay is L2, inside the gradient, as in PyTorch's Adam.
    """

    slots = ("mean", "square")
    beta1 = Float(0.9, "Share of the gradient's running mean that is kept.", low=0.0, high=1.0, open_high=True,
                  label="β₁", live=True, advanced=True)
    beta2 = Float(0.999, "Share of the squared gradient's running mean that is kept.", low=0.0, high=1.0,
                  open_high=True, label="β₂", live=True, advanced=True)
    eps = Float(1e-8, "Keeps the division finite where gradients vanish.", low=0.0, high=1.0, open_low=True,
                label="ε", log=True, live=True, advanced=True)

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """The slots hold M = m/(1 − β₁) and V = v/(1 − β₂), which saves two multiplications a weight.

        With c = √((1 − β₂)/(1 − β₂ᵗ)) we have √v̂ = c·√V, so η·m̂/(√v̂ + ε) = A·M/(√V + ε/c) where
        A = η(1 − β₁)/(1 − β₁ᵗ)/c.
        """
        c = math.sqrt((1.0 - self.beta2) / (1.0 - self.beta2**step))
        return {
            **super().scalars(step, rate),
            "rate": rate * (1.0 - self.beta1) / (1.0 - self.beta1**step) / c,
            "beta1": self.beta1,
            "beta2": self.beta2,
            "eps": self.eps / c,
        }

    def record(self, do: Do, block: Block) -> None:
        g, step, scalars = self._decayed(do, block), block.scratch, block.scalars
        mean, square = block.slots["mean"], block.slots["square"]
        do(np.multiply, mean, scalars["beta1"], mean)
        do(np.add, mean, g, mean)
        do(np.multiply, g, g, step)
        do(np.multiply, square, scalars["beta2"], square)
        do(np.add, square, step, square)
        do(np.sqrt, square, step)
        do(np.add, step, scalars["eps"], step)
        do(np.divide, mean, step, step)
        do(np.multiply, step, scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)
