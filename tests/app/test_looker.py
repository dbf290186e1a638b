"""Questions are answered by a real process, with the weights that are looked at; it dies and is replaced; it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject

from app.looker import Looker
from app.plots.looking import LookingPlot
from app.training.session import Session
from engine.compute import compile as compile_graph
from engine.look.questions import Grid, Judge, Judged
from tests.app.making import document_of
from tests.app.waiting import until_paused_at


class Bench:
    """A session without training, a looker, and what it said."""

    def __init__(self, qtbot, template: str = "xor") -> None:
        self.qtbot = qtbot
        self.document = document_of(template)
        self.session = Session(self.document)
        self.looker = Looker.of(self.session)
        self.answers: list = []
        self.failures: list[tuple[object, str]] = []
        self.looker.failed.connect(lambda asker, sentence: self.failures.append((asker, sentence)))

    def ask(self, question, asker: QObject | None = None) -> None:
        self.looker.ask(asker or self.session, question, self.answers.append)

    def wait(self, answers: int = 1) -> None:
        self.qtbot.waitUntil(lambda: len(self.answers) + len(self.failures) >= answers)

    def weights(self, seed: int) -> dict[str, np.ndarray]:
        return compile_graph(self.document.graph, batch_size=4, seed=seed).weights.copies()

    def expected(self, seed: int) -> np.ndarray:
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        return compile_graph(self.document.graph, batch_size=4, seed=seed).predict(x)


@pytest.fixture
def bench(qtbot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.session.shutdown()


def test_there_is_one_for_a_session_and_no_process_before_a_question(bench):
    assert Looker.of(bench.session) is bench.looker
    assert bench.looker._process is None


def test_it_answers_about_the_weights_that_are_looked_at(bench):
    bench.document.weights = bench.weights(5)
    bench.ask(Judge())
    bench.wait()
    bench.document.weights = bench.weights(6)
    bench.ask(Judge())
    bench.wait(2)
    first, second = bench.answers
    assert first.outputs == pytest.approx(bench.expected(5), abs=1e-6)
    assert second.outputs == pytest.approx(bench.expected(6), abs=1e-6)


def test_what_the_person_points_at_goes_before_what_waits(bench):
    waiting, pointing = QObject(bench.session), QObject(bench.session)
    bench.ask(Judge(), waiting)
    bench.looker.ask(pointing, Grid((0, 0), (1, 1), size=1), bench.answers.append, first=True)
    bench.wait(2)
    assert [type(a).__name__ for a in bench.answers] == ["Gridded", "Judged"]


def test_one_answer_serves_all_who_asked_the_same(bench, monkeypatch):
    bench.document.weights = bench.weights(5)
    other, another = QObject(bench.session), QObject(bench.session)
    for asker in (bench.session, other):
        bench.ask(Judge(), asker)
    bench.ask(Judge(part="training"), another)
    bench.wait(3)
    assert bench.answers[0] is bench.answers[1] and bench.answers[2] is not bench.answers[0]
    bench.ask(Judge())
    bench.looker._next()
    bench.document.weights = bench.weights(6)
    bench.ask(Judge(), other)
    bench.wait(5)
    assert bench.answers[4].outputs == pytest.approx(bench.expected(6), abs=1e-6), "of other weights each has its own"


def test_weights_are_sent_only_when_they_are_others(bench, monkeypatch):
    bench.document.weights = bench.weights(5)
    bench.ask(Judge())
    bench.wait()
    sent = []
    monkeypatch.setattr(bench.looker._process, "use", sent.append)
    bench.ask(Judge())
    bench.wait(2)
    assert sent == []


def test_the_newest_question_of_an_asker_counts_and_others_get_their_turn(bench):
    other = QObject(bench.session)
    bench.ask(Grid((0, 0), (1, 1), size=3))
    bench.ask(Grid((0, 0), (1, 1), size=4))
    bench.ask(Judge(), other)
    bench.wait(2)
    assert [type(a).__name__ for a in bench.answers] == ["Gridded", "Judged"]
    assert bench.answers[0].values.shape == (4, 4, 1)


def test_who_has_left_is_told_nothing(bench):
    other = QObject(bench.session)
    bench.ask(Judge(), other)
    bench.looker.leave(other)
    bench.ask(Judge())
    bench.wait()
    bench.qtbot.waitUntil(lambda: bench.looker._asked is None)
    assert len(bench.answers) == 1


def test_what_cannot_be_answered_is_said_to_the_asker(bench):
    bench.ask(Grid((0, 0), (1, 1), node="gone"))
    bench.wait()
    assert bench.failures[0][0] is bench.session and "not part of the network" in bench.failures[0][1]
    bench.document.commit(bench.document.graph.remove([*bench.document.graph.nodes][-1:]), "Remove the loss")
    bench.ask(Judge())
    bench.wait(2)
    assert "Problems tab" in bench.failures[1][1]


def test_an_edit_of_the_network_is_seen_by_the_next_question(bench):
    bench.ask(Judge())
    bench.wait()
    dense = next(i for i, node in bench.document.graph.nodes.items() if node.kind == "Dense")
    bench.document.commit(bench.document.graph.set_params(dense, units=7), "More units")
    bench.ask(Judge())
    bench.wait(2)
    seed = bench.document.training["seed"]
    assert bench.answers[1].outputs == pytest.approx(bench.expected(seed), abs=1e-6)


def test_a_killed_process_is_replaced_once(bench, caplog):
    bench.ask(Judge())
    bench.wait()
    os.kill(bench.looker._process.pid, signal.SIGKILL)
    bench.ask(Judge())
    bench.wait(2)
    assert isinstance(bench.answers[1], Judged) and not bench.failures


def test_a_question_that_kills_every_process_is_given_up_with_a_sentence(bench, monkeypatch):
    from app import looker

    class Mortal(looker.LookProcess):
        def ask(self, number, question):
            os.kill(self.pid, signal.SIGKILL)

    monkeypatch.setattr(looker, "LookProcess", Mortal)
    bench.ask(Judge())
    bench.wait()
    assert "SIGKILL" in bench.failures[0][1] and "Training is not touched" in bench.failures[0][1]
    bench.ask(Judge())  # not tried again before something changes
    bench.wait(2)
    assert bench.looker._process is None
    monkeypatch.undo()
    bench.document.commit_source({"kind": "Xor", "repeats": 2})
    bench.ask(Judge())
    bench.wait(3)
    assert len(bench.answers) == 1


def test_while_a_run_goes_on_its_own_network_is_looked_at(bench):
    session = bench.session
    session.step()
    until_paused_at(bench.qtbot, session, 1)
    run = bench.document.graph
    dense = next(i for i, node in run.nodes.items() if node.kind == "Dense")
    bench.document.commit(run.set_params(dense, units=9), "More units")
    bench.ask(Judge())
    bench.wait()
    model = compile_graph(run, batch_size=4)
    model.weights.load(session.viewed_weights)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    assert bench.answers[0].outputs == pytest.approx(model.predict(x), abs=1e-6)


def test_it_rests_four_times_as_long_as_it_worked_while_training_runs(bench, monkeypatch):
    from engine.look.questions import Answered

    bench.ask(Judge())
    bench.wait()
    for state, rest in (("running", 1000), ("paused", 0)):
        monkeypatch.setattr(bench.session, "_state", state)
        bench.looker._asked = (bench.session, Judge(), bench.answers.append)
        bench.looker._take(Answered(bench.looker._number, bench.answers[0], 0.25))
        assert bench.looker._rest_timer.interval() == rest
        bench.looker._rest_timer.stop()
    monkeypatch.undo()


def test_ended_with_the_session_it_can_be_asked_again(bench):
    bench.ask(Judge())
    bench.wait()
    bench.session.shutdown()
    assert bench.looker._process is None
    bench.ask(Judge())
    bench.wait(2)


def test_nobody_asking_for_a_minute_ends_the_process(bench):
    bench.ask(Judge())
    bench.wait()
    bench.qtbot.waitUntil(bench.looker._idle_timer.isActive)
    bench.looker._idle_timer.timeout.emit()
    assert bench.looker._process is None
    bench.ask(Judge())
    bench.wait(2)


class Sums(LookingPlot):
    """A plot of nothing much."""

    id, title, promise = "sums", "Sums", "Press Run: sums."

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.taken: list = []
        self.drawn = 0

    def unfit(self) -> str:
        return "" if self.document.signature and self.document.signature.input_shape == (2,) else "Needs a plane."

    def question(self):
        return Judge()

    def take(self, answer) -> None:
        self.taken.append(answer)

    def refresh(self) -> None:
        self.drawn += 1


@pytest.fixture
def plot(bench) -> Sums:
    made = Sums(bench.session, bench.document)
    bench.qtbot.addWidget(made)
    made.resize(300, 200)
    return made


def test_a_looking_plot_asks_when_it_is_shown_and_weights_change(bench, plot):
    with bench.qtbot.waitExposed(plot):
        plot.show()
    assert plot._stack.currentWidget().text() == "Press Run: sums."
    bench.document.weights = bench.weights(1)
    bench.session.weights_changed.emit()
    bench.qtbot.waitUntil(lambda: len(plot.taken) == 1 and plot.drawn > 0)
    plot.hide()
    bench.document.weights = bench.weights(2)
    bench.session.weights_changed.emit()
    assert not bench.looker._waiting
    plot.show()
    bench.qtbot.waitUntil(lambda: len(plot.taken) == 2)
    assert plot.taken[1].outputs == pytest.approx(bench.expected(2), abs=1e-6)
    bench.session.reset()
    bench.qtbot.waitUntil(lambda: plot._stack.currentWidget() is not plot.body)


def test_a_looking_plot_says_what_it_needs(bench, plot):
    bench.document.weights = bench.weights(1)
    plot.show()
    bench.qtbot.waitUntil(lambda: plot.drawn > 0)
    bench.document.commit_source({"kind": "Iris"})
    bench.qtbot.waitUntil(lambda: plot._stack.currentWidget() is not plot.body)
    assert plot._stack.currentWidget().text() == "Needs a plane."


def test_weights_come_while_somebody_looks_and_training_runs(bench, plot):
    session, told = bench.session, []
    bench.document.commit_training({**bench.document.training, "epochs": 10_000_000})
    session.weights_changed.connect(lambda: told.append(session.viewed_weights is not bench.document.weights))
    plot.show()
    bench.qtbot.waitUntil(lambda: session._process._orders.get("watch", 0.0) > 0)
    session.run()
    bench.qtbot.waitUntil(lambda: any(told) and len(plot.taken) > 1)
    session.pause()
    bench.qtbot.waitUntil(lambda: session.viewed_weights is bench.document.weights and session.state == "paused")
    plot.hide()
    assert session._process._orders["watch"] == 0
    session.run()
    bench.qtbot.waitUntil(lambda: session.state == "running")
    session.stop()
    bench.qtbot.waitUntil(lambda: session.state == "idle")
