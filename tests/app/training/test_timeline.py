"""The snapshots of a run in memory: which are found, which stay, and what a branch takes along."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.training.timeline import Timeline
from engine.train.commands import Job
from engine.train.events import Evaluated, Snapshot


def snapshot(step: int, numbers: int = 100) -> Snapshot:
    weights = np.full(numbers, step, np.float32)
    return Snapshot(step, {"a.W": weights}, {"values": {"step": step}, "arrays": {"mean:a.W": weights}})


def filled(*steps: int, budget: int = 10**9) -> Timeline:
    timeline = Timeline(budget)
    for step in steps:
        timeline.add(snapshot(step))
    return timeline


def evaluated(step: int, validation: float, train: float = 9.0) -> Evaluated:
    return Evaluated(step, 1, train, {}, validation, {})


@given(steps=st.lists(st.integers(0, 500), min_size=1, max_size=40), asked=st.integers(-5, 510))
def test_what_is_found_is_the_newest_at_or_before(steps, asked):
    timeline = filled(*steps)
    earlier = [step for step in steps if step <= asked]
    found = timeline.at(asked)
    assert (found.step if found else None) == max(earlier, default=None)
    assert timeline.steps == tuple(sorted(set(steps)))
    assert timeline.before(asked) == max((s for s in steps if s < asked), default=None)
    assert timeline.after(asked) == min((s for s in steps if s > asked), default=None)


def test_it_keeps_within_its_budget_and_tells_what_went():
    timeline, went = Timeline(budget=100_000), []
    for step in range(0, 4000, 10):
        went += timeline.add(snapshot(step, 500))
        assert timeline.size <= 100_000
    assert {*timeline.steps, *went} == set(range(0, 4000, 10))
    assert not set(timeline.steps) & set(went)
    assert timeline.steps[0] == 0 and timeline.steps[-1] == 3990


def test_best_branches_and_what_is_looked_at_stay():
    timeline = Timeline(budget=60_000)
    for step in range(0, 2000, 10):
        timeline.note(evaluated(step, abs(step - 130) + 1.0))
        timeline.add(snapshot(step, 500), looked_at=347)
        if step == 500:
            timeline.branches.add(500)
    assert timeline.best == 130 and timeline.loss_at(130) == 1.0
    assert {0, 130, 340, 500, 1990} <= set(timeline.steps)


def test_an_evaluation_counts_for_the_snapshot_of_its_step_only_whichever_comes_first():
    timeline = filled(10)
    timeline.note(evaluated(10, 0.5))
    timeline.note(evaluated(15, 0.1))
    timeline.add(snapshot(16))
    timeline.note(evaluated(20, 0.3))
    timeline.add(snapshot(20))
    assert timeline.best == 20
    assert timeline.loss_at(10) == 0.5 and math.isnan(timeline.loss_at(16))


def test_the_training_part_counts_where_nothing_is_held_back():
    timeline = Timeline()
    timeline.note(evaluated(5, math.nan, train=0.7))
    timeline.add(snapshot(5))
    assert timeline.best == 5


def test_a_loss_that_is_not_finite_is_never_the_best():
    timeline = Timeline()
    timeline.note(evaluated(5, math.inf))
    timeline.add(snapshot(5))
    assert timeline.best is None


def test_a_branch_takes_along_what_came_before_and_changes_nothing_of_its_parent():
    timeline = filled(0, 10, 20, 30)
    timeline.note(evaluated(30, 0.1))
    timeline.branches.add(10)
    branch = timeline.until(20)
    assert branch.steps == (0, 10, 20) and branch.branches == {10} and branch.best is None
    assert branch.at(20) is timeline.at(20)
    branch.add(snapshot(25))
    branch.branches.add(20)
    assert timeline.steps == (0, 10, 20, 30) and timeline.branches == {10} and timeline.best == 30


def test_each_snapshot_knows_the_network_it_belongs_to():
    before, after = (Job(None, {}, {"seed": seed}) for seed in (1, 2))
    timeline = Timeline()
    timeline.add(snapshot(0), before)
    timeline.add(snapshot(10), after)
    assert timeline.job_at(9) is before and timeline.job_at(11) is after and timeline.job_at(-1) is None


def test_what_a_run_repeats_is_forgotten():
    timeline = filled(0, 10, 20, 30)
    timeline.drop_after(15)
    assert timeline.steps == (0, 10)
    version = timeline.version
    timeline.clear()
    assert len(timeline) == 0 and timeline.version > version
