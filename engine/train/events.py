"""What a training run reports, as values: the one vocabulary of window, command line and tests.

Events cross the pipe between the worker process and the window; nothing ever stores them. A step is counted when
its update is done: the first is step 1. Epochs are counted from 1. Steps are reported some thirty times a second; what
was evaluated meanwhile follows them, so that an evaluation never comes before the curve it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.issues import Issue


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """The worker process has started and waits for a job."""

    pid: int


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """A run begins. ``step`` is the number of steps done before (0, or where an earlier run was taken up).

    ``weight_keys`` ("node.name") name the columns of :attr:`Steps.gradient_norms`, ``flow_nodes`` the entries of
    :attr:`Steps.flow`; ``notes`` are sentences the person should read.
    """

    total_steps: int
    steps_per_epoch: int
    epochs: int
    batch_size: int
    weight_keys: tuple[str, ...]
    flow_nodes: tuple[str, ...]
    parameters: int
    step: int = 0
    threads: int = 1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """k consecutive steps, gathered to display rate.

    Where the reader falls far behind, every other step is left out; ``step`` says which are there.
    """

    #: (k,) int64, the number of each step.
    step: np.ndarray
    #: (k,) float32, the total loss of the step's batch before its update.
    loss: np.ndarray
    #: (k,) float32, the share of the batch told right; NaN where it was not measured or means nothing.
    accuracy: np.ndarray
    #: (k,) float32
    learning_rate: np.ndarray
    #: (k, weights) float32, ‖∂L/∂W‖₂ of each weight array, in the order of :attr:`Started.weight_keys`.
    gradient_norms: np.ndarray
    #: (flow_nodes,) float32, mean |∂L/∂output| in the last of the steps; NaN where it was not measured.
    flow: np.ndarray
    epoch: int
    steps_per_second: float
    #: Seconds of training since the run began, pauses left out.
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """Loss and metrics of the network as it stands after ``step``, in inference mode.

    The training part is represented by a fixed random sample where it is large; validation values are NaN and {}
    where nothing is held back.
    """

    step: int
    epoch: int
    train_loss: float
    train_metrics: Mapping[str, float]
    val_loss: float
    val_metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How numbers are spread: ``counts`` (64,) int64 in equal bins from ``low`` to ``high``."""

    low: float
    high: float
    counts: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class WeightStatistics:
    """One weight array of a layer before an update; ``key`` is "node.name".

    ``gradient_norm`` is that of the whole array; the rest is of evenly spaced numbers of an array that is large.
    ``update_ratio`` is ‖ΔW‖₂ / ‖W‖₂ of the update itself, NaN where W is zero. ``singular_values`` (r,) float64 are
    the newest ones measured, largest first; empty for vectors, for matrices too large, and before the first.
    """

    key: str
    mean: float
    sigma: float
    gradient_norm: float
    update_ratio: float
    values: Histogram
    gradients: Histogram
    singular_values: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """What one layer put out for one batch, and its weights.

    ``dead`` is the share of its ``units`` (features, or channels) that put out zero for each of the last examples
    looked at, ``saturated`` the share of the outputs that lie at the flat ends; NaN where a layer has no such thing.
    """

    node: str
    mean: float
    sigma: float
    units: int
    dead: float
    saturated: float
    outputs: Histogram
    weights: tuple[WeightStatistics, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """A close look at one step, at times that depend on what it costs. ``step`` is the one whose update was watched.

    ``gradient_noise`` is 1 − cos of the angle between the gradients of this batch and of the one looked at before:
    0 where batches agree, 1 where they have nothing in common, 2 where they are opposed; NaN the first time.
    """

    step: int
    learning_rate: float
    gradient_noise: float
    layers: tuple[LayerStatistics, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Weights by "node.name" and all else that continuing needs, as copies.

    ``state`` is ``{"values": plain JSON values, "arrays": name → array}``; hand it to
    :func:`engine.train.loop.train` to go on as if nothing had happened. The arrays of a ``lent`` one are those that
    training goes on with: they are to be read before the next step.
    """

    step: int
    weights: Mapping[str, np.ndarray]
    state: Mapping[str, Any] = field(default_factory=dict)
    lent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights by "node.name" (copies) after ``step``, for whoever looks at them while training runs. Nothing can go on
    from them: that is what a :class:`Snapshot` is for."""

    step: int
    weights: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Paused:
    """No step runs until a command comes. A Snapshot of this step follows.

    The last of the weights may still be updated when this is told: a step that has its gradients is finished, which a
    large network does after the answer. ``sentence`` says why, where a condition was met.
    """

    step: int
    sentence: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """Something was changed while the run goes on: every step after ``step`` uses ``after``. ``name`` is that of
    :class:`~engine.train.commands.SetLive`; the plan may be another one from here on."""

    step: int
    name: str
    before: float
    after: float
    total_steps: int
    steps_per_epoch: int


@dataclass(frozen=True, slots=True, eq=False)
class Advised:
    """What the measurements of a run suggest, all of it; () where nothing does any more."""

    step: int
    advice: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """Steps run again."""

    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Halted:
    """No step runs any more. What the run leaves behind is large and takes a while to be handed over: a Snapshot of
    this step follows, then the ending."""

    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Stopped:
    """The run was ended before its last step, as asked."""

    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Noted:
    """Something the person should read; the run goes on."""

    step: int
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """Every step is done; ``sentence`` says so to the person. ``weights_of`` is the step of which the weights are,
    where early stopping brought back better ones; −1 where they are those of ``step``."""

    step: int
    sentence: str
    weights_of: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """The run cannot go on: what happened and what to do; ``details`` for those who unfold them.

    ``node`` is the layer to blame, "" where it is none.
    """

    step: int
    sentence: str
    details: str = ""
    node: str = ""


Event = (
    Ready | Changed | Advised | Started | Steps | Statistics | Evaluated | Snapshot | Weights
    | Paused | Resumed | Noted | Halted | Stopped | Finished | Failed
)

#: After one of these a run is over.
ENDINGS = (Stopped, Finished, Failed)
