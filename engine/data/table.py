"""Delimited text files: what encoding, delimiter and header they have, and their columns."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engine.data.cells import ColumnReader, is_missing, parse_number
from engine.data.errors import DataError, listed
from engine.numbers import amount

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LARGEST_FILE = 2 * 1024**3  # bytes; a larger table would not fit in memory beside the training arrays
_SAMPLE_ROWS = 50
_CHUNK_ROWS = 4096
_BINARY = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\x93NUMPY": "a NumPy array",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\x89PNG": "a picture",
    b"\x1f\x8b": "a gzip archive",
}


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is to be read; with ``header`` its first row names the columns."""

    encoding: str
    delimiter: str
    decimal_comma: bool
    header: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The format and the first rows' cells, for a person to look at."""

    format: Format
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Table:
    """A whole file by columns, in the order of the file; columns to skip are left out."""

    name: str
    format: Format
    columns: dict[str, ColumnReader]
    rows: int

    @property
    def used(self) -> dict[str, ColumnReader]:
        """The columns, but for one without a name or a value: a delimiter at the end of every line makes such."""
        nameless = _unnamed(len(self.format.names))
        return {n: r for n, r in self.columns.items() if n != nameless or r.missing.count < self.rows}


def preview(
    path: Path,
    *,
    delimiter: str = "",
    header: bool | None = None,
    decimal_comma: bool | None = None,
    rows: int = 50,
) -> Preview:
    """The format and first rows of a file. Parameters that are empty or None are found from the file.

    Raises :class:`DataError`.
    """
    encoding = _encoding(path)
    if not delimiter:
        delimiter = min(DELIMITERS, key=lambda d: _delimiter_rank(path, encoding, d))
    sample = [row for _, row in _limited(_rows(path, encoding, delimiter), max(rows + 1, _SAMPLE_ROWS))]
    if not sample:
        raise DataError(f"{path.name} is empty.", "Expected a header and at least one row.", "Choose another file.")
    comma = delimiter == ";" if decimal_comma is None else decimal_comma
    has_header = _looks_like_header(sample, comma) if header is None else header
    names = _names(path, sample, has_header)
    body = sample[1:] if has_header else sample
    return Preview(Format(encoding, delimiter, comma, has_header, names), tuple(map(tuple, body[:rows])))


def read_table(
    path: Path,
    file_format: Format,
    *,
    skip: Collection[str] = (),
    as_text: Collection[str] = (),
) -> Table:
    """Every column but those in ``skip``; those in ``as_text`` keep numbers as text.

    Raises :class:`DataError` for a row with too few or too many cells and for a file without rows.
    """
    names = file_format.names
    readers = [
        None if n in skip else ColumnReader(n, as_text=n in as_text, decimal_comma=file_format.decimal_comma)
        for n in names
    ]
    total, ragged, first_ragged = 0, 0, (0, 0)
    for lines, rows in _chunks(path, file_format):
        wrong = [i for i, row in enumerate(rows) if len(row) != len(names)]
        if wrong and not ragged:
            first_ragged = (lines[wrong[0]], len(rows[wrong[0]]))
        ragged += len(wrong)
        total += len(rows)
        if ragged:
            continue  # only counting from here on: the error names how many rows are to be mended
        for reader, cells in zip(readers, zip(*rows, strict=True), strict=True):
            if reader is not None:
                reader.add(cells, lines)
    if ragged:
        raise DataError(
            f"{path.name} has {amount(ragged, 'row')} with a wrong number of cells; "
            f"the first is line {first_ragged[0]} with {first_ragged[1]}.",
            f"Expected {len(names)} cells in each row, as in the first row.",
            "Mend these lines, or choose the delimiter yourself if it was not recognised.",
        )
    if not total:
        raise DataError(
            f"{path.name} has a header but no rows.",
            "Expected at least one row of values.",
            "Choose another file.",
        )
    return Table(path.name, file_format, {r.name: r for r in readers if r is not None}, total)


def existing_file(text: str, kinds: str) -> Path:
    """The path of a file a person named, checked; ``kinds`` says what is expected ("a CSV file")."""
    if not text.strip():
        raise DataError("No file is chosen.", f"Expected {kinds}.", "Choose a file.")
    path = Path(text).expanduser()
    if not path.is_file():
        there = "is a folder" if path.is_dir() else "was not found"
        raise DataError(f"{path} {there}.", f"Expected {kinds}.", "Choose the file again; it may have been moved.")
    return path


def open_error(path: Path, error: OSError) -> DataError:
    """What to say where the system refuses to read ``path``."""
    return DataError(
        f"{path.name} cannot be read: {error.strerror or error}.",
        "Expected a file this account may read.",
        "Check its permissions or copy it elsewhere.",
    )


def _encoding(path: Path) -> str:
    """UTF-8 (with or without mark) or UTF-16 by its mark; Latin-1 where the bytes are neither."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise DataError(
                f"{path.name} is {size / 1024**3:.1f} GB.",
                f"Expected at most {LARGEST_FILE // 1024**3} GB.",
                "Take a part of it, or store it as .npz.",
            )
        with path.open("rb") as file:
            start = file.read(1 << 16)
            for mark, what in _BINARY.items():
                if start.startswith(mark):
                    raise _not_text(path, what)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            if b"\0" in start:
                raise _not_text(path, "not a text file")
            decoder = codecs.getincrementaldecoder("utf-8")()
            while start:
                decoder.decode(start)
                start = file.read(1 << 20)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    except OSError as error:
        raise open_error(path, error) from error
    return "utf-8-sig"


def _not_text(path: Path, what: str) -> DataError:
    return DataError(
        f"{path.name} is {what}.",
        "Expected text with one row a line, its cells divided by commas, semicolons, tabs or bars.",
        "Save it as CSV from the program that wrote it.",
    )


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield from _parsed(path, file, delimiter)
    except OSError as error:
        raise open_error(path, error) from error
    except UnicodeDecodeError as error:
        raise _not_text(path, f"damaged: its {encoding} text breaks off") from error


def _parsed(path: Path, file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            f"{path.name} cannot be divided into cells at line {reader.line_num}: {error}.",
            'Expected a quoted cell to open and close with " and to double any " inside it.',
            "Mend the quotes in that line.",
        ) from error


def _limited(rows: Iterator[tuple[int, list[str]]], count: int) -> Iterator[tuple[int, list[str]]]:
    for _, row in zip(range(count), rows, strict=False):
        yield row


def _chunks(path: Path, file_format: Format) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Lines and rows of the body, some thousand at a time."""
    rows = _rows(path, file_format.encoding, file_format.delimiter)
    if file_format.header:
        next(rows, None)
    while chunk := list(_limited(rows, _CHUNK_ROWS)):
        yield [line for line, _ in chunk], [row for _, row in chunk]


def _delimiter_rank(path: Path, encoding: str, delimiter: str) -> tuple[float, int]:
    """Lower is likelier: first, rows that differ in their number of cells; then, few cells."""
    widths: list[int] = []
    # A row that cannot be parsed ends the sample here; it is reported when the whole file is read.
    with suppress(DataError):
        widths.extend(len(row) for _, row in _limited(_rows(path, encoding, delimiter), _SAMPLE_ROWS))
    common = max(set(widths), key=widths.count, default=0)
    if common < 2:
        return (1.0, 0)
    return (1.0 - widths.count(common) / len(widths), -common)


def _looks_like_header(sample: list[list[str]], decimal_comma: bool) -> bool:
    """Whether the first row names the columns.

    It does where one of its texts stands over a column of numbers; and, among rows of texts, where none of its
    cells is a number or occurs again below.
    """

    def is_number(cell: str) -> bool:
        return parse_number(cell.strip(), decimal_comma) is not None

    first = sample[0]
    columns = list(zip(*(row for row in sample if len(row) == len(first)), strict=True))
    for top, *below in columns:
        known = [cell for cell in below if not is_missing(cell)]
        if known and all(map(is_number, known)) and not is_number(top) and not is_missing(top):
            return True
    if any(map(is_number, first)) or all(map(is_missing, first)):
        return False
    return all(top not in below for top, *below in columns)


def _names(path: Path, sample: list[list[str]], header: bool) -> tuple[str, ...]:
    if not header:
        return tuple(f"column {i + 1}" for i in range(len(sample[0])))
    names = [cell.strip() or _unnamed(i + 1) for i, cell in enumerate(sample[0])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        places = [i + 1 for i, name in enumerate(names) if name == twice[0]]
        raise DataError(
            f"{path.name} has several columns called {listed(twice)} (columns {', '.join(map(str, places))}).",
            "Expected each column to have a name of its own.",
            "Rename all but one of them in the file's first row.",
        )
    return tuple(names)


def _unnamed(position: int) -> str:
    return f"column {position}"
