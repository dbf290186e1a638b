"""A run's history as plain arrays by name, for the disk, and back.

What is kept is bounded: a table that is larger is thinned, the newest row staying. Taking a copy is all the window has
to do; what else there is to be done works on that copy, in whichever thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from app.recorded.columns import Columns
from app.recorded.history import Progress, RunHistory
from app.recorded.marks import Mark
from app.recorded.statistics_log import StatisticsLog
from engine.issues import ChainruleError
from engine.train.events import Started

#: Bytes of one table beyond which rows are left out.
MOST_BYTES = 8_000_000
_LOG, _SPECTRA, _ABOUT = "log", "spectra", "about"


def to_arrays(history: RunHistory, most_bytes: int = MOST_BYTES) -> dict[str, np.ndarray]:
    """Copies of everything the history holds: numbers, and one text of plain values. Some milliseconds at most."""
    structure, tables = history.statistics_log.pack()
    arrays = {f"{_LOG}/{name}": table for name, table in _thinned(tables, most_bytes).items()}
    for path, table in _tables(history).items():
        thin = _thinned({"steps": table.steps, "table": table.table}, most_bytes)
        arrays |= {f"{path}/{part}": array for part, array in thin.items()}
    about = {
        "started": asdict(history.started) if history.started else None,
        "progress": asdict(history.progress),
        "metrics": history.metrics,
        "marks": [asdict(mark) for mark in history.marks],
        "names": {path: table.names for path, table in _tables(history).items()},
        "log": structure,
    }
    return {_ABOUT: np.array(json.dumps(about)), "flow": history.flow.copy(), **arrays}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> RunHistory:
    """The history that :func:`to_arrays` took apart. Raises :class:`ChainruleError` where the arrays are not such."""
    try:
        return _joined(arrays)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise ChainruleError(f"The curves of the run are damaged: {error}.", "Expected what Chainrule kept of a run.",
                             "Its settings and snapshots may still be whole.") from error


def _joined(arrays: Mapping[str, np.ndarray]) -> RunHistory:
    about = json.loads(str(arrays[_ABOUT]))
    history = RunHistory()
    history.started = _value(Started, about["started"]) if about["started"] else None
    history.progress = _value(Progress, about["progress"])
    history.metrics = tuple(about["metrics"])
    history.marks = tuple(_mark(plain) for plain in about.get("marks", ()))  # earlier versions kept none
    history.flow = np.array(arrays["flow"], np.float32)
    spectra: dict[str, Columns] = {}
    for path, names in about["names"].items():
        part, _, key = path.partition("/")
        if part != _SPECTRA and not isinstance(getattr(history, part, None), Columns):
            continue  # a table of another version
        table = Columns(tuple(names))
        table.append(*_checked(arrays[f"{path}/steps"], arrays[f"{path}/table"], len(names)))
        if part == _SPECTRA:
            spectra[key] = table
        else:
            setattr(history, part, table)
    log = {name.removeprefix(f"{_LOG}/"): table for name, table in arrays.items() if name.startswith(f"{_LOG}/")}
    history.statistics_log = StatisticsLog.unpack(about["log"], log, spectra)
    history.statistics = history.statistics_log[-1] if len(history.statistics_log) else None
    return history


def _mark(plain: Mapping[str, Any]) -> Mark:
    return Mark(int(plain["step"]), str(plain["name"]), float(plain["before"]), float(plain["after"]))


def _checked(steps: np.ndarray, table: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    if steps.dtype.kind != "i" or table.dtype.kind != "f" or table.shape != (len(steps), columns):
        raise ValueError(f"a table of {table.shape} belongs to {steps.shape} steps and {columns} names")
    if (np.diff(steps) < 0).any():
        raise ValueError("its steps are out of order")
    return steps, table


def _tables(history: RunHistory) -> dict[str, Columns]:
    """Every table of a history by its path: "training", "spectra/hidden_1.W"."""
    found = {name: value for name, value in vars(history).items() if isinstance(value, Columns)}
    return found | {f"{_SPECTRA}/{key}": table for key, table in history.statistics_log.spectra.items()}


def _thinned(tables: Mapping[str, np.ndarray], most_bytes: int) -> dict[str, np.ndarray]:
    """Copies of tables with a row for each step, all thinned alike to ``most_bytes`` in all."""
    size, rows = sum(table.nbytes for table in tables.values()), max((len(t) for t in tables.values()), default=0)
    every = 1
    while size > most_bytes * every and rows > every:
        every *= 2
    return {name: table[(rows - 1) % every :: every].copy() for name, table in tables.items()}


def _value(kind: type, plain: Mapping[str, Any]) -> Any:
    """The dataclass of these plain values, lists as tuples; what is missing takes its default."""
    known = {field.name for field in fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value
                   for name, value in plain.items() if name in known})
