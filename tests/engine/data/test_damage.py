"""Whatever bytes a file holds: a data set or a sentence, never another error."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import CsvFile, DataError, Dataset, Iris, NpzFile, Spirals, apply_to_new
from engine.data.idx import read_idx

INDEX = st.integers(0, 10_000)
EDITS = st.lists(st.tuples(INDEX, st.integers(0, 20), st.binary(max_size=8)), min_size=1, max_size=4)
TABLES = [
    b"a,b,y\n1,2,p\n3,,q\nNA,4,p\n5,6,q\n",
    b'a;b;y\r\n1,5;"x;y";p\r\n3;z;q\r\n',
    "größe\ty\n1\tp\n2\tq\n".encode("utf-16"),
    b"1e5|inf|3|\n4|5|6|\n",
    b"1,2,3,\n4,5,6,\n",
]
any_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def damaged(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for index, length, insert in edits:
        start = index % (len(content) + 1)
        content = content[:start] + insert + content[start + length :]
    return content


def saved(save: str, **arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    getattr(np, save)(out, **arrays)
    return out.getvalue()


ARCHIVES = [
    saved("savez", x=np.arange(12.0).reshape(6, 2), y=np.arange(6) % 2),
    saved("savez_compressed", x=np.zeros((6, 4, 4), np.uint8), y=np.array(list("ababab"))),
]
ARRAY = saved("save", arr=np.arange(4.0).reshape(2, 2))
PICTURES = bytes([0, 0, 8, 3]) + struct.pack(">3I", 6, 4, 4) + bytes(range(96))


def outcome(path: Path, content: bytes, read: object) -> None:
    path.write_bytes(content)
    assert callable(read)
    try:
        result = read()
    except DataError as error:
        assert error.happened
        assert error.expected
        assert error.fix
    else:
        for x in (result.x_train, result.x_val) if isinstance(result, Dataset) else (result,):
            assert np.isfinite(x).all()


@any_example
@given(st.sampled_from(TABLES), EDITS, st.sampled_from(["refuse", "drop", "fill"]))
def test_tables(tmp_path: Path, content: bytes, edits: list[tuple[int, int, bytes]], missing: str) -> None:
    path = tmp_path / "a.csv"
    outcome(path, damaged(content, edits), CsvFile(path=str(path), missing=missing).load)
    for known in (Iris(), Spirals()):
        outcome(path, damaged(content, edits), lambda known=known: apply_to_new(known, path))


@any_example
@given(st.sampled_from(ARCHIVES), EDITS)
def test_archives(tmp_path: Path, content: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "a.npz"
    outcome(path, damaged(content, edits), NpzFile(path=str(path)).load)


@any_example
@given(EDITS)
def test_single_arrays(tmp_path: Path, edits: list[tuple[int, int, bytes]]) -> None:
    path = tmp_path / "a.npy"
    outcome(path, damaged(ARRAY, edits), lambda: apply_to_new(Spirals(), path))


@any_example
@given(EDITS, st.booleans())
def test_pictures(tmp_path: Path, edits: list[tuple[int, int, bytes]], gzipped: bool) -> None:
    path = tmp_path / "a.idx"
    content = gzip.compress(PICTURES, mtime=0) if gzipped else PICTURES
    outcome(path, damaged(content, edits), lambda: read_idx(path))


@pytest.mark.parametrize(
    "header",
    [b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999), }", b"{'descr': '<f8', 'shape'"],
)
def test_an_absurd_header(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.npy"
    padded = header.ljust(117) + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a.npy holds something else or is damaged"):
        apply_to_new(Spirals(), path)
