"""The runs of a sweep, as values: what each trains, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.graph.check import check
from engine.graph.model import Graph
from engine.issues import ChainruleError, Severity
from engine.numbers import count, exact
from engine.params import ParameterError
from engine.signature import DataSignature
from engine.sweep.space import Combination
from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.control import Commands
from engine.train.events import ENDINGS, Event, Failed, Finished, Ready, Snapshot
from engine.train.worker import carry_out

#: More would hardly be looked at, and their curves have to be kept.
MOST_TRIALS = 2000


@dataclass(frozen=True, eq=False)
class Trial:
    """One run of a sweep. ``values`` are what it was given: title of the parameter → value."""

    number: int
    values: Mapping[str, Any]
    job: Job


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a trial: all that the run reported, its ending last. Of the snapshots only the newest is there."""

    trial: Trial
    events: tuple[Event, ...]

    @property
    def ending(self) -> Event:
        return self.events[-1]

    @property
    def finished(self) -> bool:
        return isinstance(self.ending, Finished)


def make_trials(
    graph: Graph, source: Mapping[str, Any], training: Mapping[str, Any], combinations: Sequence[Combination],
    data: DataSignature | None = None,
) -> list[Trial]:
    """A trial for each combination, with one thread each, checked before anything starts.

    Raises :class:`ChainruleError` that names the first combination which cannot be trained.
    """
    if not combinations:
        raise ChainruleError("There is nothing to try.", "Expected at least one parameter with values.",
                             "Choose a parameter.")
    if len(combinations) > MOST_TRIALS:
        raise ChainruleError(f"These are {count(len(combinations))} runs.", f"Expected at most {count(MOST_TRIALS)}.",
                             "Choose fewer values, or draw some of the combinations at random.")
    return [_trial(number, graph, source, training, combination, data)
            for number, combination in enumerate(combinations, 1)]


def _trial(
    number: int, graph: Graph, source: Mapping[str, Any], training: Mapping[str, Any], combination: Combination,
    data: DataSignature | None,
) -> Trial:
    values = {target.title: value for target, value in combination}
    settings: dict[str, Any] = {**training, "threads": 1}
    try:
        # Kinds first: choosing another optimizer brings its own defaults, which the other values then replace.
        for target, value in sorted(combination, key=lambda pair: pair[0].path[-1] != "kind"):
            graph, settings = target.apply(graph, settings, value)
        settings = TrainingConfig.of(settings).to_dict()
    except ParameterError as problem:
        raise ChainruleError(f"{describe(values)} cannot be trained: {problem}") from problem
    report = check(graph, data)
    wrong = next((issue for issue in report.issues if issue.severity is Severity.ERROR), None)
    if wrong is not None:
        raise ChainruleError(f"With {describe(values)} the network does not fit together: {wrong.happened}",
                             wrong.expected, "Leave this value out.")
    return Trial(number, values, Job(graph, source, settings, report=report))


def describe(values: Mapping[str, Any]) -> str:
    """The values in a line: "learning rate 0.01, units 32"."""
    return ", ".join(f"{title} {exact(value)}" if isinstance(value, float) else f"{title} {value}"
                     for title, value in values.items())


def train_trial(trial: Trial) -> Result:
    """Trains a trial here and now: what a cluster's workers do. What goes wrong is its ending."""
    told = Told(trial)
    for event in carry_out(trial.job, Commands()):
        told.take(event)
    return told.result()


class Told:
    """Gathers what a run reports."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self._events: list[Event] = []
        self._snapshot: Snapshot | None = None

    def take(self, event: Event) -> bool:
        """Takes in an event; returns whether it is the run's last."""
        if isinstance(event, Snapshot):
            # Lent arrays are only good until the next step.
            copies = {key: array.copy() for key, array in event.weights.items()} if event.lent else event.weights
            self._snapshot = replace(event, weights=copies, state={}, lent=False)
        elif not isinstance(event, Ready):
            self._events.append(event)
        return isinstance(event, ENDINGS)

    def result(self) -> Result:
        if not self._events or not isinstance(self._events[-1], ENDINGS):
            self._events.append(Failed(0, "The run ended before it was done."))
        *before, ending = self._events
        return Result(self.trial, (*before, *((self._snapshot,) if self._snapshot else ()), ending))
