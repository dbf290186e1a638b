"""What the worker process can be told, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.graph.model import Graph
from engine.graph.report import Report
from engine.train.order import Order


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A run to start: graph, data source and training settings, the latter two as plain dicts.

    ``weights`` begin it where they fit the graph, the others are drawn; ``state`` is that of an earlier
    :class:`~engine.train.events.Snapshot`. ``paused`` waits before the first step.
    ``report`` is what checking this graph said: the training process then need not load networkx.
    """

    graph: Graph
    source: Mapping[str, Any]
    training: Mapping[str, Any]
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None
    paused: bool = False
    report: Report | None = None

    @property
    def step(self) -> int:
        """The steps done before it, as its ``state`` says."""
        values = self.state.get("values", {}) if self.state else {}
        step = values.get("step", 0) if isinstance(values, Mapping) else 0
        return step if isinstance(step, int) else 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after the step that runs, and wait."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class Step:
    """Do ``count`` steps, or those up to the end of so many ``epochs``, then wait."""

    count: int = 1
    epochs: int = 0

    def steps(self, order: Order) -> int:
        """How many these are from where ``order`` stands."""
        if self.epochs:
            return self.epochs * order.steps_per_epoch - order.position % order.steps_per_epoch
        return max(1, self.count)


@dataclass(frozen=True, slots=True)
class RunUntil:
    """Run, and pause where a condition is met: one of :class:`~engine.train.conditions.Condition` as a plain dict."""

    condition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SlowDown:
    """Do at most so many steps a second, each of them reported; 0 for full speed."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run; the worker then waits for the next job."""


@dataclass(frozen=True, slots=True)
class SetLive:
    """Change a live parameter: the optimizer's by its name ("learning_rate"), a layer's as "node.name"; "batch_size"
    changes when the next epoch begins."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody looks at the weights: report :class:`~engine.train.events.Weights` about every so many seconds, as long
    as that costs next to nothing; 0 ends it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Report a :class:`~engine.train.events.Snapshot` now."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the run, if any, and the process."""


Command = Job | Pause | Resume | Step | RunUntil | SlowDown | Stop | SetLive | Watch | TakeSnapshot | Quit
