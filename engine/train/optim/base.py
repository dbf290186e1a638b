"""What an optimizer is: one class that declares its parameters and writes down its update.

An optimizer is a value. What changes while it works (moments, step count) is held by
:class:`engine.train.update.Update`, which asks ``record`` once for the NumPy calls of one update of one block of
weights and replays them after every backward pass. Names and defaults are PyTorch's, but ``lr`` reads
``learning_rate`` and ``betas`` are ``beta1`` and ``beta2``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.params import Declared, Float

Do = Callable[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A run of weights that are updated together; all arrays are 1-D and equally long.

    ``scalars`` are 0-d arrays of the weights' dtype, refreshed before each update from :meth:`Optimizer.scalars`,
    and "clip", the factor that clipping by norm asks for.
    """

    w: np.ndarray
    #: ∂L/∂w, to be read only.
    g: np.ndarray
    slots: Mapping[str, np.ndarray]
    scalars: Mapping[str, np.ndarray]
    #: Memory that others use too, before and after.
    scratch: np.ndarray
    scratch_for_gradient: np.ndarray
    other: np.ndarray
    #: Does weight decay apply to these weights?
    decays: bool


class Optimizer(Declared):
    """Turns gradients into steps of the weights."""

    #: Does a step need the gradient of all examples, not of a batch?
    full_batch: ClassVar[bool] = False
    #: Does a step compute the loss several times?
    searches: ClassVar[bool] = False
    renamed = {"lr": "learning_rate"}

    learning_rate = Float(
        0.001, "Scales every step. Too high and the loss jumps or explodes, too low and it creeps.",
        low=0.0, high=1000.0, log=True, live=True,
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # The learning rate is what a person looks for first, whatever else the optimizer declares.
        cls.parameters = dict(sorted(cls.parameters.items(), key=lambda item: item[0] != "learning_rate"))

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the vectors, as long as the weights, that the optimizer keeps between steps."""
        return ()

    @property
    def vectors(self) -> int:
        """How many numbers the optimizer keeps for each weight: what a memory plan counts."""
        return len(self.slots)

    def first(self, slot: str) -> float:
        """What every number of a slot is before the first step."""
        return 0.0

    @property
    def decay(self) -> float:
        """Weight decay, in whichever sense the optimizer has it."""
        return 0.0

    @property
    def norm_limits(self) -> tuple[float, float]:
        """The largest norm of the whole gradient, and that of one unit's incoming weights; 0 for none."""
        return 0.0, 0.0

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        """The numbers of update ``step`` (from 1) under the learning rate ``rate`` (schedule and the layer's own
        factor are in it)."""
        return {"rate": rate}

    def record(self, do: Do, block: Block) -> None:
        """Writes down the calls that update ``block`` once."""
        raise NotImplementedError(self.kind)

    def with_value(self, name: str, value: Any) -> Optimizer:
        """The same optimizer with one parameter changed. Raises :class:`~engine.params.ParameterError`."""
        return type(self)(**{**self.values, name: value})


class FirstOrder(Optimizer):
    """An optimizer that goes by the gradient of a batch: it may be clipped, and weights may decay or be held.

    Clipping comes first (by norm, then by value), then the L2 term, as when PyTorch's ``clip_grad_norm_`` and
    ``clip_grad_value_`` are called before the step. What plots show is the gradient before.
    """

    weight_decay = Float(
        0.0, "Pulls weights towards zero: adds this share of each weight to its gradient (L2). Biases are spared.",
        low=0.0, high=1000.0, live=True,
    )
    clip_norm = Float(
        0.0, "Scales the gradient down where the norm of all of it exceeds this: against explosions. 0 for off.",
        low=0.0, high=1e9, label="Clip norm at", live=True, advanced=True)
    clip_value = Float(
        0.0, "Holds every number of the gradient between − and + this. 0 for off.",
        low=0.0, high=1e9, label="Clip values at", live=True, advanced=True)
    max_norm = Float(
        0.0, "Scales a unit's incoming weights down where their norm exceeds this, after every step. Biases are "
        "spared. 0 for off.", low=0.0, high=1e9, label="Max-norm of a unit", live=True, advanced=True)

    @property
    def decay(self) -> float:
        return self.weight_decay

    @property
    def norm_limits(self) -> tuple[float, float]:
        return self.clip_norm, self.max_norm

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {"rate": rate, "weight_decay": self.weight_decay}

    def _clipped(self, do: Do, block: Block) -> np.ndarray:
        """The gradient as far as clipping allows; the gradient itself, uncopied, where it is off."""
        g, held = block.g, block.scratch_for_gradient
        if self.clip_norm:
            do(np.multiply, g, block.scalars["clip"], held)
            g = held
        if self.clip_value:
            do(np.maximum, g, -self.clip_value, out=held)
            do(np.minimum, held, self.clip_value, out=held)
            g = held
        return g

    def _gradient(self, do: Do, block: Block) -> np.ndarray:
        """The gradient to go by: clipped, and with the L2 term in it."""
        g = self._clipped(do, block)
        if not (block.decays and self.weight_decay):
            return g
        do(np.multiply, block.w, block.scalars["weight_decay"], block.other)
        do(np.add, block.other, g, block.scratch_for_gradient)
        return block.scratch_for_gradient


class Decoupled(FirstOrder):
    """A first-order optimizer whose weights shrink by themselves, apart from the gradient: w ← (1 − η·λ)·w."""

    def scalars(self, step: int, rate: float) -> dict[str, float]:
        return {**super().scalars(step, rate), "keep": 1.0 - rate * self.weight_decay}

    def _gradient(self, do: Do, block: Block) -> np.ndarray:
        if block.decays and self.weight_decay:
            do(np.multiply, block.w, block.scalars["keep"], block.w)
        return self._clipped(do, block)


def decoupled_decay(default: float) -> Float:
    """The parameter of an optimizer that shrinks weights apart from their gradients."""
    return Float(
        default, "Shrinks weights by this share of each, times the learning rate, apart from the gradient. Biases are "
        "spared.", low=0.0, high=1000.0, live=True)


def running_share(default: float, what: str, label: str) -> Float:
    """The share of a running mean that is kept at every step. Not live: means so far were scaled by it."""
    return Float(default, f"Share of {what} that is kept.", low=0.0, high=1.0, open_high=True, label=label,
                 advanced=True)


def small_term(default: float) -> Float:
    """ε: what keeps a division finite."""
    return Float(default, "Keeps the division finite where gradients vanish.", low=0.0, high=1.0, open_low=True,
                 label="ε", log=True, live=True, advanced=True)


def base_rate(default: float) -> Float:
    """The learning rate of an optimizer whose customary one is not that of the others."""
    known = Optimizer.parameters["learning_rate"]
    return Float(default, known.help, low=0.0, high=1000.0, log=True, live=True)
