"""What a person has typed about a parameter to be swept, and what it means; no Qt here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.numbers import exact
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.params import Float, Int, ParameterError
from engine.sweep import Axis, Range, Target, spread
from engine.sweep.space import Combination
from engine.train.config import TrainingConfig

#: Values of a small number that is 0 now: a weight decay.
_SMALL = (0.0, 1e-4, 1e-3, 1e-2)
#: All options are taken at first where there are no more than these.
_FEW = 3
_MOST_VALUES = 1000
#: Combinations looked at for the time that all of them take.
_LOOKED_AT = 50
#: What a step takes, measured on templates from XOR to LeNet: seconds for each step, for each layer of it, and for each
#: multiply–add of an example's forward pass; and what beginning and judging a run take.
_STEP, _LAYER, _MULTIPLY, _BEGINNING = 60e-6, 10e-6, 0.4e-9, 0.15


@dataclass(frozen=True, slots=True)
class Draft:
    """A parameter with its values, as they stand in the fields. ``options`` are those that are ticked; a number has a
    list of values in ``text`` or, with ``span``, goes from ``low`` to ``high``."""

    target: Target
    options: tuple[Any, ...] = ()
    text: str = ""
    span: bool = False
    low: str = ""
    high: str = ""
    count: int = 5
    log: bool = False

    def axis(self, random: bool) -> Axis | Range:
        """What it means. Raises :class:`ChainruleError` with a sentence for the field."""
        if self.target.options:
            if not self.options:
                raise ChainruleError("Tick at least one.")
            return Axis(self.target, self.options)
        if not self.span:
            return Axis(self.target, self._checked([self._number(part) for part in _parts(self.text)]))
        low, high = (self._checked([self._number(text)])[0] for text in (self.low, self.high))
        if low > high:
            raise ChainruleError(f"From {exact(low)} to {exact(high)} is the wrong way round.")
        if self.log and low <= 0:
            raise ChainruleError("Equal ratios need numbers above 0.")
        if random:
            return Range(self.target, low, high, self.log)
        whole = isinstance(self.target.param, Int)
        return Axis(self.target, self._checked(list(spread(low, high, self.count, self.log, whole))))

    def _number(self, text: str) -> float:
        try:
            return float(text.strip().replace("−", "-"))
        except ValueError:
            what = f"“{text.strip()}” is no number." if text.strip() else "A number is missing."
            raise ChainruleError(what) from None

    def _checked(self, values: Sequence[float]) -> tuple[Any, ...]:
        if not values:
            raise ChainruleError("List at least one value, such as 0.1, 0.01.")
        if len(values) > _MOST_VALUES:
            raise ChainruleError(f"These are {len(values)} values; at most {_MOST_VALUES} are taken.")
        cleaned = [self.target.param.clean(value) for value in values]
        for value in cleaned:
            problem = self.target.problem(value)
            if problem:
                raise ChainruleError(f"{exact(value)} is not allowed. {problem}")
        return tuple(dict.fromkeys(cleaned))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", text.strip()) if part]


def first_draft(target: Target) -> Draft:
    """Values that suit a parameter, around its present one."""
    if target.options:
        few = len(target.options) <= _FEW
        return Draft(target, target.options if few else (target.value,))
    values = _around(target)
    log = getattr(target.param, "log", False) or isinstance(target.param, Int)
    above = [value for value in values if value > 0]
    return Draft(target, text=", ".join(f"{value:.6g}" for value in values), low=f"{min(above or values):.6g}",
                 high=f"{max(values):.6g}", log=log and bool(above))


def _around(target: Target) -> list[float]:
    now, param = target.value, target.param
    if target.path == ("seed",):
        found: Sequence[float] = (now, now + 1, now + 2)
    elif isinstance(param, Int):
        found = (now // 2, now, now * 2)
    elif now == 0:
        found = _SMALL
    elif isinstance(param, Float) and param.log:
        found = (now / 10, now, now * 10)
    else:
        found = (now / 2, now, now * 2)
    return list(dict.fromkeys(v for v in found if target.problem(v) is None)) or [now]


def count_of(axes: Sequence[Axis | Range], draws: int | None) -> int:
    """How many runs there will be at most: all combinations, or so many ``draws``."""
    if not axes:
        return 0
    every = math.prod(len(axis.values) for axis in axes if isinstance(axis, Axis))
    if draws is None:
        return every
    return draws if any(isinstance(axis, Range) for axis in axes) else min(draws, every)


def seconds_of(
    combinations: Sequence[Combination], training: Mapping[str, Any], rows: int, layers: int, multiplies: int,
    count: int, processes: int,
) -> float:
    """Roughly how long ``count`` such runs take on ``rows`` examples; ``combinations`` may be some of them."""
    some = combinations[:: max(len(combinations) // _LOOKED_AT, 1)]
    if not some:
        return 0.0
    each = sum(_run_seconds(combination, training, rows, layers, multiplies) for combination in some) / len(some)
    return each * math.ceil(count / max(processes, 1))


def _run_seconds(
    combination: Combination, training: Mapping[str, Any], rows: int, layers: int, multiplies: int
) -> float:
    values = dict(training)
    for target, value in sorted(combination, key=lambda pair: pair[0].path[-1] != "kind"):
        if not target.node:
            _, values = target.apply(Graph(), values, value)
    try:
        config = TrainingConfig.of(values)
    except ParameterError:
        return 0.0
    steps = math.ceil(rows / config.rows_per_step(rows)) if rows else 1
    return _BEGINNING + config.epochs * (steps * (_STEP + _LAYER * layers) + rows * multiplies * _MULTIPLY)
