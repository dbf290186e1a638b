"""Adam and AdamW: each weight has a pace of its own."""

from __future__ import annotations

import math

import numpy as np

from engine.params import Bool
from engine.train.optim.base import Block, Decoupled, Do, FirstOrder, decoupled_decay, running_share, small_term


class AdamFamily(FirstOrder):
    """What optimizers with running means of the gradient and of its square share.

    The slots hold M = m/(1 − β₁) and V = v/(1 − β₂), where m and v are the means as they are written in papers: that
    saves two multiplications a weight, M ← β₁M + g and V ← β₂V + g².
    """

    beta1 = running_share(0.9, "the gradient's running mean", "β₁")
    beta2 = running_share(0.999, "the squared gradient's running mean", "β₂")
    eps = small_term(1e-8)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "square")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate), "beta1": self.beta1, "beta2": self.beta2}

    def correction(self, step: int) -> float:
        """c with √v̂ = c·√V, where v̂ = v/(1 − β₂ᵗ) is free of the mean's beginning at zero."""
        return math.sqrt((1.0 - self.beta2) / (1.0 - self.beta2**step))

    def _record_moments(self, do: Do, block: Block, g: np.ndarray) -> None:
        mean, square, step = block.slots["mean"], block.slots["square"], block.scratch
        do(np.multiply, mean, block.scalars["beta1"], mean)
        do(np.add, mean, g, mean)
        do(np.multiply, g, g, step)
        do(np.multiply, square, block.scalars["beta2"], square)
        do(np.add, square, step, square)


class Adam(AdamFamily, title="Adam"):
    """Gives each weight a pace of its own, from running means of its gradient and of its square (Kingma & Ba 2015).

    m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
    AMSGrad (Reddi et al. 2018) has the largest v so far in place of v. Weight decay is L2, inside the gradient, as
    in PyTorch's Adam. Keras has ε = 1e-7.
    """

    amsgrad = Bool(False, "AMSGrad: divide by the largest mean square so far, so that steps never grow again.",
                   label="AMSGrad", advanced=True)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "square", "largest") if self.amsgrad else ("mean", "square")

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """With √v̂ = c·√V, η·m̂/(√v̂ + ε) = A·M/(√V + ε/c) where A = η(1 − β₁)/(1 − β₁ᵗ)/c."""
        c = self.correction(step)
        return {
            **super().scalars(step, rate),
            "rate": rate * (1.0 - self.beta1) / (1.0 - self.beta1**step) / c,
            "eps": self.eps / c,
        }

    def record(self, do: Do, block: Block) -> None:
        step, square = block.scratch, block.slots["square"]
        self._record_moments(do, block, self._gradient(do, block))
        if self.amsgrad:
            largest = block.slots["largest"]
            do(np.maximum, largest, square, out=largest)
            square = largest
        do(np.sqrt, square, step)
        do(np.add, step, block.scalars["eps"], step)
        do(np.divide, block.slots["mean"], step, step)
        do(np.multiply, step, block.scalars["rate"], step)
        do(np.subtract, block.w, step, block.w)


class AdamW(Decoupled, Adam, title="AdamW"):
    """Adam with weight decay apart from the gradient, so that it is not divided by √v̂ (Loshchilov & Hutter 2019).

    w ← (1 − η·λ)·w before Adam's step: decay follows the schedule of the learning rate, as in PyTorch; the paper
    scales it by the schedule alone, not by η. Keras has λ = 0.004 and ε = 1e-7.
    """

    weight_decay = decoupled_decay(0.01)
