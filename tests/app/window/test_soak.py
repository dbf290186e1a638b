"""A long run in the whole window, with every plot open: neither process may take more and more memory.

Two minutes by default, an hour in the nightly profile. What is kept of the run on purpose, curves and snapshots,
is bounded by itself, and allowed for.
"""

from __future__ import annotations

import gc
import os
import sys

import numpy as np
import pytest

from app.document import Content
from app.window.window import Window
from engine.project.templates import TEMPLATES
from engine.train.config import TrainingConfig
from tests.conftest import PROFILE
from tests.worker.test_memory import resident

pytestmark = [
    pytest.mark.first,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
MB = 1_000_000
SECONDS = 3600 if PROFILE == "nightly" else 120
#: Looks at the memory: so many over the whole time. The first third is left to fill caches.
_LOOKS = 60


@pytest.mark.timeout(2 * SECONDS + 120)
def test_memory_stays_flat_in_both_processes(window: Window, qtbot) -> None:
    project = TEMPLATES["mnist"].build()
    training = TrainingConfig.of({**project.training, "epochs": 10_000_000}).to_dict()
    window.files.new()
    window.document.set_content(Content(project.graph, dict(project.source), training))
    for toggle in window.docks.toggles():
        if not toggle.isChecked():
            toggle.trigger()
    session = window.session
    session.run()
    qtbot.waitUntil(lambda: session.history.training.count > 100)
    worker = session._process.worker.pid
    nodes = list(window.document.graph.nodes)
    looks = []
    for turn in range(_LOOKS):
        qtbot.wait(round(1000 * SECONDS / _LOOKS))
        window.document.select([nodes[turn % len(nodes)]])
        session.look_at(int(session.history.progress.step * 0.7) if turn % 4 == 3 else None)
        gc.collect()
        kept = session.history.bytes + session.timeline.size
        looks.append((resident(os.getpid(), "VmRSS") - kept, resident(worker, "VmRSS"), kept))
    assert session.state == "running"
    window_bytes, worker_bytes, kept_bytes = np.array(looks, float).T / MB
    third = _LOOKS // 3
    print(f"{session.history.progress.step} steps; MB of window {_course(window_bytes)}, of training process "
          f"{_course(worker_bytes)}, of what is kept {_course(kept_bytes)}")  # fmt: skip
    for name, course in (("window", window_bytes), ("training process", worker_bytes)):
        middle, end = np.median(course[third : 2 * third]), np.median(course[2 * third :])
        assert end - middle < 6.0, f"the {name} grows by {end - middle:.1f} MB in a third of the time"


def _course(megabytes: np.ndarray) -> str:
    return " ".join(f"{value:.0f}" for value in megabytes[:: max(len(megabytes) // 6, 1)])
