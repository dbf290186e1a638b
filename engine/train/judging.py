"""When a run is evaluated, and what it is: the newest evaluation, and whether it is the best so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping

from engine.compute.program import Halt
from engine.train import events
from engine.train.events import Event
from engine.train.metrics import Evaluation, Evaluator, Examples
from engine.train.stopping import badness
from engine.train.trainer import Trainer

#: Steps between two evaluations, at least, where an epoch has fewer.
EVALUATION_STEPS = 50
#: Multiply–adds up to which the network is evaluated before the first step, which should not have to wait for it.
_FIRST_WORK = 2_000_000_000


class Judging:
    """Evaluates a trainer's network. ``attend`` carries out commands between two batches, ``stop`` says what may
    interrupt one."""

    def __init__(
        self, trainer: Trainer, attend: Callable[[], Iterator[Event]], stop: Callable[[], Halt | None]
    ) -> None:
        self._trainer = trainer
        self._attend = attend
        self._stop = stop
        self._best = math.inf
        #: Of the validation part, or of the training part where nothing is held back.
        self.latest: Evaluation | None = None
        #: Was the last one the best so far, by what early stopping watches?
        self.is_best = False

    @property
    def part(self) -> str:
        """Of what :attr:`latest` is."""
        return "validation" if self._trainer.validation is not None else "training"

    @property
    def values(self) -> Mapping[str, float]:
        """Loss and metrics of :attr:`latest` by name."""
        return {"loss": self.latest.loss, **self.latest.metrics} if self.latest else {}

    def is_due(self, total: int) -> bool:
        """Is an epoch over after which to evaluate, or the whole run of ``total`` steps?"""
        trainer = self._trainer
        if trainer.order.position != trainer.order.steps_per_epoch or trainer.step_number == trainer.evaluated_step:
            return False
        epochs = trainer.order.epoch - trainer.evaluated_epoch
        steps = trainer.step_number - trainer.evaluated_step
        due = epochs >= trainer.config.evaluate_every and steps >= EVALUATION_STEPS
        return due or trainer.step_number == total

    def first_is_quick(self) -> bool:
        """May the network be evaluated before the first step, which should not have to wait for it?"""
        parts = (self._trainer.sample, self._trainer.validation)
        return self._trainer.model.report.total_cost * sum(len(p.x) for p in parts if p) <= _FIRST_WORK

    def evaluate(self, observed: bool = True) -> Generator[Event, None, events.Evaluated]:
        """Evaluates both parts; what it found is returned rather than yielded.

        Schedule and early stopping go by it where ``observed``: when they do must not depend on pauses."""
        trainer = self._trainer
        trained = yield from self._evaluation_of(trainer.sample)
        held_back = Evaluation(math.nan)
        if trainer.validation is not None:
            held_back = yield from self._evaluation_of(trainer.validation)
        self.latest = held_back if trainer.validation is not None else trained
        if observed:
            trainer.observe(self.latest)
        bad = badness(trainer.config.monitor, self.latest.loss, self.latest.metrics)
        self.is_best, self._best = bad < self._best, min(bad, self._best)
        return events.Evaluated(trainer.step_number, trainer.order.epoch, trained.loss, dict(trained.metrics),
                                held_back.loss, dict(held_back.metrics))

    def _evaluation_of(self, examples: Examples) -> Generator[Event, None, Evaluation]:
        evaluator = Evaluator(self._trainer.model, examples, self._trainer.evaluation_batch)
        for _ in evaluator.batches(self._stop()):
            yield from self._attend()
        return evaluator.result()
