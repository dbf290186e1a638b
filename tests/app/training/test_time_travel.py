"""Looking back at a run and branching off it, in the real process: exactly, and with the parent left as it was."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.document import Document
from app.training.session import FAILED, FINISHED, IDLE, PAUSED, RUNNING
from tests.app.making import document_of, with_optimizer
from tests.app.training.test_session import Watched
from tests.app.waiting import reaching

LONG = {"epochs": 10_000_000}


def with_dropout(document: Document) -> None:
    """Dropout before the last layer, Adam: a run that draws random numbers and has a memory."""
    graph, dropout = document.graph.add("Dropout", {"rate": 0.3})
    edge = graph.inputs("output")[0]
    graph = graph.disconnect("output", "in").connect(edge.source, dropout).connect(dropout, "output")
    document.commit(graph, "Dropout")
    document.commit_training({**document.training, "optimizer": {"kind": "Adam", "learning_rate": 0.01},
                              "batch_size": 16, "shuffle": True})


class Travelled(Watched):
    """A session that has trained for a while and rests."""

    def train(self, snapshots: int = 4) -> None:
        """Until there are so many snapshots, then pauses."""
        self.session.run()
        self.until_snapshots(snapshots)
        self.pause()

    def finish(self, *rests: int) -> dict[str, np.ndarray]:
        """Trains to the end and returns the last weights. It rests after some steps on the way, of which there are
        snapshots then; how many others there are is a matter of time."""
        for step in rests:
            self.rest_after(step)
        with reaching(self.qtbot, self.session, FINISHED):
            self.session.run()
        return self.document.weights

    def go_back(self, step: int) -> None:
        """Goes back to the snapshot at ``step`` and waits until the next run would begin a branch there."""
        session = self.session
        session.look_at(step)
        with self.qtbot.waitSignal(session.branching, check_params_cb=lambda at: at == step):
            session.continue_from()
        assert session.state == IDLE and session.cursor is None and session.waits_to_branch
        assert session.viewed_step == session.weights_step == step
        assert "a branch begins with the next Run. Change what you like" in self.messages[-1][1]

    def branch(self, step: int, state: str = FINISHED) -> None:
        """Begins a branch at the snapshot at ``step`` and waits until it is so far."""
        self.go_back(step)
        with reaching(self.qtbot, self.session, state):
            self.session.run()
        assert not self.session.waits_to_branch


@pytest.fixture
def travel(qtbot) -> Iterator:
    made: list[Travelled] = []

    def make(template: str = "iris", **settings) -> Travelled:
        made.append(Travelled(document_of(template, **{**LONG, **settings}), qtbot))
        return made[-1]

    yield make
    for watched in made:
        watched.session.shutdown()


def same(first, second) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


def test_every_snapshot_of_a_run_is_whole(travel):
    run = travel("mnist", epochs=14)
    run.finish(3, 20)
    timeline = run.session.timeline
    assert timeline.steps[0] == 0 and timeline.steps[-1] == run.session.history.progress.step
    assert len(timeline) > 3
    whole = set(timeline.at(0).state["arrays"])
    assert whole and all(set(timeline.at(step).state["arrays"]) == whole for step in timeline.steps)


def test_looking_back_shows_the_weights_of_the_newest_snapshot_before(travel):
    run = travel()
    run.train()
    session = run.session
    now = session.viewed_weights
    second, third = session.timeline.steps[1:3]
    seen: list[object] = []
    session.cursor_changed.connect(seen.append)
    with run.qtbot.waitSignal(session.weights_changed):
        session.look_at(third)
    assert session.viewed_weights is session.timeline.at(third).weights
    assert session.weights_step == session.viewed_step == third
    with run.qtbot.waitSignal(session.weights_changed):
        session.look_at(third - 1)
    assert (session.weights_step, session.viewed_step) == (second, third - 1)
    assert not same(dict(session.viewed_weights), dict(now))
    session.look_at(None)
    assert same(dict(session.viewed_weights), dict(now))
    assert seen == [third, third - 1, None]


def test_the_run_goes_on_while_the_past_is_looked_at(travel):
    run = travel()
    run.session.run()
    run.until_snapshots(3)
    step = run.session.timeline.steps[1]
    run.session.look_at(step)
    weights = run.session.viewed_weights
    run.until_snapshots(len(run.session.timeline) + 2)
    assert run.session.cursor == step and run.session.viewed_weights is weights
    assert run.session.history.progress.step > step
    assert same(run.document.weights, dict(run.session.timeline.newest.weights))


def test_a_branch_without_a_change_is_the_same_run_to_the_last_bit(travel):
    """Adam, Dropout, shuffling: the same weights, losses and gradient norms as the run that was never left."""
    run = travel(epochs=400)
    with_dropout(run.document)
    whole, parent, timeline = run.finish(300, 900), run.session.history, run.session.timeline
    end = parent.progress.step
    losses, norms = parent.loss.copy(), parent.gradient_norms.copy()
    for step in (900, 300, 0):  # each a branch of the one before
        run.branch(step)
        history = run.session.history
        assert history is not parent and history.progress.step == end and history.progress.first_step == step
        assert same(run.document.weights, whole)
        assert np.array_equal(history.loss, losses) and np.array_equal(history.gradient_norms, norms)
        assert step in run.session.timeline.branches or step == 0
    assert parent.progress.step == end and np.array_equal(parent.loss, losses)
    assert timeline.steps[-1] == end


def test_a_branch_with_another_learning_rate_begins_with_the_parents_curves(travel):
    run, step = travel(epochs=300), 500
    run.finish(step)
    parent = run.session.history
    run.go_back(step)  # what is changed while the branch waits is its own from its first step on
    run.document.commit_training(with_optimizer(run.document.training, learning_rate=0.5))
    assert run.session.waits_to_branch
    with reaching(run.qtbot, run.session, FINISHED):
        run.session.run()
    history = run.session.history
    assert np.array_equal(history.loss[:step], parent.loss[:step])
    assert not np.array_equal(history.loss[step:], parent.loss[step:])
    assert history.learning_rate[step - 1] == parent.learning_rate[0]
    assert history.learning_rate[step] == np.float32(0.5)
    earlier = parent.evaluations.steps <= step
    assert set(parent.evaluations.steps[earlier]) <= set(history.evaluations.steps)
    count = np.count_nonzero(earlier)
    assert np.array_equal(history.evaluations.table[:count], parent.evaluations.table[:count])


def test_a_branch_with_an_edited_network_keeps_what_fits_and_says_what_does_not(travel):
    run, step = travel("xor", epochs=3000), 1000
    run.finish(step)
    session, parent = run.session, run.session.history
    first = session.timeline.steps[0]
    kept = session.timeline.at(step).weights["hidden_1.W"]
    graph = run.document.graph
    graph, added = graph.add("Dense", {"units": 3})
    edge = graph.inputs("output")[0]
    run.document.commit(graph.disconnect("output", "in").connect(edge.source, added).connect(added, "output"), "Add")
    name = run.document.graph.nodes[added].label
    assert f"“{name}” will begin with fresh weights at the next Run. The others keep theirs." in run.text()
    run.go_back(step)
    with run.qtbot.waitSignal(session.snapshot_kept):
        session.run()
    assert np.array_equal(session.timeline.at(step).weights["hidden_1.W"], kept)
    run.until(FINISHED)
    history = session.history
    assert np.array_equal(history.loss[:step], parent.loss[:step])
    assert np.isnan(history.training.column(f"{added}.W")[:step]).all()
    assert not np.isnan(history.training.column(f"{added}.W")[step:]).any()
    assert np.array_equal(history.training.column("hidden_1.W")[:step], parent.training.column("hidden_1.W")[:step])
    assert session.timeline.job_at(first).graph is not session.timeline.job_at(history.progress.step).graph


def test_a_run_that_goes_on_is_ended_first_and_kept_with_its_last_step(travel):
    run = travel()
    run.session.run()
    run.until_snapshots(3)
    session, parent = run.session, run.session.history
    partings: list[int] = []
    session.parting.connect(lambda: partings.append(session.history.progress.step))
    step = session.timeline.steps[1]
    run.branch(step, state=RUNNING)
    assert session.history is not parent
    assert partings == [parent.progress.step] and parent.progress.step > step
    assert parent.steps[-1] == parent.progress.step


def test_run_after_an_edit_is_a_branch_of_its_own_too(travel):
    """The run that is left ends where it was; it is not rewritten by what comes after."""
    run = travel()
    run.train()
    parent = run.session.history
    step = parent.progress.step
    run.document.commit_training({**run.document.training, "shuffle": not run.document.training["shuffle"]})
    told = "The run that rests keeps its shuffle as it began. With the change, Run begins a branch of it here."
    assert run.messages[-1][1] == told
    run.session.step()
    run.until_steps(1)
    assert run.session.history is not parent
    assert parent.progress.step == step and run.session.history.progress.first_step == step
    assert run.session.timeline.branches == {step}


def test_a_network_of_which_nothing_is_left_begins_at_step_0(travel):
    run = travel("xor")
    run.train()
    run.document.commit(run.document.graph.set_params("hidden_1", units=7), "Wider")
    assert run.session.edits.fresh == ("hidden_1", "output")
    assert run.messages[-1][1] == "No layer keeps its weights: the next Run begins anew, at step 0."
    run.session.step()
    run.until_paused_at(1)
    assert run.session.history.steps.tolist() == [1]
    assert run.session.timeline.steps == (0, 1)


def test_without_a_snapshot_there_is_nothing_to_continue_from(travel):
    run = travel()
    run.session.continue_from()
    assert "no snapshot" in run.text() and run.session.state == IDLE


def test_what_cannot_be_trained_leaves_the_run_as_it_is(travel):
    run = travel()
    run.train()
    history = run.session.history
    run.document.commit(run.document.graph.disconnect("output", "in"), "Cut")
    run.session.look_at(run.session.timeline.steps[1])
    run.session.continue_from()
    assert run.session.state == PAUSED and run.session.history is history
    assert run.messages[-1][0] == "error"


def test_values_that_are_not_finite_stop_the_run_at_their_step_and_the_past_stays(travel):
    """The exact step, the first layer that produced them, and a way back: a lower rate from the last finite step."""
    run = travel("curve")
    run.train(3)
    session = run.session
    training = {**run.document.training, "optimizer": {"kind": "SGD", "learning_rate": 1000.0}}
    run.document.commit_training(training)
    session.run()
    run.until(FAILED)
    step = session.failure.step
    assert f"at step {step + 1}" in session.failure.sentence.replace("\u2009", "")
    assert session.failure.node in run.document.graph.nodes
    assert run.document.graph.nodes[session.failure.node].label in session.failure.sentence
    assert session.history.progress.step == step
    for taken in session.timeline.steps:
        assert all(np.isfinite(array).all() for array in session.timeline.at(taken).weights.values())
    last = session.timeline.steps[-1]
    assert last <= step and step - last <= 1
    run.document.commit_training({**training, "optimizer": {"kind": "SGD", "learning_rate": 1e-3}})
    run.go_back(session.timeline.steps[-2])
    session.run()
    run.until_steps(20)
    assert np.isfinite(session.history.loss).all()


def test_layers_that_begin_anew_are_named_at_once_and_only_when_they_change(travel):
    run = travel("circles")
    run.train()
    session, document = run.session, run.document
    first = document.graph
    document.commit(first.set_params("output", use_bias=False), "No bias")
    assert session.edits.fresh == ()
    last = first.inputs("output")[0].source
    graph, added = first.add("Dense", {"units": 8})
    document.commit(graph.disconnect("output", "in").connect(last, added).connect(added, "output"), "Deeper")
    assert session.edits.fresh == (added,)
    told = [text for _, text in run.messages if "fresh weights" in text]
    assert told == [f"“{added}” will begin with fresh weights at the next Run. The others keep theirs."]
    document.commit(document.graph.set_params(added, initialiser="zeros"), "Zeros")
    document.commit(document.graph.move({added: (9.0, 9.0)}), "Move")
    assert len([text for _, text in run.messages if "fresh weights" in text]) == 1
    document.commit(first, "Back")
    assert session.edits.fresh == ()
    document.commit(graph.disconnect("output", "in").connect(last, added).connect(added, "output"), "Deeper")
    session.reset()
    assert session.edits.fresh == ()


def test_another_project_forgets_the_timeline(travel):
    run = travel()
    run.train()
    run.session.look_at(run.session.timeline.steps[0])
    run.session.forget()
    assert len(run.session.timeline) == 0 and run.session.cursor is None
