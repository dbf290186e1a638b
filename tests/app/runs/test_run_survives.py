"""The program is killed while it trains: the run is listed as interrupted, and goes on from what was kept, exactly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.training.session import RUNNING
from tests.app.keeping import Kept

ROOT = Path(__file__).resolve().parents[3]
TRAINS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.runs.keeper import RunKeeper
from app.runs.runs import Runs
from app.training.session import Session
from tests.app.making import document_of

if __name__ == "__main__":
    application = QApplication([])
    session = Session(document_of("iris", epochs=10_000_000))
    runs = Runs.of(session)
    keeper = RunKeeper(session, runs)
    runs.keep_in(Path(sys.argv[1]), 10**9)
    session.run()
    application.exec()
"""


@pytest.fixture
def program(tmp_path):
    """A program that trains and keeps its run in tmp_path/runs."""
    script = tmp_path / "trains.py"
    script.write_text(TRAINS)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen([sys.executable, str(script), str(tmp_path / "runs")], cwd=ROOT, env=environment,
                               stderr=subprocess.DEVNULL)
    yield started
    if started.poll() is None:
        started.kill()
    started.wait()


def test_a_killed_program_loses_nothing_but_the_steps_since_the_last_writing(program, tmp_path, qtbot):
    folder = tmp_path / "runs"

    def is_kept() -> bool:
        steps = [int(path.stem) for path in folder.glob("*/snapshots/*.safetensors")]
        return max(steps, default=0) > 0 and bool(list(folder.glob("*/curves.npz")))

    qtbot.waitUntil(is_kept)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()

    mine = Kept(folder, qtbot)
    [info] = mine.runs.infos
    assert info.outcome == "interrupted"
    last = mine.runs.snapshot_steps(info.id)[-1]
    assert last > 0
    mine.going_back.resume(info.id)
    mine.settle()
    mine.until(RUNNING)
    mine.until_steps(last + 50)
    mine.session.stop()
    mine.until("idle")
    mine.settle()
    assert mine.runs.current == info.id
    assert mine.runs.info(info.id).outcome == "stopped"

    whole = Kept(tmp_path / "others", qtbot, "iris", epochs=10_000_000)
    whole.train_until(last + 50)
    both = min(whole.session.history.training.count, mine.session.history.training.count)
    assert both > last
    assert np.array_equal(mine.session.history.steps[:both], np.arange(1, both + 1))
    assert mine.session.history.loss[:both].tobytes() == whole.session.history.loss[:both].tobytes()
    for each in (mine, whole):
        each.session.shutdown()
