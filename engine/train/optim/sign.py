"""Lion and Rprop: steps whose size does not depend on the gradient's."""

from __future__ import annotations

import numpy as np

from engine.params import Float
from engine.train.optim.base import Block, Decoupled, Do, Optimizer, base_rate, decoupled_decay, running_share


class Lion(Decoupled, title="Lion"):
    """Steps by the sign of a mixture of momentum and gradient: every weight moves equally far (Chen et al. 2023).

    w ← (1 − η·λ)·w − η·sign(β₁m + (1 − β₁)g), then m ← β₂m + (1 − β₂)g. Weight decay is apart from the gradient.
    Takes a learning rate three to ten times smaller than Adam's. PyTorch has no Lion; defaults are the authors'.
    """

    learning_rate = base_rate(1e-4)
    weight_decay = decoupled_decay(0.0)
    beta1 = running_share(0.9, "the momentum in the step's direction", "β₁")
    beta2 = running_share(0.99, "the momentum", "β₂")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",)

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate), "beta1": self.beta1, "beta2": self.beta2}

    def record(self, do: Do, block: Block) -> None:
        g, step, m = self._gradient(do, block), block.scratch, block.slots["momentum"]
        # β·m + (1 − β)·g = β·(m − g) + g
        for beta, out in ((block.scalars["beta1"], step), (block.scalars["beta2"], m)):
            do(np.subtract, m, g, out)
            do(np.multiply, out, beta, out)
            do(np.add, out, g, out)
        do(np.sign, step, step)
        do(np.multiply, step, block.scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class Rprop(Optimizer, title="Rprop (full batch)"):
    """Each weight has a step of its own, which grows while its gradient keeps its sign and shrinks when it turns.

    Riedmiller & Braun 1993, the variant of PyTorch: where the sign turned, the weight stays and its next gradient
    counts as new. Only signs matter, so the gradient must be that of all examples. The learning rate is the first
    step; a schedule and a layer's factor scale the steps as they are made.
    """

    full_batch = True
    learning_rate = Float(0.01, "The first step of every weight.", low=0.0, high=1000.0, open_low=True, log=True)
    eta_minus = Float(0.5, "What a step is multiplied by when the gradient's sign turns.", low=0.0, high=1.0,
                      open_low=True, open_high=True, label="η−", advanced=True)
    eta_plus = Float(1.2, "What a step is multiplied by while the gradient keeps its sign.", low=1.0, high=10.0,
                     open_low=True, label="η+", advanced=True)
    smallest = Float(1e-6, "The smallest step.", low=0.0, high=1.0, label="Smallest step", log=True, advanced=True)
    largest = Float(50.0, "The largest step.", low=0.0, high=1e6, open_low=True, label="Largest step", log=True,
                    advanced=True)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("size", "previous")

    def first(self, slot: str) -> float:
        return self.learning_rate if slot == "size" else 0.0

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {"rate": rate / self.learning_rate}

    def record(self, do: Do, block: Block) -> None:
        """With the sign σ of present times previous gradient, the factor 1, η+ or η− is 1 + aσ + bσ²."""
        size, previous = block.slots["size"], block.slots["previous"]
        turned, factor = block.scratch, block.other
        rising, falling = self.eta_plus - 1.0, self.eta_minus - 1.0
        do(np.multiply, block.g, previous, turned)
        do(np.sign, turned, turned)
        do(np.multiply, turned, (rising + falling) / 2.0, factor)
        do(np.add, factor, (rising - falling) / 2.0, factor)
        do(np.multiply, factor, turned, factor)
        do(np.add, factor, 1.0, factor)
        do(np.multiply, size, factor, size)
        do(np.maximum, size, self.smallest, out=size)
        do(np.minimum, size, self.largest, out=size)
        # 0 where the sign turned, else 1: such a gradient neither moves its weight nor is remembered.
        do(np.minimum, turned, 0.0, out=turned)
        do(np.add, turned, 1.0, turned)
        do(np.multiply, block.g, turned, previous)
        do(np.sign, previous, turned)
        do(np.multiply, turned, size, turned)
        do(np.multiply, turned, block.scalars["rate"], turned)
        do(np.subtract, block.w, turned, block.w)
