"""L-BFGS: the curvature of the loss, guessed from the last steps."""

from __future__ import annotations

from engine.params import Float, Int
from engine.train.optim.base import Optimizer, base_rate


class LBFGS(Optimizer, title="L-BFGS (full batch)"):
    """Newton's method with a curvature guessed from the last gradients, and a line search (Liu & Nocedal 1989).

    Each step makes up to ``max_iter`` iterations, every one a search along −H·g for a point that fulfils Wolfe's
    strong conditions; the loss is computed several times a step, on all examples. PyTorch's algorithm and defaults,
    with ``line_search_fn="strong_wolfe"``, which PyTorch leaves off by default; its ``max_eval`` follows ``max_iter``.
    Layers' learning-rate factors, weight decay and clipping do not apply. Best for small, smooth networks without
    Dropout or BatchNorm.
    """

    full_batch = True
    searches = True
    learning_rate = base_rate(1.0)
    max_iter = Int(20, "Iterations in one step.", low=1, high=1000, label="Iterations a step")
    max_eval = Int(25, "Computations of the loss after which a step ends.", low=2, high=10_000, label="Losses a step",
                   advanced=True)
    history_size = Int(100, "Steps from which the curvature is guessed; each takes twice the memory of the weights.",
                       low=1, high=1000, label="History")
    tolerance_grad = Float(1e-7, "A step ends where no number of the gradient exceeds this.", low=0.0, high=1.0,
                           label="Gradient tolerance", log=True, advanced=True)
    tolerance_change = Float(1e-9, "A step ends where weights or loss change by no more than this.", low=0.0, high=1.0,
                             label="Change tolerance", log=True, advanced=True)

    @property
    def vectors(self) -> int:
        # Pairs of steps and gradient differences; the direction, the start, and the gradients of a search.
        return 2 * self.history_size + 6
