"""How fast a run goes, as it is told."""

from __future__ import annotations

import pytest

from engine.train.pace import Speed


def test_the_speed_that_is_told_follows_slow_motion_within_seconds():
    speed = Speed()
    for _ in range(90):
        told = speed.after(33, 1 / 30)
    assert told == pytest.approx(990)
    told = [speed.after(1, 1 / 3) for _ in range(12)]
    assert told == sorted(told, reverse=True) and told[-1] == pytest.approx(3, rel=0.1)
    assert [speed.after(33, 1 / 30) for _ in range(60)][-1] == pytest.approx(990, rel=0.05)
