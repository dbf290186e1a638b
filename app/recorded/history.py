"""What a run has reported so far, in the form plots and progress displays read it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.recorded.columns import Columns
from app.recorded.marks import Mark, with_change
from app.recorded.statistics_log import StatisticsLog
from engine.train.events import Changed, Evaluated, Event, Started, Statistics, Steps

#: The columns of RunHistory.training that come before the gradient norms.
LOSS, ACCURACY, LEARNING_RATE = 0, 1, 2
_SCALARS = ("loss", "accuracy", "learning_rate")
#: Prefixes of the columns of RunHistory.evaluations: "train.loss", "validation.accuracy".
PARTS = ("train", "validation")
#: What :attr:`RunHistory.activity` has of every layer, in columns "sigma.hidden_1", …; and the column before them.
OF_LAYER = ("mean", "sigma", "dead", "saturated")
NOISE = "noise"
#: Rows after which close looks and flow are kept more coarsely.
_MOST_LOOKS, _MOST_FLOW = 32_768, 65_536


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. ``seconds_left`` is NaN where it can't be told yet."""

    epoch: int = 0
    epochs: int = 0
    step: int = 0
    first_step: int = 0
    total_steps: int = 0
    steps_per_second: float = 0.0
    seconds: float = 0.0
    seconds_left: float = math.nan

    @property
    def fraction(self) -> float:
        """How much of the run is done, 0 … 1."""
        asked = self.total_steps - self.first_step
        return min((self.step - self.first_step) / asked, 1.0) if asked > 0 else 0.0


class RunHistory:
    """The curves of one run, and what is true now. Every array is a view that grows; read, don't write.

    A run that goes on from where another stopped, with the same weights, continues its curves.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """As before the first run."""
        self.started: Started | None = None
        self.training = Columns(_SCALARS)
        self.evaluations = Columns(())
        #: ‖ΔW‖₂ / ‖W‖₂ of the steps that were looked at closely, a column for each weight.
        self.updates = Columns(())
        #: Of the same steps: the gradient noise, and mean, σ, dead and saturated share of each layer's outputs.
        self.activity = Columns(())
        #: Mean |∂L/∂output| of each layer, a row for each report; what was not measured stays as it was.
        self.flows = Columns(())
        #: The newest close look at a step, and all of them, oldest to newest.
        self.statistics: Statistics | None = None
        self.statistics_log = StatisticsLog()
        self.progress = Progress()
        self.metrics: tuple[str, ...] = ()
        self.flow = np.zeros(0, np.float32)
        #: What was changed while the run went on, in the order of steps.
        self.marks: tuple[Mark, ...] = ()

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        return self.training.count == 0 and self.evaluations.count == 0

    @property
    def bytes(self) -> int:
        """What it takes of memory; bounded, however long the run."""
        tables = (self.training, self.evaluations, self.updates, self.activity, self.flows)
        return sum(table.bytes for table in tables) + self.statistics_log.bytes

    @property
    def has_validation(self) -> bool:
        """Is a part of the data held back and evaluated?"""
        return not math.isnan(self.latest("validation.loss"))

    @property
    def weight_keys(self) -> tuple[str, ...]:
        """"node.name" of each column of :attr:`gradient_norms`."""
        return self.started.weight_keys if self.started else ()

    @property
    def flow_nodes(self) -> tuple[str, ...]:
        """The node of each entry of :attr:`flow`, in computing order."""
        return self.started.flow_nodes if self.started else ()

    @property
    def steps(self) -> np.ndarray:
        """(k,) int64"""
        return self.training.steps

    @property
    def loss(self) -> np.ndarray:
        """(k,) float32, the loss of each step's batch."""
        return self.training.table[:, LOSS]

    @property
    def accuracy(self) -> np.ndarray:
        """(k,) float32, the share of each step's batch told right; NaN where it was not measured."""
        return self.training.table[:, ACCURACY]

    @property
    def learning_rate(self) -> np.ndarray:
        """(k,) float32"""
        return self.training.table[:, LEARNING_RATE]

    @property
    def gradient_norms(self) -> np.ndarray:
        """(k, weights) float32, ‖∂L/∂W‖₂"""
        return self.training.table[:, len(_SCALARS) :]

    def norm_column(self, key: str) -> int:
        """The column of :attr:`training` that holds the gradient norms of a weight."""
        return len(_SCALARS) + self.weight_keys.index(key)

    def flow_by_node(self) -> dict[str, float]:
        """Mean |∂L/∂output| of each node now; nodes where it was not measured are left out."""
        return self.flow_at(None)

    def flow_at(self, step: int | None) -> dict[str, float]:
        """Mean |∂L/∂output| of each node as reported last at ``step`` or before (first, where all is later); None: now.
        """
        row = _row_at(self.flows, step)
        values = self.flow if step is None or row < 0 else self.flows.table[row]
        pairs = zip(self.flow_nodes, values.tolist(), strict=False)
        return {node: value for node, value in pairs if not math.isnan(value)}

    def flow_step(self, step: int) -> int:
        """The step whose report :meth:`flow_at` tells at ``step``; −1 where there is none."""
        row = _row_at(self.flows, step)
        return int(self.flows.steps[row]) if row >= 0 else -1

    def statistics_at(self, step: int | None) -> Statistics | None:
        """The newest close look at ``step`` or before (the first, where all are later); None: the newest."""
        return self.statistics if step is None else self.statistics_log.at(step)

    def norms_until(self, step: int | None, most: int) -> dict[str, np.ndarray]:
        """‖∂L/∂W‖₂ over all weights of a node together, at up to ``most`` steps spread evenly from the first to
        ``step`` (None: the newest) or the last before it; oldest first, (k,) each, without steps before a node came."""
        last = _row_at(self.training, step)
        if last < 0:
            return {}
        rows = np.unique(np.linspace(0, last, most).round().astype(np.intp)) if most > 1 else np.array([last])
        squares: dict[str, np.ndarray] = {}
        for key, column in zip(self.weight_keys, np.square(self.gradient_norms[rows]).T, strict=True):
            node = key.rpartition(".")[0]
            squares[node] = squares[node] + column if node in squares else column
        return {node: np.sqrt(square[~np.isnan(square)]) for node, square in squares.items()}

    def latest(self, name: str, step: int | None = None) -> float:
        """The newest evaluation of "train.loss", "validation.accuracy", … at ``step`` or before (the first, where all
        are later); None: now. NaN where there is none."""
        if name not in self.evaluations.names or self.evaluations.count == 0:
            return math.nan
        return float(self.evaluations.column(name)[_row_at(self.evaluations, step)])

    def evaluated_at(self, step: int | None) -> int:
        """The step after which the evaluation was made that :meth:`latest` tells; −1 where there is none."""
        row = _row_at(self.evaluations, step)
        return int(self.evaluations.steps[row]) if row >= 0 else -1

    def epoch_at(self, step: int | None) -> int:
        """The epoch that ``step`` belongs to, in batches as they are now; None: the present one."""
        if step is None or self.started is None:
            return self.progress.epoch
        return min(max(-(-step // max(self.started.steps_per_epoch, 1)), 1), self.progress.epoch)

    # -- writing: the session does ---------------------------------------------------------------------------

    def begin(self, started: Started) -> None:
        """A run begins: its curves continue these where it goes on from them, else these are cleared.

        Where other layers learn now, the curves of those that are still there go on.
        """
        if started.step > 0 and not self.is_empty:
            self.drop_after(started.step)
            if started.weight_keys != self.weight_keys:
                self.training = self.training.renamed((*_SCALARS, *started.weight_keys))
                self.updates = self.updates.renamed(started.weight_keys)
            if self.flows.names != started.flow_nodes:
                self.flows = self.flows.renamed(started.flow_nodes)
        else:
            self.clear()
            self.training = Columns((*_SCALARS, *started.weight_keys))
            self.updates = Columns(started.weight_keys)
            self.flows = Columns(started.flow_nodes, _MOST_FLOW)
        self.started = started
        self.flow = np.full(len(started.flow_nodes), np.nan, np.float32)
        self.progress = Progress(
            epochs=started.epochs,
            epoch=min(started.step // max(started.steps_per_epoch, 1) + 1, started.epochs),
            step=started.step, first_step=started.step, total_steps=started.total_steps,
        )

    def take(self, event: Event) -> bool:
        """Takes in what a run says of its steps; returns whether there is more to see. Its beginning is
        :meth:`begin`'s."""
        match event:
            case Steps():
                self.add_steps(event)
            case Statistics():
                self.add_statistics(event)
            case Evaluated():
                self.add_evaluation(event)
            case Changed():
                self.add_change(event)
            case _:
                return False
        return True

    def drop_after(self, step: int) -> None:
        """Forgets everything later than ``step``."""
        for part in (self.training, self.evaluations, self.updates, self.activity, self.flows, self.statistics_log):
            part.drop_after(step)
        if not self.activity.count:
            self.activity = Columns(())  # without a look no layer is known either
        self.marks = tuple(mark for mark in self.marks if mark.step <= step)
        self.statistics = self.statistics_log[-1] if len(self.statistics_log) else None
        if step < self.progress.step:
            self.progress = replace(self.progress, step=step, epoch=self.epoch_at(step), seconds_left=math.nan)
            flows = self.flows.table
            self.flow = flows[-1].copy() if len(flows) else np.full_like(self.flow, np.nan)

    def add_steps(self, event: Steps) -> None:
        """Adds the steps of one report."""
        rows = np.empty((len(event.step), len(self.training.names)), np.float32)
        rows[:, LOSS] = event.loss
        rows[:, ACCURACY] = event.accuracy
        rows[:, LEARNING_RATE] = event.learning_rate
        rows[:, len(_SCALARS) :] = event.gradient_norms
        self.training.append(event.step, rows)
        self.flow = np.where(np.isnan(event.flow), self.flow, event.flow)
        self.flows.append(event.step[-1:], self.flow[None])
        step, rate = int(event.step[-1]), event.steps_per_second
        self.progress = Progress(
            epoch=event.epoch, epochs=self.progress.epochs, step=step, first_step=self.progress.first_step,
            total_steps=self.progress.total_steps, steps_per_second=rate, seconds=event.seconds,
            seconds_left=(self.progress.total_steps - step) / rate if rate > 0 else math.nan,
        )

    def add_change(self, event: Changed) -> None:
        """Takes in that something was changed while the run goes on; it may take more or fewer steps from here."""
        second = self.progress.steps_per_second
        self.marks = with_change(self.marks, event, within=second)
        self.progress = replace(self.progress, total_steps=event.total_steps)
        if self.started is not None:
            self.started = replace(self.started, total_steps=event.total_steps, steps_per_epoch=event.steps_per_epoch)

    def add_statistics(self, event: Statistics) -> None:
        """Takes in a close look at one step."""
        self.statistics = event
        self.statistics_log.append(event)
        self._add_activity(event)
        found = {weight.key: weight.update_ratio for layer in event.layers for weight in layer.weights}
        row = [found.get(key, math.nan) for key in self.updates.names]
        self.updates.drop_after(event.step - 1)
        self.updates.append(np.array([event.step]), np.array([row], np.float32))

    def _add_activity(self, event: Statistics) -> None:
        names = (NOISE, *(f"{what}.{layer.node}" for what in OF_LAYER for layer in event.layers))
        if self.activity.names != names:
            self.activity = Columns(names, _MOST_LOOKS)
        row = [event.gradient_noise, *(getattr(layer, what) for what in OF_LAYER for layer in event.layers)]
        self.activity.drop_after(event.step - 1)
        self.activity.append(np.array([event.step]), np.array([row], np.float32))

    def add_evaluation(self, event: Evaluated) -> None:
        """Adds one evaluation of both parts."""
        if not self.evaluations.names or self.metrics != tuple(event.train_metrics):  # a branch has another loss
            self.metrics = tuple(event.train_metrics)
            names = tuple(f"{part}.{name}" for part in PARTS for name in ("loss", *self.metrics))
            self.evaluations = self.evaluations.renamed(names)
        train = {"loss": event.train_loss, **event.train_metrics}
        held_back = {"loss": event.val_loss, **event.val_metrics}
        values = {f"{part}.{k}": v for part, row in zip(PARTS, (train, held_back), strict=True) for k, v in row.items()}
        row = [values.get(name, math.nan) for name in self.evaluations.names]
        self.evaluations.drop_after(event.step - 1)
        self.evaluations.append(np.array([event.step]), np.array([row], np.float32))


def _row_at(table: Columns, step: int | None) -> int:
    """The newest row at ``step`` or before, the first where all are later, the last for None; -1 where none is."""
    if table.count == 0 or step is None:
        return table.count - 1
    return max(int(np.searchsorted(table.steps, step, side="right")) - 1, 0)
