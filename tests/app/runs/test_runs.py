"""Runs of a window: every one is kept while it is trained, in the real process, and can be taken up again exactly."""

from __future__ import annotations

import numpy as np

from app.training.session import FINISHED, PAUSED, RUNNING
from engine.runs import Origin, RunStore
from tests.app.making import with_optimizer


def test_a_run_is_kept_with_everything(kept, tmp_path):
    mine = kept("iris", epochs=8)
    id = mine.train()
    [run] = RunStore(tmp_path / "runs").runs()
    info, history = run.info, mine.session.history
    assert info == mine.runs.info(id)
    assert (info.id, info.name, info.project) == (id, "Run 1", mine.document.project_id)
    assert (info.outcome, info.steps, info.epochs) == ("finished", history.progress.step, 8)
    assert (dict(info.source), dict(info.training)) == (mine.document.source, mine.document.training)
    assert info.last["validation.loss"] == history.latest("validation.loss")
    losses = history.evaluations.column("validation.loss")
    assert info.best["validation.loss"] == losses.min()
    assert info.best_step == history.evaluations.steps[losses.argmin()]
    assert info.environment["python"] and info.seconds > 0 and info.parameters == 67
    assert run.graph() == mine.document.graph
    stored = run.load_snapshot(info.steps)
    assert all(np.array_equal(stored.weights[k], mine.document.weights[k]) for k in mine.document.weights)


def test_its_curves_come_back(kept):
    mine = kept(epochs=30)
    id = mine.train()
    found = []
    mine.runs.curves(id, found.append)
    mine.settle()
    history = mine.session.history
    assert np.array_equal(found[0].training.table, history.training.table, equal_nan=True)
    assert np.array_equal(found[0].evaluations.table, history.evaluations.table, equal_nan=True)


def test_going_on_unchanged_is_the_same_run(kept):
    mine = kept(epochs=1_000_000)
    first = mine.train_until(50)
    seconds = mine.runs.info(first).seconds
    assert mine.runs.info(first).outcome == "stopped"
    steps = mine.session.history.progress.step
    again = mine.train_until(steps + 50)
    assert again == first
    info = mine.runs.info(first)
    assert len(mine.runs.infos) == 1
    assert info.steps == mine.session.history.progress.step > steps
    assert info.seconds > seconds
    assert mine.runs.run(first).snapshot_steps()[-1] == info.steps


def test_other_settings_make_a_branch(kept):
    mine = kept(epochs=1_000_000)
    first = mine.train_until(50)
    steps = mine.runs.info(first).steps
    mine.document.commit_training(with_optimizer(mine.document.training, learning_rate=0.05))
    second = mine.train_until(steps + 50)
    assert second != first
    assert mine.runs.info(second).parent == Origin(first, steps)
    assert mine.runs.info(first).steps == steps
    assert [info.name for info in mine.runs.infos] == ["Run 2", "Run 1"]


def test_reset_begins_a_run_without_parent(kept):
    mine = kept(epochs=1_000_000)
    mine.session.run()
    mine.until(RUNNING)
    mine.until_steps(50)
    mine.session.reset()
    mine.settle()
    [first] = mine.runs.infos
    assert first.outcome == "stopped" and first.steps >= 50
    assert mine.runs.current == ""
    second = mine.train_until(50)
    assert mine.runs.info(second).parent is None
    # The first goes where there is no room for both, and that is told.
    mine.runs.keep_in(mine.runs.store.folder, 1)
    mine.settle()
    assert mine.runs.info(first.id) is None and mine.runs.info(second) is not None
    assert "“Run 1”. Star a run that is to stay." in mine.messages[-1]


def test_pause_writes_and_a_change_while_paused_branches(kept, tmp_path):
    mine = kept(epochs=1_000_000)
    mine.session.run()
    mine.until(RUNNING)
    mine.until_steps(50)
    mine.session.pause()
    mine.until(PAUSED)
    mine.settle()
    [run] = RunStore(tmp_path / "runs").runs()
    assert run.info.is_running and run.info.steps == mine.session.history.progress.step
    mine.document.commit_training({**mine.document.training, "shuffle": False})
    mine.train_until(run.info.steps + 20)
    assert [info.outcome for info in mine.runs.infos] == ["stopped", "stopped"]
    assert mine.runs.infos[0].parent == Origin(run.id, run.info.steps)


def test_a_run_without_a_step_is_not_kept(kept, tmp_path):
    mine = kept("mnist")
    mine.session.step()  # paused before the first step until the process is ready
    mine.session.stop()
    mine.settle()
    assert mine.runs.infos == ()
    assert RunStore(tmp_path / "runs").runs() == ()


def test_a_second_window_lists_what_the_first_kept(kept):
    first = kept(epochs=30)
    id = first.train()
    second = kept(epochs=30)
    assert [info.id for info in second.runs.infos] == [id]
    assert second.runs.info(id) == first.runs.info(id)


def test_a_disk_that_refuses_says_so_once_and_training_goes_on(kept, tmp_path):
    mine = kept(epochs=30)
    (tmp_path / "runs").write_text("a file where the folder should be")
    mine.train()
    assert mine.session.state == FINISHED
    assert len(mine.messages) >= 1
    assert "cannot be kept" in mine.messages[0]


def test_star_name_and_note_reach_the_disk(kept, tmp_path):
    mine = kept(epochs=30)
    id = mine.train()
    mine.runs.change(id, starred=True, name="the good one", note="tanh")
    mine.settle()
    info = RunStore(tmp_path / "runs").open(id).info
    assert (info.starred, info.name, info.note) == (True, "the good one", "tanh")


def test_delete_and_bring_back(kept, tmp_path):
    mine = kept(epochs=30)
    id = mine.train()
    assert mine.runs.delete((id, "nonsense")) == (id,)
    mine.settle()
    assert mine.runs.infos == () and RunStore(tmp_path / "runs").runs() == ()
    mine.runs.undelete((id,))
    mine.settle()
    assert [info.id for info in mine.runs.infos] == [id]
    mine.runs.delete((id,))
    mine.session.shutdown()
    assert list((tmp_path / "runs").iterdir()) == []


def test_an_overlay_holds_the_curves_of_another_run(kept):
    mine = kept(epochs=30)
    first = mine.train()
    loss = mine.session.history.loss.copy()
    mine.session.reset()
    second = mine.train()
    mine.runs.overlay(first, True)
    mine.runs.overlay(second, True)
    mine.settle()
    [overlay] = mine.runs.overlays  # the present run is drawn anyway
    assert (overlay.id, overlay.name) == (first, "Run 1")
    assert np.array_equal(overlay.history.loss, loss)
    mine.runs.overlay(first, False)
    assert mine.runs.overlays == ()
