"""Settings and curves of runs as files: a table that spreadsheets open, or everything as plain values."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.recorded.columns import Columns
from app.recorded.history import RunHistory
from app.recorded.history_file import from_arrays
from engine.issues import ChainruleError
from engine.project import write_atomically
from engine.runs import Run
from engine.runs.compare import compared

#: What the file dialog offers → suffix.
FILTERS = {"Table (*.csv)": ".csv", "Everything (*.json)": ".json"}


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """Writes settings and curves of ``runs``; nothing where there are none but the name is no such file's. Raises
    :class:`ChainruleError`.

    CSV: a block of settings, a column for each run; then a line for each step of each run with all its curves. JSON:
    a list of runs with every field and every curve by name.
    """
    suffix = path.suffix.lower()
    if suffix not in FILTERS.values():
        raise ChainruleError(f"{suffix or 'No suffix'} is not a format of runs.", "Expected .csv or .json.",
                             "Choose another name.")
    if not runs:
        return
    histories = [from_arrays(run.load_curves()) if run.load_curves() else RunHistory() for run in runs]
    text = _csv(runs, histories) if suffix == ".csv" else _json(runs, histories)
    write_atomically(path, lambda file: file.write(text.encode()))


def _csv(runs: Sequence[Run], histories: Sequence[RunHistory]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    infos = [run.info for run in runs]
    writer.writerow(["setting", *(info.name for info in infos)])
    for label, value in (("id", "id"), ("begun", "created"), ("outcome", "outcome"), ("steps", "steps"),
                         ("epochs", "epochs"), ("seconds", "seconds"), ("best step", "best_step"), ("note", "note")):
        writer.writerow([label, *(getattr(info, value) for info in infos)])
    for row in compared(infos):
        writer.writerow([f"{row.group}: {row.label}", *row.values])
    names = list(dict.fromkeys(name for history in histories for name in _names(history)))
    writer.writerow([])
    writer.writerow(["run", "step", *names])
    for info, history in zip(infos, histories, strict=True):
        steps, columns = _joined(history)
        places = [columns.get(name) for name in names]
        for row, step in enumerate(steps.tolist()):
            values = ("" if column is None or math.isnan(column[row]) else float(column[row]) for column in places)
            writer.writerow([info.name, step, *values])
    return text.getvalue()


def _json(runs: Sequence[Run], histories: Sequence[RunHistory]) -> str:
    return json.dumps([{**run.info.to_dict(), "network": run.graph().to_dict(), "curves": _curves(history)}
                       for run, history in zip(runs, histories, strict=True)], indent=1, default=list)


def _curves(history: RunHistory) -> dict[str, Any]:
    """Every table with its own steps: name → numbers, null where there is none."""
    return {name: {"step": table.steps.tolist(),
                   **{column: [_plain(v) for v in table.column(column).tolist()] for column in table.names}}
            for name, table in _tables(history).items() if table.count}


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _tables(history: RunHistory) -> dict[str, Columns]:
    return {"training": history.training, "evaluations": history.evaluations, "updates": history.updates}


def _names(history: RunHistory) -> list[str]:
    return [_column_name(table, name) for table, columns in _tables(history).items() if columns.count
            for name in columns.names]


def _column_name(table: str, name: str) -> str:
    """What a column is called among those of other tables."""
    if table == "updates":
        return f"update ratio {name}"
    return f"gradient norm {name}" if table == "training" and "." in name else name


def _joined(history: RunHistory) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """All steps of all tables, and each column spread over them with NaN where its table has no row."""
    tables = {name: table for name, table in _tables(history).items() if table.count}
    if not tables:
        return np.zeros(0, np.int64), {}
    steps = np.unique(np.concatenate([table.steps for table in tables.values()]))
    columns = {}
    for name, table in tables.items():
        rows = np.searchsorted(steps, table.steps)
        for place, column in enumerate(table.names):
            spread = np.full(len(steps), np.nan)
            spread[rows] = table.table[:, place]
            columns[_column_name(name, column)] = spread
    return steps, columns
