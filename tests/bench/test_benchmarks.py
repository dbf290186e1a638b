"""Step time and frame time for pytest-benchmark: ``python3 -m tests tests/bench --benchmark-enable``.

In an ordinary run each is carried out once and timed not at all: benchmarks never decide whether tests pass. The tables
in ``resources/docs/performance.md`` come from ``python3 -m tests.bench`` and the modules beside this one.
"""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.document import Content
from app.window.window import Window
from tests.app.conftest import window
from tests.bench.__main__ import our_step
from tests.bench.gui.canvas_bench import tower
from tests.bench.workloads import WORKLOADS, Workload

__all__ = ["window"]  # the fixture of the tests of the window


@pytest.mark.parametrize("workload", [w for w in WORKLOADS if w.name in ("W1", "W2", "W4")], ids=lambda w: w.name)
def test_a_training_step(benchmark, workload: Workload) -> None:
    step, _ = our_step(workload)
    with np.errstate(all="ignore"):
        assert np.isfinite(benchmark(step))


def test_a_frame_of_the_window_with_thirty_layers(benchmark, window: Window) -> None:
    window.document.set_content(Content(tower(30)))
    window.show_workspace()

    def frame() -> None:
        window.canvas.viewport().update()
        QApplication.processEvents()

    benchmark(frame)
