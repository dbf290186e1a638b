"""Trials in real processes, and on a real Dask cluster of two workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from time import monotonic, sleep

import numpy as np
import pytest

from engine.issues import ChainruleError
from engine.sweep import Axis, Cluster, Cores, Result, Trial, grid, make_trials, targets
from engine.sweep.trials import train_trial
from engine.train.events import Evaluated, Failed, Snapshot, Started

_LONGEST = 60.0


@pytest.fixture
def trials(small) -> list[Trial]:
    graph, _, training = small
    rate = next(t for t in targets(graph, training) if t.title == "Optimizer · learning rate")
    units = next(t for t in targets(graph, training) if t.path == ("units",))
    return make_trials(*small, grid([Axis(rate, (0.01, 0.3)), Axis(units, (2, 4))]))


def carried_out(executor: Cores | Cluster) -> dict[int, Result]:
    found: dict[int, Result] = {}
    deadline = monotonic() + _LONGEST
    while not executor.done:
        assert monotonic() < deadline
        found |= {result.trial.number: result for result in executor.poll()}
        sleep(0.005)  # an executor has nothing to wait on
    return found


def check(results: dict[int, Result], trials: list[Trial]) -> None:
    """Every trial is there, with the weights that training it here gives."""
    assert sorted(results) == [trial.number for trial in trials]
    for trial in trials:
        here, there = train_trial(trial), results[trial.number]
        assert there.finished, there.ending
        assert there.trial.values == trial.values
        kinds = [type(event) for event in there.events]
        assert kinds[0] is Started and Evaluated in kinds
        ours, theirs = (next(e for e in r.events if isinstance(e, Snapshot)) for r in (here, there))
        assert ours.weights.keys() == theirs.weights.keys()
        for key, weights in ours.weights.items():
            np.testing.assert_array_equal(weights, theirs.weights[key])


def test_trials_run_on_the_cores(trials: list[Trial]) -> None:
    cores = Cores(trials, 2)
    try:
        assert len(cores.running()) == 1
        assert not cores.poll() and len(cores.running()) == 2
        check(carried_out(cores), trials)
    finally:
        cores.close()


def test_a_process_that_dies_costs_one_trial(trials: list[Trial]) -> None:
    cores = Cores(trials, 1)
    try:
        os.kill(cores._places[0].worker.pid, signal.SIGKILL)
        results = carried_out(cores)
    finally:
        cores.close()
    assert isinstance(results[1].ending, Failed) and "was ended by SIGKILL" in results[1].ending.sentence
    assert [results[number].finished for number in (2, 3, 4)] == [True] * 3


def test_a_sweep_that_is_given_up_ends_its_processes(trials: list[Trial]) -> None:
    cores = Cores(trials, 2)
    cores.poll()
    assert [place.worker.is_alive for place in cores._places] == [True, True]
    cores.cancel()
    assert cores.done and not cores.running() and not cores.poll()
    assert not any(place.worker.is_alive for place in cores._places)


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, each a process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0",
                                  host="127.0.0.1") as local:
        yield local.scheduler_address


def test_trials_run_on_a_dask_cluster_of_two_workers(trials: list[Trial], cluster: str) -> None:
    dask = Cluster(trials, cluster)
    try:
        check(carried_out(dask), trials)
    finally:
        dask.close()


def test_a_scheduler_that_is_not_there_is_named() -> None:
    with pytest.raises(ChainruleError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:1'"):
        Cluster([], "tcp://127.0.0.1:1")
    with pytest.raises(ChainruleError, match="No Dask scheduler answers at 'no address at all'"):
        Cluster([], "no address at all")
