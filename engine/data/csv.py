"""A person's own table: CSV, TSV and their kin."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import numpy as np

from engine.data.assemble import Raw
from engine.data.cells import ColumnReader
from engine.data.encode import (
    DROP,
    FILL,
    MISSING_CHOICES,
    REFUSE,
    class_target,
    identifier_notes,
    input_column,
    looks_like_classes,
    number_target,
    report_missing,
    require_classes,
)
from engine.data.errors import DataError
from engine.data.files import FileSource
from engine.data.preprocess import NONE, STANDARDISE
from engine.data.table import DELIMITERS, Preview, Table, preview, read_table
from engine.issues import Issue, Severity, near_miss
from engine.numbers import amount, count
from engine.params import Choice, Text

AUTO = "auto"


class CsvFile(FileSource, title="Table (CSV)"):
    """A text file with one example a row. Delimiter, header and decimal comma are recognised.

    Columns of texts become one 0/1 feature for each category; the target is the last column unless named.
    """

    kinds_of_file = "a CSV or TSV file"
    suffixes = (".csv", ".tsv", ".txt")
    target = Text("", "Column to predict, or several divided by commas; empty means the last.", longest=4000)
    ignore = Text("", "Columns to leave out, divided by commas.", longest=20_000)
    task_choice = Choice(
        AUTO,
        "Whether the target is a class or a number.",
        label="Task",
        options={AUTO: "Automatic", "classification": "Classification", "regression": "Regression"},
    )
    missing = Choice(
        REFUSE, "What to do with rows that have empty cells.", options=MISSING_CHOICES, label="Missing values"
    )
    target_scaling = Choice(
        STANDARDISE,
        "How a regression's target is scaled; predictions are scaled back.",
        options={NONE: "None", STANDARDISE: "Standardise"},
    )
    categorical = Text(
        "", "Columns of numbers that are categories (codes), divided by commas.", longest=4000, advanced=True
    )
    delimiter = Choice(
        AUTO,
        "What divides the cells.",
        advanced=True,
        options={AUTO: "Automatic", **{name: name.capitalize() for name in DELIMITERS.values()}},
    )
    header = Choice(
        AUTO,
        "Whether the first row names the columns.",
        advanced=True,
        options={AUTO: "Automatic", "yes": "Yes", "no": "No"},
    )
    decimal = Choice(
        AUTO,
        "Decimal mark; automatic means a comma where semicolons divide the cells.",
        advanced=True,
        options={AUTO: "Automatic", "point": "Point", "comma": "Comma"},
    )

    def preview(self, rows: int = 50) -> Preview:
        """Format and first rows of the file. Raises :class:`DataError`."""
        marks = {name: mark for mark, name in DELIMITERS.items()}
        return preview(
            self.file(),
            delimiter=marks.get(self.delimiter, ""),
            header={"yes": True, "no": False}.get(self.header),
            decimal_comma={"comma": True, "point": False}.get(self.decimal),
            rows=rows,
        )

    def raw(self) -> Raw:
        file_format = self.preview(rows=1).format
        names = file_format.names
        ignored = self._named("ignore", names)
        targets = self._named("target", names)
        both = [name for name in targets if name in ignored]
        if both:
            raise DataError(
                f"Column {both[0]!r} is both target and ignored.",
                "Expected one of the two.",
                "Take it out of one of the lists.",
            )
        text = self._named("categorical", names)
        table = read_table(self.file(), file_format, skip=ignored, as_text=text)
        return raw_from_table(
            table, targets, task=self.task_choice, missing=self.missing, target_scaling=self.target_scaling
        )

    def _named(self, parameter: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that a parameter lists. Raises :class:`DataError` for one that is not in the file."""
        columns = split_names(getattr(self, parameter))
        for column in columns:
            if column not in names:
                raise DataError(
                    f"{self.file().name} has no column {column!r}, which {parameter!r} names.",
                    "Expected one of " + ", ".join(repr(name) for name in names[:20]) + ".",
                    near_miss(column, names) or "Choose a column of the file.",
                )
        return columns


def raw_from_table(
    table: Table,
    targets: Sequence[str],
    *,
    task: str = AUTO,
    missing: str = REFUSE,
    target_scaling: str = NONE,
) -> Raw:
    """Inputs and targets from a table that was read; without ``targets`` its last column. Raises :class:`DataError`."""
    used = table.used
    targets = targets or list(used)[-1:]
    inputs = [reader for name, reader in used.items() if name not in targets]
    target_readers = [used[name] for name in targets if name in used]
    if not inputs or len(target_readers) < max(len(targets), 1):
        raise DataError(
            f"{table.name} has {len(used)} usable columns.",
            "Expected at least one input column and one target column.",
            "Ignore fewer columns, or choose the delimiter if it was not recognised.",
        )
    if missing == REFUSE:
        fix = "Fill them in the file, ignore the column, or set missing values to be left out or filled."
        report_missing([*inputs, *target_readers], table.name, fix)
    blocks = [input_column(reader, table.rows, table.name) for reader in inputs]
    columns = tuple(column for column, _ in blocks)
    x = np.concatenate([features for _, features in blocks], axis=1)
    y, class_names = _target(target_readers, table, task)
    raw = Raw(
        table.name,
        x,
        y,
        class_names,
        tuple(targets),
        columns=columns,
        fill_missing=missing == FILL,
        target_scaling=NONE if class_names else target_scaling,
        notes=[note for column, features in blocks for note in identifier_notes(column, features) if len(blocks) > 1],
    )
    return raw if missing == REFUSE else _without_gaps(raw, missing)


def _target(readers: list[ColumnReader], table: Table, task: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and class names, or numbers (rows, targets) and no names."""
    if len(readers) > 1 and task == "classification":
        raise DataError(
            f"{len(readers)} target columns are chosen for a classification.",
            "Expected one column that holds the class.",
            "Choose a single target, or set the task to regression.",
        )
    if task == "classification" or (task == AUTO and len(readers) == 1 and looks_like_classes(readers[0])):
        return class_target(readers[0], table.rows, table.name)
    return np.stack([number_target(r, table.rows, table.name) for r in readers], axis=1), ()


def _without_gaps(raw: Raw, missing: str) -> Raw:
    """``raw`` without the rows that lack a target or, unless it is filled, an input; notes say how many."""
    target_gap = raw.y < 0 if raw.class_names else np.isnan(raw.y).any(axis=1)
    input_gap = np.isnan(raw.x).any(axis=1)
    out = target_gap | input_gap if missing == DROP else target_gap
    filled = int((input_gap & ~out).sum())
    if out.all():
        raise DataError(
            f"Each of the {count(len(out))} rows of {raw.name} has a missing value, so that none is left.",
            "Expected rows with a value in each cell.",
            "Ignore the columns that are mostly empty, or fill missing inputs.",
        )
    notes = list(raw.notes)
    if out.any():
        dropped = f"{count(int(out.sum()))} of {count(len(out))} rows"
        notes.append(_note("data.dropped", f"{dropped} were left out for missing values."))
    if filled:
        found = f"{amount(filled, 'row')} had missing inputs, filled from the training part."
        notes.append(_note("data.filled", found))
    y, names = raw.y[~out], raw.class_names
    if names:
        present, y = np.unique(y, return_inverse=True)
        names = tuple(names[i] for i in present)
        require_classes(names, f"What is left of the target of {raw.name}")
    return replace(raw, x=raw.x[~out], y=y, class_names=names, notes=notes)


def _note(code: str, happened: str) -> Issue:
    return Issue(
        code,
        happened,
        "Expected a value in each cell.",
        "Check that this loses nothing of importance.",
        severity=Severity.WARNING,
    )


def split_names(text: str) -> tuple[str, ...]:
    """Column names from a line divided by commas; a name with a comma stands in quotes."""
    row = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(dict.fromkeys(name.strip() for name in row if name.strip()))


def join_names(names: Sequence[str]) -> str:
    """The line that :func:`split_names` reads back."""
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
