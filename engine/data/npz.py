"""A person's own arrays in NumPy's .npz format."""

from __future__ import annotations

import lzma
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from engine.data.arrays import AUTO, TASKS, Parts, raw_from_arrays
from engine.data.assemble import Raw
from engine.data.errors import DataError, listed
from engine.data.files import FileSource
from engine.data.preprocess import AUTO as AUTO_SCALING
from engine.data.preprocess import AUTO_METHODS, NONE, STANDARDISE
from engine.data.table import LARGEST_FILE, open_error
from engine.params import Choice

PAIRS = (("x_train", "y_train"), ("x", "y"))
# What zipfile and NumPy raise for bytes they cannot make sense of, an encrypted archive and an absurd shape.
_DAMAGE = (
    ValueError,
    EOFError,
    KeyError,
    MemoryError,
    RuntimeError,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
HELD_BACK = (("x_test", "y_test"), ("x_val", "y_val"))


class NpzFile(FileSource, title="Arrays (NPZ)"):
    """A NumPy archive with arrays x and y, or x_train, y_train, x_test and y_test.

    The first axis counts examples; pictures are height × width × channels. Whole numbers or texts in y are
    classes. Where the archive has a test part it is what is validated on.
    """

    kinds_of_file = "an .npz file"
    suffixes = (".npz",)
    scaling = Choice(AUTO_SCALING, "How inputs are scaled. Fitted on the training part only.", options=AUTO_METHODS)
    task_choice = Choice(AUTO, "Whether the target is a class or a number.", label="Task", options=TASKS)
    axes = Choice(
        "images",
        "What three axes mean: pictures without a channel axis, or sequences of steps with features.",
        label="Three axes are",
        options={"images": "Pictures: examples, height, width", "sequences": "Sequences: examples, steps, features"},
    )
    target_scaling = Choice(
        STANDARDISE,
        "How a regression's target is scaled; predictions are scaled back.",
        options={NONE: "None", STANDARDISE: "Standardise"},
    )

    def raw(self) -> Raw:
        path = self.file()
        x, y = _pairs(path)
        return raw_from_arrays(
            path.name,
            x,
            y,
            task=self.task_choice,
            sequences=self.axes == "sequences",
            target_scaling=self.target_scaling,
        )


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by lower-case name; an .npy file's array is called x.

    Runs no code from the file. Raises :class:`DataError`.
    """
    try:
        if path.suffix.lower() == ".npy":
            _check_size(path, path.stat().st_size)
            return {"x": np.load(path, allow_pickle=False)}
        with zipfile.ZipFile(path) as archive:
            _check_size(path, sum(entry.file_size for entry in archive.infolist()))
        with np.load(path, allow_pickle=False) as file:
            return {name.lower(): file[name] for name in file.files}
    except OSError as error:
        raise open_error(path, error) from error
    except _DAMAGE as error:
        objects = "bject array" in str(error)
        raise DataError(
            f"{path.name} holds {'arrays of Python objects' if objects else 'something else or is damaged'}.",
            "Expected an archive of plain numeric arrays, as np.savez writes it.",
            "Save it again with np.savez(path, x=…, y=…), with x and y of a numeric type.",
        ) from error


def _check_size(path: Path, size: int) -> None:
    if size > LARGEST_FILE:
        raise DataError(
            f"{path.name} holds {size / 1024**3:.1f} GB of arrays.",
            f"Expected at most {LARGEST_FILE // 1024**3} GB.",
            "Take a part of it.",
        )


def _pairs(path: Path) -> tuple[Parts, Parts]:
    """Input and target arrays, each with its validation part where the archive has one."""
    arrays = read_arrays(path)
    for x_name, y_name in PAIRS:
        if x_name in arrays and y_name in arrays:
            found = [(x_name, y_name)]
            found += [pair for pair in HELD_BACK if pair[0] in arrays and pair[1] in arrays][:1]
            return [arrays[name] for name, _ in found], [arrays[name] for _, name in found]
    raise DataError(
        f"{path.name} holds {listed(sorted(arrays)) or 'no arrays'}.",
        "Expected arrays called x and y, or x_train, y_train, x_test and y_test.",
        "Save it again with np.savez(path, x=inputs, y=targets).",
    )
