"""Sweeps of a session: trials become runs, processes end when they should, clusters that are not there are told."""

from __future__ import annotations

import numpy as np
import pytest

from app.recorded.history_file import from_arrays
from app.sweep.sweep import CANCELLED, DONE, FAILED, Plan, Sweep
from app.sweep.words import name_of, run_name, short_titles
from engine.sweep import Axis, grid, make_trials, targets
from engine.sweep.trials import train_trial
from engine.train.events import Snapshot
from tests.app.keeping import Kept
from tests.app.making import document_of


@pytest.fixture
def kept(kept) -> Kept:
    """One session with runs that are short, and its sweep."""
    made = kept(epochs=30, seed=2)
    made.sweep = Sweep.of(made.session)
    made.session.message.connect(lambda severity, text: made.messages.append(text))
    return made


def plan_of(document, processes: int = 2, address: str = "", **values) -> Plan:
    """A grid over parameters, each named by the last part of its path."""
    known = {target.path[-1] if target.path[-1] != "kind" else target.path[0]: target
             for target in reversed(targets(document.graph, document.training))}
    combinations = grid([Axis(known[name], tuple(given)) for name, given in values.items()])
    trials = make_trials(document.graph, document.source, document.training, combinations, document.signature)
    return Plan(tuple(trials), tuple(combinations), processes, address)


def swept(kept: Kept, plan: Plan) -> Sweep:
    """Carries out a sweep to its end."""
    with kept.qtbot.waitSignal(kept.sweep.finished):
        kept.sweep.start(plan)
    kept.settle()
    return kept.sweep


def test_every_trial_becomes_a_run_with_its_curves_and_its_last_weights(kept) -> None:
    plan = plan_of(kept.document, learning_rate=(0.02, 0.2), units=(3, 6))
    sweep = swept(kept, plan)
    assert [row.state for row in sweep.rows] == [DONE] * 4 and not sweep.is_running
    assert sweep.over == 4 and sweep.fraction == 1.0
    for row, trial in zip(sweep.rows, plan.trials, strict=True):
        info, run = kept.runs.info(row.run), kept.runs.run(row.run)
        assert (info.group, info.outcome, info.values) == ("Sweep 1", "finished", trial.values)
        assert info.name == run_name(trial.number, trial.values) and info.project == kept.document.project_id
        assert row.best == info.best and info.parameters == (12 if trial.values["hidden_1 · Units"] == 3 else 24) + 1
        assert from_arrays(run.load_curves()).progress.step == info.steps
        here = next(e for e in train_trial(trial).events if isinstance(e, Snapshot))
        there = run.load_snapshot(info.steps)
        for key, weights in here.weights.items():
            np.testing.assert_array_equal(there.weights[key], weights)
    assert run.graph() == plan.trials[-1].job.graph
    assert sweep.ranked[0].best["train.loss"] == min(row.best["train.loss"] for row in sweep.rows) or (
        sweep.ranked[0].best["train.accuracy"] == max(row.best["train.accuracy"] for row in sweep.rows))
    assert "Sweep 1: 4 of 4 runs are done. Best:" in kept.messages[-1]
    kept.runs.refresh()
    kept.settle()
    assert {info.group for info in kept.runs.infos} == {"Sweep 1"}
    assert swept(kept, plan_of(kept.document, seed=(1,))).title == "Sweep 2"


def test_a_trial_that_diverges_is_a_failed_run_and_ranks_last(kept) -> None:
    document = kept.document
    document.commit_training({**document.training, "optimizer": {"kind": "SGD", "learning_rate": 0.1}, "epochs": 200})
    sweep = swept(kept, plan_of(document, learning_rate=(1000.0, 0.1), weight_decay=(0.0, 1.0)))
    failed = [row for row in sweep.rows if row.state == FAILED]
    assert failed and all("learning rate" in row.sentence for row in failed)
    assert [row.state for row in sweep.ranked][-len(failed):] == [FAILED] * len(failed)
    assert sum(row.state == DONE for row in sweep.rows) == 4 - len(failed)


def test_cancelling_keeps_what_is_over_and_ends_the_processes(kept, qtbot) -> None:
    sweep = kept.sweep
    sweep.start(plan_of(kept.document, processes=1, epochs=(5, 10_000_000)))
    qtbot.waitUntil(lambda: sweep.rows[0].run != "")
    with qtbot.waitSignal(sweep.finished):
        sweep.cancel()
    assert [row.state for row in sweep.rows] == [DONE, CANCELLED]
    assert kept.runs.info(sweep.rows[0].run).outcome == "finished"
    assert not sweep.is_running


def test_another_project_leaves_the_sweep_going_and_its_runs_with_their_own(kept, qtbot) -> None:
    project = kept.document.project_id
    with qtbot.waitSignal(kept.sweep.finished):
        kept.sweep.start(plan_of(kept.document, seed=(1, 2)))
        kept.document.set_content(document_of("circles").content)
        kept.session.forget()
    assert {info.project for info in kept.runs.infos} == {project} != {kept.document.project_id}


def test_the_window_takes_the_processes_with_it(kept, qtbot) -> None:
    kept.sweep.start(plan_of(kept.document, epochs=(10_000_000, 9_000_000)))
    qtbot.waitUntil(lambda: sum(row.share > 0 for row in kept.sweep.rows) == 2)
    kept.session.shutdown()  # what is left behind fails the test
    assert [row.state for row in kept.sweep.rows] == [CANCELLED] * 2


def test_a_cluster_that_is_not_there_is_told_and_nothing_is_lost(kept) -> None:
    pytest.importorskip("distributed")
    sweep = swept(kept, plan_of(kept.document, seed=(1, 2), address="no address at all"))
    assert sweep.problem.startswith("No Dask scheduler answers at 'no address at all'")
    assert kept.messages[-1] == sweep.problem
    assert [row.state for row in sweep.rows] == [CANCELLED] * 2 and not kept.runs.infos


def test_names_are_short_where_they_are_clear() -> None:
    assert short_titles(["Optimizer · learning rate", "a · Units", "b · Units"]) == {
        "Optimizer · learning rate": "learning rate", "a · Units": "a · Units", "b · Units": "b · Units"}
    assert name_of({"Optimizer · learning rate": 0.003, "Shuffle": True, "a · Units": 8}) == (
        "learning rate 0.003 · shuffle on · units 8")


def test_a_sweep_on_a_real_cluster_is_kept_like_any_other(kept) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0",
                                  host="127.0.0.1") as local:
        sweep = swept(kept, plan_of(kept.document, address=local.scheduler_address, seed=(1, 2, 3)))
    assert [row.state for row in sweep.rows] == [DONE] * 3 and not sweep.problem
    assert [info.outcome for info in kept.runs.infos] == ["finished"] * 3
    assert kept.runs.infos[0].environment["cluster"] == local.scheduler_address
