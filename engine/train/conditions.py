"""What a run may be asked to go on until: declared once each; menu, dialog and worker follow from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.numbers import count, exact, number
from engine.params import Choice, Declared, Float, Int


@dataclass(slots=True)
class Seen:
    """What is known after a step. ``loss`` is that of its batch, ``gradient`` the norm of the whole gradient.

    ``evaluated`` are loss and metrics of the newest evaluation, of the validation part where there is one (``part``
    names it); None where this step was not evaluated.
    """

    step: int
    epoch: int
    loss: float
    gradient: float
    part: str = ""
    evaluated: Mapping[str, float] | None = None
    advice: tuple[str, ...] = field(default_factory=tuple)


class Condition(Declared):
    """When a run is to pause."""

    def met(self, seen: Seen) -> str:
        """Why the run is to pause now, as the beginning of a sentence that ends with the step; "" where it is not."""
        raise NotImplementedError(self.kind)

    def wish(self) -> str:
        """What is waited for, after "Until"."""
        raise NotImplementedError(self.kind)


class StepReached(Condition, title="Step"):
    """A number of steps is done, counted from the beginning of training."""

    step = Int(1000, "The step after which the run pauses.", low=1, high=2**31 - 1)

    def met(self, seen: Seen) -> str:
        return "the step was reached" if seen.step >= self.step else ""

    def wish(self) -> str:
        return f"step {count(self.step)}"


class EpochReached(Condition, title="Epoch"):
    """A number of epochs is done, counted from the beginning of training."""

    epoch = Int(10, "The epoch after which the run pauses.", low=1, high=10_000_000)

    def met(self, seen: Seen) -> str:
        return f"epoch {count(seen.epoch)} was completed" if seen.epoch >= self.epoch else ""

    def wish(self) -> str:
        return f"the end of epoch {count(self.epoch)}"


class LossBelow(Condition, title="Loss below"):
    """The loss of an evaluation, or of a step's batch, falls below a value."""

    value = Float(0.1, "The run pauses where the loss is less than this.", low=-1e9, high=1e9)
    of = Choice("evaluation", "Which loss is looked at: that of the validation part, where there is one, after each "
                "evaluation; or that of each step's batch.", label="Loss of",
                options={"evaluation": "Evaluations", "batch": "Single batches"})

    def met(self, seen: Seen) -> str:
        loss = seen.loss if self.of == "batch" else (seen.evaluated or {}).get("loss", math.nan)
        whose = "the batch's" if self.of == "batch" else seen.part
        return f"{whose} loss fell below {exact(self.value)} ({number(loss, 4)})" if loss < self.value else ""

    def wish(self) -> str:
        return f"{'batch loss' if self.of == 'batch' else 'loss'} below {exact(self.value)}"


class AccuracyAbove(Condition, title="Accuracy above"):
    """The accuracy of an evaluation rises above a share."""

    value = Float(0.95, "The share of right predictions, 0 to 1.", low=0.0, high=1.0, open_high=True)

    def met(self, seen: Seen) -> str:
        accuracy = (seen.evaluated or {}).get("accuracy", math.nan)
        if accuracy > self.value:
            return f"{seen.part} accuracy rose above {exact(100 * self.value)} % ({number(100 * accuracy, 4)} %)"
        return ""

    def wish(self) -> str:
        return f"accuracy above {exact(100 * self.value)} %"


class ErrorBelow(Condition, title="Error below"):
    """The root mean squared error of an evaluation falls below a value, where the targets are numbers."""

    value = Float(0.1, "The run pauses where the error is less than this, in the units of the target.", low=0.0,
                  high=1e9)

    def met(self, seen: Seen) -> str:
        error = (seen.evaluated or {}).get("rmse", math.nan)
        return f"{seen.part} error fell below {exact(self.value)} ({number(error, 4)})" if error < self.value else ""

    def wish(self) -> str:
        return f"error below {exact(self.value)}"


class GradientOutside(Condition, title="Gradient outside"):
    """The norm of the whole gradient leaves a range: it vanishes, or explodes."""

    low = Float(1e-6, "Pause where the norm is less than this.", low=0.0, high=1e9, log=True)
    high = Float(100.0, "Pause where the norm is more than this.", low=0.0, high=1e30, log=True)

    def met(self, seen: Seen) -> str:
        if seen.gradient < self.low:
            return f"the gradient's norm fell below {exact(self.low)} ({number(seen.gradient)})"
        if seen.gradient > self.high:
            return f"the gradient's norm rose above {exact(self.high)} ({number(seen.gradient)})"
        return ""

    def wish(self) -> str:
        return f"gradient below {exact(self.low)} or above {exact(self.high)}"


class AdviceAppears(Condition, title="Advice appears"):
    """A measurement suggests that something should be changed."""

    def met(self, seen: Seen) -> str:
        return f"advice appeared: {seen.advice[0].rstrip('.')}" if seen.advice else ""

    def wish(self) -> str:
        return "advice appears"


def paused_sentence(reason: str, step: int) -> str:
    """What the person reads."""
    return f"Paused: {reason} at step {count(step)}."
