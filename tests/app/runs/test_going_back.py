"""Going back to a run that was kept: resumed it is to the last bit what an uninterrupted run is; its best weights, its
settings and its curves come back; from an earlier step it branches."""

from __future__ import annotations

import numpy as np

from app.document import Content
from app.training.session import FINISHED, IDLE, RUNNING
from engine.runs import Origin
from tests.app.keeping import Kept
from tests.app.making import with_optimizer
from tests.app.waiting import reaching


def with_dropout(mine: Kept) -> None:
    """Has the network draw random numbers while it trains."""
    document = mine.document
    graph, node = document.graph.add("Dropout", {"rate": 0.25})
    [edge] = [e for e in graph.edges.values() if e.target == "output"]
    graph = graph.disconnect(edge.target, edge.port).connect(edge.source, node).connect(node, "output")
    document.set_content(Content(graph, document.source, document.training))


def test_resumed_in_another_window_it_is_the_uninterrupted_run_to_the_last_bit(kept):
    """With dropout, shuffling and Adam's running means; the program was closed in between."""
    whole, first = kept("iris", epochs=400), kept("iris", epochs=400)
    for each in (whole, first):
        with_dropout(each)
    whole.train()
    first.rest_after(200)
    first.session.stop()
    first.until(IDLE)
    first.settle()
    id = first.runs.current
    assert first.runs.info(id).steps == 200 < whole.session.history.progress.step
    first.session.shutdown()

    second = kept("xor")
    assert second.to_the_end(second.going_back.resume, id) == id
    assert second.document.graph == first.document.graph
    assert second.document.weights.keys() == whole.document.weights.keys()
    for key, array in whole.document.weights.items():
        assert second.document.weights[key].tobytes() == array.tobytes(), key
    mine, other = second.session.history, whole.session.history
    assert np.array_equal(mine.steps, other.steps)
    assert mine.loss.tobytes() == other.loss.tobytes()
    assert second.runs.info(id).outcome == "finished"


def test_what_was_changed_while_it_ran_comes_back_with_it(kept):
    """A learning rate, a rate of dropout and a size of batches that were changed live: resumed in another window, it is
    the uninterrupted run to the last bit; resumed here, it is the same run, not a branch."""
    whole, first = kept("iris", epochs=100), kept("iris", epochs=100)
    for each in (whole, first):
        with_dropout(each)
        each.rest_after(100)
        document = each.document
        document.commit_training({**with_optimizer(document.training, learning_rate=0.003), "batch_size": 8})
        [node] = [id for id, layer in document.graph.nodes.items() if layer.kind == "Dropout"]
        document.commit(document.graph.set_params(node, rate=0.4), "Drop more")
    with reaching(whole.qtbot, whole.session, FINISHED):
        whole.session.run()
    first.rest_after(300)
    first.session.stop()
    first.until(IDLE)
    first.settle()
    id = first.runs.current
    begun = first.runs.info(id)
    first.session.shutdown()

    second = kept("xor")
    assert second.to_the_end(second.going_back.resume, id) == id
    assert second.document.training["batch_size"] == 8 and second.document.graph.nodes[node].params["rate"] == 0.4
    assert begun.training["optimizer"]["learning_rate"] != 0.003 == second.document.training["optimizer"][
        "learning_rate"]
    mine, other = second.session.history, whole.session.history
    assert np.array_equal(mine.steps, other.steps) and mine.loss.tobytes() == other.loss.tobytes()
    for key, array in whole.document.weights.items():
        assert second.document.weights[key].tobytes() == array.tobytes(), key


def test_the_best_weights_come_back_with_their_network_and_settings(kept):
    """It overfits after its best evaluation; meanwhile the network and the settings were changed."""
    mine = kept("iris", optimizer={"kind": "SGD", "learning_rate": 0.5}, epochs=60)
    id = mine.train()
    info = mine.runs.info(id)
    best = info.best_step
    assert info.best_kept == mine.session.timeline.best == best
    assert best in mine.runs.snapshot_steps(id)
    wanted = mine.runs.load_snapshot(id, best).weights
    graph, training = mine.document.graph, mine.document.training
    changed = graph.set_params("hidden_1", units=3)
    mine.document.commit_content(Content(changed, mine.document.source, {**training, "epochs": 5}), "Change it all")
    mine.train()
    mine.going_back.restore(id, "best")
    mine.settle()
    assert (mine.document.graph, mine.document.training) == (graph, training)
    assert all(np.array_equal(mine.document.weights[key], wanted[key]) for key in wanted)
    assert mine.session.history.progress.step == info.steps
    assert mine.runs.current == id
    assert f"step {best}" in mine.messages[-1].replace("\u2009", "")
    session = mine.session
    assert session.cursor == session.standing == session.viewed_step == session.weights_step == best
    session.look_at(info.steps)  # the end of the run may still be looked at; now is the step that was brought back
    assert session.viewed_weights is session.timeline.at(info.steps).weights
    session.look_at(None)
    assert session.cursor == best and session.viewed_weights is mine.document.weights
    mine.document.undo_stack.undo()
    assert mine.document.graph == changed


def test_from_an_earlier_step_it_branches_and_the_parent_stays_in_the_plots(kept):
    mine = kept("xor", epochs=2000)
    id = mine.train()
    steps = mine.runs.snapshot_steps(id)
    early = steps[len(steps) // 2]
    before = mine.runs.info(id)
    branch = mine.to_the_end(mine.going_back.branch, id, early)
    assert branch != id
    assert mine.runs.info(branch).parent == Origin(id, early)
    assert mine.runs.info(id) == before
    assert [overlay.id for overlay in mine.runs.overlays] == [id]
    assert mine.runs.overlays[0].history.progress.step == before.steps
    assert mine.session.history.steps[0] == 1  # the branch begins with the parent's curves
    curves = []
    mine.runs.curves(id, curves.append)
    mine.settle()
    assert curves[0].progress.step == before.steps


def test_a_run_that_goes_on_is_stopped_first_and_kept(kept):
    mine = kept("xor", epochs=300)
    first = mine.train()
    mine.document.commit_training({**mine.document.training, "epochs": 1_000_000})
    mine.session.reset()
    mine.session.run()
    mine.until(RUNNING)
    mine.until_steps(20)
    second = mine.runs.current
    mine.going_back.restore(first)
    mine.qtbot.waitUntil(lambda: mine.runs.current == first)
    mine.settle()
    assert mine.runs.info(second).outcome == "stopped"
    assert mine.runs.info(second).steps >= 20
    assert mine.document.training["epochs"] == 300
    assert not mine.session.is_active


def test_settings_alone_are_one_undoable_edit(kept):
    mine = kept("xor", epochs=300)
    id = mine.train()
    before = mine.document.training
    mine.document.commit_training(with_optimizer({**before, "epochs": 7}, learning_rate=0.5))
    changed = mine.document.content
    weights = mine.document.weights
    mine.going_back.open_settings(id)
    mine.settle()
    assert mine.document.training == before
    assert mine.document.weights is weights
    assert mine.document.undo_stack.undoText() == "Open “Run 1”"
    mine.document.undo_stack.undo()
    assert mine.document.content == changed


def test_what_is_not_kept_is_said(kept):
    mine = kept("xor", epochs=300)
    id = mine.train()
    for step in mine.runs.snapshot_steps(id):
        mine.runs.run(id).drop_snapshot(step)
    mine.going_back.restore(id, "best")
    mine.going_back.resume(id)
    mine.going_back.restore("nonsense")
    assert "No weights of step" in mine.messages[0]
    assert "No weights are kept" in mine.messages[1]
    assert "no longer there" in mine.messages[2]
    assert not mine.session.is_active


def test_damaged_curves_do_not_keep_anyone_from_the_weights(kept):
    mine = kept("xor", epochs=300)
    id = mine.train()
    mine.session.reset()
    (mine.runs.run(id).folder / "curves.npz").write_bytes(b"nothing")
    mine.going_back.restore(id)
    mine.settle()
    assert mine.document.weights is not None
    assert mine.runs.current == id


def test_a_project_that_is_opened_again_shows_its_run_and_goes_on_with_it(window, qtbot, tmp_path):
    """Nothing is unsaved for it; the run is the same, to the last bit what it would have been."""
    runs, session = window.desk.runs, window.session

    def settled() -> bool:
        return runs.writer.finish(0.05) and not runs.pending

    assert window.files.open_template("iris")
    window.document.commit_training({**window.document.training, "epochs": 60})
    with reaching(qtbot, session, FINISHED):
        session.run()
    qtbot.waitUntil(settled)
    id, steps, loss = runs.current, session.history.steps.copy(), session.history.loss.copy()
    path = tmp_path / "flowers.chainrule"
    assert window.files._write(path)
    assert window.files.open_template("xor")
    assert runs.current == "" and session.history.is_empty
    assert window.files.open(path)
    qtbot.waitUntil(lambda: runs.current == id and not session.history.is_empty)
    assert np.array_equal(session.history.steps, steps)
    assert np.array_equal(session.history.loss, loss)
    assert not window.document.is_modified
    with reaching(qtbot, session, FINISHED):
        session.run()
    qtbot.waitUntil(settled)
    assert runs.current == id
    assert runs.info(id).steps == 2 * len(steps)
    assert runs.info(id).epochs == 120


def test_a_project_whose_run_is_gone_opens_all_the_same(window, qtbot, tmp_path):
    assert window.files.open_template("iris")
    with reaching(qtbot, window.session, FINISHED):
        window.session.run()
    path = tmp_path / "flowers.chainrule"
    assert window.files._write(path)
    runs = window.desk.runs
    runs.delete((runs.current,))
    assert window.files.open(path)
    qtbot.waitUntil(lambda: runs.writer.finish(0.05) and not runs.pending)
    assert window.session.history.is_empty
    assert window.document.weights is not None
