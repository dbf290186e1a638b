"""Advice from what was measured: rules over close looks at steps and over evaluations, each declared once.

An advice is an :class:`~engine.issues.Issue` of the severity ADVICE: what was measured, why it matters, what to do, and
mends where one is known. It appears when its rule holds for several looks on end and goes when it has not for as many,
so that nothing flickers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.compute import Model
from engine.issues import Issue
from engine.numbers import count, number
from engine.train.advice_fixes import set_training
from engine.train.advice_looks import RULES, Look, advice
from engine.train.events import Evaluated, Statistics

#: Looks on end for which a rule must hold, or not hold, to be believed.
HOLD = 5
#: Seconds after which an advice says its numbers anew.
NEW_NUMBERS = 3.0
#: Evaluations that are compared for a plateau, and the share that the loss must have fallen by meanwhile.
PLATEAU, PROGRESS = 30, 0.002
#: Evaluations since the best one, and how much worse the validation loss is by now.
SINCE_BEST, WORSE = 5, 1.1
#: A network that does this well has no disease: accuracy or R².
GOOD = 0.95

EvaluationRule = Callable[[Sequence[Evaluated]], Iterator[Issue]]


def plateau(seen: Sequence[Evaluated]) -> Iterator[Issue]:
    """A training loss that no longer falls although the network does not do well yet."""
    if len(seen) < PLATEAU or is_good(seen[-1]):
        return
    best_before = min(one.train_loss for one in seen[: -PLATEAU // 2])
    best_since = min(one.train_loss for one in seen[-PLATEAU // 2 :])
    fallen = best_before - best_since
    if fallen < PROGRESS * abs(best_before):
        steps = seen[-1].step - seen[-PLATEAU // 2].step
        lower = set_training("Reduce the rate on a plateau", "schedule", (("kind", "ReduceOnPlateau"),))
        yield advice("plateau", f"The training loss has not fallen for {count(steps)} steps: {number(best_since, 4)}.",
                     "Going on as it is will hardly help.",
                     "Lower the learning rate, give the network more units, or look at the data.", "", (lower,))


def overfitting(seen: Sequence[Evaluated]) -> Iterator[Issue]:
    """A validation loss that rises while the training loss falls."""
    known = [one for one in seen if math.isfinite(one.val_loss)]
    if len(known) <= SINCE_BEST:
        return
    best, now = min(known, key=lambda one: one.val_loss), known[-1]
    since = sum(one.step > best.step for one in known)
    recent = min(one.val_loss for one in known[-SINCE_BEST:])
    if since >= SINCE_BEST and recent > WORSE * best.val_loss > 0.0 and now.train_loss < best.train_loss:
        stop = set_training("Stop early next time", "early_stopping", SINCE_BEST)
        decay = set_training("Add weight decay 0.0001", "optimizer.weight_decay", 1e-4)
        yield advice(
            "overfitting", f"The validation loss has risen from {number(best.val_loss)} at step {count(best.step)} to "
            f"{number(now.val_loss)}, while the training loss fell to {number(now.train_loss)}.",
            "The network learns the training examples by heart.",
            "Stop early, use weight decay or dropout, or more data.", "", (stop, decay))


#: Rules over the evaluations so far; those over close looks stand beside them.
EVALUATION_RULES: tuple[EvaluationRule, ...] = (plateau, overfitting)


def is_good(one: Evaluated) -> bool:
    """Does the network do well on what it was trained on?"""
    metrics = one.train_metrics
    return metrics.get("accuracy", metrics.get("r2", 0.0)) >= GOOD


class Advisor:
    """Applies the rules to one run. What it knows is bounded: the newest evaluations, a count for each advice."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._evaluations: list[Evaluated] = []
        self._held: dict[tuple[str, str], int] = {}
        self._shown: dict[tuple[str, str], Issue] = {}
        self._judged: tuple[Issue, ...] = ()
        #: What :meth:`news` has given last.
        self.told: tuple[Issue, ...] = ()
        self._told_at = 0.0

    @property
    def advice(self) -> tuple[Issue, ...]:
        """All that holds now."""
        return (*self._shown.values(), *self._judged)

    def look(self, statistics: Statistics, flow: Mapping[str, float]) -> None:
        """Takes in a close look at a step."""
        good = bool(self._evaluations) and is_good(self._evaluations[-1])
        look = Look(self._model, statistics, flow, good)
        found = {(issue.code, issue.where): issue for rule in RULES for issue in rule(look)}
        for key in {*found, *self._held}:
            before = self._held.get(key, 0)
            held = max(before, 0) + 1 if key in found else min(before, 0) - 1
            self._held[key] = held
            if key in found and (held >= HOLD or key in self._shown):
                self._shown[key] = self._placed(found[key])
            elif held <= -HOLD:
                self._shown.pop(key, None)
                del self._held[key]

    def evaluated(self, event: Evaluated) -> None:
        """Takes in an evaluation."""
        self._evaluations.append(event)
        if len(self._evaluations) > 4 * PLATEAU:  # the best one stays, whenever it was
            best = min(self._evaluations, key=lambda one: one.val_loss if math.isfinite(one.val_loss) else math.inf)
            self._evaluations = [best, *(one for one in self._evaluations[-2 * PLATEAU :] if one is not best)]
        self._judged = tuple(issue for rule in EVALUATION_RULES for issue in rule(self._evaluations))

    def news(self, now: float) -> tuple[Issue, ...] | None:
        """All advice, where another one holds than when this was asked last; None where it is the same.

        Where only its numbers are others, it is news after a while; ``now`` is the time in seconds.
        """
        advice = self.advice
        same = [(a.code, a.where) for a in advice] == [(b.code, b.where) for b in self.told]
        if advice == self.told or (same and now - self._told_at < NEW_NUMBERS):
            return None
        self.told, self._told_at = advice, now
        return advice

    def _placed(self, issue: Issue) -> Issue:
        """On the node that is drawn, where it was found in a copy of it."""
        drawn = self._model.report.origin.get(issue.where, issue.where)
        return issue if drawn == issue.where else issue.at(drawn)
