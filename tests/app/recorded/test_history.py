"""What a run reported, as plots read it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.recorded.history import RunHistory
from tests.app.making import evaluated, looked_at, started, steps


@pytest.fixture
def history() -> RunHistory:
    history = RunHistory()
    history.begin(started())
    return history


def test_steps_are_kept_in_columns(history):
    reports = [steps(1, 30), steps(31, 2000), steps(2031, 1)]
    for report in reports:
        history.add_steps(report)
    for name in ("loss", "accuracy", "learning_rate", "gradient_norms"):
        expected = np.concatenate([getattr(report, name) for report in reports])
        assert np.array_equal(getattr(history, name), expected), name
    assert history.steps.tolist() == list(range(1, 2032))
    assert history.gradient_norms.shape == (2031, 4)


def test_progress(history):
    history.add_steps(steps(1, 250))
    progress = history.progress
    assert (progress.step, progress.total_steps, progress.epochs, progress.epoch) == (250, 1000, 100, 1)
    assert progress.fraction == 0.25
    assert progress.seconds_left == pytest.approx(7.5)


def test_norms_by_node_are_over_all_its_weights(history):
    report = steps(1, 5)
    history.add_steps(report)
    norms = history.norms_until(None, 3)
    wanted = np.linalg.norm(report.gradient_norms[[0, 2, 4], :2], axis=1)
    assert norms["hidden_1"] == pytest.approx(wanted, rel=1e-6)
    assert list(norms) == ["hidden_1", "output"]
    assert history.norms_until(3, 99)["output"] == pytest.approx(np.linalg.norm(report.gradient_norms[:3, 2:], axis=1))
    assert RunHistory().norms_until(None, 3) == {}


def test_what_is_later_than_a_step_is_forgotten(history):
    first, second = steps(1, 25), steps(26, 50)
    history.add_steps(first)
    history.add_steps(second)
    history.progress = replace(history.progress, epoch=8)
    history.drop_after(25)
    assert history.steps[-1] == 25 and history.flow_by_node() == dict(zip(history.flow_nodes, first.flow.tolist(),
                                                                        strict=True))
    assert (history.progress.step, history.progress.epoch) == (25, 3) == (25, history.epoch_at(25))
    history.drop_after(3)
    assert history.flow_by_node() == {}


def test_flow_keeps_the_last_measured(history):
    report = steps(1, 5)
    history.add_steps(report)
    unmeasured = steps(6, 1)
    unmeasured.flow[:] = np.nan
    history.add_steps(unmeasured)
    assert list(history.flow_by_node().values()) == report.flow.tolist()


def test_evaluations(history):
    history.add_evaluation(evaluated(0, 2.0, 2.5, accuracy=(0.1, 0.2)))
    history.add_evaluation(evaluated(20, 1.0, 1.5, accuracy=(0.8, 0.7)))
    assert history.metrics == ("accuracy",)
    assert history.latest("validation.accuracy") == pytest.approx(0.7)
    assert history.latest("train.loss") == 1.0
    assert math.isnan(history.latest("train.mae"))
    assert history.evaluations.steps.tolist() == [0, 20]
    assert history.has_validation


def test_no_validation_part_is_told_apart(history):
    history.add_evaluation(evaluated(0, 2.0, math.nan))
    assert not history.has_validation


def test_a_run_that_goes_on_continues_the_curves_from_the_snapshot(history):
    history.add_steps(steps(1, 100))
    history.add_evaluation(evaluated(60, 1.0, 1.0))
    history.begin(started(step=50, total_steps=1050))
    assert history.steps[-1] == 50
    assert history.evaluations.count == 0
    history.add_steps(steps(51, 10, seed=1))
    assert history.steps.tolist() == list(range(1, 61))
    assert history.progress.fraction == pytest.approx(0.01)


def test_a_fresh_run_begins_anew(history):
    history.add_steps(steps(1, 100))
    history.begin(started())
    assert history.is_empty


def test_a_run_that_goes_on_with_other_layers_keeps_the_curves_of_those_that_are_still_there(history):
    history.add_steps(steps(1, 100))
    history.add_evaluation(evaluated(50, 0.5, 0.6, accuracy=(0.8, 0.7)))
    history.add_statistics(looked_at(40))
    loss, norms = history.loss[:50].copy(), history.gradient_norms[:50, 2].copy()
    history.begin(started(("added.W", "output.W"), step=50))
    assert history.steps.tolist() == list(range(1, 51))
    assert np.array_equal(history.loss, loss)
    assert np.isnan(history.gradient_norms[:, 0]).all()
    assert np.array_equal(history.gradient_norms[:, 1], norms)
    assert history.updates.names == ("added.W", "output.W") and history.updates.count == 1
    history.add_steps(steps(51, 5, weights=2, nodes=3))
    assert history.steps[-1] == 55 and not np.isnan(history.gradient_norms[-1]).any()
    norms = history.norms_until(52, 52)
    assert {name: len(found) for name, found in norms.items()} == {"added": 2, "output": 52}
    history.add_evaluation(evaluated(55, 0.4, 0.5, rmse=(0.1, 0.2)))
    assert history.metrics == ("rmse",)
    assert history.evaluations.column("validation.loss").tolist() == pytest.approx([0.6, 0.5])
    assert np.isnan(history.evaluations.column("train.rmse")[0])


def test_before_its_first_close_look_a_run_knows_of_none(history):
    """A branch may begin so early: plots then promise again what they showed."""
    history.add_steps(steps(1, 100))
    history.add_statistics(looked_at(40))
    history.drop_after(30)
    assert history.statistics is None and len(history.statistics_log) == 0
    assert history.statistics_log.nodes == () and history.activity.names == ()
    history.add_statistics(looked_at(35))
    assert history.statistics_log[-1].step == 35 and history.activity.count == 1
