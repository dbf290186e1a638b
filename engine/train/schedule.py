"""Schedules: how the learning rate changes while training runs, as a factor of the optimizer's own.

A schedule is a value and knows only how far a run has come; :class:`Pace` is one at work. Names and defaults follow
PyTorch's, but durations are in epochs and may be fractions of one: the factor is taken anew at every step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.params import Choice, Declared, Float, FloatTuple, Int


@dataclass(frozen=True, slots=True)
class Span:
    """The run a schedule is for."""

    steps: int
    steps_per_epoch: int

    def of(self, epochs: float) -> float:
        """How many steps so many epochs have."""
        return epochs * self.steps_per_epoch


class Schedule(Declared):
    """How the learning rate changes while training runs."""

    #: Does it follow the loss rather than the steps?
    watches: ClassVar[bool] = False

    def factor(self, step: int, span: Span) -> float:
        """What the learning rate is multiplied by after ``step`` steps, at least 0."""
        raise NotImplementedError(self.kind)

    def curve(self, steps: int, steps_per_epoch: int, points: int = 500) -> tuple[np.ndarray, np.ndarray]:
        """A preview: step numbers (int64) and factors (float64), at most ``points`` of each."""
        shown = np.unique(np.linspace(0, max(steps - 1, 0), min(max(steps, 1), points)).astype(np.int64))
        span = Span(steps, steps_per_epoch)
        return shown, np.array([self.factor(int(step), span) for step in shown])


def _epochs(default: float, help: str, **more: Any) -> Float:
    return Float(default, help, low=0.0, high=1e6, unit="epochs", **more)


def _gamma(default: float, help: str) -> Float:
    return Float(default, help, low=0.0, high=1.0, open_low=True, label="γ")


_LEAST = "The share of the learning rate it falls to."


class Constant(Schedule, title="Constant"):
    """The learning rate stays as it is."""

    def factor(self, step: int, span: Span) -> float:
        return 1.0


class StepDecay(Schedule, title="Step"):
    """Multiplies the learning rate by γ every so many epochs: γ^⌊t / every⌋. PyTorch's StepLR."""

    every = _epochs(30.0, "Epochs between two falls.", open_low=True)
    gamma = _gamma(0.1, "What the rate is multiplied by at each fall.")

    def factor(self, step: int, span: Span) -> float:
        return self.gamma ** math.floor(step / span.of(self.every))


class MultiStep(Schedule, title="Multistep"):
    """Multiplies the learning rate by γ after each of the epochs you name. PyTorch's MultiStepLR."""

    milestones = FloatTuple((30.0, 80.0), "The epochs after which the rate falls.", low=0.0, high=1e6)
    gamma = _gamma(0.1, "What the rate is multiplied by at each fall.")

    def factor(self, step: int, span: Span) -> float:
        return self.gamma ** sum(step >= span.of(milestone) for milestone in self.milestones)


class Exponential(Schedule, title="Exponential"):
    """Lets the learning rate fall smoothly to the share γ of itself in every epoch: γ^t.

    PyTorch's ExponentialLR, which falls once an epoch, is the same at the end of each.
    """

    gamma = _gamma(0.95, "What is left of the rate after an epoch.")

    def factor(self, step: int, span: Span) -> float:
        return self.gamma ** (step / span.steps_per_epoch)


class Cosine(Schedule, title="Cosine"):
    """Lets the learning rate fall along half a cosine from first to last step, after a warm-up where one is wanted.

    m + (1 − m)·(1 + cos πt/T)/2 (Loshchilov & Hutter 2017). PyTorch's CosineAnnealingLR, with T the whole run.
    """

    warmup = _epochs(0.0, "Epochs at the beginning in which the rate rises in a straight line.")
    least = Float(0.0, _LEAST, low=0.0, high=1.0, advanced=True)

    def factor(self, step: int, span: Span) -> float:
        rise = min(round(span.of(self.warmup)), span.steps)
        if step < rise:
            return (step + 1) / (rise + 1)
        return _half_cosine(1.0, self.least, (step - rise) / max(span.steps - rise, 1))


class CosineRestarts(Schedule, title="Cosine with restarts"):
    """Falls along half a cosine, jumps back up and falls again, each time for longer.

    The warm restarts of Loshchilov & Hutter 2017; PyTorch's CosineAnnealingWarmRestarts.
    """

    first = _epochs(10.0, "Epochs until the first restart.", open_low=True)
    growth = Int(2, "How many times longer each fall is than the one before.", low=1, high=100)
    least = Float(0.0, _LEAST, low=0.0, high=1.0, advanced=True)

    def factor(self, step: int, span: Span) -> float:
        length, begun = span.of(self.first), 0.0
        if self.growth == 1:
            return _half_cosine(1.0, self.least, math.fmod(step, length) / length)
        while step - begun >= length:
            begun += length
            length *= self.growth
        return _half_cosine(1.0, self.least, (step - begun) / length)


class LinearWarmup(Schedule, title="Linear warm-up"):
    """Begins with a share of the learning rate and rises to all of it in a straight line. PyTorch's LinearLR."""

    start = Float(1 / 3, "The share of the learning rate to begin with.", low=0.0, high=1.0)
    epochs = _epochs(5.0, "Epochs until it is reached.")

    def factor(self, step: int, span: Span) -> float:
        done = min(step / span.of(self.epochs), 1.0) if self.epochs else 1.0
        return self.start + (1.0 - self.start) * done


class OneCycle(Schedule, title="One cycle"):
    """Rises from a small rate to the learning rate and falls to a tiny one, once in the whole run.

    Smith & Topin 2018. PyTorch's OneCycleLR with the learning rate as ``max_lr``; momentum is left alone.
    """

    rise = Float(0.3, "Share of the run in which the rate rises.", low=0.0, high=1.0, open_low=True, open_high=True)
    begin_below = Float(25.0, "How many times smaller the first rate is than the largest.", low=1.0, high=1e9)
    end_below = Float(1e4, "How many times smaller the last rate is than the first.", low=1.0, high=1e12)
    shape = Choice("cosine", "How it rises and falls.", options={"cosine": "Half a cosine", "linear": "Straight"})

    def factor(self, step: int, span: Span) -> float:
        first = 1.0 / self.begin_below
        top, end = self.rise * span.steps - 1.0, span.steps - 1.0
        between = _half_cosine if self.shape == "cosine" else _straight
        if step <= top:
            return between(first, 1.0, step / top) if top else 1.0
        return between(1.0, first / self.end_below, min((step - top) / max(end - top, 1.0), 1.0))


class ReduceOnPlateau(Schedule, title="Reduce on plateau"):
    """Lowers the learning rate when the validation loss (training loss where none is held back) stops falling.

    PyTorch's ReduceLROnPlateau, looked at after every evaluation. Its preview is flat: nobody knows when it falls.
    """

    watches = True
    gamma = Float(0.1, "What the rate is multiplied by.", low=0.0, high=1.0, open_low=True, open_high=True, label="γ")
    patience = Int(10, "Evaluations without improvement that are put up with.", low=0, high=100_000)
    threshold = Float(1e-4, "Share of the best loss by which a loss must be lower to count as better.", low=0.0,
                      high=1.0, advanced=True)
    cooldown = Int(0, "Evaluations after a fall that are not counted.", low=0, high=100_000, advanced=True)
    least = Float(0.0, _LEAST, low=0.0, high=1.0, advanced=True)

    def factor(self, step: int, span: Span) -> float:
        return 1.0


def _half_cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * min(done, 1.0))) / 2.0


def _straight(start: float, end: float, done: float) -> float:
    return start + (end - start) * done


class Pace:
    """A schedule at work: where the run began, and what it has seen of the loss."""

    def __init__(self, schedule: Schedule, span: Span) -> None:
        self.schedule = schedule
        self.span = span
        self.origin = 0
        self._best = math.inf
        self._bad = self._resting = 0
        self._reduced = 1.0

    def factor(self, step: int) -> float:
        """What the learning rate is multiplied by after ``step`` steps in all."""
        return self._reduced * self.schedule.factor(step - self.origin, self.span)

    def observe(self, loss: float) -> None:
        """Takes in the loss of an evaluation."""
        schedule = self.schedule
        if not isinstance(schedule, ReduceOnPlateau):
            return
        if loss < self._best * (1.0 - schedule.threshold):
            self._best, self._bad = loss, 0
        else:
            self._bad += 1
        if self._resting:
            self._resting -= 1
            self._bad = 0
        if self._bad > schedule.patience:
            self._reduced = max(self._reduced * schedule.gamma, schedule.least)
            self._resting, self._bad = schedule.cooldown, 0

    def stretch(self, step: int, by: float) -> None:
        """Epochs have ``by`` times as many steps from now on; what is over counts as if they always had."""
        self.origin = step - round((step - self.origin) * by)
        self.span = Span(round(self.span.steps * by), round(self.span.steps_per_epoch * by))

    def begin_again(self, step: int) -> None:
        """A finished run goes on: its schedule starts over at ``step``."""
        self.origin = step
        self._best, self._bad, self._resting, self._reduced = math.inf, 0, 0, 1.0

    def state(self) -> dict[str, Any]:
        """Plain values for :meth:`restore`; None stands for a best loss that is not known."""
        best = self._best if math.isfinite(self._best) else None
        return {"origin": self.origin, "best": best, "bad": self._bad, "resting": self._resting,
                "reduced": self._reduced}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on where ``state`` was taken."""
        self.origin, self._bad, self._resting = int(state["origin"]), int(state["bad"]), int(state["resting"])
        self._best = math.inf if state["best"] is None else float(state["best"])
        self._reduced = float(state["reduced"]) if self.schedule.watches else 1.0
