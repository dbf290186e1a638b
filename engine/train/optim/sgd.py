"""Gradient descent, plain and with momentum."""

from __future__ import annotations

import numpy as np

from engine.params import Bool, Float
from engine.train.optim.base import Block, Do, FirstOrder


class SGD(FirstOrder, title="SGD"):
    """Steps against the gradient; with momentum it steps against a decaying sum of the gradients so far.

    b ← μ·b + g; w ← w − η·b, and with Nesterov's look ahead w ← w − η·(g + μ·b). PyTorch's form: η is outside the
    sum (Sutskever et al. 2013 and Keras have it inside, which differs once η changes). Dampening is left out.
    Weight decay is L2, inside the gradient.
    """

    momentum = Float(
        0.0, "Share μ of the last step's direction that is kept. 0.9 is usual.",
        low=0.0, high=1.0, open_high=True, live=True,
    )
    nesterov = Bool(False, "Look ahead: take the gradient's share after the momentum's (needs momentum).")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",)

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate), "momentum": self.momentum}

    def record(self, do: Do, block: Block) -> None:
        g, step = self._gradient(do, block), block.scratch
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
