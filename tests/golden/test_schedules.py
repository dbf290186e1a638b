"""Every schedule against PyTorch's schedulers, frozen by ``make_goldens.py``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.train.schedule import Pace, Schedule, Span

STEPS_PER_EPOCH = 4
with np.load(Path(__file__).parent / "schedules.npz", allow_pickle=False) as _file:
    FROZEN = {key: _file[key] for key in _file.files}
NAMES = sorted({key.split("/")[0] for key in FROZEN if key.endswith("/schedule")})


@pytest.mark.parametrize("name", NAMES)
def test_rates_agree_with_pytorch(name: str) -> None:
    schedule = Schedule.from_dict(json.loads(str(FROZEN[f"{name}/schedule"])))
    wanted = FROZEN[f"{name}/rates"]
    pace = Pace(schedule, Span(60, STEPS_PER_EPOCH))
    found = []
    for step in range(len(wanted)):
        if schedule.watches:
            pace.observe(float(FROZEN["shared/losses"][step]))
        found.append(pace.factor(step))
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-14)
    if not schedule.watches:
        steps, factors = schedule.curve(60, STEPS_PER_EPOCH)
        assert steps.tolist() == list(range(60))
        np.testing.assert_allclose(factors, wanted, rtol=1e-10, atol=1e-14)


def test_every_schedule_is_frozen() -> None:
    assert {json.loads(str(FROZEN[f"{name}/schedule"]))["kind"] for name in NAMES} == set(Schedule.kinds)
