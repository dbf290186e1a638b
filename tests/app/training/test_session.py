"""Training from the window, in the real process: run, pause, step, stop, reset, live changes, a killed process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.document import Content, Document
from app.numbers import count
from app.training.session import FAILED, FINISHED, HALTED, IDLE, PAUSED, RUNNING, STARTING
from engine.compute import compile
from engine.data import Source, load
from engine.graph.model import Graph
from engine.train.config import TrainingConfig
from engine.train.loop import train
from tests.app.making import document_of, with_optimizer
from tests.app.waiting import Waiting, reaching

ROOT = Path(__file__).resolve().parents[3]
LONG = {"epochs": 10_000_000}


class Watched(Waiting):
    """A session with what it said, and ways to wait for it."""

    def __init__(self, document: Document, qtbot) -> None:
        super().__init__(document, qtbot)
        self.states: list[str] = []
        self.messages: list[tuple[str, str]] = []
        self.session.state_changed.connect(self.states.append)
        self.session.message.connect(lambda severity, text: self.messages.append((severity, text)))

    def until_steps(self, count: int = 1) -> None:
        """Waits until so many more steps than now are in the history."""
        wanted = self.session.history.training.count + count
        while self.session.history.training.count < wanted:
            with self.qtbot.waitSignal(self.session.updated):
                pass

    def pause(self) -> int:
        """Pauses and returns the step."""
        self.session.pause()
        self.until(PAUSED)
        return int(self.session.history.steps[-1])

    def text(self) -> str:
        return " ".join(text for _, text in self.messages)


@pytest.fixture
def watch(qtbot) -> Iterator:
    made: list[Watched] = []

    def make(template: str = "xor", **settings) -> Watched:
        made.append(Watched(document_of(template, **settings), qtbot))
        return made[-1]

    yield make
    for watched in made:
        watched.session.shutdown()


def test_xor_is_learned(watch):
    run = watch("xor", epochs=6000)
    run.session.run()
    run.until(FINISHED)
    history = run.session.history
    assert run.states == [STARTING, RUNNING, FINISHED]
    assert history.latest("train.accuracy") == 1.0
    assert history.steps.tolist() == list(range(1, 6001))
    assert np.isfinite(history.loss).all()
    assert history.progress.fraction == 1.0
    assert "Finished" in run.messages[-1][1]
    assert set(history.weight_keys) <= set(run.document.weights)
    assert run.document.is_modified


def test_what_the_history_holds_is_what_the_loop_reports(watch):
    """The numbers are those of the same run in this process, to the last bit; the norms those of the gradients."""
    run = watch("xor", epochs=40)
    run.session.run()
    run.until(FINISHED)
    document = run.document
    config = TrainingConfig.of(document.training)
    model = compile(document.graph, batch_size=config.batch_size, seed=config.seed)
    weights = {key: array.copy() for key, array in model.weights.arrays().items()}
    reports = [e for e in train(model, load(Source.from_dict(document.source)), config) if hasattr(e, "gradient_norms")]
    history = run.session.history
    assert np.array_equal(history.loss, np.concatenate([e.loss for e in reports]))
    assert np.array_equal(history.gradient_norms, np.concatenate([e.gradient_norms for e in reports]))

    model.weights.load(weights)
    dataset = load(Source.from_dict(document.source))
    program = model.program(4)
    program.input[:] = dataset.x_train
    program.target[:] = dataset.y_train.reshape(program.target.shape)
    program.forward()
    program.backward()
    for key, gradient in model.weights.gradient_arrays().items():
        column = history.weight_keys.index(key)
        assert history.gradient_norms[0, column] == pytest.approx(np.linalg.norm(gradient), rel=1e-5), key


def test_pause_step_go_on_stop(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    step = run.pause()
    run.session.step()
    run.until_steps(1)
    run.until(PAUSED)
    assert run.session.history.steps[-1] == step + 1
    run.session.step(5)
    run.until_steps(5)
    assert run.session.history.steps[-1] == step + 6
    run.session.run()
    run.until(RUNNING)
    run.until_steps(10)
    run.session.stop()
    run.until(IDLE)
    assert run.document.weights is not None
    last = int(run.session.history.steps[-1])
    run.session.run()
    run.until_steps()
    assert run.session.history.steps.tolist() == list(range(1, int(run.session.history.steps[-1]) + 1))
    assert run.session.history.steps[-1] > last


def test_toggle(watch):
    run = watch(**LONG)
    run.session.toggle()
    run.until_steps()
    run.session.toggle()
    run.until(PAUSED)
    run.session.toggle()
    run.until(RUNNING)


def test_stepping_from_nothing(watch):
    run = watch(**LONG)
    run.session.step(3)
    run.until_steps(3)
    run.until(PAUSED)
    assert run.session.history.steps.tolist() == [1, 2, 3]


def test_reset_forgets_curves_and_weights(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    with run.qtbot.waitSignal(run.session.updated):
        run.session.reset()
    assert run.session.state == IDLE
    assert run.session.history.is_empty
    assert run.document.weights is None
    run.session.step()
    run.until_steps(1)
    assert run.session.history.steps.tolist() == [1]


def test_run_after_the_end_goes_on_for_as_many_epochs(watch):
    run = watch(epochs=30)
    run.session.run()
    run.until(FINISHED)
    run.session.run()
    run.until(RUNNING)
    run.until(FINISHED)
    assert run.session.history.steps.tolist() == list(range(1, 61))


def test_the_learning_rate_changes_while_it_runs(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    run.document.commit_training(with_optimizer(run.document.training, learning_rate=0.0625))
    while run.session.history.learning_rate[-1] != np.float32(0.0625):
        run.until_steps()
    assert run.session.history.learning_rate[0] == np.float32(0.2)
    assert run.session.state == RUNNING
    assert run.messages == []


def test_a_rate_that_is_being_typed_reaches_the_run_once_it_is_whole(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    for text in ("1", "1e-2"):
        run.document.set_typing(True)
        run.document.commit_training(with_optimizer(run.document.training, learning_rate=float(text)))
    run.until_steps()
    run.document.end_merge()
    while run.session.history.learning_rate[-1] != np.float32(0.01):
        run.until_steps()
    assert set(run.session.history.learning_rate.tolist()) == {float(np.float32(0.2)), float(np.float32(0.01))}


def test_other_settings_wait_for_the_next_run_and_it_is_said_once(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    run.document.commit_training({**run.document.training, "epochs": 900_001})
    run.document.commit_training({**run.document.training, "epochs": 900_002})
    assert len(run.messages) == 1
    assert "epochs" in run.text() and "next Run" in run.text()
    step = run.pause()
    assert run.session.history.started.epochs == LONG["epochs"]
    run.session.run()
    run.until_steps()
    assert run.session.history.started.epochs == 900_002
    assert run.session.history.steps[0] == 1 and run.session.history.steps[-1] > step


def test_an_edit_of_the_network_keeps_the_weights_that_fit(watch):
    run = watch("circles", **LONG)
    run.session.run()
    run.until_steps()
    run.pause()
    kept = run.document.weights
    last = run.document.graph.inputs("output")[0].source
    graph, added = run.document.graph.add("Dense", {"units": 8})
    graph = graph.disconnect("output", "in").connect(last, added).connect(added, "output")
    run.document.commit(graph, "Deeper")
    assert "next Run" in run.text()
    run.session.step()
    run.until_steps(1)
    run.until(PAUSED)
    assert f"fresh weights: {added}" in run.text()
    assert run.document.weights["hidden_1.W"].shape == kept["hidden_1.W"].shape
    assert run.session.history.progress.step == run.session.history.progress.first_step + 1 > 1


def test_a_large_network_is_stopped_at_once_and_run_waits_for_it(watch, qtbot):
    """20 MB of weights and running means: how much of them has come is told, and nothing of them is lost."""
    run = watch("xor", **LONG)
    graph = run.document.graph
    before = graph.inputs("output")[0].source
    graph, first = graph.add("Dense", {"units": 1200})
    graph, second = graph.add("Dense", {"units": 1200})
    graph = graph.disconnect("output", "in").connect(before, first).connect(first, second).connect(second, "output")
    run.document.commit(graph, "Wide")
    # So small that the run cannot blow up, however far it comes before it is stopped.
    run.document.commit_training(with_optimizer(run.document.training, learning_rate=1e-6))
    asked, shares = [], []
    run.session.asked_changed.connect(asked.append)
    run.session.handing.connect(shares.append)
    run.session.run()
    run.until_steps()
    with reaching(qtbot, run.session, HALTED):
        run.session.stop()
    step = run.session.history.progress.step
    run.session.run()
    with reaching(qtbot, run.session, RUNNING):
        run.session.stop()  # says nothing new
    assert run.states == [STARTING, RUNNING, HALTED, IDLE, STARTING, RUNNING]
    assert asked == ["stop", "", "run", ""]
    assert any(0.0 < share < 1.0 for share in shares) and 0.0 in shares
    assert run.session.history.progress.first_step == step
    run.until_steps()
    assert run.session.history.steps.tolist() == list(range(1, int(run.session.history.steps[-1]) + 1))
    run.session.stop()
    run.until(HALTED)
    run.session.forget()
    assert run.session.state == IDLE


def test_moving_and_naming_a_layer_touches_nothing(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    run.pause()
    job = run.session._job
    run.document.commit(run.document.graph.move({"hidden_1": (50.0, 60.0)}), "Move")
    run.document.commit(run.document.graph.rename("hidden_1", "Hidden"), "Rename")
    assert run.messages == []
    run.document.commit(run.document.graph.set_params("hidden_1", initialiser={"kind": "Zeros"}), "Begin with zeros")
    assert run.text() == "“Hidden” keeps the weights it has. Reset and Run, and they begin as chosen."
    run.session.run()
    run.until(RUNNING)
    assert run.session._job is job
    assert len(run.messages) == 1


def test_a_dropout_rate_goes_live(watch):
    run = watch(**LONG)
    graph, dropout = run.document.graph.add("Dropout", {"rate": 0.5})
    edge = graph.inputs("output")[0]
    graph = graph.disconnect("output", "in").connect(edge.source, dropout).connect(dropout, "output")
    run.document.commit(graph, "Insert Dropout")
    run.session.run()
    run.until_steps()
    run.document.commit(graph.set_params(dropout, rate=0.0), "No dropout")
    assert run.messages == []
    step = run.pause()
    run.session.run()
    run.until(RUNNING)
    assert step > 0 and run.messages == []


def test_a_typed_dropout_rate_waits_as_well_and_run_takes_it_as_it_stands(watch):
    run = watch(**LONG)
    graph, dropout = run.document.graph.add("Dropout", {"rate": 0.5})
    edge = graph.inputs("output")[0]
    graph = graph.disconnect("output", "in").connect(edge.source, dropout).connect(dropout, "output")
    run.document.commit(graph, "Insert Dropout")
    run.session.step()
    run.until_paused_at(1)
    run.document.set_typing(True)
    run.document.commit(graph.set_params(dropout, rate=0.0), "No dropout")
    assert not run.session._live
    run.session.run()
    assert run.session._live[f"{dropout}.rate"] == 0.0


def test_a_killed_process_costs_no_more_than_the_last_seconds(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    step = run.pause()
    run.session.run()
    run.until_steps(20)
    pid = run.session._process.worker.pid
    os.kill(pid, signal.SIGKILL)
    run.until(FAILED)
    assert "SIGKILL" in run.messages[-1][1] and run.messages[-1][0] == "error"
    assert run.session.history.steps[-1] > step
    assert run.document.weights is not None
    run.session.run()
    run.until(RUNNING)
    run.until_steps()
    assert run.session._process.worker.pid != pid
    seen = run.session.history.steps
    assert seen.tolist() == list(range(1, int(seen[-1]) + 1))


def test_a_process_killed_while_it_starts_leaves_the_weights_it_was_to_begin_with(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    step = run.pause()
    run.session.stop()
    run.until(IDLE)
    pid = run.session._process.worker.pid
    os.kill(pid, signal.SIGSTOP)  # or it might have begun, and gone on, before it is killed
    run.session.run()
    os.kill(pid, signal.SIGKILL)
    run.until(FAILED)
    assert f"the weights of step {count(step)} are kept" in run.messages[-1][1]
    assert run.session.resume_state["values"]["step"] == step


def test_a_process_that_died_while_nothing_ran_is_replaced_without_a_word(watch):
    run = watch(epochs=20)
    run.session.prepare()
    worker = run.session._process.worker
    os.kill(worker.pid, signal.SIGKILL)
    worker._process.join()
    run.session.run()
    run.until(FINISHED)
    assert [severity for severity, _ in run.messages] == ["info"]


def test_a_loss_that_is_not_finite(watch):
    run = watch("curve", **LONG)
    training = with_optimizer(run.document.training, learning_rate=1e3)
    run.document.commit_training({**training, "optimizer": {"kind": "SGD", "learning_rate": 1000.0}})
    run.session.run()
    run.until(FAILED)
    assert "lower learning rate" in run.text()
    assert run.session.failure.node in run.document.graph.nodes
    assert all(np.isfinite(array).all() for array in run.document.weights.values())


@pytest.mark.parametrize("what", ["network", "data", "empty"])
def test_what_cannot_be_trained_says_why_and_starts_nothing(watch, what):
    run = watch()
    if what == "network":
        run.document.commit(run.document.graph.disconnect("output", "in"), "Cut")
    elif what == "data":
        run.document.commit_source({})
    else:
        run.document.set_content(Content(graph=Graph()))
    run.session.run()
    assert run.session.state == IDLE
    assert run.session._process.worker is None
    assert [severity for severity, _ in run.messages] == ["error"]
    expected = {"network": "output", "data": "Data tab", "empty": "empty"}[what]
    assert expected in run.text()


def test_another_project_ends_the_run_and_keeps_its_own_weights(watch):
    run = watch(**LONG)
    run.session.run()
    run.until_steps()
    other = document_of("iris")
    run.document.set_content(other.content, weights={"output.b": np.ones(3, np.float32)})
    run.session.forget()
    assert run.session.state == IDLE
    assert run.session.history.is_empty
    assert list(run.document.weights) == ["output.b"]


def test_stopping_while_it_starts(watch):
    run = watch("mnist")
    run.session.run()
    run.session.stop()
    assert run.session.state == IDLE
    run.session.run()
    run.until_steps()


def test_no_process_outlives_a_program_that_forgets_to_shut_down():
    program = textwrap.dedent("""
        from PySide6.QtWidgets import QApplication
        application = QApplication([])
        from app.training.session import Session
        from tests.app.making import document_of
        session = Session(document_of("xor", epochs=10_000_000))
        session.updated.connect(application.quit)
        session.run()
        application.aboutToQuit.disconnect(session.shutdown)
        pid = session._process.worker.pid
        application.exec()
        print(pid)
    """)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
