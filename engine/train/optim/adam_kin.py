"""Relatives of Adam: NAdam, RAdam and AdaMax."""

from __future__ import annotations

import math

import numpy as np

from engine.params import Float
from engine.train.optim.adam import AdamFamily
from engine.train.optim.base import Block, Do, base_rate


class NAdam(AdamFamily, title="NAdam"):
    """Adam with Nesterov's look ahead (Dozat 2016): the present gradient counts for more than the running mean.

    With μₜ = β₁(1 − ½·0.96^(t·ψ)) and Pₜ = μ₁⋯μₜ, w ← w − η·(μₜ₊₁·m/(1 − Pₜ₊₁) + (1 − μₜ)·g/(1 − Pₜ))/(√v̂ + ε).
    Weight decay is L2, inside the gradient. PyTorch's form and defaults; Keras's learning rate is 0.001.
    """

    learning_rate = base_rate(0.002)
    momentum_decay = Float(0.004, "How slowly the momentum μ rises to β₁ over the steps.", low=0.0, high=1.0,
                           label="ψ", advanced=True)

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """With c from :meth:`correction`, the step is A·(g + (B/A)·M)/(√V + ε/c), where A = η(1 − μₜ)/(1 − Pₜ)/c and
        B = η·μₜ₊₁(1 − β₁)/(1 − Pₜ₊₁)/c."""
        c, now, ahead = self.correction(step), self._momentum(step), self._momentum(step + 1)
        product = self._product(step)
        share = (1.0 - now) / (1.0 - product)
        return {
            **super().scalars(step, rate),
            "rate": rate * share / c,
            "lead": ahead * (1.0 - self.beta1) / (1.0 - product * ahead) / share,
            "eps": self.eps / c,
        }

    def _momentum(self, step: int) -> float:
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (step * self.momentum_decay))

    def _product(self, step: int) -> float:
        """Pₜ, from the product of the step before where that is known; always in the same order, so that a run taken
        up again has the same bits."""
        known, product = vars(self).get("_known", (0, 1.0))
        if known > step:
            known, product = 0, 1.0
        while known < step and product > 0.0:
            known += 1
            product *= self._momentum(known)
        vars(self)["_known"] = (step, product)
        return product

    def record(self, do: Do, block: Block) -> None:
        g, mean = self._gradient(do, block), block.slots["mean"]
        step, lead = block.scratch, block.other
        self._record_moments(do, block, g)
        do(np.multiply, mean, block.scalars["lead"], lead)
        do(np.add, lead, g, lead)
        do(np.sqrt, block.slots["square"], step)
        do(np.add, step, block.scalars["eps"], step)
        do(np.divide, lead, step, step)
        do(np.multiply, step, block.scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class RAdam(AdamFamily, title="RAdam"):
    """Adam that waits with its paces until enough squares are known to trust them (Liu et al. 2020).

    With ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ): where ρ > 5, w ← w − η·r·m̂·√(1 − β₂ᵗ)/(√v + ε) with
    r = √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)); before, w ← w − η·m̂. Weight decay is L2, inside the gradient.
    PyTorch's form and defaults; the paper trusts its paces from ρ > 4 on, and has no ε.
    """

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """"scale" and "shift" choose between the two: the step is A·M/(scale·(√V + ε/√(1 − β₂)) + shift)."""
        forgotten = self.beta2**step
        longest = 2.0 / (1.0 - self.beta2) - 1.0
        length = longest - 2.0 * step * forgotten / (1.0 - forgotten)
        rate *= (1.0 - self.beta1) / (1.0 - self.beta1**step)
        trusted = length > 5.0
        if trusted:
            spread = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
            rate *= math.sqrt(spread * (1.0 - forgotten) / (1.0 - self.beta2))
        return {
            **super().scalars(step, rate),
            "eps": self.eps / math.sqrt(1.0 - self.beta2),
            "scale": float(trusted),
            "shift": float(not trusted),
        }

    def record(self, do: Do, block: Block) -> None:
        step, scalars = block.scratch, block.scalars
        self._record_moments(do, block, self._gradient(do, block))
        do(np.sqrt, block.slots["square"], step)
        do(np.add, step, scalars["eps"], step)
        do(np.multiply, step, scalars["scale"], step)
        do(np.add, step, scalars["shift"], step)
        do(np.divide, block.slots["mean"], step, step)
        do(np.multiply, step, scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class AdaMax(AdamFamily, title="AdaMax"):
    """Adam that divides by the largest recent gradient instead of a root mean square (Kingma & Ba 2015).

    u ← max(β₂u, |g| + ε); w ← w − η/(1 − β₁ᵗ)·m/u. Weight decay is L2, inside the gradient. PyTorch's form; Keras
    adds ε below the line instead, and has the learning rate 0.001.
    """

    learning_rate = base_rate(0.002)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "largest")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        rate *= (1.0 - self.beta1) / (1.0 - self.beta1**step)
        return {**super().scalars(step, rate), "eps": self.eps}

    def record(self, do: Do, block: Block) -> None:
        g, step, scalars = self._gradient(do, block), block.scratch, block.scalars
        mean, largest = block.slots["mean"], block.slots["largest"]
        do(np.multiply, mean, scalars["beta1"], mean)
        do(np.add, mean, g, mean)
        do(np.abs, g, step)
        do(np.add, step, scalars["eps"], step)
        do(np.multiply, largest, scalars["beta2"], largest)
        do(np.maximum, largest, step, out=largest)
        do(np.divide, mean, largest, step)
        do(np.multiply, step, scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)
