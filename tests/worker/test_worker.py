"""The training process, really spawned: it trains, obeys, survives bad jobs, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from engine.numbers import count
from engine.train.client import WorkerProcess
from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.events import (
    ENDINGS,
    Event,
    Failed,
    Finished,
    Halted,
    Noted,
    Paused,
    Ready,
    Resumed,
    Snapshot,
    Started,
    Steps,
    Stopped,
)
from tests.engine.train.networks import SIGMOID_LOSS, chain, mlp

ROOT = Path(__file__).resolve().parents[2]
#: Far more than anything here takes; reached only where something hangs.
PATIENCE = 30.0
XOR = {"kind": "Xor"}
LONG = TrainingConfig(epochs=10_000_000, batch_size=4, optimizer={"kind": "Adam", "learning_rate": 0.05}).to_dict()
SHORT = TrainingConfig(epochs=300, batch_size=4, optimizer={"kind": "Adam", "learning_rate": 0.05}).to_dict()


def xor_job(training=SHORT, **more) -> Job:
    return Job(mlp(2, 3, 1, loss=SIGMOID_LOSS), XOR, training, **more)


@pytest.fixture(scope="module")
def shared() -> Iterator[WorkerProcess]:
    worker = WorkerProcess()
    yield worker
    worker.close()
    assert not worker.died


@pytest.fixture
def own() -> Iterator[WorkerProcess]:
    """A process of the test's own, which it may kill."""
    worker = WorkerProcess()
    yield worker
    worker.kill()


def until(worker: WorkerProcess, *wanted: type) -> list[Event]:
    """What is heard up to and with the first event of a wanted kind."""
    heard: list[Event] = []
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        events = worker.poll(wait=1.0)
        heard += events
        if any(isinstance(event, wanted) for event in events):
            return heard
    pytest.fail(f"no {[kind.__name__ for kind in wanted]} came; heard {[type(e).__name__ for e in heard][-8:]}")


def last(events: list[Event], kind: type):
    return [event for event in events if isinstance(event, kind)][-1]


def snapshot_of(worker: WorkerProcess, step: int) -> Snapshot:
    """That of the pause at this step, which follows it."""
    while worker.snapshot is None or worker.snapshot.step != step:
        until(worker, Snapshot)
    return worker.snapshot


def steps_of(events: list[Event]) -> np.ndarray:
    """The numbers of all steps that were reported; how many come in one report is a matter of time."""
    return np.concatenate([event.step for event in events if isinstance(event, Steps)])


def test_a_run_to_its_end(shared):
    shared.run(xor_job())
    events = until(shared, *ENDINGS)
    started, finished = last(events, Started), events[-1]
    assert isinstance(finished, Finished)
    assert finished.step == started.total_steps == 300
    assert steps_of(events).tolist() == list(range(1, 301))
    assert shared.snapshot.step == 300
    assert set(shared.snapshot.weights) >= set(started.weight_keys)
    assert shared.ready


def test_the_process_gives_the_same_weights_as_the_loop_in_this_process(shared):
    from engine.data import Xor, load
    from engine.train.loop import train
    from tests.engine.train.networks import compiled

    shared.run(xor_job())
    until(shared, *ENDINGS)
    model = compiled(mlp(2, 3, 1, loss=SIGMOID_LOSS), 4)
    for _ in train(model, load(Xor()), TrainingConfig.of(SHORT)):
        pass
    assert all(np.array_equal(shared.snapshot.weights[key], array) for key, array in model.weights.arrays().items())


def test_pause_step_resume_stop(shared):
    shared.run(xor_job(LONG))
    until(shared, Steps)
    shared.pause()
    paused = last(until(shared, Paused), Paused)
    snapshot_of(shared, paused.step)
    shared.step()
    assert last(until(shared, Paused), Paused).step == paused.step + 1
    shared.step(5)
    events = until(shared, Paused)
    assert last(events, Paused).step == paused.step + 6
    assert steps_of(events).tolist() == list(range(paused.step + 2, paused.step + 7))
    shared.resume()
    until(shared, Resumed)
    until(shared, Steps)
    shared.stop()
    stopped = last(until(shared, *ENDINGS), Stopped)
    assert shared.snapshot.step == stopped.step


def test_a_job_may_begin_paused_and_the_next_job_ends_it(shared):
    shared.run(xor_job(LONG, paused=True))
    assert last(until(shared, Paused), Paused).step == 0
    shared.run(xor_job())
    events = until(shared, Finished)
    kinds = [type(e) for e in events if isinstance(e, (Stopped, Started, Finished))]
    assert kinds == [Stopped, Started, Finished]


def test_the_learning_rate_changes_live(shared):
    shared.run(xor_job(LONG, paused=True))
    until(shared, Paused)
    shared.set_live("learning_rate", 0.25)
    shared.step(3)
    reports = [event for event in until(shared, Paused) if isinstance(event, Steps)]
    assert np.concatenate([report.learning_rate for report in reports]).tolist() == [0.25] * 3
    shared.set_live("nothing", 1.0)
    assert "cannot change" in last(until(shared, Noted), Noted).sentence
    shared.stop()
    until(shared, Stopped)


def test_taken_up_from_a_snapshot_it_ends_as_if_never_interrupted(shared):
    shared.run(xor_job())
    until(shared, Finished)
    whole = shared.snapshot
    shared.run(xor_job(paused=True))
    until(shared, Paused)
    shared.step(117)
    cut = snapshot_of(shared, 117)
    shared.run(xor_job(weights=cut.weights, state=cut.state))
    assert last(until(shared, Finished), Started).step == 117
    assert all(np.array_equal(whole.weights[key], shared.snapshot.weights[key]) for key in whole.weights)


def test_a_large_network_lends_its_arrays_and_they_arrive_as_they_were(shared):
    """Weights and optimizer of 20 MB, which are not copied while they are sent, and read after a while."""
    wide = mlp(2, 1200, 1200, 1, loss=SIGMOID_LOSS)
    shared.run(Job(wide, XOR, {**LONG, "shuffle": False}))
    until(shared, Steps)
    taken = last(until(shared, Snapshot), Snapshot)
    assert taken.lent
    assert taken.step > 0
    until(shared, Steps)
    shared.pause()
    ahead = snapshot_of(shared, last(until(shared, Paused), Paused).step)
    shared.run(Job(wide, XOR, {**LONG, "shuffle": False}, taken.weights, taken.state, paused=True))
    until(shared, Paused)
    shared.step(ahead.step - taken.step)
    again = snapshot_of(shared, last(until(shared, Paused), Paused).step)
    assert again.step == ahead.step
    assert all(np.array_equal(ahead.weights[key], array) for key, array in again.weights.items())
    shared.stop()
    until(shared, Stopped)


def test_a_large_network_answers_first_and_hands_over_what_nobody_interrupts(shared):
    """What is taken back for Resume comes with the next pause; after Stop it comes before the end, whoever hurries."""
    wide = mlp(2, 1200, 1200, 1, loss=SIGMOID_LOSS)
    shared.run(Job(wide, XOR, LONG))
    until(shared, Steps)
    for _ in range(3):
        shared.pause()
        shared.resume()
        shared.pause()
        shared.pause()  # says nothing new, and takes nothing back for good
        heard: list[Event] = []
        while sum(isinstance(event, Paused) for event in heard) < 2:
            heard += until(shared, Paused)
        assert snapshot_of(shared, last(heard, Paused).step).lent
        shared.resume()
    shared.stop()
    shared.stop()
    events = until(shared, Stopped)
    halted, snapshot = last(events, Halted), last(events, Snapshot)
    assert events.index(halted) < events.index(snapshot)
    assert halted.step == snapshot.step == events[-1].step
    assert snapshot.lent


def test_weights_that_fit_are_kept_and_the_others_named(shared):
    shared.run(xor_job())
    until(shared, Finished)
    kept = dict(shared.snapshot.weights)
    wider = chain(("Input", {"shape": (2,)}), ("Dense", {"units": 3}), ("Tanh", {}), ("Dense", {"units": 2}),
                  ("SoftmaxCrossEntropy", {}))
    shared.run(Job(wider, XOR, LONG, weights=kept, paused=True))
    note = last(until(shared, Paused), Noted)
    assert "dense_2" in note.sentence
    assert "dense_1" not in note.sentence
    assert np.array_equal(shared.snapshot.weights["dense_1.W"], kept["dense_1.W"])
    shared.stop()
    until(shared, Stopped)


@pytest.mark.parametrize("job, words, node", [
    (Job(mlp(3, 1, loss=SIGMOID_LOSS), XOR, SHORT), "The Input is 3, an example of the training part is 2", ""),
    (Job(chain(("Input", {})), XOR, SHORT), "no loss", ""),
    (Job(chain(("Input", {}), ("Dense", {"units": 0}), SIGMOID_LOSS), XOR, SHORT), "units is 0", "dense_1"),
    (Job(mlp(2, 1, loss=SIGMOID_LOSS), {"kind": "Nothing"}, SHORT), "'Nothing' is not known", ""),
    (Job(mlp(2, 1, loss=SIGMOID_LOSS), XOR, {"epochs": -1}), "Epochs must be", ""),
    (Job(mlp(2, 1, loss=SIGMOID_LOSS), XOR, SHORT, state={"values": {}}), "training state is damaged", ""),
])
def test_a_bad_job_fails_in_a_sentence_and_the_next_one_runs(shared, job, words, node):
    shared.run(job)
    failed = last(until(shared, *ENDINGS), Failed)
    assert words in failed.sentence
    assert failed.node == node
    assert not shared.died
    shared.run(xor_job())
    until(shared, Finished)


def test_a_reader_that_sleeps_gets_every_step_when_it_wakes(shared):
    """The pipe is full long before the end; the worker neither waits for the reader nor loses a step."""
    wide = mlp(2, *[2] * 40, 1, loss=SIGMOID_LOSS)
    shared.run(Job(wide, XOR, {**SHORT, "epochs": 3000}))
    sleep(1.0)  # nobody reads
    assert steps_of(until(shared, Finished)).tolist() == list(range(1, 3001))


def test_killed_in_the_middle_of_a_run(own):
    own.run(xor_job(LONG))
    until(own, Steps)
    own.take_snapshot()
    taken = last(until(own, Snapshot), Snapshot)
    os.kill(own.pid, signal.SIGKILL)
    failed = last(until(own, Failed), Failed)
    assert own.died
    assert not own.is_alive
    assert "SIGKILL" in failed.sentence
    assert f"the weights of step {count(own.snapshot.step)} are kept" in failed.sentence
    assert own.snapshot.step >= taken.step
    assert own.poll() == []
    own.pause()  # whatever it is told now, nothing breaks


def test_killed_before_it_was_ready(own):
    os.kill(own.pid, signal.SIGKILL)
    own.run(xor_job())
    failed = last(until(own, Failed), Failed)
    assert "run again to start anew" in failed.sentence


def test_closed_while_it_trains_it_is_gone(own):
    own.run(xor_job(LONG))
    until(own, Steps)
    pid = own.pid
    own.close()
    assert not own.died
    assert not Path(f"/proc/{pid}").exists()


def test_closed_before_it_is_ready_it_is_gone():
    worker = WorkerProcess()
    worker.close()
    assert not worker.is_alive
    worker.close()  # again is harmless


def run_script(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_it_imports_no_window():
    """Also where the process that starts it has one, and a main module that would be imported again."""
    own = run_script("""
        import sys
        import engine.train.worker
        found = [name for name in sys.modules if name.split('.')[0] in ('PySide6', 'pyqtgraph', 'qtpy', 'app')]
        print(found)
    """)
    assert own.stdout.strip() == "[]", own.stderr


def test_the_spawned_process_has_not_imported_its_parents_main_module(tmp_path):
    """A script without a guard, whose import would leave a mark, and that has Qt."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(f"""
        import pathlib, sys
        sys.path.insert(0, {str(ROOT)!r})
        import PySide6.QtCore
        with pathlib.Path({str(tmp_path / 'imported')!r}).open('a') as file:
            file.write('x')
        from engine.train.client import WorkerProcess
        from engine.train.events import Ready
        worker = WorkerProcess()
        while not worker.ready:
            worker.poll(wait=10.0)
        maps = pathlib.Path(f'/proc/{{worker.pid}}/maps').read_text()
        print('PySide6' in maps, 'numpy' in maps, sys.modules['__main__'].__file__ == __file__)
        worker.close()
    """))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "True", "True"], done.stderr
    assert (tmp_path / "imported").read_text() == "x"


def test_it_ends_when_the_process_that_started_it_is_killed():
    text = f"""
        import os, sys, signal
        sys.path.insert(0, {str(ROOT)!r})
        from tests.worker.test_worker import xor_job, LONG
        from engine.train.client import WorkerProcess
        from engine.train.events import Steps
        worker = WorkerProcess()
        worker.run(xor_job(LONG))
        while not any(isinstance(e, Steps) for e in worker.poll(wait=10.0)):
            pass
        print(worker.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = run_script(text)
    pid = int(done.stdout)
    deadline = monotonic() + PATIENCE
    while is_running(pid) and monotonic() < deadline:
        pass
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """Orphans are adopted by a process that may be slow to bury them: a zombie has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupt_from_the_terminal_is_left_to_the_window(own):
    own.run(xor_job(LONG))
    until(own, Steps)
    os.kill(own.pid, signal.SIGINT)
    own.pause()
    until(own, Paused)
    assert own.is_alive


def test_ready_tells_the_process(own):
    assert last(until(own, Ready), Ready).pid == own.pid


def test_events_can_be_watched_by_handle(own):
    import select

    readable, _, _ = select.select([own.handle], [], [], PATIENCE)
    assert readable
    waits: Callable[[], list[Event]] = own.poll
    assert isinstance(waits()[0], Ready)
