"""When snapshots are taken, and which of them are let go."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.train.snapshots import EVERY, GRACE, SHARE, Cadence, size_of, surplus


def taken(seconds: float, cost: float, report: float = 1 / 30) -> list[float]:
    """The times of snapshots in a run that asks at every report, of which each costs so many seconds."""
    cadence, now, found = Cadence(0.0), 0.0, []
    cadence.took(0.0, cost)
    while now < seconds:
        now += report
        if cadence.is_due(now):
            cadence.took(now, now + cost)
            now += cost
            found.append(now)
    return found


def test_a_run_of_one_second_has_a_dozen_snapshots():
    assert len(taken(1.0, 0.0002)) >= 12


def test_a_long_run_has_them_every_two_seconds():
    times = taken(600.0, 0.0002)
    gaps = [after - before for before, after in pairwise(times)]
    assert all(after >= before - 0.05 for before, after in pairwise(gaps))
    assert max(gaps) <= EVERY + 0.1


def test_one_that_took_long_by_chance_does_not_put_off_the_others():
    cadence = Cadence(0.0)
    cadence.took(0.0, 0.001)
    cadence.took(0.1, 0.115)
    assert cadence.is_due(0.2)


@given(cost=st.floats(1e-5, 5.0))
def test_they_never_take_more_than_their_share(cost: float):
    assert len(taken(300.0, cost)) * cost <= SHARE * 300.0 + GRACE + cost


def test_a_size_counts_arrays_and_what_is_around_them():
    assert size_of([]) < size_of([0]) < size_of([1000]) < size_of([1000, 1000])


Ascending = st.sets(st.integers(0, 100_000), max_size=60).map(sorted)


@given(steps=Ascending, budget=st.integers(0, 3000), most=st.integers(0, 60), data=st.data())
def test_first_newest_and_kept_ones_stay_and_the_rest_fits(steps, budget, most, data):
    sizes = [data.draw(st.integers(1, 200)) for _ in steps]
    kept = set(data.draw(st.lists(st.sampled_from(steps), max_size=5))) if steps else set()
    gone = surplus(steps, sizes, budget, kept, most)
    assert len(set(gone)) == len(gone)
    assert not set(gone) & ({*steps[:1], *steps[-1:]} | kept)
    left = [i for i, step in enumerate(steps) if step not in gone]
    if set(steps) - set(gone) - kept - {*steps[:1], *steps[-1:]}:  # some more might go, but need not
        assert sum(sizes[i] for i in left) <= budget
        assert len(left) <= most
    if gone:  # nothing goes without need
        last = steps.index(gone[-1])
        assert sum(sizes[i] for i in left) + sizes[last] > budget or len(left) + 1 > most


@given(most=st.integers(6, 60), spacing=st.lists(st.integers(1, 9), min_size=100, max_size=400))
def test_gaps_grow_with_age_and_no_faster(most, spacing):
    """The bound that is proved where it is declared, for snapshots that come one by one."""
    steps, now = [0], 0
    for gap in spacing:
        now += gap
        steps.append(now)
        for step in surplus(steps, [1] * len(steps), 10**9, most=most):
            steps.remove(step)
        widest = 1 - (1 / now) ** (2 / (most - 2)) if now > 1 else 1.0
        for before, after in pairwise(steps):
            assert after - before <= max(9, widest * (now - before) + 1e-9)


@pytest.mark.parametrize("most", [20, 100])
def test_near_the_newest_they_stand_closest(most):
    steps: list[int] = []
    for step in range(5000):
        steps.append(step)
        for gone in surplus(steps, [1] * len(steps), 10**9, most=most):
            steps.remove(gone)
    middle = len(steps) // 2
    assert steps[-1] - steps[middle] < steps[middle] - steps[0]
    assert steps[0] == 0 and steps[-1] == 4999 and len(steps) == most
