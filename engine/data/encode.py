"""From the columns of a table to arrays: numbers, categories as 0/1 features, targets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.cells import ColumnReader, Tally, number_text
from engine.data.dataset import Column
from engine.data.errors import DataError
from engine.issues import Issue, Severity
from engine.numbers import amount, count

REFUSE = "refuse"
DROP = "drop"
FILL = "fill"
MISSING_CHOICES = {
    REFUSE: "Refuse the file",
    DROP: "Leave the row out",
    FILL: "Fill in: with the training mean or commonest category",
}
MOST_CATEGORIES = 256  # 0/1 features of one column; more is rather an identifier
MOST_CLASSES = 1000
_FEW_ROWS = 20  # in fewer, texts may well all differ


def input_column(reader: ColumnReader, rows: int, file: str) -> tuple[Column, np.ndarray]:
    """An input column's description and its features (float64, (rows, width)), NaN where a cell is missing.

    Categories are those of the whole file: they are the column's vocabulary, not a statistic, and the
    network's input must not change with the split. Raises :class:`DataError`.
    """
    _check_column(reader, rows, file)
    if not reader.is_text:
        return Column(reader.name), reader.numbers()[:, None]
    codes, names = reader.texts()
    if reader.too_many_texts or len(names) > MOST_CATEGORIES:
        more = "more than " if reader.too_many_texts else ""
        raise DataError(
            f"Column {reader.name!r} of {file} holds {more}{len(names)} different texts.",
            f"Expected numbers or at most {MOST_CATEGORIES} categories.",
            "Ignore the column if it is a name or an identifier.",
        )
    features = (codes[:, None] == np.arange(len(names))).astype(np.float64)
    features[codes < 0] = np.nan
    return Column(reader.name, names), features


def identifier_notes(column: Column, features: np.ndarray) -> list[Issue]:
    """A warning where a column's features (rows, width) seem to name the rows instead of describing them."""
    rows, texts = len(features), len(column.categories)
    if rows <= _FEW_ROWS:
        return []
    if texts > _FEW_ROWS and 2 * texts > rows:
        happened = f"Column {column.name!r} holds {amount(texts, 'different text')} in {count(rows)} rows."
    elif not texts and bool(np.all(np.diff(features[:, 0]) == 1)):
        happened = f"Column {column.name!r} counts the rows."
    else:
        return []
    return [Issue("data.identifier", happened, "What names each row lets a network learn the rows by heart, and says "
                  "nothing about others.", "Ignore the column if it is a name or an identifier.",
                  severity=Severity.WARNING)]


def class_target(reader: ColumnReader, rows: int, file: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels (int64, (rows,), −1 where missing) and class names: numbers in their order, texts sorted."""
    _check_column(reader, rows, file, target=True)
    if reader.words.count:
        labels, names = reader.texts()
    else:
        numbers = reader.numbers()
        values = np.unique(numbers[np.isfinite(numbers)])
        labels = np.where(np.isnan(numbers), -1, np.searchsorted(values, numbers))
        names = tuple(number_text(float(v)) for v in values)
    if reader.too_many_texts or len(names) > MOST_CLASSES:
        raise DataError(
            f"The target column {reader.name!r} of {file} holds {len(names)} different values or more.",
            f"Expected at most {MOST_CLASSES} classes.",
            "Choose another target column, or set the task to regression if its values are measurements.",
        )
    require_classes(names, f"The target column {reader.name!r} of {file}")
    return labels, names


def require_classes(names: Sequence[str], what: str) -> None:
    """Raises :class:`DataError` where there are fewer than two classes to tell apart."""
    if len(names) < 2:
        raise DataError(
            f"{what} holds a single class, {names[0]!r}." if names else f"{what} holds no class.",
            "Expected at least two classes: there is nothing to learn from one.",
            "Choose another target, or add examples of another class.",
        )


def number_target(reader: ColumnReader, rows: int, file: str) -> np.ndarray:
    """A regression target (float64, (rows,)), NaN where missing."""
    numbers = number_column(reader, file, "Choose another target, or set the task to classification.")
    _check_column(reader, rows, file, target=True)
    return numbers


def number_column(reader: ColumnReader, file: str, fix: str) -> np.ndarray:
    """A column that must hold finite numbers (float64, (rows,)), NaN where missing; ``fix`` ends the error."""
    if reader.words.count:
        raise _unreadable(reader, reader.words, file, fix)
    _check_finite(reader, file, fix)
    return reader.numbers()


def looks_like_classes(reader: ColumnReader) -> bool:
    """Whether a target reads as classes: texts, or a few whole numbers each of which recurs."""
    if reader.words.count:
        return True
    numbers = reader.numbers()
    known = numbers[np.isfinite(numbers)]
    values = np.unique(known)
    whole = bool(np.all(values == np.round(values)))
    return whole and len(values) <= 20 and len(values) * 2 <= len(known)


def report_missing(readers: Sequence[ColumnReader], file: str, fix: str) -> None:
    """Raises :class:`DataError` where a column has missing cells, naming the first; ``fix`` ends the error."""
    with_gaps = [r for r in readers if r.missing.count]
    if not with_gaps:
        return
    first = min(with_gaps, key=lambda r: r.missing.line)
    total = sum(r.missing.count for r in with_gaps)
    raise DataError(
        f"{file} has {amount(total, 'missing value')} in {amount(len(with_gaps), 'column')}; "
        f"the first is in line {first.missing.line}, column {first.name!r}.",
        "Expected a value in each cell.",
        fix,
    )


def _check_column(reader: ColumnReader, rows: int, file: str, *, target: bool = False) -> None:
    if reader.missing.count == rows:
        raise DataError(
            f"Column {reader.name!r} of {file} holds no value at all.",
            "Expected numbers or categories.",
            "Choose another target." if target else "Ignore the column.",
        )
    _check_finite(reader, file, "Choose another target." if target else "Replace them or ignore the column.")
    if reader.words.count and not reader.is_text:
        raise _unreadable(reader, reader.words, file, "Mend them in the file, or ignore the column.")


def _check_finite(reader: ColumnReader, file: str, fix: str) -> None:
    if reader.infinite.count:
        raise DataError(
            f"Column {reader.name!r} of {file} holds {amount(reader.infinite.count, 'infinite value')}; "
            f"the first is {reader.infinite.text!r} in line {reader.infinite.line}.",
            "Every number must be finite.",
            fix,
        )


def _unreadable(reader: ColumnReader, words: Tally, file: str, fix: str) -> DataError:
    return DataError(
        f"Column {reader.name!r} of {file} holds {amount(words.count, 'cell')} without a number; "
        f"the first is {words.text!r} in line {words.line}.",
        "Expected numbers with a decimal point, such as 3.14.",
        fix,
    )
