"""The training process is killed (SIGKILL) at random moments, snapshots half sent among them: nothing is lost but the
steps since the last snapshot, and the run that goes on ends as the one that was never killed, to the last bit."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from app.document import Document
from app.training.session import FAILED, PAUSED, RUNNING
from engine.numbers import count
from tests.app.making import document_of
from tests.app.training.test_session import Watched
from tests.app.training.test_time_travel import same, with_dropout


def heavy() -> Document:
    """Adam, Dropout, shuffling, and snapshots of more than half a megabyte, which take many writes to send."""
    document = document_of("circles", epochs=10_000_000)
    with_dropout(document)
    graph = document.graph.set_params("hidden_1", units=160)
    last = graph.inputs("output")[0].source
    graph, wide = graph.add("Dense", {"units": 160})
    graph = graph.disconnect("output", "in").connect(last, wide).connect(wide, "output")
    document.commit(graph, "Wide")
    return document


class Killed(Watched):
    """A session whose process is killed again and again."""

    def kill_soon(self, chance: random.Random, snapshots: int) -> int:
        """Runs until so many new snapshots have come, kills the process within another moment, and returns how many
        came in all."""
        session, came = self.session, []
        connection = session.snapshot_kept.connect(lambda snapshot: came.append(snapshot.step))
        session.run()
        self.until(RUNNING)
        while len(came) < 1 + snapshots:  # the first is where it went on
            with self.qtbot.waitSignal(session.snapshot_kept):
                pass
        pid = session._process.worker.pid
        QTimer.singleShot(chance.randrange(60), session, lambda: os.kill(pid, signal.SIGKILL))
        self.until(FAILED)
        session.disconnect(connection)
        return len(came) - 1

    def check(self) -> None:
        """What is there after a death: whole curves without a gap, and the newest snapshot to go on from."""
        session = self.session
        newest = session.timeline.newest
        assert "SIGKILL" in session.failure.sentence
        assert f"the weights of step {count(newest.step)} are kept" in session.failure.sentence
        assert session.resume_state is newest.state and same(self.document.weights, dict(newest.weights))
        steps = session.history.steps
        assert np.array_equal(steps, np.arange(1, len(steps) + 1))
        assert len(steps) >= newest.step  # curves are never behind what the run goes on from


@pytest.fixture
def killed(qtbot) -> Iterator[list[Killed]]:
    made = [Killed(heavy(), qtbot), Killed(heavy(), qtbot)]
    yield made
    for watched in made:
        watched.session.shutdown()


def survive(killed: list[Killed], times: int, seed: int) -> None:
    run, other = killed
    chance = random.Random(seed)
    came = []
    for _ in range(times):
        came.append(run.kill_soon(chance, chance.randrange(4)))
        run.check()
    assert any(came), "no moment fell after a snapshot on the way"
    run.session.run()
    run.until(RUNNING)
    run.pause()
    while run.session.timeline.newest.step != run.session.history.progress.step:
        with run.qtbot.waitSignal(run.session.snapshot_kept):
            pass
    end = run.session.history.progress.step
    other.session.step(end)
    other.until_steps(end)
    other.until(PAUSED)
    while other.session.timeline.newest.step != end:
        with other.qtbot.waitSignal(other.session.snapshot_kept):
            pass
    assert same(run.document.weights, other.document.weights)
    assert np.array_equal(run.session.history.steps, np.arange(1, end + 1))
    assert np.array_equal(run.session.history.loss, other.session.history.loss)
    assert np.array_equal(run.session.history.gradient_norms, other.session.history.gradient_norms)


def test_killed_eight_times(killed):
    survive(killed, 8, seed=1)


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_killed_a_hundred_times(killed):
    survive(killed, 100, seed=2)
