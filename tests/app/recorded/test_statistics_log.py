"""Close looks at steps: what was put in comes out, memory is bounded, what is old is kept more coarsely."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recorded.history import NOISE, RunHistory
from app.recorded.statistics_log import GRADIENTS, OUTPUTS, WEIGHTS, StatisticsLog
from engine.train.events import Histogram, Statistics
from engine.train.telemetry import HISTOGRAM_SAMPLE
from tests.app.making import looked_at, started, steps


def same(first: object, second: object) -> bool:
    """Equal in every field, NaN being equal to NaN."""
    if is_dataclass(first):
        return type(first) is type(second) and all(
            same(getattr(first, f.name), getattr(second, f.name)) for f in fields(first))
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second)
    return first == second or (first != first and second != second)


def filled(looks: list[Statistics], **more: int) -> StatisticsLog:
    log = StatisticsLog(**more)
    for look in looks:
        log.append(look)
    return log


def test_looks_come_out_as_they_were_put_in():
    looks = [looked_at(step) for step in (3, 8, 20, 21)]
    log = filled(looks)
    assert len(log) == 4 and log.steps.tolist() == [3, 8, 20, 21]
    assert all(map(same, log, looks))
    assert same(log[-1], looks[-1]) and [look.step for look in log[1:3]] == [8, 20]
    with pytest.raises(IndexError, match="4 looks"):
        log[4]


def test_the_newest_at_a_step_or_before():
    log = filled([looked_at(step) for step in (10, 20, 30)])
    assert [log.at(step).step for step in (1, 10, 19, 20, 500)] == [10, 10, 10, 20, 30]
    assert StatisticsLog().at(5) is None


@settings(max_examples=30)
@given(count=st.integers(1, 400), gap=st.integers(1, 7), limit=st.sampled_from([0, 30_000, 10**9]))
def test_memory_is_bounded_and_old_looks_lie_further_apart(count, gap, limit):
    log, model = StatisticsLog(limit), looked_at(1)
    for i in range(count):
        log.append(replace(model, step=1 + i * gap))
    kept = log.steps
    row = sum(table[:1].nbytes for table in log._tables.values())
    assert len(log) * row <= max(limit, 256 * row)
    assert kept[-1] == 1 + (count - 1) * gap, "the newest always stays"
    distances = np.diff(kept)
    assert (distances[:-1] >= distances[1:]).all(), "the older, the coarser"
    assert kept[0] <= 1 + gap * 2 ** (count // 128 + 1)
    if count * row <= max(limit, 256 * row):
        assert len(log) == count


def test_histograms_of_one_array_over_steps():
    looks = [looked_at(step) for step in range(1, 300)]
    log = filled(looks)
    spreads = {WEIGHTS: log.spreads(WEIGHTS, "output.W"), GRADIENTS: log.spreads(GRADIENTS, "output.W"),
               OUTPUTS: log.spreads(OUTPUTS, "activation_1")}
    for kind, spread in spreads.items():
        for row, step in enumerate(spread.steps):
            look = looks[step - 1]
            layer = {layer.node: layer for layer in look.layers}["output" if kind != OUTPUTS else "activation_1"]
            weight = next((w for w in layer.weights if w.key == "output.W"), None)
            whole = {WEIGHTS: weight and weight.values, GRADIENTS: weight and weight.gradients, OUTPUTS: layer.outputs}
            assert np.array_equal(spread.counts[row], whole[kind].counts)
            assert (spread.low[row], spread.high[row]) == (whole[kind].low, whole[kind].high)
    assert log.spreads(WEIGHTS, "nobody.W") is None


def test_singular_values_are_kept_once_each_time_they_are_measured():
    def look(step: int, values: list[float]) -> Statistics:
        found = looked_at(step, ("a.W",))
        weight = replace(found.layers[0].weights[0], singular_values=np.array(values))
        return replace(found, layers=(replace(found.layers[0], weights=(weight,)), *found.layers[1:]))

    log = filled([look(1, []), look(2, [4.0, 1.0]), look(3, [4.0, 1.0]), look(4, [6.0, 0.0])])
    table = log.spectra["a.W"]
    assert table.names == ("σ1", "σ2", "κ")
    assert table.steps.tolist() == [2, 4]
    assert table.table.tolist() == [[4.0, 1.0, 4.0], [6.0, 0.0, np.inf]]
    assert [log.at(step).layers[0].weights[0].singular_values.tolist() for step in (1, 3, 4)] == [[], [4, 1], [6, 0]]


def test_other_layers_begin_the_log_anew():
    log = filled([looked_at(5), looked_at(9)])
    log.append(looked_at(12, ("output.W",)))
    assert log.steps.tolist() == [12] and log.weight_keys == ("output.W",)


def test_a_run_that_goes_on_from_a_snapshot_forgets_what_came_after():
    history = RunHistory()
    history.begin(started())
    for first in range(1, 100, 10):
        history.add_steps(steps(first, 10))
        history.add_statistics(looked_at(first + 9))
    history.begin(started(step=50, total_steps=1050))
    assert history.statistics_log.steps[-1] == history.activity.steps[-1] == history.flows.steps[-1] == 50
    assert history.statistics.step == 50


def test_what_was_known_at_a_step():
    history = RunHistory()
    history.begin(started())
    reports = [steps(1, 10), steps(11, 10), steps(21, 10)]
    for report in reports:
        history.add_steps(report)
        history.add_statistics(looked_at(int(report.step[-1])))
    assert history.statistics_at(None).step == 30 and history.statistics_at(25).step == 20
    for step, place in ((10, 0), (19, 0), (20, 1), (999, 2), (3, 0), (None, 2)):
        assert list(history.flow_at(step).values()) == reports[place].flow.tolist()
    norms = np.concatenate([report.gradient_norms for report in reports])
    assert history.norms_until(17, 1)["output"] == pytest.approx(np.linalg.norm(norms[16, 2:]), rel=1e-6)


def test_activity_over_steps():
    history = RunHistory()
    history.begin(started())
    looks = [looked_at(step) for step in (4, 9)]
    for look in looks:
        history.add_statistics(look)
    assert history.activity.steps.tolist() == [4, 9]
    assert history.activity.column(NOISE).tolist() == [0.5, 0.5]
    assert history.activity.column("dead.activation_1").tolist() == [0.25, 0.25]
    assert history.activity.column("sigma.output").tolist() == [1.0, 1.0]
    assert np.isnan(history.activity.column("saturated.output")).all()


def test_every_number_the_engine_looks_at_may_lie_in_one_bin():
    log = StatisticsLog()
    look = looked_at(1, ("a.W",))
    assert max(int(layer.outputs.counts.max()) for layer in look.layers) < 2**16
    full = replace(look.layers[0], outputs=Histogram(0.0, 1.0, np.r_[HISTOGRAM_SAMPLE, np.zeros(63, int)]))
    log.append(replace(look, layers=(full, *look.layers[1:])))
    assert log[0].layers[0].outputs.counts[0] == HISTOGRAM_SAMPLE
