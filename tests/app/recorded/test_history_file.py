"""What a run has recorded goes to the disk and comes back the same; large tables are thinned, the newest row stays."""

from __future__ import annotations

import io
import json
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from app.recorded.columns import Columns
from app.recorded.history import RunHistory
from app.recorded.history_file import from_arrays, to_arrays
from engine.issues import ChainruleError
from engine.train.events import Changed
from tests.app.making import evaluated, looked_at, started, steps


def recorded(reports: int = 5) -> RunHistory:
    history = RunHistory()
    history.begin(started())
    for number in range(reports):
        history.add_steps(steps(20 * number + 1, 20))
        history.add_statistics(looked_at(20 * number + 20))
        history.add_evaluation(evaluated(20 * number + 20, 0.5, 0.25, accuracy=(0.5, float("nan"))))
        if number % 3 == 1:
            history.add_change(Changed(20 * number + 20, f"node_{number}.rate", 0.1 / number, 0.01, 1000, 10))
    return history


def through_a_file(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def same(first: Any, second: Any) -> bool:
    if isinstance(first, Columns):
        return first.names == second.names and same(first.steps, second.steps) and same(first.table, second.table)
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    if is_dataclass(first):
        return all(same(getattr(first, f.name), getattr(second, f.name)) for f in fields(first))
    if isinstance(first, (tuple, list)):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second or (first != first and second != second)


def test_everything_comes_back():
    history = recorded()
    again = from_arrays(through_a_file(to_arrays(history)))
    assert vars(again).keys() == vars(history).keys()
    assert len(history.marks) == 2
    for name in vars(history).keys() - {"statistics_log", "statistics"}:
        assert same(getattr(again, name), getattr(history, name)), name
    assert same(list(again.statistics_log), list(history.statistics_log))
    assert same(again.statistics, history.statistics_log[-1])
    assert again.statistics_log.spectra.keys() == history.statistics_log.spectra.keys()


def test_it_grows_on_as_the_first_would():
    history = recorded()
    again = from_arrays(through_a_file(to_arrays(history)))
    for part in (history, again):
        part.begin(started(step=60))
        part.add_steps(steps(61, 5))
        part.add_statistics(looked_at(65))
        part.add_evaluation(evaluated(65, 1.0, 2.0, accuracy=(0.5, 0.5)))
    assert again.steps.tolist() == list(range(1, 66))
    assert same(again.training, history.training)
    assert same(list(again.statistics_log), list(history.statistics_log))


def test_a_copy_does_not_follow_the_run():
    history = recorded()
    arrays = to_arrays(history)
    before = {name: array.copy() for name, array in arrays.items()}
    history.begin(started(step=10))
    history.add_steps(steps(11, 50))
    history.add_statistics(looked_at(60))
    assert all(same(arrays[name], before[name]) for name in before)


def test_large_tables_are_thinned():
    history = recorded(200)
    again = from_arrays(to_arrays(history, most_bytes=20_000))
    rows = again.training.count
    assert rows * (8 + 4 * len(again.training.names)) <= 20_000
    assert again.steps[-1] == history.steps[-1] == 4000
    assert np.isin(again.steps, history.steps).all()
    assert again.loss[-1] == history.loss[-1]
    assert 0 < len(again.statistics_log) < len(history.statistics_log)
    assert same(again.statistics_log[-1], history.statistics_log[-1])


def test_an_empty_history_comes_back_empty():
    assert from_arrays(through_a_file(to_arrays(RunHistory()))).is_empty


def test_a_history_kept_before_there_were_marks_has_none():
    arrays = to_arrays(recorded())
    about = json.loads(str(arrays["about"]))
    del about["marks"]
    again = from_arrays({**arrays, "about": np.array(json.dumps(about))})
    assert again.marks == () and again.training.count == 100


@pytest.mark.parametrize("marks", [3, [{"step": 1}], [{"step": "x", "name": "a", "before": 0, "after": 1}]])
def test_damaged_marks_are_refused(marks):
    arrays = to_arrays(recorded())
    about = {**json.loads(str(arrays["about"])), "marks": marks}
    with pytest.raises(ChainruleError, match="damaged"):
        from_arrays({**arrays, "about": np.array(json.dumps(about))})


@pytest.mark.parametrize("damage", ["about", "flow", "training/table", "training/steps", "log/outputs.counts",
                                    "log/step"])
def test_damaged_arrays_are_refused_in_a_sentence(damage):
    arrays = to_arrays(recorded())
    for change in (lambda array: array[:0] if array.ndim else np.array("{"), None):
        given = dict(arrays)
        if change is None:
            del given[damage]
        elif damage == "flow":
            given[damage] = np.array("text")
        else:
            given[damage] = change(given[damage])
        with pytest.raises(ChainruleError, match="damaged"):
            from_arrays(given)
