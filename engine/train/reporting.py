"""Steps gathered to display rate, and what waits to be told after them."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from engine.train import events
from engine.train.advice import Advisor
from engine.train.events import Event
from engine.train.pace import Speed
from engine.train.trainer import Trainer

#: Seconds between two reports of steps.
REPORT_EVERY = 1 / 30


class Reports:
    """Tells what a trainer has measured. ``at`` is when it did last, on the clock of ``perf_counter``."""

    def __init__(self, trainer: Trainer) -> None:
        self.at = perf_counter()
        self._trainer = trainer
        self._step = trainer.step_number
        self._seconds = 0.0
        self._speed = Speed()
        self._waiting: list[Event] = []
        self._advisor = Advisor(trainer.model)
        #: What was advised for the first time in the last report, in sentences.
        self.advised: tuple[str, ...] = ()

    def put(self, event: Event) -> None:
        """To be told after the next steps, so that events keep the order of steps."""
        self._waiting.append(event)

    def go_on(self) -> None:
        """A pause is over: it counts for neither speed nor time."""
        self.at = perf_counter()

    def report(self) -> Iterator[Event]:
        """Everything measured since the last report."""
        trainer = self._trainer
        now = perf_counter()
        if trainer.log.count:
            steps = trainer.step_number - self._step
            passed = max(now - self.at, 1e-9)
            self._seconds += passed
            yield events.Steps(
                **trainer.log.take(),
                flow=trainer.flow.copy(),
                epoch=trainer.order.epoch + (trainer.order.position < trainer.order.steps_per_epoch),
                steps_per_second=self._speed.after(steps, passed),
                seconds=self._seconds,
            )
        if trainer.statistics is not None:
            yield trainer.statistics
            self._advisor.look(trainer.statistics, dict(zip(trainer.flow_nodes, trainer.flow.tolist(), strict=True)))
            trainer.statistics = None
        self.at, self._step = now, trainer.step_number
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            yield event
            if isinstance(event, events.Evaluated):
                self._advisor.evaluated(event)
        yield from self._advise(now)

    def _advise(self, now: float) -> Iterator[Event]:
        before = {(issue.code, issue.where) for issue in self._advisor.told}
        advice = self._advisor.news(now)
        self.advised = ()
        if advice is not None:
            self.advised = tuple(issue.happened for issue in advice if (issue.code, issue.where) not in before)
            yield events.Advised(self._trainer.step_number, advice)
