"""Which class an answer means, and how certain it is."""

from __future__ import annotations

import numpy as np
import pytest

from app.plots.certainty import class_shares, lead, told


def test_of_several_probabilities():
    outputs = np.random.default_rng(0).dirichlet(np.ones(5), 100).astype(np.float32)
    ordered = np.sort(outputs, axis=1)
    assert np.array_equal(told(outputs), outputs.argmax(axis=1))
    assert lead(outputs) == pytest.approx(ordered[:, -1] - ordered[:, -2])


def test_of_equals_the_first_is_told():
    outputs = np.array([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4]])
    assert told(outputs).tolist() == [0, 1]
    assert lead(outputs).tolist() == [0, 0]


def test_of_a_single_probability():
    outputs = np.array([[0.1], [0.5], [0.9]])
    assert told(outputs).tolist() == [0, 0, 1]
    assert lead(outputs) == pytest.approx([0.8, 0.0, 0.8])


def test_of_a_score_with_its_boundary_at_zero():
    outputs = np.array([[-2.0], [0.25]])
    assert told(outputs, 0.0).tolist() == [0, 1]
    assert lead(outputs, 0.0) == pytest.approx(np.tanh([2.0, 0.25]))


def test_what_is_not_finite_is_undecided_or_certain_but_never_beyond():
    with np.errstate(invalid="ignore"):
        found = lead(np.array([[np.nan, 1.0], [np.inf, 1.0]]))
    assert ((found >= 0) & (found <= 1)).all()


def test_a_single_probability_is_shared_between_two_classes():
    assert class_shares(np.array([0.25]), True) == pytest.approx([0.75, 0.25])
    assert class_shares(np.array([-3.0]), False).tolist() == [-3.0]
    assert class_shares(np.array([0.2, 0.8]), True) == pytest.approx([0.2, 0.8])
