"""What may be swept, and over which values: all of it from the declarations of settings and layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.graph.model import Graph, layer_of
from engine.issues import ChainruleError
from engine.numbers import exact
from engine.params import Bool, Choice, Declared, Float, Int, Param, Variant
from engine.train.config import TrainingConfig

#: Settings that change how fast a run is measured, not what it learns.
_NOT_SWEPT = ("evaluation_batch", "evaluate_every", "threads")
#: Tries to draw yet another combination where all that are likely have been drawn.
_TRIES = 20


@dataclass(frozen=True)
class Target:
    """A parameter that may be swept: of the training settings, or of the layer ``node``.

    ``path`` leads to it through what is chosen on the way: ("optimizer", "learning_rate"). A path that ends in
    "kind" chooses another member of a family, with that member's defaults. ``value`` is the present one.
    """

    node: str
    path: tuple[str, ...]
    title: str
    value: Any = field(compare=False)
    param: Param[Any] = field(compare=False, repr=False)

    @property
    def options(self) -> tuple[Any, ...]:
        """Every value there is, for a choice or a switch; () for numbers."""
        if isinstance(self.param, Variant):
            return tuple(self.param.family.kinds)
        if isinstance(self.param, Choice):
            return tuple(self.param.options)
        return (False, True) if isinstance(self.param, Bool) else ()

    def problem(self, value: Any) -> str | None:
        """What was expected, where a value is not allowed."""
        return self.param.problem({"kind": value} if isinstance(self.param, Variant) else self.param.clean(value))

    def apply(self, graph: Graph, training: dict[str, Any], value: Any) -> tuple[Graph, dict[str, Any]]:
        """Network and settings with this value."""
        if not self.node:
            return graph, _with(self._whole(training, TrainingConfig.of(training)), self.path, value, self.param)
        if self.node not in graph.nodes:
            raise ChainruleError(f"{self.title} cannot be swept: the layer is no longer there.", "",
                                 "Choose the parameters anew.")
        node = graph.nodes[self.node]
        params = _with(self._whole(node.params, layer_of(node)), self.path, value, self.param)
        return graph.put(replace(node, params=params)), training

    def _whole(self, values: Mapping[str, Any], declared: Declared) -> dict[str, Any]:
        """``values``, with the default of what the path leads through where nothing is said of it."""
        return {**values, self.path[0]: getattr(declared, self.path[0])} if len(self.path) > 1 else dict(values)


@dataclass(frozen=True)
class Axis:
    """Single values of a parameter."""

    target: Target
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Range:
    """A span of numbers, drawn from evenly, or where ``log`` evenly over the powers of ten."""

    target: Target
    low: float
    high: float
    log: bool = False


Combination = tuple[tuple[Target, Any], ...]


def targets(graph: Graph, training: dict[str, Any]) -> tuple[Target, ...]:
    """Everything that may be swept: settings first, then the layers in the order of the graph."""
    settings = TrainingConfig.of(training)
    found = [t for t in _targets("", "", settings) if t.path[0] not in _NOT_SWEPT]
    for id, node in graph.nodes.items():
        found += _targets(id, f"{node.label} · ", layer_of(node))
    return tuple(found)


def grid(axes: Sequence[Axis | Range]) -> list[Combination]:
    """Every combination of the values, the last axis changing fastest."""
    for axis in axes:
        _require(axis)
        if isinstance(axis, Range):
            raise ChainruleError(f"{axis.target.title} has a span, which a grid cannot go through.",
                                 "Expected single values.", "List values, or draw at random.")
    lists = [[(axis.target, value) for value in axis.values] for axis in axes if isinstance(axis, Axis)]
    return list(itertools.product(*lists)) if lists else []


def random(axes: Sequence[Axis | Range], count: int, seed: int) -> list[Combination]:
    """At most ``count`` different combinations, drawn independently; the same seed draws the same."""
    for axis in axes:
        _require(axis)
    generator = np.random.default_rng(seed)
    found: dict[tuple[Any, ...], Combination] = {}
    for _ in range(count * _TRIES):
        if len(found) == count or not axes:
            break
        drawn = tuple((axis.target, _draw(axis, generator)) for axis in axes)
        found.setdefault(tuple(value for _, value in drawn), drawn)
    return list(found.values())


def spread(low: float, high: float, count: int, log: bool = False, whole: bool = False) -> tuple[float, ...]:
    """``count`` values from ``low`` to ``high``, evenly or in equal ratios, without doubles; whole where asked."""
    if count < 2 or low == high:
        return (int(low) if whole else low,)
    values = np.geomspace(low, high, count) if log else np.linspace(low, high, count)
    numbers = [round(value) if whole else _short(value) for value in values.tolist()]
    return tuple(dict.fromkeys(numbers))


def _targets(node: str, before: str, declared: Declared, path: tuple[str, ...] = ()) -> Iterator[Target]:
    for name, param in declared.parameters.items():
        value, title = getattr(declared, name), before + (param.label if not path else param.label.lower())
        if isinstance(param, Variant):
            yield Target(node, (*path, name, "kind"), title, value["kind"], param)
            yield from _targets(node, f"{title} · ", param.build(value), (*path, name))
        elif isinstance(param, (Int, Float, Bool, Choice)):
            yield Target(node, (*path, name), title, value, param)


def _with(values: dict[str, Any], path: tuple[str, ...], value: Any, param: Param[Any]) -> dict[str, Any]:
    name, *rest = path
    if not rest:
        return {**values, name: value}
    if rest == ["kind"] and isinstance(param, Variant):
        now = values.get(name, param.default)
        return values if now.get("kind") == value else {**values, name: param.family.kinds[value]().to_dict()}
    return {**values, name: _with(dict(values.get(name, {})), tuple(rest), value, param)}


def _require(axis: Axis | Range) -> None:
    """Raises a ChainruleError where an axis names values that the parameter does not take."""
    target = axis.target
    if isinstance(axis, Axis):
        wrong = next((value for value in axis.values if target.problem(value)), None)
        if not axis.values or wrong is not None:
            what = f"{target.title} cannot be {wrong!r}." if axis.values else f"{target.title} has no value to try."
            raise ChainruleError(what, target.problem(wrong) or f"Expected {target.param.range_text()}.",
                                 "Correct the list of values.")
        return
    if not isinstance(target.param, (Int, Float)):
        raise ChainruleError(f"{target.title} is no number, so it has no span.", "", "Choose single values for it.")
    problem = target.problem(_number(target, axis.low)) or target.problem(_number(target, axis.high))
    if problem or not axis.low <= axis.high or (axis.log and axis.low <= 0):
        raise ChainruleError(f"{target.title} cannot go from {exact(axis.low)} to {exact(axis.high)}"
                             f"{' in equal ratios' if axis.log else ''}.",
                             problem or "Expected a lower and a higher number"
                             f"{', both above 0' if axis.log else ''}.", "Correct the span.")


def _draw(axis: Axis | Range, generator: np.random.Generator) -> Any:
    if isinstance(axis, Axis):
        return axis.values[int(generator.integers(len(axis.values)))]
    if axis.log:
        drawn = math.exp(generator.uniform(math.log(axis.low), math.log(axis.high)))
    else:
        drawn = generator.uniform(axis.low, axis.high)
    return _number(axis.target, min(max(drawn, axis.low), axis.high))


def _number(target: Target, value: float) -> float:
    return round(value) if isinstance(target.param, Int) else _short(value)


def _short(value: float) -> float:
    """Three significant digits: values that a person can read and type again."""
    return float(f"{value:.3g}")
