"""The folder of runs: listing, deleting and bringing back, runs that were cut off, and the limit of size."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project import FileError
from engine.runs import RUNNING, Origin, RunInfo, RunStore, beside, environment
from engine.runs.limits import Weighed, removals
from tests.engine.runs.making import begun, network, snapshot


def test_runs_are_listed_newest_first(tmp_path):
    store = RunStore(tmp_path)
    assert store.runs() == ()
    assert RunStore(tmp_path / "nowhere").runs() == ()
    ids = [begun(store, number).id for number in (2, 1, 3)]
    (tmp_path / "something else").mkdir()
    (tmp_path / "20260101-000009-000000-abcd").write_text("a file")
    assert [run.id for run in store.runs()] == sorted(ids, reverse=True)


def test_a_run_that_is_deleted_can_be_brought_back(tmp_path):
    store = RunStore(tmp_path)
    run = begun(store)
    run.add_snapshot(snapshot(5))
    store.delete(run.id)
    assert store.runs() == ()
    assert store.restore(run.id).snapshot_steps() == (5,)
    assert store.open(run.id).info == run.info
    store.delete(run.id)
    store.purge()
    with pytest.raises(FileError, match="could not be moved"):
        store.restore(run.id)
    for wrong in (run.id, "../etc", ""):
        with pytest.raises(FileError, match="There is no run"):
            store.open(wrong)


def test_a_run_whose_program_is_gone_was_interrupted(tmp_path):
    store = RunStore(tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    begun(store, 1, outcome=RUNNING)
    begun(store, 2, outcome=RUNNING).update(process=(gone.pid, 12345.0))
    begun(store, 3, outcome=RUNNING).update(process=(os.getpid(), 1.0))  # another process had that number once
    assert [run.info.outcome for run in store.runs()] == ["interrupted", "interrupted", "running"]


def test_a_folder_that_refuses_says_so(tmp_path):
    (tmp_path / "runs").write_text("a file stands where the folder should")
    with pytest.raises(FileError, match="cannot be kept in"):
        begun(RunStore(tmp_path / "runs"))


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    """The disk is full in the middle of a snapshot: the one before stays, no part of the new one does."""
    run = begun(RunStore(tmp_path))
    run.add_snapshot(snapshot(5))
    before = (run.folder / "snapshots" / "000000000005.safetensors").read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for step in (5, 6):
        with pytest.raises(FileError, match="disk is full"):
            run.add_snapshot(snapshot(step))
    with pytest.raises(FileError, match="disk is full"):
        run.update(name="other")
    monkeypatch.undo()
    assert run.snapshot_steps() == (5,)
    assert [path.read_bytes() for path in (run.folder / "snapshots").iterdir()] == [before]
    assert RunStore(tmp_path).open(run.id).info.name == "Run 0"


def test_the_limit_takes_old_snapshots_first_then_old_runs(tmp_path):
    store = RunStore(tmp_path)
    runs = [begun(store, number, starred=number == 1, best_step=20) for number in range(3)]
    for run in runs:
        for step in (10, 20, 30, 40):
            run.add_snapshot(snapshot(step, 10_000))
    one = runs[0].snapshot_sizes()[10]
    store.limit = store.size() - one - one // 2
    store.enforce_limit()
    assert [run.snapshot_steps() for run in reversed(store.runs())] == [(20, 40), (10, 20, 30, 40), (10, 20, 30, 40)]
    store.limit = 5 * one
    store.enforce_limit(keep={runs[2].id})
    assert [(run.id, run.snapshot_steps()) for run in store.runs()] == [(r.id, (20, 40)) for r in (runs[2], runs[1])]
    store.limit = 0
    store.enforce_limit()
    assert [(run.id, run.snapshot_steps()) for run in store.runs()] == [(runs[1].id, (20, 40))]


def test_a_snapshot_that_was_branched_from_stays(tmp_path):
    store = RunStore(tmp_path)
    parent = begun(store, 0, starred=True)
    for step in (10, 20, 30):
        parent.add_snapshot(snapshot(step))
    begun(store, 1, starred=True, parent=Origin(parent.id, 10))
    store.limit = 1
    store.enforce_limit()
    assert parent.snapshot_steps() == (10, 30)


RUNS = st.lists(st.tuples(st.booleans(), st.booleans(), st.dictionaries(st.integers(0, 9), st.integers(1, 99)),
                          st.integers(0, 99), st.integers(0, 9)), max_size=6)


@given(RUNS, st.integers(0, 900))
def test_no_more_goes_than_must_and_what_counts_stays(specs, limit):
    runs = [Weighed(RunInfo(f"{n:02d}", starred=star, outcome="running" if live else "finished", best_step=best),
                    snapshots, rest) for n, (star, live, snapshots, rest, best) in enumerate(specs)]
    gone = removals(runs, limit)
    total = sum(run.total for run in runs)
    left = total - sum(removal.bytes for removal in gone)
    whole = {removal.run for removal in gone if removal.step is None}
    by_id = {run.info.id: run for run in runs}
    assert left >= 0
    assert not gone or total > limit
    for removal in gone:
        run = by_id[removal.run]
        if removal.step is None:
            assert not run.info.starred and not run.info.is_running
        else:
            assert removal.run not in whole
            assert removal.step not in (max(run.snapshots), run.info.best_step)
    if left > limit:  # then everything that may go has gone
        for run in runs:
            kept = {max(run.snapshots, default=-1), run.info.best_step}
            steps = {removal.step for removal in gone if removal.run == run.info.id}
            stays = run.info.starred or run.info.is_running
            assert run.info.id in whole or (stays and set(run.snapshots) - kept == steps)


def test_the_environment_names_what_numbers_depend_on():
    found = environment("Chainrule 1", threads=2)
    assert {"python", "numpy", "system", "cores", "blas", "threads"} <= found.keys()
    assert all(isinstance(value, (str, int)) for value in found.values())
    assert found["blas"]


def test_the_folder_beside_a_project(tmp_path):
    assert beside(tmp_path / "digits.chainrule") == tmp_path / "digits.runs"
    assert network() == network()


def test_a_run_is_taken_in_from_elsewhere_whole_or_not_at_all(tmp_path, monkeypatch):
    first, second = RunStore(tmp_path / "a"), RunStore(tmp_path / "b")
    run = begun(first)
    run.add_snapshot(snapshot(5))

    def full(source, target):
        target.mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copytree", full)
    with pytest.raises(FileError, match="could not be copied"):
        second.adopt(run.folder)
    assert list(second.folder.iterdir()) == []
    monkeypatch.undo()
    for _ in range(2):
        second.adopt(run.folder)
    second.adopt(tmp_path / "nowhere")
    assert [found.info for found in second.runs()] == [run.info]
    assert second.runs()[0].snapshot_steps() == run.snapshot_steps() == (5,)
