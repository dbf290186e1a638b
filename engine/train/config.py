"""Training settings, declared once: inspector, file, command line and help derive from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.params import Bool, Choice, Declared, Float, Int, Variant
from engine.train.optim import Adam, Optimizer
from engine.train.schedule import Constant, Schedule
from engine.train.stopping import MONITORS, EarlyStopping

BATCHING = {
    "mini": "Mini-batches",
    "full": "Full batch: all examples in every step",
    "online": "Online: one example in every step",
}


class TrainingConfig(Declared, title="Training"):
    """How a network is trained. A value; :meth:`to_dict` and :meth:`of` turn it into plain values and back."""

    optimizer = Variant(Adam(), "How gradients become steps of the weights.", family=Optimizer)
    schedule = Variant(Constant(), "How the learning rate changes while training runs.", family=Schedule)
    epochs = Int(20, "Passes over the training data.", low=1, high=10_000_000)
    batching = Choice("mini", "How many examples make one step. Online without shuffling takes them as a stream.",
                      options=BATCHING, advanced=True)
    batch_size = Int(32, "Examples whose mean gradient makes one step. Full batch where it exceeds the data.",
                     low=1, high=10_000_000, live=True)
    shuffle = Bool(True, "Draw a new order of the examples for every epoch.")
    seed = Int(0, "Fixes initial weights, order of the examples and Dropout: the same seed gives the same run.",
               low=0, high=2**31 - 1)
    balance = Bool(False, "Draw the examples of rare classes as often as those of common ones, some of them twice.",
                   label="Balance classes", advanced=True)
    early_stopping = Int(0, "Evaluations without improvement after which the run ends. 0 for never.", low=0,
                         high=1_000_000, unit="evaluations", advanced=True)
    monitor = Choice("loss", "What early stopping watches: of the validation part, where there is one.",
                     options=MONITORS, label="Stop by", advanced=True)
    min_delta = Float(0.0, "What an evaluation must be better by to count as an improvement.", low=0.0, high=1e9,
                      label="Least improvement", advanced=True)
    restore_best = Bool(True, "At the end of a run with early stopping, go back to the weights of the best evaluation.",
                        advanced=True)
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

    def build_schedule(self) -> Schedule:
        """The chosen schedule."""
        return Schedule.from_dict(self.schedule)

    def build_stopping(self) -> EarlyStopping:
        """Early stopping as set."""
        return EarlyStopping(self.early_stopping, self.min_delta, self.monitor, self.restore_best)

    @property
    def keeps_best(self) -> bool:
        """Are the best weights so far kept, to go back to at the end?"""
        return self.early_stopping > 0 and self.restore_best

    def rows_per_step(self, rows: int) -> int:
        """Examples in one step, of ``rows`` in all (at least 1)."""
        if self.batching == "full" or Optimizer.kinds[self.optimizer["kind"]].full_batch:
            return max(1, rows)
        return 1 if self.batching == "online" else max(1, min(self.batch_size, rows))
