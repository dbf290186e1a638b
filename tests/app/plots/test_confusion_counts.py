"""Counts, shares, recall and precision are what their definitions say."""

from __future__ import annotations

import numpy as np
import pytest

from app.plots.confusion_counts import Confusion

NAMES = ("a", "b", "c")


@pytest.fixture
def random_rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    return random.integers(0, 3, 200), random.integers(0, 3, 200)


def test_every_number_against_its_definition(random_rows):
    labels, answers = random_rows
    found = Confusion.of(labels, answers, NAMES)
    for i in range(3):
        for j in range(3):
            count = sum(1 for t, a in zip(labels, answers, strict=True) if (t, a) == (i, j))
            assert found.counts[i, j] == count
            assert found.shares[i, j] == pytest.approx(count / np.sum(labels == i))
        right = np.sum((labels == i) & (answers == i))
        assert found.recall[i] == pytest.approx(right / np.sum(labels == i))
        assert found.precision[i] == pytest.approx(right / np.sum(answers == i))
        assert found.true_totals[i] == np.sum(labels == i)
        assert found.answer_totals[i] == np.sum(answers == i)
    assert found.accuracy == pytest.approx(np.mean(labels == answers))
    assert found.counts.sum() == 200


def test_what_never_occurs_has_no_share_to_tell():
    found = Confusion.of(np.array([0, 0]), np.array([0, 1]), NAMES)
    assert found.shares[2].tolist() == [0, 0, 0]
    assert np.isnan(found.recall[2]) and np.isnan(found.precision[2])
    assert found.recall[0] == 0.5 and np.isnan(found.recall[1])
    assert np.isnan(Confusion.of(np.zeros(0, int), np.zeros(0, int), NAMES).accuracy)


def test_the_table_has_a_line_for_each_class_and_one_of_precision():
    names, columns = Confusion.of(np.array([0, 1, 1]), np.array([0, 1, 0]), ("a", "b")).table()
    assert names == ["true class", "predicted a", "predicted b", "total", "recall"]
    assert columns[0].tolist() == ["a", "b", "precision"]
    assert columns[1].tolist() == [1, 1, 0.5] and columns[2].tolist() == [0, 1, 1]
    assert columns[4][:2].tolist() == [1, 0.5]


def test_an_output_without_a_class_of_its_own_is_called_by_its_number():
    found = Confusion.of(np.array([0, 1]), np.array([0, 4]), ("a", "b"))
    assert found.names == ("a", "b", "2", "3", "4") and found.counts[1, 4] == 1
