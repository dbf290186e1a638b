"""The looking process, really spawned: it answers, refuses with sentences, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from time import monotonic

import numpy as np
import pytest

from engine import check
from engine.compute import compile as compile_graph
from engine.look.client import LookProcess
from engine.look.questions import Answered, Grid, Judge, Scene
from tests.engine.train.networks import SIGMOID_LOSS, mlp

PATIENCE = 30.0
GRAPH = mlp(2, 3, 1, loss=SIGMOID_LOSS)
SCENE = Scene(GRAPH, {"kind": "Xor"}, check(GRAPH), 3)


@pytest.fixture
def looking() -> Iterator[LookProcess]:
    process = LookProcess()
    yield process
    process.close()


def next_answer(process: LookProcess) -> Answered:
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        for found in process.poll(wait=1.0):
            return found
    pytest.fail("no answer came")


def test_it_answers_with_the_weights_it_was_given_last(looking):
    looking.show(SCENE)
    looking.ask(1, Judge())
    first = next_answer(looking)
    fresh = compile_graph(GRAPH, batch_size=4, seed=3)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    assert first.number == 1 and first.seconds > 0 and not first.sentence
    assert first.answer.outputs == pytest.approx(fresh.predict(x), abs=1e-6)
    other = compile_graph(GRAPH, batch_size=4, seed=9)
    looking.use(other.weights.copies())
    looking.ask(2, Judge())
    second = next_answer(looking)
    assert second.number == 2 and second.answer.outputs == pytest.approx(other.predict(x), abs=1e-6)


def test_what_it_cannot_answer_it_refuses_and_goes_on(looking):
    looking.ask(1, Judge())
    assert "no network" in next_answer(looking).sentence
    looking.show(Scene(GRAPH, {}, check(GRAPH)))
    looking.ask(2, Judge())
    refused = next_answer(looking)
    assert refused.answer is None and "Choose a data set" in refused.sentence
    looking.show(SCENE)
    looking.ask(3, Grid((0.0, 0.0), (1.0, 1.0), size=4))
    assert next_answer(looking).answer.values.shape == (4, 4, 1)


def test_killed_it_is_known_to_have_died(looking):
    looking.show(SCENE)
    os.kill(looking.pid, signal.SIGKILL)
    deadline = monotonic() + PATIENCE
    while not looking.died and monotonic() < deadline:
        looking.poll(wait=1.0)
    assert looking.died and "SIGKILL" in looking.how_it_died()
    looking.ask(1, Judge())  # told to nobody, which is no error
    assert looking.poll() == []


def test_asked_to_it_ends_by_itself():
    process = LookProcess()
    process.show(SCENE)
    process.close(timeout=PATIENCE)
    assert not process.died and process.exit_code == 0
