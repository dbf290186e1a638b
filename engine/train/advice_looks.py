"""Rules over close looks at steps: what each found is an advice, an :class:`~engine.issues.Issue` that says what was
measured, why it matters and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.compute import Model
from engine.compute.weights import Segment
from engine.issues import Fix, Issue, Severity
from engine.layer import Category
from engine.layers import Embedding, Input
from engine.numbers import count, number, percent
from engine.train.advice_fixes import leaky, less_rate, more_rate, own_beginning, set_training, unsaturated
from engine.train.events import LayerStatistics, Statistics, WeightStatistics

#: Shares of dead units and of outputs in the flat ends from which it is worth a word.
DEAD, SATURATED = 0.2, 0.6
#: How much smaller, or larger, gradients may be in the first layer that learns than in the last.
VANISHED, EXPLODED = 1e-4, 1e4
#: Norm of the whole gradient above which steps are hardly steered any more.
HUGE_GRADIENT = 1e3
#: Between these the ‖ΔW‖ / ‖W‖ of matrices is no cause for worry.
LOW_UPDATE, HIGH_UPDATE = 1e-7, 0.1
#: Norm of a matrix's gradient below which no learning rate makes up for it.
NO_GRADIENT = 1e-6
#: Weights are the same that differ by no more than this share of the largest: products round them differently.
ROUNDING = 1e-5
#: Root mean square of inputs above which they had better be scaled.
LARGE_INPUT = 10.0


@dataclass(frozen=True)
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

    def matrices(self) -> list[WeightStatistics]:
        """Every array that is more than a row of offsets."""
        keys = {segment.key for segment in self.model.weights.trainable if len(segment.shape) > 1}
        return [weight for layer in self.statistics.layers for weight in layer.weights if weight.key in keys]

    @cached_property
    def alike(self) -> frozenset[str]:
        """The layers whose units all hold the same weights now."""
        by_node: dict[str, list[Segment]] = {}
        for segment in self.model.weights.trainable:
            by_node.setdefault(segment.node, []).append(segment)
        return frozenset(node for node, segments in by_node.items() if self._are_alike(node, segments))

    def _are_alike(self, node: str, segments: list[Segment]) -> bool:
        """Are the rows of each array the same, where there is one for each of several units?"""
        units = {segment.shape[0] for segment in segments}
        has_matrix = any(len(segment.shape) > 1 for segment in segments)
        if not (self.model.report.layers[node].linear and has_matrix and len(units) == 1 and min(units) > 1):
            return False
        values = self.model.weights.values
        return all(_same_rows(segment.public(values)) for segment in segments)


Rule = Callable[[Look], Iterator[Issue]]


def advice(code: str, measured: str, why: str, do: str, where: str = "", mends: tuple[Fix, ...] = ()) -> Issue:
    """What was measured, why it matters, what to do."""
    return Issue(code, measured, why, do, where, Severity.ADVICE, mends=mends)


def _same_rows(array: np.ndarray) -> bool:
    """Are they, but for rounding? Two are compared first: they nearly always differ. Infinite ones are not alike."""
    room = ROUNDING * float(np.abs(array[0]).max())
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.abs(array[1] - array[0]).max() <= room and np.abs(array - array[:1]).max() <= room)


def unscaled(look: Look) -> Iterator[Issue]:
    """Inputs far larger than the first weights are made for."""
    for layer in look.statistics.layers:
        if look.good or not isinstance(look.model.report.layers[layer.node], Input) or _is_scaled(look, layer):
            continue
        yield advice(
            "unscaled", f"The inputs are about {number(math.hypot(layer.mean, layer.sigma))} in size.",
            "Weights begin for inputs of about 1. The first layer's gradient is as much larger as they are, so that "
            "steps overshoot, and activations saturate.", "Choose a scaling in the Data tab.", layer.node)


def _is_scaled(look: Look, layer: LayerStatistics) -> bool:
    """Are an Input's numbers of a fit size, or brought to one by whatever reads them?"""
    readers = [look.model.report.layers[edge.target] for edge in look.model.graph.outputs(layer.node)]
    takes_any = all(reader.category is Category.NORMALISE or isinstance(reader, Embedding) for reader in readers)
    return takes_any or not math.hypot(layer.mean, layer.sigma) > LARGE_INPUT


def symmetric(look: Look) -> Iterator[Issue]:
    """Layers whose units nothing tells apart."""
    for node in look.model.report.order:
        if node in look.alike:
            weights = next(segment.shape[0] for segment in look.model.weights.trainable if segment.node == node)
            yield advice(
                "symmetric", f"All {count(weights)} units hold the same weights.",
                "They put out the same number and get the same gradient, so they stay the same: together they can do "
                "no more than one unit.", "Begin with random weights: set them, then Reset and Run.", node,
                own_beginning(look.model, node))


def dead_units(look: Look) -> Iterator[Issue]:
    """Units of a rectifier that put out zero for all that was looked at."""
    for layer in look.statistics.layers:
        silent = round(layer.dead * layer.units) if math.isfinite(layer.dead) else 0
        # A layer of equal units is dead as a whole: not for its activation's sake, and another one would not help.
        before = {edge.source for edge in look.model.graph.inputs(layer.node)}
        if layer.dead >= DEAD and silent > 1 and not before & look.alike:
            yield advice(
                "dead_units", f"{count(silent)} of {count(layer.units)} units are dead.",
                "They put out 0 for each of the last examples looked at, so no gradient reaches their weights.",
                "Use an activation with a slope below zero, or a lower learning rate.", layer.node,
                leaky(look.model, layer.node))


def saturation(look: Look) -> Iterator[Issue]:
    """Activations whose outputs lie at the flat ends, where they pass no gradient on."""
    for layer in look.statistics.layers:
        if layer.saturated >= SATURATED and not look.good:
            yield advice(
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
        yield advice(
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
        here, there = look.flow[nodes[0]], look.flow[nodes[-1]]
        yield advice("exploding",
                     f"The gradient grows by {number(here / there, 2)} between {look.label(nodes[-1])} and here.",
                     f"Mean |∂L/∂output| is {number(there, 2)} there and {number(here, 2)} here: the smallest step may "
                     "throw the loss far off.",
                     "Begin with smaller weights, normalise, or clip the gradient.", nodes[0], (clip,))
    elif norm > HUGE_GRADIENT:
        yield advice("exploding", f"The gradient's norm is {number(norm)}.",
                     "Steps of that size hardly follow the slope any more, and the loss may jump.",
                     "Clip the gradient, lower the learning rate, or scale the inputs.", "", (clip,))


def update_size(look: Look) -> Iterator[Issue]:
    """Updates that change weights by far too much, or by next to nothing."""
    matrices = look.matrices()
    ratios = sorted(weight.update_ratio for weight in matrices if math.isfinite(weight.update_ratio))
    if not ratios:
        return
    middle, rate = ratios[len(ratios) // 2], look.statistics.learning_rate
    if middle > HIGH_UPDATE:
        yield advice("rate_high", f"A step changes the weights by {number(100 * middle)} % of their size.",
                     "About 0.1 % is usual: at this size, steps overshoot.", "Lower the learning rate.", "",
                     less_rate(rate))
    elif ratios[-1] < LOW_UPDATE and not look.good and max(w.gradient_norm for w in matrices) > NO_GRADIENT:
        yield advice("rate_low", f"A step changes no weights by more than {number(ratios[-1], 1)} of their size.",
                     "About 0.001 is usual: at this size, learning takes for ever.", "Raise the learning rate.", "",
                     more_rate(rate))


#: All of them.
RULES: tuple[Rule, ...] = (unscaled, symmetric, dead_units, saturation, vanishing, exploding, update_size)
