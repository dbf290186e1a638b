"""IDX files, the format in which MNIST and its relatives are distributed, plain or gzipped.

Layout, from the MNIST page of LeCun, Cortes and Burges: two zero bytes, a byte for the type, a byte for the
number of axes, each axis as a big-endian 32-bit number, then the entries, big-endian, row-major.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from engine.data.arrays import CLASSIFICATION, raw_from_arrays
from engine.data.assemble import Raw
from engine.data.errors import DataError
from engine.data.files import FileSource, file_stamp
from engine.data.preprocess import IMAGE_METHODS, RANGE
from engine.data.source import Task
from engine.data.table import LARGEST_FILE, existing_file, open_error
from engine.params import Choice, Text

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class IdxFile(FileSource, title="Pictures (IDX)"):
    """A pair of IDX files, as MNIST and Fashion-MNIST come: pictures in one, their labels in another."""

    kinds_of_file = "an IDX file of pictures"
    suffixes = ("-ubyte", ".idx", "-ubyte.gz", ".idx.gz")
    task = Task.CLASSIFICATION
    scaling = Choice(RANGE, "How pixels are scaled; one map for all pixels.", options=IMAGE_METHODS)
    labels = Text(
        "",
        "Where the labels are; empty means beside the pictures, named labels-idx1 in place of images-idx3.",
        longest=4096,
    )

    def raw(self) -> Raw:
        pictures = self.file()
        x, y = read_idx(pictures), read_idx(self._labels_file())
        return raw_from_arrays(pictures.name, [x], [y], task=CLASSIFICATION)

    def stamp(self) -> tuple[object, ...]:
        return (*super().stamp(), *file_stamp(self._labels_file()))

    def _labels_file(self) -> Path:
        pictures = self.file()
        beside = pictures.with_name(pictures.name.replace("images-idx3", "labels-idx1"))
        if not self.labels and beside == pictures:
            raise DataError("No labels are chosen.", "Expected an IDX file of labels.", "Choose the file.")
        return existing_file(self.labels or str(beside), "an IDX file of labels")


def read_idx(path: Path) -> np.ndarray:
    """The array of an IDX file, in the machine's byte order. Raises :class:`DataError`."""
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if gzipped else path.open("rb") as file:
            head = file.read(4)
            kind = _TYPES.get(head[2]) if len(head) == 4 and head[:2] == b"\0\0" else None
            if kind is None or not 1 <= head[3] <= 4:
                raise _damaged(path, "does not begin as an IDX file does")
            axes = file.read(4 * head[3])
            if len(axes) < 4 * head[3]:
                raise _damaged(path, "breaks off within its header")
            shape = tuple(int(n) for n in np.frombuffer(axes, dtype=">u4"))
            wanted = math.prod(shape) * np.dtype(kind).itemsize
            if wanted > LARGEST_FILE:
                raise _damaged(path, f"announces {wanted / 1024**3:.1f} GB")
            body = file.read(wanted + 1)
    except gzip.BadGzipFile as error:
        raise _damaged(path, f"cannot be unpacked ({error})") from error
    except OSError as error:
        raise open_error(path, error) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(path, f"cannot be unpacked ({error})") from error
    if len(body) != wanted:
        raise _damaged(path, f"holds {len(body)} bytes of entries where {wanted} are announced")
    native = np.dtype(kind).newbyteorder("=")
    return np.frombuffer(body, dtype=kind).astype(native, copy=False).reshape(shape)


def _damaged(path: Path, happened: str) -> DataError:
    return DataError(
        f"{path.name} {happened}.",
        f"Expected a complete IDX file of at most {LARGEST_FILE // 1024**3} GB.",
        "Download or copy it again.",
    )
