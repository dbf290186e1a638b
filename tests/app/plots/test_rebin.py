"""Histograms on a common axis: every count stays, and lies where it lay."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plots.rebin import common_range, rebinned
from engine.train.events import Histogram
from engine.train.telemetry import histogram

NUMBERS = st.floats(-1e3, 1e3)


@given(low=NUMBERS, width=st.floats(0, 1e3), counts=st.lists(st.integers(0, 4096), min_size=1, max_size=64),
       bins=st.integers(1, 80))  # fmt: skip
def test_no_count_is_lost_where_the_axis_holds_them_all(low, width, counts, bins):
    counts = np.array([counts])
    edges = np.linspace(low - 1, low + width + 1, bins + 1)
    found = rebinned(np.array([low]), np.array([low + width]), counts, edges)
    assert found.sum() == pytest.approx(counts.sum(), abs=1e-6)
    assert (found >= 0).all()


@given(first=st.floats(-5, 5), step=st.floats(0.01, 3), bins=st.integers(1, 12), seed=st.integers(0, 99))
def test_counts_go_where_bins_overlap(first, step, bins, seed):
    counts = np.random.default_rng(seed).integers(0, 50, 8)
    own, edges = np.linspace(-2, 3, 9), first + step * np.arange(bins + 1)
    expected = [sum(count * max(min(right, b) - max(left, a), 0) / (b - a)
                    for a, b, count in zip(own[:-1], own[1:], counts, strict=True))
                for left, right in pairwise(edges)]  # fmt: skip
    found = rebinned(np.array([-2.0]), np.array([3.0]), counts[None], edges)[0]
    assert found == pytest.approx(expected, abs=1e-6)


def test_on_its_own_edges_a_histogram_stays_as_it_is():
    values = np.random.default_rng(0).normal(size=4000)
    own = histogram(values)
    edges = np.linspace(own.low, own.high, 65)
    found = rebinned(np.array([own.low]), np.array([own.high]), own.counts[None], edges)
    assert found[0] == pytest.approx(own.counts)


def test_one_value_lies_in_one_bin():
    one = np.array([2.0])
    for value, place in ((2.0, 2), (0.0, 0), (4.0, 3)):
        found = rebinned(one * 0 + value, one * 0 + value, np.array([[5, 2]]), np.arange(5.0))
        assert np.flatnonzero(found[0]).tolist() == [place] and found.sum() == 7
    assert not rebinned(one * 9, one * 9, np.array([[5]]), np.arange(5.0)).any()


def parts(looks: list[Histogram]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (np.array([look.low for look in looks]), np.array([look.high for look in looks]),
            np.array([look.counts for look in looks]))  # fmt: skip


def test_a_few_far_numbers_do_not_stretch_the_axis():
    random = np.random.default_rng(1)
    looks = [histogram(np.append(random.normal(size=4095), 400.0)) for _ in range(5)]
    wide = [histogram(random.normal(size=4096)) for _ in range(5)]
    low, high = common_range(*parts(looks + wide))
    assert -8 < low < -2 and 2 < high < 30
    assert common_range(*parts([histogram(np.full(9, 3.0))])) == pytest.approx((2.7, 3.3))
