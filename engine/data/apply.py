"""New examples for a network that is trained: read, checked against what it learned from, scaled alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.data.assemble import filled, require_representable
from engine.data.cells import ColumnReader, number_text, parse_number
from engine.data.dataset import Column, Dataset, Preparation
from engine.data.encode import number_column, report_missing
from engine.data.errors import DataError, listed, require_finite
from engine.data.npz import read_arrays
from engine.data.preprocess import RANGE
from engine.data.source import Source
from engine.data.table import Format, existing_file, preview, read_table
from engine.issues import near_miss
from engine.numbers import exact, number
from engine.shapes import Shape, size, text


def apply_to_new(known: Source | Dataset | Preparation, path: str | Path) -> np.ndarray:
    """The examples of a CSV, NPZ or NPY file, ready for the network: float32, (N, *input_shape).

    A table is matched by its columns' names, or by position where it has no header; other columns, such as
    the target, may be there or not. Raises :class:`DataError`.
    """
    prepared = _preparation(known)
    file = existing_file(str(path), "a CSV or NPZ file")
    if file.suffix.lower() in (".npz", ".npy"):
        raw = _array(file, prepared)
    elif prepared.columns:
        raw = _table(file, prepared)
    else:
        raw = _numbers(file, prepared)
    with np.errstate(over="ignore", invalid="ignore"):
        x = prepared.scaler.apply(raw)
    require_representable(x, f"The input of {file.name}")
    return x


def _preparation(known: Source | Dataset | Preparation) -> Preparation:
    if isinstance(known, Source):
        known = known.load()
    return known.preparation if isinstance(known, Dataset) else known


def _table(file: Path, prepared: Preparation) -> np.ndarray:
    """Features (float64, (N, features)) of a table whose columns were learned from."""
    wanted = [column.name for column in prepared.columns]
    file_format = _format(file, wanted)
    places = _places(file, file_format, wanted)
    as_text = {places[column.name] for column in prepared.columns if column.categories}
    skip = set(file_format.names) - set(places.values())
    table = read_table(file, file_format, skip=skip, as_text=as_text)
    readers = [table.columns[places[name]] for name in wanted]
    if prepared.fill is None:
        report_missing(readers, file.name, "Fill them in the file.")
    blocks = [_features(c, r, file.name) for c, r in zip(prepared.columns, readers, strict=True)]
    x = np.concatenate(blocks, axis=1)
    return x if prepared.fill is None else filled(x, prepared.fill)


def _format(file: Path, wanted: list[str]) -> Format:
    """The file's format. A first row with every name that is wanted is a header, whatever it looks like."""
    first = preview(file, header=False, rows=1).rows[0]
    header = True if set(wanted) <= {cell.strip() for cell in first} else None
    return preview(file, header=header, rows=1).format


def _places(file: Path, file_format: Format, wanted: list[str]) -> dict[str, str]:
    """Name of each column that is wanted → its name in this file."""
    names = file_format.names
    absent = [name for name in wanted if name not in names]
    if not file_format.header and len(names) == len(wanted):
        return dict(zip(wanted, names, strict=True))
    if absent:
        counted = f"{len(absent)} of the {len(wanted)} columns"
        hint = near_miss(absent[0], names) if file_format.header else ""
        raise DataError(
            f"{file.name} lacks {counted} that the network was trained on: {listed(absent)}.",
            f"It has {listed(names, 20)}.",
            hint or "Add or rename the columns in the file's first row.",
        )
    return {name: name for name in wanted}


def _features(column: Column, reader: ColumnReader, file: str) -> np.ndarray:
    """The features (float64, (N, width)) of one column, NaN where a cell is missing."""
    if not column.categories:
        return number_column(reader, file, "Mend them in the file.")[:, None]
    codes, names = reader.texts()
    positions = np.array([_category(column, name) for name in names] + [-1], dtype=np.int64)
    unknown = np.flatnonzero((codes >= 0) & (positions[codes] < 0))
    if unknown.size:
        name = names[codes[unknown[0]]]
        raise DataError(
            f"Column {column.name!r} of {file} holds {name!r} in row {unknown[0] + 1} of its values, "
            "which the network was not trained on.",
            f"Expected one of {listed(column.categories, 20)}.",
            near_miss(name, column.categories) or "Leave the row out, or train on data with this category.",
        )
    features = (positions[codes][:, None] == np.arange(column.width)).astype(np.float64)
    features[codes < 0] = np.nan
    return features


def _category(column: Column, name: str) -> int:
    """The position of a category, −1 where it is not known. 7.0 is found as 7."""
    if name in column.categories:
        return column.categories.index(name)
    number = parse_number(name)
    plain = name if number is None else number_text(number)
    return column.categories.index(plain) if plain in column.categories else -1


def _numbers(file: Path, prepared: Preparation) -> np.ndarray:
    """Rows of plain numbers, as many as an example has entries, in the order of the array."""
    table = read_table(file, preview(file, rows=1).format)
    readers = list(table.used.values())
    expected = size(prepared.input_shape)
    if len(readers) != expected:
        raise _wrong_shape(file, f"has {len(readers)} columns", prepared.input_shape, f"{expected} numbers a row")
    report_missing(readers, file.name, "Fill them in the file.")
    columns = [number_column(reader, file.name, "Mend them in the file.") for reader in readers]
    return np.stack(columns, axis=1).reshape(-1, *prepared.input_shape)


def _array(file: Path, prepared: Preparation) -> np.ndarray:
    arrays = read_arrays(file)
    name = next((n for n in ("x", "x_new", "x_test") if n in arrays), "")
    if not name and len(arrays) != 1:
        raise DataError(
            f"{file.name} holds {listed(sorted(arrays)) or 'no arrays'}.",
            "Expected an array called x.",
            "Save it again with np.savez(path, x=examples).",
        )
    x = arrays[name] if name else next(iter(arrays.values()))
    if x.dtype.kind not in "buif":
        raise DataError(f"The array of {file.name} is of type {x.dtype}.", "Expected real numbers.", "Convert it.")
    require_finite(x, f"The array of {file.name}")
    _check_pixels(file, x, prepared)
    return _shaped(file, x, prepared.input_shape)


def _shaped(file: Path, x: np.ndarray, shape: Shape) -> np.ndarray:
    """``x`` as (N, *shape): a channel axis of one may be absent, pictures flat, a single example bare."""
    if x.shape == shape:
        return x[None]
    rest = x.shape[1:]
    flat_picture = len(shape) == 1 and len(rest) in (2, 3) and (len(rest) == 2 or rest[2] == 1)
    fits = rest == shape or (*rest, 1) == shape or (size(rest) == size(shape) and (len(rest) == 1 or flat_picture))
    if x.ndim == 0 or not fits:
        raise _wrong_shape(file, f"has the shape {x.shape}", shape, f"an array (examples, {text(shape)})")
    return x.reshape(-1, *shape)


def _check_pixels(file: Path, x: np.ndarray, prepared: Preparation) -> None:
    scaler = prepared.scaler
    top = 1.0 / float(scaler.factor) if scaler.method == RANGE else 1.0
    if top > 1.5 and x.dtype.kind == "f" and x.size and float(x.max()) <= 1.0:
        raise DataError(
            f"The array of {file.name} holds fractions up to {number(float(x.max()))}.",
            f"The network was trained on pixels from 0 to {exact(top)}, which are divided by {exact(top)} here.",
            f"Multiply the array by {exact(top)} and save it again.",
        )


def _wrong_shape(file: Path, happened: str, shape: Shape, expected: str) -> DataError:
    return DataError(
        f"{file.name} {happened}.",
        f"The network takes examples of {text(shape)}, so that {expected} is expected.",
        "Leave out what is not input, or choose another file.",
    )
