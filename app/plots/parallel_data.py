"""Runs as a table for parallel coordinates: an axis for each setting that differs and for each result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from app import numbers
from app.runs.scores import larger_is_better, metric_of, metric_text, time_spent, title_of
from app.sweep.words import capital, short_titles, value_text
from engine.graph.model import Graph
from engine.params import ParameterError
from engine.runs import RunInfo
from engine.runs.compare import DATA, settings_of
from engine.sweep import targets

#: No more values than these are marked each by itself.
_MOST_MARKS = 9
#: Numbers whose largest is this many times the smallest may lie in equal ratios.
_LEAST_RATIO, _CLEAR_RATIO = 3.0, 10.0
_NICE = (1, 2, 2.5, 5, 10)
SECONDS = "seconds"


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis over n runs. ``values`` (n,) float64 are the numbers, or for words the place in ``words``; NaN where a
    run has none. ``texts`` say them exactly. ``higher_is_better`` is None for settings."""

    key: str
    title: str
    values: np.ndarray
    texts: tuple[str, ...]
    words: tuple[str, ...] = ()
    log: bool = False
    higher_is_better: bool | None = None

    @property
    def is_result(self) -> bool:
        return self.higher_is_better is not None

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """The numbers at the lower and the upper end, as logarithms where the axis has equal ratios."""
        if self.words:
            return -0.5, len(self.words) - 0.5
        known = self._scaled(self.values[np.isfinite(self.values)])
        if not len(known):
            return 0.0, 1.0
        low, high = float(known.min()), float(known.max())
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        return np.log10(values) if self.log else np.asarray(values, float)

    @cached_property
    def places(self) -> np.ndarray:
        """(n,) where each run crosses the axis, 0 at the lower end … 1 at the upper; NaN for none."""
        return self.place_of(self.values)

    def place_of(self, values: np.ndarray) -> np.ndarray:
        """Where numbers lie on the axis, 0 … 1."""
        low, high = self._ends
        with np.errstate(invalid="ignore", divide="ignore"):
            places = (self._scaled(values) - low) / (high - low)
        return np.where(np.isfinite(places), places, np.nan)

    @cached_property
    def marks(self) -> tuple[tuple[float, str], ...]:
        """(place, text) of what is written along the axis."""
        if self.words:
            return tuple(zip(self.place_of(np.arange(len(self.words))).tolist(), self.words, strict=True))
        distinct = np.unique(self.values[np.isfinite(self.values)])
        if self.is_result or len(distinct) > _MOST_MARKS:
            distinct = self._round_numbers()
        shown = percent if self.texts and any("%" in text for text in self.texts) else number
        return tuple(zip(self.place_of(distinct).tolist(), map(shown, distinct.tolist()), strict=True))

    def _round_numbers(self) -> np.ndarray:
        low, high = self._ends
        if self.log:
            powers = 10.0 ** np.arange(math.ceil(low), math.floor(high) + 1)
            steps = (1, 2, 5) if len(powers) < 3 else (1,)
            many = [10.0**power * step for power in range(math.floor(low), math.floor(high) + 1) for step in steps]
            return np.array([value for value in many if low - 1e-9 <= math.log10(value) <= high + 1e-9])
        rough = (high - low) / 4
        size = 10.0 ** math.floor(math.log10(rough))
        step = size * next(nice for nice in _NICE if nice * size >= rough)
        first = math.ceil(low / step - 1e-9)
        return np.arange(first, math.floor(high / step + 1e-9) + 1) * step


@dataclass(frozen=True, eq=False)
class Table:
    """The runs that are drawn: ``ids``, ``names`` and the ``axes`` they cross, settings first."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    axes: tuple[Axis, ...] = ()
    _by_key: dict[str, Axis] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {axis.key: axis for axis in self.axes})

    def axis(self, key: str) -> Axis | None:
        """An axis by its key."""
        return self._by_key.get(key)

    @property
    def judge(self) -> str:
        """The key of the result that runs are judged by; "" where there is none."""
        found = [axis.key for axis in self.axes if axis.is_result and axis.key != SECONDS]
        return found[-1] if found else ""

    def goodness(self, key: str) -> np.ndarray:
        """(n,) 0 … 1 along an axis, the best at 1; of settings the largest. NaN for none."""
        axis = self.axis(key)
        if axis is None:
            return np.full(len(self.ids), np.nan)
        return 1 - axis.places if axis.higher_is_better is False else axis.places


def table_of(infos: Sequence[RunInfo]) -> Table:
    """The table of these runs."""
    if not infos:
        return Table()
    settings = _swept(infos) if all(info.values for info in infos) else _differing(infos)
    titles = short_titles(settings)
    axes = [_setting(key, capital(titles[key]), values) for key, values in settings.items()]
    return Table(tuple(info.id for info in infos), tuple(info.name for info in infos), (*axes, *_results(infos)))


def _swept(infos: Sequence[RunInfo]) -> dict[str, list[Any]]:
    keys = dict.fromkeys(key for info in infos for key in info.values)
    return {key: [info.values.get(key) for info in infos] for key in keys}


def _differing(infos: Sequence[RunInfo]) -> dict[str, list[Any]]:
    """Every setting that is not the same in all runs."""
    known = [_settings(info) for info in infos]
    keys = dict.fromkeys(key for settings in known for key in settings)
    found = {key: [settings.get(key) for settings in known] for key in keys}
    return {key: values for key, values in found.items() if len(set(map(repr, values))) > 1}


def _settings(info: RunInfo) -> dict[str, Any]:
    try:
        found = {target.title: target.value for target in targets(Graph(), dict(info.training))}
    except ParameterError:  # from another version
        found = {}
    found |= {label: text for (group, label), text in settings_of(info.source, {}).items() if group == DATA}
    return {**found, "Parameters": info.parameters, **info.values}


def _setting(key: str, title: str, values: Sequence[Any]) -> Axis:
    texts = tuple("–" if value is None else value_text(value) for value in values)
    if any(isinstance(value, (str, bool)) for value in values):
        words = tuple(dict.fromkeys(text for text in texts if text != "–"))
        places = {word: float(place) for place, word in enumerate(words)}
        return Axis(key, title, np.array([places.get(text, math.nan) for text in texts]), texts, words)
    found = np.array([math.nan if value is None else float(value) for value in values])
    return Axis(key, title, found, texts, log=in_ratios(found))


def _results(infos: Sequence[RunInfo]) -> list[Axis]:
    """Time, loss and metric, as far as any run has them."""
    part = "validation" if any("validation.loss" in info.best for info in infos) else "train"
    metric = next((name for info in infos if (name := metric_of(info.best)[0])), "")
    seconds = np.array([info.seconds for info in infos])
    axes = [_result(SECONDS, "Time", seconds, time_spent, False)]
    for key in (f"{part}.loss", metric):
        values = np.array([info.best.get(key, math.nan) for info in infos])
        if key and np.isfinite(values).any():
            axes.append(_result(key, title_of(key), np.where(np.isfinite(values), values, np.nan),
                                lambda value, key=key: metric_text(key, value), larger_is_better(key)))
    return axes


def _result(key: str, title: str, values: np.ndarray, shown: Callable[[float], str], more: bool) -> Axis:
    texts = tuple("–" if value != value else shown(value) for value in values.tolist())
    return Axis(key, title, values, texts, log=key != SECONDS and not more and in_ratios(values), higher_is_better=more)


def in_ratios(values: np.ndarray) -> bool:
    """Do numbers lie in equal ratios rather than in equal steps (0.001, 0.01, 0.1)? Then the middle one is nearer to
    the middle of their logarithms."""
    known = np.unique(values[np.isfinite(values)])
    if len(known) < 2 or known[0] <= 0 or known[-1] < _LEAST_RATIO * known[0]:
        return False
    if len(known) == 2:
        return bool(known[-1] >= _CLEAR_RATIO * known[0])
    return _off_centre(np.log(known)) < _off_centre(known)


def _off_centre(values: np.ndarray) -> float:
    return float(abs((np.median(values) - values[0]) / (values[-1] - values[0]) - 0.5))


def percent(value: float) -> str:
    """"80 %"."""
    return f"{numbers.number(100 * value)}{numbers.NO_BREAK_SPACE}%"


def number(value: float) -> str:
    """Short enough for the side of an axis."""
    return numbers.number(value)


def passing(table: Table, brushes: Mapping[str, Sequence[tuple[float, float]]]) -> np.ndarray:
    """(n,) bool, the runs that lie in a brushed range (places 0 … 1) of every axis that has one."""
    kept = np.ones(len(table.ids), bool)
    for key, ranges in brushes.items():
        axis = table.axis(key)
        if axis is not None and ranges:
            places = axis.places
            kept &= np.any([(places >= low) & (places <= high) for low, high in ranges], axis=0)
    return kept
