"""The learning-rate range test: a copy of the network takes some steps at an ever larger rate, to see where the loss
falls fastest and where it diverges (Smith 2017, Cyclical learning rates for training neural networks)."""

from __future__ import annotations

import logging
import math
from collections import deque
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
#: The spread of the smoothed loss over that of a batch's, √((1 − p)/(1 + p)) for the past's weight p; and over how many
#: steps spread and slope are measured.
_MEAN_SIGMA, _AROUND = math.sqrt((1.0 - _PAST) / (1.0 + _PAST)), 20
#: So many times its spread the smoothed loss does not rise by chance.
_CERTAIN = 3.0
_NOWHERE = ("At none of these rates does the loss fall below what it is with the weights as they are now. Where they "
            "are trained there may be little left to gain; where they are new, look at the data or at how they begin.")
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
    """Rates that were tried since the last report, the loss of each step's batch before its update, and what it is with
    the weights before all of them."""

    rates: np.ndarray
    losses: np.ndarray
    standing: np.ndarray

    @property
    def changes(self) -> np.ndarray:
        """By how much each loss is above what it was: batches differ by more than a trained network can still gain."""
        return self.losses - self.standing

    def and_more(self, more: Tried) -> Tried:
        """These, and what was tried after them."""
        return Tried(*(np.concatenate(pair) for pair in ((self.rates, more.rates), (self.losses, more.losses),
                                                         (self.standing, more.standing))))


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
    before = trainer.model.weights.values.copy()
    found: list[tuple[float, float, float]] = []
    change = _Smoothed()
    for step in range(test.steps):
        try:
            standing = _loss_with(trainer, before)
            trainer.step(False)
        except NotFinite:
            break
        found.append((test.low * growth**step, trainer.loss, standing))
        now = perf_counter()
        if change.diverges(trainer.loss, standing) or now - begun > MOST_SECONDS:
            break
        if now - told > _REPORT_EVERY:
            yield _tried(found)
            found, told = [], now
    yield _tried(found)


def _tried(found: list[tuple[float, float, float]]) -> Tried:
    rates, losses, standing = np.array(found, float).reshape(-1, 3).T
    return Tried(rates, losses, standing)


def _loss_with(trainer: Trainer, weights: np.ndarray) -> float:
    """The loss that other weights have for the examples of the next step, which is as if nobody had asked."""
    model, rows = trainer.model, trainer.order.next()
    program, vectors = model.program(len(rows)), model.weights
    for buffer in program.inputs.values():
        np.copyto(buffer, trainer.train.x[rows])
    for node, buffer in program.targets.items():
        np.copyto(buffer, trainer.train.targets[node][rows])
    own, running, drawn = vectors.values.copy(), vectors.state.copy(), model.rng.bit_generator.state
    vectors.values[:] = weights
    program.forward()
    vectors.values[:], vectors.state[:], model.rng.bit_generator.state = own, running, drawn
    trainer.order.back()
    return program.loss


class _Smoothed:
    """An exponential mean of how the loss has changed, corrected for its beginning at zero."""

    def __init__(self) -> None:
        self._sum = self._weight = self._least = 0.0
        self._standing = self._count = 0.0
        self._newest: deque[float] = deque(maxlen=2 * _AROUND)
        self.value = 0.0

    def add(self, change: float) -> float:
        """The mean with one more."""
        self._sum = _PAST * self._sum + (1.0 - _PAST) * change
        self._weight = _PAST * self._weight + (1.0 - _PAST)
        self.value = self._sum / self._weight
        return self.value

    def diverges(self, loss: float, standing: float) -> bool:
        """The same with a loss and what it was with the first weights: is it above that, and so far above its least as
        neither the loss nor chance explains?"""
        self._standing, self._count = self._standing + standing, self._count + 1
        self._newest.append(loss - standing)
        first, risen = self._standing / self._count, self.add(loss - standing) - self._least
        self._least = min(self._least, self.value)
        chance = _CERTAIN * _MEAN_SIGMA * float(np.std(self._newest))
        far = (_DIVERGED - 1.0) * max(abs(first + self._least), 0.25 * abs(first))
        return self.value > 0.0 and risen > max(far, chance)


def smooth(changes: np.ndarray) -> np.ndarray:
    """(k,) the smoothed changes of the loss."""
    mean = _Smoothed()
    return np.array([mean.add(float(change)) for change in changes])


def suggest(tried: Tried, highest: float = HIGH) -> Suggestion:
    """The rate where the smoothed loss falls fastest over log rate, at most a tenth of that where it diverges.

    What counts is by how much the losses have changed. ``highest`` is the last rate that was to be tried: a test that
    ended before has diverged.
    """
    rates, changes = tried.rates, tried.changes
    nowhere = Suggestion(math.nan, math.nan, math.nan, _NOWHERE)
    if len(rates) < _WARM_UP + 5:
        return nowhere
    curve = smooth(changes)
    least = int(np.argmin(curve))
    chance = _MEAN_SIGMA * float(changes[max(least - _AROUND, 0) : least + 1].std())
    if least <= _WARM_UP or -curve[least] < max(_LEAST_FALL * abs(float(tried.standing.mean())), chance):
        return nowhere
    steepest = float(rates[_WARM_UP + int(np.argmin(_slope(curve, np.log10(rates))[_WARM_UP : least + 1]))])
    diverges = float(rates[-1]) if rates[-1] < 0.99 * highest else math.nan
    rate = min(steepest, diverges / 10.0) if math.isfinite(diverges) else steepest
    rising = np.flatnonzero(curve[least:] > 0.0)
    rises = float(rates[least + rising[0]]) if rising.size else math.nan
    return Suggestion(float(f"{rate:.2g}"), steepest, diverges, _sentence(steepest, rises, diverges))


def _slope(curve: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Over some steps to either side: one batch alone makes no slope."""
    index = np.arange(len(curve))
    before, after = np.maximum(index - _AROUND // 2, 0), np.minimum(index + _AROUND // 2, len(curve) - 1)
    return (curve[after] - curve[before]) / (along[after] - along[before])


def _sentence(steepest: float, rises: float, diverges: float) -> str:
    reason = f"The loss falls fastest at {number(steepest, 2)}"
    if rises < (math.inf if math.isnan(diverges) else diverges):
        reason = f"{reason}. From {number(rises, 2)} on it is higher than with the weights as they are now"
        return f"{reason}." if math.isnan(diverges) else f"{reason}, and at {number(diverges, 2)} it diverges."
    if math.isnan(diverges):
        return f"{reason}, and diverges at none of these rates."
    bound = "which is below" if steepest <= diverges / 10.0 else "and more is not safe than"
    return f"{reason}, {bound} a tenth of {number(diverges, 2)}, where it diverges."


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
