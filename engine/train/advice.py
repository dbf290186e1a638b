"""Advice from what was measured: rules over close looks at steps and over evaluations, each declared once.

An advice is an :class:`~engine.issues.Issue` of the severity ADVICE: what was measured, why it matters, what to do, and
mends where one is known. It appears when its rule holds for several looks on end and goes when it has not for as many,
so that nothing flickers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.compute import Model
from engine.issues import Fix, Issue, Severity
from engine.numbers import count, number, percent
from engine.train.advice_fixes import leaky, less_rate, more_rate, set_training, unsaturated
from engine.train.events import Evaluated, Statistics

#: Looks on end for which a rule must hold, or not hold, to be believed.
HOLD = 5
#: Seconds after which an advice says its numbers anew.
NEW_NUMBERS = 3.0
#: Shares of dead units and of outputs in the flat ends from which it is worth a word.
DEAD, SATURATED = 0.2, 0.6
#: How much smaller, or larger, gradients may be in the first layer that learns than in the last.
VANISHED, EXPLODED = 1e-4, 1e4
#: Norm of the whole gradient above which steps are hardly steered any more.
HUGE_GRADIENT = 1e3
#: Between these the ‖ΔW‖ / ‖W‖ of matrices is no cause for worry.
LOW_UPDATE, HIGH_UPDATE = 1e-7, 0.1
#: Evaluations that are compared for a plateau, and the share that the loss must have fallen by meanwhile.
PLATEAU, PROGRESS = 30, 0.002
#: Evaluations since the best one, and how much worse the validation loss is by now.
SINCE_BEST, WORSE = 5, 1.1
#: A network that does this well has no disease: accuracy or R².
GOOD = 0.95


@dataclass(frozen=True, slots=True)
class Look:
    """One close look: ``flow`` is the mean |∂L/∂output| by node; ``good`` tells that the network does well already."""

    model: Model
    statistics: Statistics
    flow: Mapping[str, float]
    good: bool

    def label(self, node: str) -> str:
        return self.model.graph.nodes[node].label

    def learners(self) -> list[str]:
        """The nodes with weights that learn and a gradient that was measured, in the order of computing."""
        learning = {segment.node for segment in self.model.weights.trainable}
        return [node for node in self.model.report.order if node in learning and self.flow.get(node, 0.0) > 0.0]

    def matrix_updates(self) -> list[float]:
        """‖ΔW‖ / ‖W‖ of every array that is more than a row of offsets."""
        matrices = {segment.key for segment in self.model.weights.trainable if len(segment.shape) > 1}
        return [weight.update_ratio for layer in self.statistics.layers for weight in layer.weights
                if weight.key in matrices and math.isfinite(weight.update_ratio)]


Rule = Callable[[Look], Iterator[Issue]]
EvaluationRule = Callable[[Sequence[Evaluated]], Iterator[Issue]]


def _advice(code: str, measured: str, why: str, do: str, where: str = "", mends: tuple[Fix, ...] = ()) -> Issue:
    return Issue(code, measured, why, do, where, Severity.ADVICE, mends=mends)


def dead_units(look: Look) -> Iterator[Issue]:
    """Units of a rectifier that put out zero for all that was looked at."""
    for layer in look.statistics.layers:
        silent = round(layer.dead * layer.units) if math.isfinite(layer.dead) else 0
        if layer.dead >= DEAD and silent > 1:
            yield _advice(
                "dead_units", f"{count(silent)} of {count(layer.units)} units are dead.",
                "They put out 0 for each of the last examples looked at, so no gradient reaches their weights.",
                "Use an activation with a slope below zero, or a lower learning rate.", layer.node,
                leaky(look.model, layer.node))


def saturation(look: Look) -> Iterator[Issue]:
    """Activations whose outputs lie at the flat ends, where they pass no gradient on."""
    for layer in look.statistics.layers:
        if layer.saturated >= SATURATED and not look.good:
            yield _advice(
                "saturated", f"{percent(layer.saturated)} of the outputs are saturated.",
                "They lie where the activation is flat, so hardly any gradient passes through.",
                "Normalise what comes in, or use an activation without flat ends.", layer.node,
                unsaturated(look.model, layer.node))


def vanishing(look: Look) -> Iterator[Issue]:
    """Gradients that shrink on their way back."""
    nodes = look.learners()
    if len(nodes) < 2 or look.good:
        return
    first, last = nodes[0], nodes[-1]
    ratio = look.flow[first] / look.flow[last]
    if ratio < VANISHED:
        yield _advice(
            "vanishing", f"The gradient shrinks to {number(ratio, 2)} of itself between {look.label(last)} and here.",
            f"Mean |∂L/∂output| is {number(look.flow[last], 2)} there and {number(look.flow[first], 2)} here, so the "
            "first layers hardly learn.", "Use activations that keep the gradient's size, normalisation, or shortcuts.",
            first, unsaturated(look.model))


def exploding(look: Look) -> Iterator[Issue]:
    """Gradients that grow on their way back, or are huge altogether."""
    nodes = look.learners()
    norm = math.sqrt(sum(w.gradient_norm**2 for layer in look.statistics.layers for w in layer.weights))
    clip = set_training("Clip the gradient's norm at 1", "optimizer.clip_norm", 1.0)
    if len(nodes) > 1 and look.flow[nodes[0]] > EXPLODED * look.flow[nodes[-1]]:
        ratio = look.flow[nodes[0]] / look.flow[nodes[-1]]
        yield _advice("exploding",
                      f"The gradient grows by {number(ratio, 2)} between {look.label(nodes[-1])} and here.",
                      "The first layers take steps far larger than the last ones.",
                      "Begin with smaller weights, normalise, or clip the gradient.", nodes[0], (clip,))
    elif norm > HUGE_GRADIENT:
        yield _advice("exploding", f"The gradient's norm is {number(norm)}.",
                      "Steps of that size hardly follow the slope any more, and the loss may jump.",
                      "Clip the gradient, lower the learning rate, or scale the inputs.", "", (clip,))


def update_size(look: Look) -> Iterator[Issue]:
    """Updates that change weights by far too much, or by next to nothing."""
    ratios = sorted(look.matrix_updates())
    if not ratios:
        return
    middle, rate = ratios[len(ratios) // 2], look.statistics.learning_rate
    if middle > HIGH_UPDATE:
        yield _advice("rate_high", f"A step changes the weights by {number(100 * middle)} % of their size.",
                      "About 0.1 % is usual: at this size, steps overshoot.", "Lower the learning rate.", "",
                      less_rate(rate))
    elif ratios[-1] < LOW_UPDATE and not look.good:
        yield _advice("rate_low", f"A step changes no weights by more than {number(ratios[-1], 1)} of their size.",
                      "About 0.001 is usual: at this size, learning takes for ever.", "Raise the learning rate.", "",
                      more_rate(rate))


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
        yield _advice("plateau", f"The training loss has not fallen for {count(steps)} steps: {number(best_since, 4)}.",
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
        yield _advice(
            "overfitting", f"The validation loss has risen from {number(best.val_loss)} at step {count(best.step)} to "
            f"{number(now.val_loss)}, while the training loss fell to {number(now.train_loss)}.",
            "The network learns the training examples by heart.",
            "Stop early, use weight decay or dropout, or more data.", "", (stop, decay))


#: Rules over each close look, and over the evaluations so far.
RULES: tuple[Rule, ...] = (dead_units, saturation, vanishing, exploding, update_size)
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
