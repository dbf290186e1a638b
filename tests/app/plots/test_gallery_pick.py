"""The samples that are asked for, in the order asked for."""

from __future__ import annotations

import numpy as np
import pytest

from app.plots.gallery_pick import BEST, BY_ROW, RIGHT, UNSURE, WORST, WRONG, Pick, pick
from tests.app.plots.judging import judged_classes, judged_numbers

NAMES = ("a", "b", "c")


@pytest.fixture
def judged():
    found = judged_classes([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 0, 2], NAMES, [0.1, 5.0, 0.3, 0.3, np.nan, 0.2])
    return found


@pytest.mark.parametrize(("order", "places"), [
    (WORST, [4, 1, 2, 3, 5, 0]), (BEST, [0, 5, 2, 3, 1, 4]), (BY_ROW, [0, 1, 2, 3, 4, 5]),
])
def test_orders(judged, order, places):
    assert pick(judged, Pick(order)).tolist() == places


def test_the_least_certain_come_first(judged):
    judged.outputs[3] = [0.1, 0.5, 0.4]
    judged.outputs[5] = [0.3, 0.3, 0.4]
    places = pick(judged, Pick(UNSURE)).tolist()
    lead = np.sort(judged.outputs, axis=1)[:, -1] - np.sort(judged.outputs, axis=1)[:, -2]
    assert set(places[:2]) == {3, 5} and (np.diff(lead[places]) >= -1e-6).all()


@pytest.mark.parametrize(("kept", "places"), [(WRONG, [1, 4]), (RIGHT, [0, 2, 3, 5])])
def test_wrong_and_right(judged, kept, places):
    assert pick(judged, Pick(BY_ROW, kept)).tolist() == places


def test_a_cell_of_the_confusion_matrix_comes_before_wrong_and_right(judged):
    assert pick(judged, Pick(BY_ROW, WRONG, (1, 1))).tolist() == [2, 3]
    assert pick(judged, Pick(BY_ROW, WRONG, (2, 1))).tolist() == []


def test_a_regression_knows_no_right_and_wrong():
    judged = judged_numbers(np.array([[1.0], [2.0], [3.0]]), np.array([[1.5], [2.0], [1.0]]))
    assert pick(judged, Pick(WORST, WRONG)).tolist() == [2, 0, 1]
    assert pick(judged, Pick(UNSURE)).tolist() == [0, 1, 2]
