"""“Best weights” are those of exactly the best evaluation, to the bit, however fast evaluations follow one another."""

from __future__ import annotations

import numpy as np

from app.training.session import PAUSED, RUNNING
from engine import data
from engine.compute import compile as compile_graph
from engine.train.config import TrainingConfig
from engine.train.events import Evaluated, Snapshot
from engine.train.loop import train
from engine.train.stopping import badness
from tests.app.keeping import Kept

#: XOR in steps of one example, so large that it is right and wrong by turns: the best evaluation is in the middle.
WILD = {"batching": "online", "optimizer": {"kind": "SGD", "learning_rate": 6.0, "momentum": 0.5}, "epochs": 2200}


def reference(mine: Kept) -> tuple[int, Snapshot]:
    """The same run in this process: its best evaluation's step, and the run as it was then."""
    document = mine.document
    config = TrainingConfig.of(document.training)
    examples = data.load(data.Source.from_dict(document.source))
    model = compile_graph(document.graph, batch_size=config.rows_per_step(len(examples.x_train)), seed=config.seed)
    evaluated: list[Evaluated] = []
    snapshots: dict[int, Snapshot] = {}
    for event in train(model, examples, config):
        if isinstance(event, Evaluated):
            evaluated.append(event)
        elif isinstance(event, Snapshot):
            snapshots[event.step] = event
    best = min(evaluated, key=lambda e: badness("loss", *_judged(e))).step
    assert 0 < best < evaluated[-1].step, "the best is to be in the middle"
    return best, snapshots[best]


def _judged(event: Evaluated):
    part = (event.train_loss, event.train_metrics), (event.val_loss, event.val_metrics)
    return part[int(np.isfinite(event.val_loss))]


def test_the_best_of_fast_evaluations_is_on_the_timeline_on_the_disk_and_restored_to_the_bit(kept):
    mine = kept(**WILD)
    best, wanted = reference(mine)
    id = mine.train()
    info = mine.runs.info(id)
    assert (info.best_step, info.best_kept, mine.session.timeline.best) == (best, best, best)
    assert best in mine.session.timeline.steps and best in mine.runs.snapshot_steps(id)
    mine.session.shutdown()

    other = kept()
    other.going_back.restore(id, "best")
    other.settle()
    assert f"step {best}, its best evaluation." in other.messages[-1].replace("\u2009", "")
    for key, array in wanted.weights.items():
        assert other.document.weights[key].tobytes() == array.tobytes(), key
    assert other.session.resume_state["values"] == wanted.state["values"]
    for key, array in wanted.state["arrays"].items():
        assert other.session.resume_state["arrays"][key].tobytes() == array.tobytes(), key
    assert other.session.timeline.best == best


def test_it_is_kept_at_a_pause_and_found_while_a_run_goes_on(kept):
    mine = kept(**{**WILD, "epochs": 10_000_000})
    mine.session.run()
    mine.until(RUNNING)
    mine.until_steps(5000)
    mine.session.pause()
    mine.until(PAUSED)
    id = mine.runs.current
    mine.qtbot.waitUntil(lambda: mine.session.timeline.newest.step == mine.session.history.progress.step)
    mine.settle()
    info = mine.runs.info(id)
    assert info.best_step == info.best_kept == mine.session.timeline.best
    assert info.best_step in mine.runs.snapshot_steps(id)
    mine.session.run()
    mine.until(RUNNING)
    mine.until_steps(info.steps + 5000)
    mine.going_back.restore(id, "best")
    mine.qtbot.waitUntil(lambda: "its best evaluation." in "".join(mine.messages[-1:]))
    found = mine.runs.info(id)
    assert found.best_step == found.best_kept and not mine.session.is_active
    assert found.best_step in mine.runs.snapshot_steps(id)
