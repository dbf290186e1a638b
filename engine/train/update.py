"""An optimizer at work on one model's weights: its recorded calls, its vectors, its count of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from engine.compute.weights import Group, Weights
from engine.train.optim import Block, Optimizer

#: Weights updated together. Ten passes over a block of this size stay in the processor's cache.
BLOCK = 32_768


class Update:
    """Replays an optimizer's update of every weight; made once, so that a step allocates nothing."""

    def __init__(self, optimizer: Optimizer, weights: Weights) -> None:
        self.optimizer = optimizer
        self.steps = 0
        self._weights = weights
        self._slots = {name: np.zeros_like(weights.values) for name in optimizer.slots}
        self._scratch = np.empty((2, min(BLOCK, weights.values.size)), weights.values.dtype)
        self._scalars: dict[float, dict[str, np.ndarray]] = {}
        self._calls: list[Callable[[], Any]] = []
        self._record()

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return self.optimizer.learning_rate

    def step(self) -> None:
        """Changes the weights once by their gradients."""
        self.steps += 1
        for factor, arrays in self._scalars.items():
            for name, value in self.optimizer.scalars(self.steps, self.learning_rate).items():
                arrays[name][()] = value * factor if name == "rate" else value
        for call in self._calls:
            call()

    def set_live(self, name: str, value: float) -> None:
        """Changes one of the optimizer's parameters; raises ParameterError where the range forbids the value."""
        self.optimizer = self.optimizer.with_value(name, value)
        self._record()  # a momentum or decay that leaves zero needs calls that were not written down

    def _record(self) -> None:
        dtype = self._weights.values.dtype
        names = self.optimizer.scalars(1, self.learning_rate)
        groups = self._weights.groups if self.optimizer.weight_decay else _joined(self._weights.groups)
        self._scalars = {group.factor: {name: np.zeros((), dtype) for name in names} for group in groups}
        self._calls = []
        for group in groups:
            for start in range(group.start, group.stop, BLOCK):
                self.optimizer.record(self._do, self._block(group, start, min(start + BLOCK, group.stop)))

    def _block(self, group: Group, start: int, stop: int) -> Block:
        scratch, for_gradient = self._scratch[:, : stop - start]
        return Block(
            self._weights.values[start:stop],
            self._weights.gradients[start:stop],
            {name: vector[start:stop] for name, vector in self._slots.items()},
            self._scalars[group.factor],
            scratch,
            for_gradient,
            group.decays,
        )

    def _do(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._calls.append(partial(function, *arguments))

    # -- taking up a run again -------------------------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Copies of the optimizer's vectors, "slot:node.name" → 1-D array in the order of storage."""
        return {
            f"{slot}:{segment.key}": vector[segment.start : segment.stop].copy()
            for slot, vector in self._slots.items()
            for segment in self._weights.trainable
        }

    def restore(self, steps: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Takes over the count and every vector that fits; what belongs to new layers starts at zero."""
        self.steps = steps
        for slot, vector in self._slots.items():
            for segment in self._weights.trainable:
                given = arrays.get(f"{slot}:{segment.key}")
                if given is not None and given.shape == (segment.stop - segment.start,):
                    vector[segment.start : segment.stop] = given


def _joined(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Neighbours that differ only in whether they decay as one group: half the calls for a small network."""
    found: list[Group] = []
    for group in groups:
        if found and found[-1].factor == group.factor and found[-1].stop == group.start:
            group = replace(group, start=found.pop().start)
        found.append(group)
    return tuple(found)
