"""One run's moving parts: data order, passes, optimizer, measurements. The loop decides when; this does it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from engine.compute import Model
from engine.compute.plan import require_room
from engine.compute.program import Halt, Interrupted, Program
from engine.data.errors import DataError
from engine.issues import ChainruleError
from engine.params import ParameterError
from engine.train.checks import Culprit, TrainingData, check_data, first_not_finite, require_sound
from engine.train.config import TrainingConfig
from engine.train.events import Snapshot, Statistics
from engine.train.metrics import Evaluation, Examples, class_labels, correct
from engine.train.order import Order
from engine.train.quasi_newton import updating
from engine.train.schedule import Pace, Span
from engine.train.sentences import optimizer_begins_anew
from engine.train.steplog import StepLog
from engine.train.telemetry import Telemetry

#: The training part is evaluated on a fixed sample, spread evenly, of at most this many rows.
EVALUATION_ROWS = 2000
#: Multiply–adds of an evaluated batch that is larger than a training batch: it must neither delay an answer to the
#: person nor take more memory than training does.
_EVALUATION_WORK = 30_000_000
#: Below this many multiply–adds a step, accuracy is measured at every eighth: it would cost more than the pass.
_LIGHT_STEP = 300_000
#: What a batch that is evaluated may take of memory where a training batch takes less.
_EVALUATION_BYTES = 4_000_000
STATE_VERSION = 1


class NotFinite(Exception):
    """Loss or gradients stopped being finite; the weights are those from before the step."""

    def __init__(self, what: str, value: float, culprit: Culprit) -> None:
        super().__init__(what)
        self.what = what
        self.value = value
        self.culprit = culprit


class Trainer:
    """Trains ``model`` on ``data``; raises :class:`DataError` where the two do not fit."""

    def __init__(self, model: Model, data: TrainingData, config: TrainingConfig) -> None:
        require_sound(check_data(model, data))
        self.model = model
        self.config = config
        unit = data.target_unit
        self.train = Examples.of(model, np.asarray(data.x_train), np.asarray(data.y_train), unit)
        self.validation = Examples.of(model, data.x_val, data.y_val, unit) if len(data.x_val) else None
        self.sample = _sample(self.train)
        self._judged = next((i for i, yes in self.train.classification.items() if yes), None)
        rows = len(self.train.x)
        self.order = Order(rows, config.rows_per_step(rows), shuffle=config.shuffle, seed=config.seed,
                           weights=self._row_weights() if config.balance else None)
        steps = self.order.steps_per_epoch
        self.pace = Pace(config.build_schedule(), Span(config.epochs * steps, steps))
        self.stopping = config.build_stopping()
        #: Where the last evaluation was made that schedule and early stopping went by.
        self.evaluated_epoch = self.evaluated_step = 0
        self.update = updating(config.build_optimizer(), model.weights, model.lanes)
        self.log = StepLog(model.weights)
        self.telemetry = Telemetry(model, rows)
        #: The newest close look at a step, until somebody takes it.
        self.statistics: Statistics | None = None
        self.step_number = 0
        #: The loss of the last step's batch.
        self.loss = math.nan
        cost = max(1, model.report.total_cost)
        fitting = min(_EVALUATION_WORK // cost, int(_EVALUATION_BYTES / self._bytes_per_row()))
        self.evaluation_batch = min(config.evaluation_batch, max(self.order.batch, fitting))
        self._make_programs()
        heavy = cost * self.order.batch >= _LIGHT_STEP
        self._accuracy_every = 1 if heavy else 8

    def _row_weights(self) -> np.ndarray | None:
        """For each example one over how many there are of its class; None where there are no classes."""
        if self._judged is None:
            return None
        labels = class_labels(self.train.targets[self._judged])
        return 1.0 / np.bincount(labels)[labels]

    def _bytes_per_row(self) -> float:
        """What one example takes while it passes through the network."""
        planned = self.model.planned(self.order.batch)
        return max(1.0, planned.arrays.nbytes / max(self.order.batch, self.model.batch_size))

    def _make_programs(self) -> None:
        # The largest first: the others then lie in its memory.
        evaluated = min(self.evaluation_batch, len(self.sample.x))
        if evaluated > self.order.batch:
            self.model.program(evaluated, training=False)
        self._programs: dict[int, tuple[Program, list[Callable[[np.ndarray], Any]]]] = {}
        self._add_programs()
        self.flow_nodes = self._programs[self.order.batch][0].flow_nodes
        self.flow = np.full(len(self.flow_nodes), np.nan, np.float32)

    def _add_programs(self) -> None:
        for size in sorted(self.order.sizes - self._programs.keys(), reverse=True):
            program = self.model.program(size)
            self._programs[size] = (program, self._gathering(program))

    def _gathering(self, program: Program) -> list[Callable[[np.ndarray], Any]]:
        """Calls that copy the rows of given numbers into the program's buffers."""
        # mode="clip" lets NumPy write into the buffer without a copy in between; the numbers are always in range.
        calls: list[Callable[[np.ndarray], Any]] = []
        for buffer in program.inputs.values():
            calls.append(partial(self.train.x.take, axis=0, out=buffer, mode="clip"))
        for node_id, buffer in program.targets.items():
            calls.append(partial(self.train.targets[node_id].take, axis=0, out=buffer, mode="clip"))
        return calls

    def step(self, probe: bool, closely: bool = False, stop: Halt | None = None) -> None:
        """One forward and backward pass and update; ``probe`` also measures ``flow`` and accuracy, ``closely`` leaves
        ``statistics``.

        Raises :class:`NotFinite` before any weight is changed, and :class:`Interrupted` where ``stop`` says so during
        the passes: everything is then as before the step, and the next one is the same. Where it says so later, the
        step counts, but its update may have to be finished.
        """
        rows = self.order.next()
        program, gathering = self._programs[len(rows)]
        for gather in gathering:
            gather(rows)
        drawn = self.model.rng.bit_generator.state if stop or self.update.optimizer.searches else None
        loss = self._pass(program, probe, stop, drawn)
        self.loss = loss
        number = self.step_number + 1
        accuracy = math.nan
        if self._judged is not None and (probe or number % self._accuracy_every == 0):
            right = correct(program.predictions[self._judged], program.targets[self._judged],
                            self.train.boundaries[self._judged])
            accuracy = np.count_nonzero(right) / len(rows)
        self.update.pace = self.pace.factor(self.step_number)
        self.log.add(number, loss, accuracy, self.update.learning_rate)
        if probe:
            self.flow[:] = program.flow
        again = partial(self._again, program, drawn) if drawn and self.update.optimizer.searches else None
        if closely:
            self.telemetry.before_update(program)
            norms, rate = self.log.norms(), self.update.learning_rate
            self.update.step(loss, again, stop)
            if stop is None or not stop():  # who waits is answered first; the next step is looked at instead
                self.statistics = self.telemetry.after_update(number, rate, norms)
        else:
            self.update.step(loss, again, stop)
        self.step_number = number

    def _pass(self, program: Program, probe: bool, stop: Halt | None, drawn: Mapping[str, Any] | None) -> float:
        """Forward and backward; returns the loss, which is finite, as are the gradients. Given up, it leaves no trace.
        """
        running = self.model.weights.state.copy() if stop else None
        try:
            program.forward(stop)
            loss = program.loss
            if not math.isfinite(loss):
                raise NotFinite("loss", loss, first_not_finite(program))
            program.backward(probe, stop)
            if not self.log.measure(probe, stop):
                raise NotFinite("gradient", math.nan, first_not_finite(program))
        except Interrupted:
            self.order.back()
            if drawn is not None and running is not None:
                self.model.rng.bit_generator.state = dict(drawn)
                self.model.weights.state[...] = running
            raise
        return loss

    def _again(self, program: Program, drawn: Mapping[str, Any]) -> float:
        """Repeats the passes of this step, with the same random numbers, and returns the loss."""
        self.model.rng.bit_generator.state = dict(drawn)
        program.forward()
        program.backward()
        return program.loss

    def set_live(self, name: str, value: float) -> float:
        """Changes a live parameter and returns what it was; raises ParameterError where it is unknown, not live or out
        of range."""
        if name == "batch_size":
            self._want_batch(value)
            return self.order.batch
        node_id, _, parameter = name.rpartition(".")
        owner = self.model.report.layers.get(node_id) if node_id else self.update.optimizer
        declared = owner.parameters.get(parameter) if owner else None
        if declared is None or not declared.live:
            raise ParameterError(f"{name} cannot change while training runs.", "", "It takes effect at the next run.")
        if node_id:
            before = float(self.model.live(node_id, parameter))
            self.model.set_live(node_id, parameter, value)
        else:
            before = float(getattr(self.update.optimizer, parameter))
            self.update.set_live(parameter, value)
        return before

    def _want_batch(self, value: float) -> None:
        if self.config.batching != "mini" or self.update.optimizer.full_batch:
            raise ParameterError("The batch size means nothing to this run, whose steps are not mini-batches.", "",
                                 "The change applies to runs in mini-batches.")
        batch = TrainingConfig(batch_size=value).rows_per_step(self.order.rows)
        try:
            require_room(self.model, batch, len(self.update.vectors()))
        except ChainruleError as problem:
            raise ParameterError(problem.happened, problem.expected, problem.fix) from problem
        self.order.want_batch(batch)

    def cut_anew(self) -> None:
        """Gives batches the size that was asked for; where :attr:`Order.cut_due`. The schedule stays where it is, in
        epochs."""
        before = self.order.steps_per_epoch
        self.order.cut_anew()
        self._add_programs()
        self.pace.stretch(self.step_number, self.order.steps_per_epoch / before)

    def observe(self, evaluation: Evaluation) -> None:
        """Has schedule and early stopping go by an evaluation of the present weights."""
        self.evaluated_epoch, self.evaluated_step = self.order.epoch, self.step_number
        self.pace.observe(evaluation.loss)
        self.stopping.observe(self.step_number, evaluation.loss, evaluation.metrics, self.model.weights)

    def begin_again(self) -> None:
        """A run that was finished goes on for as many epochs again."""
        self.pace.begin_again(self.step_number)
        self.stopping.begin_again()

    # -- taking up a run again -------------------------------------------------------------------------------

    @property
    def state_bytes(self) -> int:
        """What a copy of weights and optimizer takes."""
        return self.model.weights.values.nbytes + sum(v.nbytes for v in self.update.vectors().values())

    def snapshot(self, lend_from: int | None = None, last: bool = False) -> Snapshot:
        """Weights and state: copies, or where they take more than ``lend_from`` bytes the arrays that the next step
        changes.

        After the ``last`` step the optimizer's vectors are never copied, which saves as much memory as they take.
        """
        weights = self.model.weights
        lent = lend_from is not None and self.state_bytes > lend_from
        values = {
            "version": STATE_VERSION,
            "step": self.step_number,
            "order": self.order.state(),
            "random": self.model.rng.bit_generator.state,
            "optimizer": self.update.optimizer.to_dict(),
            "updates": self.update.values(),
            "whole": True,
            "schedule": self.pace.state(),
            "stopping": self.stopping.state(),
            "evaluated": [self.evaluated_epoch, self.evaluated_step],
        }
        state = {"values": values, "arrays": {**self.update.arrays(not (last or lent)), **self.stopping.arrays()}}
        return Snapshot(self.step_number, weights.arrays() if lent else weights.copies(), state, lent)

    def restore(self, state: Mapping[str, Any]) -> tuple[str, ...]:
        """Goes on from a snapshot's state (its weights are the caller's to load).

        Returns sentences about what could not be taken over; where there are none and the settings are the same,
        every next step will be, to the last bit, what it would have been. Raises :class:`DataError` where the state
        is damaged or of another version.
        """
        notes = []
        try:
            values, arrays = state["values"], state["arrays"]
            if values["version"] != STATE_VERSION:
                raise ValueError(f"version {values['version']}")
            if not self.order.restore(values["order"]):
                notes.append("Data, batch size or seed have changed since the run was saved: it goes on with a new "
                             "order of the examples.")
            self.model.rng.bit_generator.state = values["random"]
            self.step_number = int(values["step"])
            if "schedule" in values:  # the first projects had none of this
                self.pace.restore(values["schedule"])
                self.stopping.restore(values["stopping"], arrays)
                self.evaluated_epoch, self.evaluated_step = (int(n) for n in values["evaluated"])
            if values["whole"] and values["optimizer"]["kind"] == self.update.optimizer.kind:
                updates = values["updates"]  # a bare count in the first projects
                self.update.restore(updates if isinstance(updates, Mapping) else {"steps": updates}, arrays)
            elif self.update.optimizer.vectors:
                notes.append(optimizer_begins_anew(values["optimizer"]["kind"], self.update.optimizer))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"The stored training state is damaged ({error}).",
                            "Expected what Chainrule wrote when the run was saved.",
                            "Start the run anew; the weights are not affected.") from error
        return tuple(notes)


def _sample(train: Examples) -> Examples:
    rows = len(train.x)
    if rows <= EVALUATION_ROWS:
        return train
    # Every so-manieth row: a view, where chosen rows would be a copy of the data.
    return train.take(slice(None, None, -(-rows // EVALUATION_ROWS)))
