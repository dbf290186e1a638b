"""The learning-rate range test: a copy of the network takes some steps at an ever larger rate, to see where the loss
falls fastest and where it diverges (Smith 2017, Cyclical learning rates for training neural networks)."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import numpy as np

from engine import data
from engine.compute import compile as compile_graph
from engine.compute.threads import use_threads
from engine.issues import ChainruleError
from engine.numbers import number
from engine.train.child import Child, settle_in
from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.pipes import Sender, receive
from engine.train.schedule import Constant, Pace, Span
from engine.train.trainer import NotFinite, Trainer

log = logging.getLogger(__name__)

#: Rates from the first to the last, in so many steps, and seconds after which it ends wherever it is.
LOW, HIGH, STEPS, MOST_SECONDS = 1e-6, 10.0, 200, 60.0
#: Weight of the past in the smoothed loss, and how many times the best of it means divergence.
_PAST, _DIVERGED = 0.9, 4.0
#: Steps at the beginning that say little about the slope, and the share by which the loss must have fallen somewhere.
_WARM_UP, _LEAST_FALL = 10, 0.02
_REPORT_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class RangeTest:
    """What to try: a network and its data as a run would begin with them, and the rates."""

    job: Job
    low: float = LOW
    high: float = HIGH
    steps: int = STEPS


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Rates that were tried since the last report, and the loss of each step's batch before its update."""

    rates: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True, slots=True)
class Over:
    """The test is over; ``problem`` says why it could not be made, "" where it was."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``rate`` is NaN where the loss falls nowhere; ``diverges`` where it does not diverge."""

    rate: float
    steepest: float
    diverges: float
    sentence: str


class _Rising(Pace):
    """Multiplies the rate by the same factor at every step."""

    def __init__(self, growth: float) -> None:
        super().__init__(Constant(), Span(1, 1))
        self._growth = growth

    def factor(self, step: int) -> float:
        return self._growth**step


def try_rates(trainer: Trainer, test: RangeTest) -> Iterator[Tried]:
    """Trains with rising rates until the last, until the loss diverges, or until time is up."""
    growth = (test.high / test.low) ** (1.0 / max(test.steps - 1, 1))
    trainer.update.set_live("learning_rate", test.low)
    trainer.pace = _Rising(growth)
    begun = told = perf_counter()
    rates: list[float] = []
    losses: list[float] = []
    smoothed = _Smoothed()
    for step in range(test.steps):
        try:
            trainer.step(False)
        except NotFinite:
            break
        rates.append(test.low * growth**step)
        losses.append(trainer.loss)
        now = perf_counter()
        diverged = smoothed.add(trainer.loss)
        if diverged or now - begun > MOST_SECONDS:
            break
        if now - told > _REPORT_EVERY:
            yield Tried(np.array(rates), np.array(losses))
            rates, losses, told = [], [], now
    yield Tried(np.array(rates), np.array(losses))


class _Smoothed:
    """An exponential mean, corrected for its beginning at zero; tells when it is far above its least."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0
        self._best = math.inf
        self._first = math.nan
        self.value = math.nan

    def add(self, loss: float) -> bool:
        self._sum = _PAST * self._sum + (1.0 - _PAST) * loss
        self._weight = _PAST * self._weight + (1.0 - _PAST)
        self.value = self._sum / self._weight
        if math.isnan(self._first):
            self._first = self.value
        self._best = min(self._best, self.value)
        return self.value - self._best > (_DIVERGED - 1.0) * max(abs(self._best), 0.25 * abs(self._first))


def smooth(losses: np.ndarray) -> np.ndarray:
    """(k,) the smoothed losses."""
    mean = _Smoothed()
    return np.array([(mean.add(float(loss)), mean.value)[1] for loss in losses])


def suggest(rates: np.ndarray, losses: np.ndarray, highest: float = HIGH) -> Suggestion:
    """The rate where the smoothed loss falls fastest over log rate, at most a tenth of that where it diverges.

    ``highest`` is the last rate that was to be tried: a test that ended before has diverged.
    """
    nowhere = Suggestion(math.nan, math.nan, math.nan,
                         "The loss falls at none of these rates. Look at the data, or at the first weights.")
    if len(rates) < _WARM_UP + 5:
        return nowhere
    curve = smooth(losses)
    least = int(np.argmin(curve))
    start = float(np.median(curve[:_WARM_UP]))
    if least <= _WARM_UP or start - float(curve[least]) < _LEAST_FALL * abs(start):
        return nowhere
    slope = np.gradient(curve, np.log10(rates))[_WARM_UP : least + 1]
    steepest = float(rates[_WARM_UP + int(np.argmin(slope))])
    diverges = float(rates[-1]) if rates[-1] < 0.99 * highest else math.nan
    rate = min(steepest, diverges / 10.0) if math.isfinite(diverges) else steepest
    rate = float(f"{rate:.2g}")
    reason = f"The loss falls fastest at {number(steepest, 2)}"
    if math.isnan(diverges):
        return Suggestion(rate, steepest, diverges, f"{reason}, and diverges at none of these rates.")
    bound = "which is below" if steepest <= diverges / 10.0 else "and more is not safe than"
    reason = f"{reason}, {bound} a tenth of {number(diverges, 2)}, where it diverges."
    return Suggestion(rate, steepest, diverges, reason)


class RangeProcess(Child):
    """A process that makes one test; :meth:`~engine.train.child.Child.hear` gives Tried and, at the end, Over."""

    def __init__(self, test: RangeTest) -> None:
        super().__init__(main, "chainrule-range-test", None)
        self.put(test)


def main(commands: Connection, events: Connection) -> None:
    """Entry of the process."""
    settle_in()
    outbox = Sender(events, "tried")
    try:
        for message in receive(commands):
            for event in _carry_out(message) if isinstance(message, RangeTest) else ():
                outbox.put(event)
    except (EOFError, OSError):
        log.info("whoever asked for the range test is gone")
    outbox.close()


def _carry_out(test: RangeTest) -> Iterator[Tried | Over]:
    try:
        yield from try_rates(_trainer(test.job), test)
        yield Over()
    except ChainruleError as problem:
        yield Over(str(problem))
    except Exception as problem:
        log.exception("the range test failed")
        yield Over(f"The test stopped because of an error in the program ({type(problem).__name__}).")


def _trainer(job: Job) -> Trainer:
    plain: dict[str, Any] = {**job.training, "early_stopping": 0}
    config = TrainingConfig.of(plain)
    if config.build_optimizer().searches:
        raise ChainruleError(f"{config.build_optimizer().title} searches the length of its steps itself.",
                             "A range test is for an optimizer with a learning rate.", "Choose another optimizer.")
    dataset = data.load(data.Source.from_dict(job.source))
    use_threads(1)
    model = compile_graph(job.graph, batch_size=config.rows_per_step(len(dataset.x_train)), seed=config.seed,
                          report=job.report)
    model.weights.copy_fitting(job.weights)
    return Trainer(model, dataset, config)
