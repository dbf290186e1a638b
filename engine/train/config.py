"""Training settings, declared once: inspector, file, command line and help derive from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.params import Bool, Declared, Int, Variant
from engine.train.optim import Adam, Optimizer


class TrainingConfig(Declared, title="Training"):
    """How a network is trained. A value; :meth:`to_dict` and :meth:`of` turn it into plain values and back."""

    optimizer = Variant(Adam(), "How gradients become steps of the weights.", family=Optimizer)
    epochs = Int(20, "Passes over the training data.", low=1, high=10_000_000)
    batch_size = Int(32, "Examples whose mean gradient makes one step. Full batch where it exceeds the data.",
                     low=1, high=10_000_000)
    shuffle = Bool(True, "Draw a new order of the examples for every epoch.")
    seed = Int(0, "Fixes initial weights, order of the examples and Dropout: the same seed gives the same run.",
               low=0, high=2**31 - 1)
    evaluate_every = Int(1, "Epochs between two evaluations. Short epochs are gathered: at least 50 steps lie between.",
                         low=1, high=10_000_000, unit="epochs", advanced=True)
    evaluation_batch = Int(256, "Most examples evaluated at a time: affects speed and memory only.", low=1,
                           high=1_000_000, advanced=True)
    threads = Int(0, "Processor threads for matrix products; 0 leaves one core to the window. The same number "
                  "gives the same run to the last bit.", low=0, high=1024, advanced=True)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> TrainingConfig:
        """The settings that :meth:`to_dict` wrote; missing ones take their defaults.

        Raises :class:`~engine.params.ParameterError` where a value is unknown or out of its range.
        """
        return cls(**{name: value for name, value in stored.items() if name != "kind"})

    def build_optimizer(self) -> Optimizer:
        """The chosen optimizer."""
        return Optimizer.from_dict(self.optimizer)
