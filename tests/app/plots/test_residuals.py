"""R², errors and residuals are those that the metrics have, from their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plots.residuals import Fitted, histogram


@pytest.fixture
def numbers() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    true = random.normal(20, 8, (150, 3))
    return true, true + random.normal(1, 2, (150, 3))


@pytest.mark.parametrize("output", [0, 2, None])
def test_scores_against_plain_numpy(numbers, output):
    true, predicted = numbers
    columns = slice(None) if output is None else [output]
    t, p = true[:, columns], predicted[:, columns]
    scores = Fitted.of(true, predicted, output).scores()
    assert scores["mae"] == pytest.approx(np.mean(np.abs(p - t)))
    assert scores["rmse"] == pytest.approx(np.sqrt(np.mean((p - t) ** 2)))
    assert scores["r2"] == pytest.approx(1 - np.sum((p - t) ** 2) / np.sum((t - t.mean(axis=0)) ** 2))


def test_a_truth_that_never_varies_has_no_r2():
    assert "r2" not in Fitted.of(np.ones((5, 1)), np.zeros((5, 1)), 0).scores()


def test_what_is_not_finite_is_left_out(numbers):
    true, predicted = numbers
    predicted = predicted.copy()
    predicted[3, 1], predicted[7, 1] = np.nan, np.inf
    fitted = Fitted.of(true, predicted, 1)
    assert len(fitted.finite().true) == 148
    assert np.flatnonzero(~fitted.is_finite).tolist() == [3, 7]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
def test_every_residual_is_in_one_bin_and_zero_is_between_two(values):
    residuals = np.array(values)
    counts, edges = histogram(residuals)
    assert counts.sum() == len(residuals)
    assert (np.diff(edges) > 0).all()
    middle = np.abs(edges).argmin()
    assert abs(edges[middle]) <= 1e-9 * (edges[-1] - edges[0])
    below = counts[:middle].sum()
    assert below == np.sum(residuals < edges[middle])


def test_no_residuals_make_an_empty_histogram():
    counts, edges = histogram(np.zeros(0))
    assert counts.sum() == 0 and len(edges) == len(counts) + 1
