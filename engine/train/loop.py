"""The training loop: one generator of events, the same for window, command line and tests.

    for event in train(model, dataset, TrainingConfig(epochs=5)):
        if isinstance(event, Evaluated):
            print(event.epoch, event.val_metrics)

Steps run between two events, in bursts of about a thirtieth of a second; when and how often events come never affects
the weights.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from engine.compute import Model
from engine.params import ParameterError
from engine.shapes import size
from engine.train import events
from engine.train.checks import TrainingData
from engine.train.commands import Pause, Resume, SetLive, Step, Stop, TakeSnapshot, Watch
from engine.train.config import TrainingConfig
from engine.train.control import Commands, Control, RunCommand
from engine.train.denormals import flushed
from engine.train.events import Event
from engine.train.metrics import Evaluation, Evaluator, Examples
from engine.train.sentences import finished_sentence, not_finite_failure, start_notes, stopped_sentence
from engine.train.snapshots import Cadence
from engine.train.trainer import NotFinite, Trainer
from engine.train.watching import Watching

#: Seconds between two reports of steps.
REPORT_EVERY = 1 / 30
#: Seconds by which a report is put off while the reader is behind.
_PATIENCE = 0.01
#: Steps between two evaluations, at least, where an epoch has fewer.
EVALUATION_STEPS = 50
#: Multiply–adds up to which the network is evaluated before the first step, which should not have to wait for it.
_FIRST_EVALUATION_WORK = 2_000_000_000


def train(
    model: Model,
    data: TrainingData,
    config: TrainingConfig,
    *,
    state: Mapping[str, Any] | None = None,
    control: Control | None = None,
    paused: bool = False,
    threads: int = 1,
    lend: bool = False,
) -> Iterator[Event]:
    """Trains ``model`` in place and yields what happens, ending with Finished, Stopped or Failed.

    ``data`` is a :class:`engine.data.Dataset` or :class:`~engine.train.checks.Arrays`. With the ``state`` of an
    earlier :class:`~engine.train.events.Snapshot` (whose weights the model has) the run goes on where that was taken;
    a run that was finished goes on for ``config.epochs`` more. ``threads`` is only reported. With
    ``lend`` a large snapshot holds the arrays themselves rather than copies: whoever gets it has to be done with it
    before asking for the next event. Raises :class:`engine.data.DataError` where data and network do not fit, before
    the first event.
    """
    return _Loop(Trainer(model, data, config), state, control or Commands(), paused, threads, lend).run()


class _Ended(Exception):
    """Unwinds the loop after Stop."""


class _Loop:
    def __init__(
        self, trainer: Trainer, state: Mapping[str, Any] | None, control: Control, paused: bool, threads: int,
        lend: bool,
    ) -> None:
        self.trainer = trainer
        self.control = control
        self.paused = False
        self._pause_first = paused
        self.threads = threads
        self._notes = trainer.restore(state) if state else ()
        order, config = trainer.order, trainer.config
        done = order.epoch >= config.epochs
        self.epochs = order.epoch + config.epochs if done else config.epochs
        if done:
            trainer.begin_again()
        left = (self.epochs - order.epoch) * order.steps_per_epoch - order.position % order.steps_per_epoch
        self.first = trainer.step_number
        self.total = self.first + left
        self._allowed: int | None = None
        self._waiting: list[Event] = []
        self._seconds = self._rate = self._step_seconds = 0.0
        self._reported_at = perf_counter()
        self._reported_step = self.first
        self._latest: Evaluation | None = None
        self._lend = lend
        self._cadence = Cadence(self._reported_at)
        self._watching = Watching(trainer.model.weights)
        self._best = math.inf
        self._is_best = False

    # -- the course of a run ---------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        try:
            yield self._started()
            yield from self._snapshot()
            if self._evaluation_due():  # it was saved just before
                yield from self._evaluate()
            elif self._first_evaluation_work() <= _FIRST_EVALUATION_WORK:
                yield from self._evaluate(observed=False)
                yield from self._report()
            if self._pause_first:
                yield from self._pause()
            while self.trainer.step_number < self.total and not self.trainer.stopping.over:
                yield from self._attend()
                self._burst()
                yield from self._after_burst()
            yield from self._finish()
        except _Ended:
            yield events.Stopped(self.trainer.step_number)
        except NotFinite as problem:
            yield from self._report()
            yield from self._snapshot()
            yield not_finite_failure(problem, self.trainer)

    def _finish(self) -> Iterator[Event]:
        trainer = self.trainer
        yield from self._report()
        went_back = trainer.stopping.restore_best(trainer.step_number, trainer.model.weights)
        sentence = stopped_sentence(trainer, went_back) or finished_sentence(self.epochs, self._latest)
        trainer.stopping.begin_again()
        yield trainer.snapshot(last=True)
        yield events.Finished(trainer.step_number, sentence)

    def _started(self) -> events.Started:
        trainer = self.trainer
        return events.Started(
            total_steps=self.total,
            steps_per_epoch=trainer.order.steps_per_epoch,
            epochs=self.epochs,
            batch_size=trainer.order.batch,
            weight_keys=trainer.log.weight_keys,
            flow_nodes=trainer.flow_nodes,
            parameters=sum(size(s.shape) for s in trainer.model.weights.trainable),
            step=self.first,
            threads=self.threads,
            notes=(*start_notes(trainer), *self._notes),
        )

    def _burst(self) -> None:
        """Steps until something is to be reported, asked or evaluated."""
        trainer, pending = self.trainer, self.control.pending
        now = perf_counter()
        deadline = self._reported_at + REPORT_EVERY
        with flushed(), np.errstate(all="ignore"):  # what is not finite is looked for at every step, and named
            while True:
                if now + self._step_seconds >= deadline and not self.control.ready():
                    deadline = now + _PATIENCE
                ends = self._allowed == 1 or trainer.step_number + 1 == self.total
                last = ends or now + self._step_seconds >= deadline
                trainer.step(last, closely=ends or (last and trainer.telemetry.is_due()))
                before, now = now, perf_counter()
                self._step_seconds = now - before
                if self._allowed is not None:
                    self._allowed -= 1
                if last or pending() or self._evaluation_due():
                    break

    def _after_burst(self) -> Iterator[Event]:
        if self._evaluation_due():
            yield from self._evaluate()
        now = perf_counter()
        if self._allowed == 0:
            yield from self._pause()
        elif self._is_best and self._cadence.is_due(now, best=True) and self.control.ready():
            yield from self._report()  # first, so that the curves are never behind the newest snapshot
            yield from self._snapshot()
        elif now >= self._reported_at + REPORT_EVERY - self._step_seconds and self.control.ready():
            yield from self._report()
            if self._cadence.is_due(now):
                yield from self._snapshot()
            elif self._watching.is_due(now):
                yield self._watching.weights(self.trainer.step_number)
        self._is_best = False

    def _report(self) -> Iterator[Event]:
        """Everything measured since the last report."""
        trainer = self.trainer
        now = perf_counter()
        if trainer.log.count:
            steps = trainer.step_number - self._reported_step
            passed = max(now - self._reported_at, 1e-9)
            self._seconds += passed
            self._rate = _smooth(self._rate, steps / passed)
            yield events.Steps(
                **trainer.log.take(),
                flow=trainer.flow.copy(),
                epoch=trainer.order.epoch + (trainer.order.position < trainer.order.steps_per_epoch),
                steps_per_second=self._rate,
                seconds=self._seconds,
            )
        if trainer.statistics is not None:
            yield trainer.statistics
            trainer.statistics = None
        self._reported_at, self._reported_step = now, trainer.step_number
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def _snapshot(self) -> Iterator[Event]:
        """A snapshot, unless an update has made the weights infinite: the last finite ones are to stay."""
        begun = perf_counter()
        if np.isfinite(self.trainer.model.weights.values).all():
            yield self.trainer.snapshot(lend=self._lend)
        now = perf_counter()
        self._cadence.took(begun, now)
        self._watching.sent(now)

    # -- evaluation ------------------------------------------------------------------------------------------

    def _evaluation_due(self) -> bool:
        trainer = self.trainer
        if trainer.order.position != trainer.order.steps_per_epoch or trainer.step_number == trainer.evaluated_step:
            return False
        epochs = trainer.order.epoch - trainer.evaluated_epoch
        steps = trainer.step_number - trainer.evaluated_step
        due = epochs >= trainer.config.evaluate_every and steps >= EVALUATION_STEPS
        return due or trainer.step_number == self.total

    def _first_evaluation_work(self) -> int:
        parts = (self.trainer.sample, self.trainer.validation)
        return self.trainer.model.report.total_cost * sum(len(part.x) for part in parts if part)

    def _evaluate(self, observed: bool = True) -> Iterator[Event]:
        """Evaluates both parts; the result waits for the next report, so that events keep the order of steps.

        Schedule and early stopping go by it where ``observed``: when they do must not depend on pauses."""
        trainer = self.trainer
        trained = yield from self._evaluation_of(trainer.sample)
        held_back = Evaluation(math.nan)
        if trainer.validation is not None:
            held_back = yield from self._evaluation_of(trainer.validation)
        self._latest = held_back if trainer.validation is not None else trained
        if observed:
            trainer.observe(self._latest)
            self._is_best = self._latest.loss < self._best
            self._best = min(self._best, self._latest.loss)
        self._waiting.append(events.Evaluated(
            trainer.step_number, trainer.order.epoch,
            trained.loss, dict(trained.metrics), held_back.loss, dict(held_back.metrics),
        ))

    def _evaluation_of(self, examples: Examples) -> Generator[Event, None, Evaluation]:
        evaluator = Evaluator(self.trainer.model, examples, self.trainer.evaluation_batch)
        for _ in evaluator.batches():
            yield from self._attend()
        return evaluator.result()

    # -- commands --------------------------------------------------------------------------------------------

    def _attend(self) -> Iterator[Event]:
        """Carries out the commands that wait; comes back when steps may run."""
        while self.paused or self.control.pending():
            command = self.control.receive(wait=self.paused)
            if command is None and not self.paused:
                return
            yield from self._obey(command or Resume())

    def _obey(self, command: RunCommand) -> Iterator[Event]:
        step = self.trainer.step_number
        if isinstance(command, Pause) and not self.paused:
            yield from self._pause()
        elif isinstance(command, Resume) and (self.paused or self._pause_first or self._allowed):
            self._go_on(None)
            yield events.Resumed(step)
        elif isinstance(command, Step):
            self._go_on(max(1, command.count))
        elif isinstance(command, SetLive):
            try:
                self.trainer.set_live(command.name, command.value)
            except ParameterError as problem:
                yield events.Noted(step, str(problem))
        elif isinstance(command, Watch):
            self._watching.set(command.seconds)
        elif isinstance(command, TakeSnapshot):
            yield from self._snapshot()
        elif isinstance(command, Stop):
            yield from self._report()
            yield from self._snapshot()
            raise _Ended

    def _go_on(self, steps: int | None) -> None:
        if self.paused:
            self._reported_at = perf_counter()  # the pause counts for neither speed nor time
        self.paused = self._pause_first = False
        self._allowed = steps

    def _pause(self) -> Iterator[Event]:
        yield from self._report()
        self.paused = True
        self._allowed = None
        yield events.Paused(self.trainer.step_number)
        yield from self._snapshot()  # after the answer, which should not have to wait for it


def _smooth(before: float, now: float) -> float:
    """A running mean that forgets over some thirty reports: about a second."""
    return now if before == 0.0 else before + 0.1 * (now - before)
