"""Reading the cells of a text table column by column, in bounded memory."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MISSING = frozenset({"", "na", "n/a", "nan", "?", "null", "none"})
MOST_TEXTS = 10_000  # distinct texts kept of one column; more are names or prose, not categories

_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


@dataclass(slots=True)
class Tally:
    """How often something occurs, and the first time: its line in the file and its text."""

    count: int = 0
    line: int = 0
    text: str = ""

    def add(self, line: int, text: str) -> None:
        """Counts one occurrence."""
        if not self.count:
            self.line, self.text = line, text
        self.count += 1


class ColumnReader:
    """Collects one column: numbers as float64, anything else as codes into a list of texts.

    A missing cell is NaN among the numbers and −1 among the codes. With ``as_text`` numbers stay text too.
    """

    def __init__(self, name: str, *, as_text: bool = False, decimal_comma: bool = False) -> None:
        self.name = name
        self.missing, self.infinite, self.words, self.figures = Tally(), Tally(), Tally(), Tally()
        self._as_text = as_text
        self._comma = decimal_comma
        self._chunks: list[np.ndarray] = []
        self._vocabulary: dict[str, int] = {}
        self._word_rows, self._word_codes = array("q"), array("q")
        self._rows = 0

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Takes the next cells; ``lines`` are their lines in the file."""
        numbers = None if self._as_text else _all_numbers(cells)
        if numbers is None:
            numbers = np.array([self._read(i, cell.strip(), lines[i]) for i, cell in enumerate(cells)])
        elif len(cells):
            if not self.figures.count:
                self.figures.add(lines[0], cells[0].strip())
                self.figures.count = 0
            self.figures.count += len(cells)
        self._chunks.append(numbers)
        self._rows += len(cells)

    def _read(self, offset: int, cell: str, line: int) -> float:
        if is_missing(cell):
            self.missing.add(line, cell)
            return math.nan
        number = None if self._as_text else parse_number(cell, self._comma)
        if number is None:
            self.words.add(line, cell)
            if len(self._vocabulary) < MOST_TEXTS or cell in self._vocabulary:
                self._word_rows.append(self._rows + offset)
                self._word_codes.append(self._vocabulary.setdefault(cell, len(self._vocabulary)))
            return math.nan
        if math.isinf(number):
            self.infinite.add(line, cell)
        else:
            self.figures.add(line, cell)
        return number

    @property
    def too_many_texts(self) -> bool:
        """Whether distinct texts were left out."""
        return self.words.count > len(self._word_rows)

    @property
    def is_text(self) -> bool:
        """Whether the column reads as categories: at least half of its known cells are texts."""
        return self.words.count > 0 and self.words.count >= self.figures.count

    def numbers(self) -> np.ndarray:
        """The column as float64 (rows,), NaN where a cell is missing or text."""
        return np.concatenate(self._chunks) if self._chunks else np.empty(0)

    def texts(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """The column as codes (int64, (rows,), −1 where missing) and the texts they stand for, sorted."""
        numbers = self.numbers()
        words = dict(self._vocabulary)
        codes = np.full(self._rows, -1, dtype=np.int64)
        codes[np.frombuffer(self._word_rows, dtype=np.int64)] = np.frombuffer(self._word_codes, dtype=np.int64)
        figures = np.flatnonzero(np.isfinite(numbers))
        for value in np.unique(numbers[figures]):
            code = words.setdefault(number_text(float(value)), len(words))
            codes[figures[numbers[figures] == value]] = code
        names = sorted(words)
        rank = np.full(len(words) + 1, -1, dtype=np.int64)
        rank[[words[name] for name in names]] = np.arange(len(names))
        return rank[codes], tuple(names)


def is_missing(cell: str) -> bool:
    """Whether a cell stands for an absent value."""
    return cell.strip().lower() in MISSING


def number_text(value: float) -> str:
    """A number as a class or category is named: 3 rather than 3.0."""
    return f"{value:.15g}"


def parse_number(cell: str, decimal_comma: bool = False) -> float | None:
    """The number a cell holds, None where it is text. With ``decimal_comma`` 3,14 is a number."""
    if decimal_comma and _COMMA_NUMBER.fullmatch(cell):
        cell = cell.replace(",", ".")
    # float() takes 1_000 for 1000; in a table it is an identifier.
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _all_numbers(cells: Sequence[str]) -> np.ndarray | None:
    """All cells as finite numbers, the quick way; None where one of them needs a closer look."""
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    if not np.isfinite(numbers).all() or any("_" in cell for cell in cells):
        return None
    return numbers
