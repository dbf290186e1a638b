"""An optimizer at work on one model's weights: its recorded calls, its vectors, its count of steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from engine.compute.program import Halt
from engine.compute.threads import Lanes
from engine.compute.weights import Group, Weights
from engine.train.max_norm import max_norm_calls
from engine.train.optim import Block, Optimizer

#: Weights updated together. Ten passes over a block of this size stay in the processor's cache.
BLOCK = 32_768
#: Weights that each thread updates between two looks at whether somebody waits: some 10 ms.
STRETCH = 1 << 22
#: Weights from which it pays to wait for another thread that updates some of them.
_WORTH_LANES = 1 << 19
#: Steps between two searches of a weight for numbers so small that processors are slow with them: running means of
#: gradients that have become zero (dead units) fall by a tenth a step and would get there after some 800.
FLUSH_EVERY = 64
#: Numbers below this many times the smallest normal one become zero: 64 steps of a usual mean reach no further.
_FLUSH_BELOW = 2.0**27
#: As in PyTorch's clip_grad_norm_.
_CLIP_EPS = 1e-6

#: Runs a forward and a backward pass over the examples of this step again, and returns the loss.
Again = Callable[[], float]
Call = Callable[[], Any]


class Update:
    """Replays an optimizer's update of every weight; made once, so that a step allocates nothing."""

    def __init__(self, optimizer: Optimizer, weights: Weights, lanes: Lanes | None = None) -> None:
        self.optimizer = optimizer
        self.steps = 0
        #: Multiplies the learning rate: a schedule's share of it.
        self.pace = 1.0
        self._weights = weights
        self._slots = {name: np.zeros_like(weights.values) for name in optimizer.slots}
        for name, vector in self._slots.items():
            if optimizer.first(name):
                vector.fill(optimizer.first(name))
        self._lanes = lanes or Lanes(1)
        self._shared_by = self._lanes.count if weights.values.size >= _WORTH_LANES else 1
        # Threads that share an update hold one another up between calls: they make fewer and longer ones.
        self._block_size = BLOCK if self._shared_by == 1 else 4 * BLOCK
        self._scratch = np.empty((self._shared_by, 3, min(self._block_size, weights.values.size)), weights.values.dtype)
        self._clip = np.ones((), weights.values.dtype)
        self._scalars: dict[float, dict[str, np.ndarray]] = {}
        self._stretches: list[list[Call]] = []
        self._left: list[list[Call]] = []
        self._flushing = self._flush_calls()
        self._record()

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return self.optimizer.learning_rate * self.pace

    def step(self, loss: float = 0.0, again: Again | None = None, stop: Halt | None = None) -> None:
        """Changes the weights once by their gradients. ``loss`` and ``again`` are for an optimizer that compares
        losses: that of the pass just made, and how to make the same pass with other weights.

        Where ``stop`` says so in between, it returns with the update unfinished: weights and vectors mean nothing until
        :meth:`finish`."""
        self.steps += 1
        if self.optimizer.norm_limits[0]:
            self._clip[()] = self._clipping(self.optimizer.norm_limits[0])
        for factor, arrays in self._scalars.items():
            for name, value in self.optimizer.scalars(self.steps, self.learning_rate * factor).items():
                arrays[name][()] = value
        self._left = [self._flushing[self.steps % FLUSH_EVERY], *reversed(self._stretches)]
        self._go_on(stop)

    @property
    def is_unfinished(self) -> bool:
        """Has the last step been stopped in the middle of the update?"""
        return bool(self._left)

    def finish(self, stop: Halt | None = None) -> None:
        """Does what is left of the last step's update, if anything, as far as ``stop`` lets it."""
        self._go_on(stop)

    def _go_on(self, stop: Halt | None) -> None:
        while self._left:
            for call in self._left.pop():
                call()
            if stop is not None and stop():
                return

    def _clipping(self, limit: float) -> float:
        gradient = self._weights.gradients
        norm = math.sqrt(gradient.dot(gradient))
        if not math.isfinite(norm):  # the square of a float32 overflows far below the largest float32
            norm = float(np.linalg.norm(gradient.astype(np.float64)))
        return min(1.0, limit / (norm + _CLIP_EPS))

    def set_live(self, name: str, value: float) -> None:
        """Changes one of the optimizer's parameters; raises ParameterError where the range forbids the value."""
        self.optimizer = self.optimizer.with_value(name, value)
        self._record()  # a momentum or decay that leaves zero needs calls that were not written down

    # -- writing down ----------------------------------------------------------------------------------------

    def _record(self) -> None:
        dtype = self._weights.values.dtype
        names = self.optimizer.scalars(1, self.learning_rate)
        groups = self._weights.groups if self.optimizer.decay else _joined(self._weights.groups)
        self._scalars = {group.factor: {name: np.zeros((), dtype) for name in names} for group in groups}
        size = self._block_size
        pieces = [(group, start, min(start + size, group.stop))
                  for group in groups for start in range(group.start, group.stop, size)]
        together = STRETCH // size * self._shared_by
        self._stretches = [self._stretch(pieces[i : i + together]) for i in range(0, len(pieces), together)]
        if self.optimizer.norm_limits[1]:
            self._stretches += max_norm_calls(self._weights, self.optimizer.norm_limits[1])

    def _stretch(self, pieces: list[tuple[Group, int, int]]) -> list[Call]:
        count = self._shared_by
        parts = [self._recorded(pieces[i * len(pieces) // count : (i + 1) * len(pieces) // count], self._scratch[i])
                 for i in range(count)]
        return [partial(self._lanes.run, parts)] if count > 1 else parts[0]

    def _recorded(self, pieces: list[tuple[Group, int, int]], working_space: np.ndarray) -> list[Call]:
        calls: list[Call] = []

        def do(function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
            calls.append(partial(function, *arguments, **named))

        for group, start, stop in pieces:
            self.optimizer.record(do, self._block(group, start, stop, working_space))
        return calls

    def _block(self, group: Group, start: int, stop: int, working_space: np.ndarray) -> Block:
        scratch, for_gradient, other = working_space[:, : stop - start]
        return Block(
            self._weights.values[start:stop],
            self._weights.gradients[start:stop],
            {name: vector[start:stop] for name, vector in self._slots.items()},
            {**self._scalars[group.factor], "clip": self._clip},
            scratch,
            for_gradient,
            other,
            group.decays,
        )

    def _flush_calls(self) -> list[list[Call]]:
        """For each of :data:`FLUSH_EVERY` steps its share of the weights, with all that belongs to them: a large
        network at once takes long."""
        values = self._weights.values
        tiny = float(np.finfo(values.dtype).tiny) * _FLUSH_BELOW
        turns: list[list[Call]] = [[] for _ in range(FLUSH_EVERY)]
        for number, start in enumerate(range(0, values.size, BLOCK)):
            for vector in (values, *self._slots.values()):
                part = vector[start : start + BLOCK]
                kept = self._scratch[0, 0, : part.size]
                turns[number % FLUSH_EVERY] += [partial(np.abs, part, kept), partial(np.greater, kept, tiny, kept),
                                                partial(np.multiply, part, kept, part)]
        return turns

    # -- taking up a run again -------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Plain values besides :meth:`arrays` from which :meth:`restore` goes on."""
        return {"steps": self.steps}

    def vectors(self) -> dict[str, np.ndarray]:
        """What the optimizer remembers, by name: vectors as long as the weights."""
        return self._slots

    def arrays(self, copy: bool = True) -> dict[str, np.ndarray]:
        """The optimizer's vectors, "slot:node.name" → 1-D array in the order of storage; without ``copy`` they are
        those it goes on with, for when it does not."""
        return {
            f"{slot}:{segment.key}": np.array(vector[segment.start : segment.stop], copy=copy or None)
            for slot, vector in self.vectors().items()
            for segment in self._weights.trainable
        }

    def restore(self, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Takes over the count and every vector that fits; what belongs to new layers starts anew."""
        self.steps = int(values["steps"])
        self._take_over(self._slots, arrays)

    def _take_over(self, vectors: Mapping[str, np.ndarray], arrays: Mapping[str, np.ndarray]) -> bool:
        """Copies what fits; returns whether all of it was there."""
        complete = True
        for slot, vector in vectors.items():
            for segment in self._weights.trainable:
                given = arrays.get(f"{slot}:{segment.key}")
                if given is not None and given.shape == (segment.stop - segment.start,):
                    vector[segment.start : segment.stop] = given
                else:
                    complete = False
        return complete


def _joined(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Neighbours that differ only in whether they decay as one group: half the calls for a small network."""
    found: list[Group] = []
    for group in groups:
        if found and found[-1].factor == group.factor and found[-1].stop == group.start:
            group = replace(group, start=found.pop().start)
        found.append(group)
    return tuple(found)
