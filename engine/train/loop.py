"""The training loop: one generator of events, the same for window, command line and tests.

    for event in train(model, dataset, TrainingConfig(epochs=5)):
        if isinstance(event, Evaluated):
            print(event.epoch, event.val_metrics)

Steps run between two events, in bursts of about a thirtieth of a second; when and how often events come never affects
the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from engine.compute import Model
from engine.compute.program import Halt, Interrupted
from engine.params import ParameterError
from engine.shapes import size
from engine.train import events
from engine.train.checks import TrainingData
from engine.train.commands import Pause, Resume, RunUntil, SetLive, SlowDown, Step, Stop, TakeSnapshot, Watch
from engine.train.conditions import Condition, Seen, paused_sentence
from engine.train.config import TrainingConfig
from engine.train.control import Commands, Control, RunCommand
from engine.train.denormals import flushed
from engine.train.events import Event
from engine.train.handing import Handing
from engine.train.judging import Judging
from engine.train.live_changes import cut_anew, set_live
from engine.train.pace import Tempo
from engine.train.reporting import REPORT_EVERY, Reports
from engine.train.sentences import finished_sentence, not_finite_failure, start_notes, stopped_sentence
from engine.train.trainer import NotFinite, Trainer

#: Seconds by which a report is put off while the reader is behind.
_PATIENCE = 0.01
#: Seconds from which a step is given up where the person wants to pause, rather than done first.
_LONG_STEP = 0.02


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
        self._until: Condition | None = None
        self._met = ""
        self._tempo = Tempo()
        self._step_seconds = 0.0
        self._reports = Reports(trainer)
        self._judging = Judging(trainer, self._attend, self._may_stop)
        self._handing = Handing(trainer, self._judging, self._reports, control, lend)

    # -- the course of a run ---------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        try:
            yield self._started()
            yield from self._handing.snapshot()
            if self._judging.is_due(self.total):  # it was saved just before
                yield from self._evaluate()
            elif self._judging.first_is_quick():
                yield from self._evaluate(observed=False)
                yield from self._reports.report()
            if self._pause_first:
                yield from self._pause()
            while self.trainer.step_number < self.total and not self.trainer.stopping.over:
                yield from self._attend()
                if self.trainer.order.cut_due:
                    self.total, changed = cut_anew(self.trainer, self.epochs)
                    yield changed
                self._burst()
                if self.trainer.update.is_unfinished:  # who waits is answered first
                    yield from self._attend()
                    self._handing.settle()
                yield from self._after_burst()
            yield from self._finish()
        except _Ended:
            yield events.Stopped(self.trainer.step_number)
        except NotFinite as problem:
            self.trainer.order.back()  # who goes on from here meets the same examples
            yield from self._reports.report()
            yield from self._handing.last()
            yield not_finite_failure(problem, self.trainer)
        except Exception:  # a fault of the program: what was best is not lost with it
            yield from self._handing.best()
            raise

    def _finish(self) -> Iterator[Event]:
        trainer = self.trainer
        yield from self._reports.report()
        yield from self._handing.best()
        went_back = trainer.stopping.restore_best(trainer.step_number, trainer.model.weights)
        judging = self._judging
        sentence = stopped_sentence(trainer, went_back) or finished_sentence(self.epochs, judging.latest, judging.part)
        trainer.stopping.begin_again()
        yield from self._handing.last()
        yield events.Finished(trainer.step_number, sentence, trainer.stopping.best_step if went_back else -1)

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
        deadline = self._reports.at + REPORT_EVERY
        slow, closely, asked = self._tempo.is_slow, self._tempo.looks_closely, False
        with flushed(), np.errstate(all="ignore"):  # what is not finite is looked for at every step, and named
            while True:
                if now + self._step_seconds >= deadline and not self.control.ready():
                    deadline = now + _PATIENCE
                ends = asked or self._allowed == 1 or trainer.step_number + 1 == self.total
                last = ends or slow or now + self._step_seconds >= deadline
                look = ends or closely or trainer.telemetry.is_due(now)
                try:
                    trainer.step(last or look or self._until is not None, look, None if asked else self._may_stop())
                except Interrupted:
                    return
                before, now = now, perf_counter()
                self._step_seconds = now - before
                self._count(before)
                if last or self._met or self._judging.is_due(self.total) or trainer.order.cut_due:
                    return
                asked = pending()
                if asked and self._may_stop():
                    return  # a quick step more is measured in full, since a pause shows the last one; not a long one

    def _may_stop(self) -> Halt | None:
        """What may interrupt a pass: the first, and those that take long."""
        return self.control.urgent if self._step_seconds > _LONG_STEP or not self._step_seconds else None

    def _count(self, begun: float) -> None:
        """A step is done."""
        self._tempo.stepped(begun)
        if self._allowed is not None:
            self._allowed -= 1
        if self._until is not None:
            self._met = self._until.met(self._seen())

    def _seen(self, evaluated: Mapping[str, float] | None = None, advice: tuple[str, ...] = ()) -> Seen:
        trainer = self.trainer
        norms = trainer.log.norms()
        return Seen(trainer.step_number, trainer.order.epoch, trainer.loss, math.sqrt(float(norms.dot(norms))),
                    self._judging.part, evaluated, advice)

    def _after_burst(self) -> Iterator[Event]:
        if self._judging.is_due(self.total):
            yield from self._evaluate()
            if self.trainer.step_number < self.total and not self.trainer.stopping.over:  # else it is sent anyway
                yield from self._handing.evaluated()
        now = perf_counter()
        if self._allowed == 0 or self._met:
            yield from self._pause()
        elif (self._tempo.is_slow or now >= self._reports.at + REPORT_EVERY - self._step_seconds) \
                and self.control.ready():
            yield from self._reports.report()
            if self._until is not None and self._reports.advised:
                self._met = self._until.met(self._seen(advice=self._reports.advised))
            if self._met:
                yield from self._pause()
            elif self._handing.is_due(now):
                yield from self._handing.snapshot()
            elif self._handing.watching.is_due(now):
                yield self._handing.watching.weights(self.trainer.step_number)

    def _evaluate(self, observed: bool = True) -> Iterator[Event]:
        self._reports.put((yield from self._judging.evaluate(observed)))
        if self._until is not None and observed:
            self._met = self._until.met(self._seen(self._judging.values))

    # -- commands --------------------------------------------------------------------------------------------

    def _attend(self) -> Iterator[Event]:
        """Carries out the commands that wait; comes back when steps may run."""
        while True:
            if self.paused and self._handing.owes and not self.control.pending():
                yield from self._handing.snapshot()  # the one before was taken back for a wish that is fulfilled
            if self.paused or self.control.pending():
                command = self.control.receive(wait=self.paused)
                if command is not None or self.paused:
                    yield from self._obey(command or Resume())
                continue
            rest = self._tempo.rest(perf_counter())
            if rest <= 0.0:
                return
            self.control.rest(rest)

    def _obey(self, command: RunCommand) -> Iterator[Event]:
        match command:
            case Pause() if not self.paused:
                yield from self._pause()
            case Resume() if self.paused or self._pause_first or self._allowed:
                yield from self._go_on(None)
            case Step():
                yield from self._go_on(command.steps(self.trainer.order))
            case RunUntil():
                yield from self._run_until(command.condition)
            case SlowDown():
                self._tempo.set(command.steps_per_second)
            case SetLive():
                yield from set_live(self.trainer, command, self.total)
            case Watch():
                self._handing.watching.set(command.seconds)
            case TakeSnapshot():
                yield from self._reports.report()
                yield from self._handing.snapshot()
            case Stop():
                yield from self._reports.report()
                yield from self._handing.last()
                raise _Ended

    def _run_until(self, condition: Mapping[str, Any]) -> Iterator[Event]:
        try:
            wanted = Condition.from_dict(condition)
        except ParameterError as problem:
            yield events.Noted(self.trainer.step_number, str(problem))
            return
        yield from self._go_on(None)
        self._until = wanted

    def _go_on(self, steps: int | None) -> Iterator[Event]:
        if self.paused:
            yield from self._handing.before_steps()
            self._reports.go_on()
        self.paused = self._pause_first = False
        self._allowed, self._until, self._met = steps, None, ""
        if steps != 1 or self._step_seconds > _LONG_STEP:  # a single quick one is over before anybody could pause it
            yield events.Resumed(self.trainer.step_number)

    def _pause(self) -> Iterator[Event]:
        yield from self._reports.report()
        step, why = self.trainer.step_number, self._met
        self.paused = True
        self._allowed, self._until, self._met = None, None, ""
        yield from self._handing.best()
        yield events.Paused(step, paused_sentence(why, step) if why else "")
        yield from self._handing.snapshot()  # after the answer, which should not have to wait for it
