"""Runs that wait their turn: order, fresh weights, errors of one, holding."""

from __future__ import annotations

import pytest

from app.panels.run_queue import QueuePanel
from app.runs.queue import RunQueue
from app.training.session import FINISHED, IDLE, PAUSED, Session
from tests.app.making import document_of


@pytest.fixture
def session(qtbot):
    made = Session(document_of("xor", epochs=20, seed=1))
    yield made
    made.shutdown()


def queue_of(session: Session, *seeds: int) -> RunQueue:
    queue = RunQueue(session, session)
    document = session.document
    for seed in seeds:
        document.commit_training({**document.training, "seed": seed})
        queue.add()
    return queue


def test_runs_follow_one_another_and_survive_one_that_cannot_start(session, qtbot):
    queue = queue_of(session, 2, 3)
    document = session.document
    broken = document.graph.remove([next(n.id for n in document.graph.nodes.values() if n.kind == "Input")])
    whole = document.graph
    document.commit(broken, "Break it")
    queue.add()
    document.commit(whole, "Mend it")
    document.commit_training({**document.training, "seed": 4})
    queue.add()
    queue.move(3, -1)
    queue.move(2, 1)
    assert [entry.content.training["seed"] for entry in queue.waiting] == [2, 3, 3, 4]
    seeds, said = [], []
    session.started.connect(lambda event: seeds.append((session.job.training["seed"], event.step)))
    session.message.connect(lambda severity, text: said.append(severity))
    queue.start()
    qtbot.waitUntil(lambda: not queue.waiting and session.state == FINISHED and len(seeds) == 3)
    assert seeds == [(2, 0), (3, 0), (4, 0)]
    assert "error" in said
    assert not queue.going


def test_the_queue_waits_for_the_run_that_goes_on_and_holds_where_it_is_stopped(session, qtbot):
    document = session.document
    document.commit_training({**document.training, "epochs": 10_000_000})
    session.run()
    qtbot.waitUntil(lambda: session.history.progress.step > 0)
    queue = RunQueue(session, session)
    queue.add()
    assert queue.going
    session.pause()
    qtbot.waitUntil(lambda: session.state == PAUSED)
    assert len(queue.waiting) == 1
    session.stop()
    qtbot.waitUntil(lambda: session.state == IDLE)
    assert not queue.going
    assert len(queue.waiting) == 1


def test_the_panel(session, qtbot):
    queue = queue_of(session, 2, 3)
    panel = QueuePanel(queue)
    qtbot.addWidget(panel)
    assert panel.title.text() == "Queue · 2 held"
    assert len(panel.rows) == 2
    queue.move(0, 1)
    assert [entry.content.training["seed"] for entry in queue.waiting] == [3, 2]
    queue.remove(0)
    queue.remove(0)
    assert panel.isHidden()
    for seed in range(9):
        session.document.commit_training({**session.document.training, "seed": seed})
        queue.add()
    assert panel.more.text() == "and 3 more"
