"""One run on the disk: what is written comes back to the last bit, and damage is told in a sentence."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project import FileError
from engine.runs import Origin, RunInfo, RunStore
from engine.train.config import TrainingConfig
from engine.train.events import Finished, Snapshot
from engine.train.loop import train
from tests.engine.runs.making import begun, network, snapshot
from tests.engine.train.networks import classes, compiled, dropout_net

OPTIMIZERS = [{"kind": "Adam", "learning_rate": 0.01}, {"kind": "SGD", "momentum": 0.9}, {"kind": "LBFGS"}]


def test_what_is_known_of_a_run_comes_back(tmp_path):
    store = RunStore(tmp_path)
    run = store.create(network(), {"kind": "Xor"}, {"seed": 3}, project="p", name="Ünnamed", parent=Origin("a", 12))
    run.update(starred=True, note="why", outcome="stopped", steps=40, epochs=2, seconds=1.5, best_step=30,
               last={"validation.loss": 0.25, "train.loss": math.inf}, best={"validation.loss": 0.125})
    found = store.open(run.id)
    nothing = pytest.approx(math.nan, nan_ok=True)
    assert found.info == run.info.but(last={"validation.loss": 0.25, "train.loss": nothing})
    assert found.info.seed == 3
    assert found.info.parent == Origin("a", 12)
    assert found.graph() == network()


@given(st.text(), st.text(max_size=50), st.floats(), st.booleans())
def test_any_text_and_number_is_kept(name, note, loss, starred):
    info = RunInfo("x", name=name, note=note, starred=starred, last={"train.loss": loss})
    again = RunInfo.from_dict(json.loads(json.dumps(info.to_dict(), allow_nan=False)), "x")
    expected = loss if math.isfinite(loss) else math.nan
    assert (again.name, again.note, again.starred) == (name, note, starred)
    assert again.last["train.loss"] == expected or math.isnan(expected)


def test_curves_come_back(tmp_path):
    run = begun(RunStore(tmp_path))
    assert run.load_curves() == {}
    arrays = {"training.steps": np.arange(5), "training.table": np.full((5, 2), np.nan, np.float32),
              "names": np.array(["loss", "‖∂L/∂W‖"])}
    run.save_curves(arrays)
    found = run.load_curves()
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[k], arrays[k], equal_nan=arrays[k].dtype.kind == "f") for k in arrays)
    with pytest.raises(TypeError, match="objects"):
        run.save_curves({"bad": np.array([{}])})
    assert run.load_curves().keys() == arrays.keys()


def test_snapshots_come_back_to_the_last_bit(tmp_path):
    run = begun(RunStore(tmp_path))
    for step in (30, 10, 20):
        run.add_snapshot(snapshot(step))
    assert run.snapshot_steps() == (10, 20, 30)
    found, wanted = run.load_snapshot(20), snapshot(20)
    assert found.step == 20
    assert found.state["values"] == wanted.state["values"]
    for mine, theirs in ((found.weights, wanted.weights), (found.state["arrays"], wanted.state["arrays"])):
        assert mine.keys() == theirs.keys()
        assert all(mine[k].dtype == theirs[k].dtype and np.array_equal(mine[k], theirs[k]) for k in theirs)
    run.drop_snapshot(20)
    run.drop_snapshot(20)
    assert run.snapshot_steps() == (10, 30)
    with pytest.raises(FileError, match="There is no file"):
        run.load_snapshot(20)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer["kind"])
def test_going_on_from_the_disk_is_an_uninterrupted_run(tmp_path, optimizer):
    """Dropout, shuffling and the optimizer's running means included."""
    settings = TrainingConfig(epochs=6, batch_size=16, optimizer=optimizer, early_stopping=50)
    whole = compiled(dropout_net(), 16)
    assert isinstance(list(train(whole, classes(), settings))[-1], Finished)

    first = compiled(dropout_net(), 16)
    events = list(train(first, classes(), TrainingConfig.of({**settings.to_dict(), "epochs": 3})))
    taken = [event for event in events if isinstance(event, Snapshot)][-1]
    run = begun(RunStore(tmp_path))
    run.add_snapshot(taken)
    stored = RunStore(tmp_path).open(run.id).load_snapshot(taken.step)

    second = compiled(dropout_net(), 16, seed=99)
    second.weights.load(stored.weights)
    started, *_ = list(train(second, classes(), settings, state=stored.state))
    assert "anew" not in " ".join(started.notes)
    assert second.weights.values.tobytes() == whole.weights.values.tobytes()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "chainrule-run", "version": 99}', '{"format": "other"}',
                                  '{"format": "chainrule-run", "version": 1, "name": 3}',
                                  '{"format": "chainrule-run", "version": 1, "outcome": "glorious"}',
                                  '{"format": "chainrule-run", "version": 1, "starred": 1}', "[" * 100_000])
def test_a_damaged_description_is_listed_with_a_sentence(tmp_path, text):
    store = RunStore(tmp_path)
    run = begun(store)
    (run.folder / "run.json").write_text(text)
    [found] = store.runs()
    assert found.info.is_damaged
    assert found.info.id == run.id
    assert found.info.problem.endswith(".")


def test_a_run_without_description_is_listed_too(tmp_path):
    store = RunStore(tmp_path)
    run = begun(store)
    (run.folder / "run.json").unlink()
    assert "no file" in store.runs()[0].info.problem


def test_damaged_parts_say_so(tmp_path):
    run = begun(RunStore(tmp_path))
    run.add_snapshot(snapshot(5))
    run.save_curves({"a": np.arange(1000)})
    for path in (run.folder / "curves.npz", run.folder / "network.json", *(run.folder / "snapshots").iterdir()):
        path.write_bytes(path.read_bytes()[:-7])
    for read in (run.load_curves, run.graph, lambda: run.load_snapshot(5)):
        with pytest.raises(FileError, match="damaged"):
            read()
    (run.folder / "curves.npz").write_bytes(b"no archive")
    with pytest.raises(FileError, match="damaged"):
        run.load_curves()


def test_curves_that_would_fill_the_memory_are_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runs.run._LARGEST_CURVES", 10_000)
    run = begun(RunStore(tmp_path))
    np.savez_compressed(run.folder / "curves.npz", a=np.zeros(10_000))
    with pytest.raises(FileError, match="far larger"):
        run.load_curves()


def test_objects_in_curves_are_never_loaded(tmp_path):
    run = begun(RunStore(tmp_path))
    np.savez(run.folder / "curves.npz", bad=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FileError, match="damaged"):
        run.load_curves()
