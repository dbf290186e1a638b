"""What a trial of a sweep leaves: a run like any other, with its curves and its last weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app import __version__
from app.recorded.history import RunHistory
from app.recorded.history_file import to_arrays
from app.runs.record import measured, outcome_of
from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.runs import RunInfo, RunStore, environment
from engine.sweep import Result
from engine.train.events import Event, Snapshot, Started


@dataclass(frozen=True)
class Kept:
    """A trial as a run. ``problem`` says why it is not on the disk; where not one step was done it is kept nowhere."""

    info: RunInfo
    stepped: bool
    problem: str = ""


def history_of(events: Iterable[Event]) -> RunHistory:
    """The curves that a run's events make."""
    history = RunHistory()
    for event in events:
        if isinstance(event, Started):
            history.begin(event)
        else:
            history.take(event)
    return history


def keep(result: Result, begun: RunInfo, store: RunStore | None, where: Mapping[str, Any]) -> Kept:
    """Makes a run of what came of a trial and brings it to the disk. ``begun`` is what was known before, ``where`` is
    added to the environment. To be called off the window's thread."""
    job, ending = result.trial.job, result.ending
    history = history_of(result.events)
    info = begun.but(
        **measured(history, job.training), outcome=outcome_of(ending), ending=getattr(ending, "sentence", ""),
        environment={**environment(f"Chainrule {__version__}", 1), **where},
    )
    if history.progress.step == 0:
        return Kept(info, False)
    if store is None:
        return Kept(info, True)
    try:
        return Kept(_write(store, info, job.graph, history, result.events), True)
    except ChainruleError as error:
        return Kept(info, True, str(error))


def _write(store: RunStore, info: RunInfo, graph: Graph, history: RunHistory, events: Iterable[Event]) -> RunInfo:
    run = store.write(info, graph)
    run.save_curves(to_arrays(history))
    last = next((event for event in events if isinstance(event, Snapshot)), None)
    if last is not None:
        run.add_snapshot(last)
        if last.step == info.best_step:
            return run.update(best_kept=last.step)
    return run.info
