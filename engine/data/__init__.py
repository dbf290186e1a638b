"""Data sets: bundled, generated and the person's own. The order of the imports is the order of the list."""

from engine.data.apply import apply_to_new
from engine.data.bundled import BreastCancer, Diabetes, Digits8x8, FirstNames, Iris, Mnist, Wine
from engine.data.csv import CsvFile
from engine.data.dataset import Column, Dataset, Preparation, Row
from engine.data.errors import DataError, first_bad, require_finite
from engine.data.idx import IdxFile
from engine.data.npz import NpzFile
from engine.data.preprocess import Scaler
from engine.data.source import Category, Source, Task
from engine.data.synthetic import Blobs, Circles, Curve1D, Moons, Spirals, Xor
from engine.signature import DataSignature

SOURCES: tuple[type[Source], ...] = (
    Xor, Circles, Moons, Spirals, Blobs, Curve1D,
    Mnist, Digits8x8, Iris, Wine, BreastCancer, Diabetes, FirstNames,
    CsvFile, NpzFile, IdxFile,
)  # fmt: skip
"""Every kind of source, in the order in which they are offered."""


def load(source: Source) -> Dataset:
    """The data set of a source. Raises :class:`DataError`."""
    return source.load()


__all__ = [
    "SOURCES",
    "Blobs",
    "BreastCancer",
    "Category",
    "Circles",
    "Column",
    "CsvFile",
    "Curve1D",
    "DataError",
    "DataSignature",
    "Dataset",
    "Diabetes",
    "Digits8x8",
    "FirstNames",
    "IdxFile",
    "Iris",
    "Mnist",
    "Moons",
    "NpzFile",
    "Preparation",
    "Row",
    "Scaler",
    "Source",
    "Spirals",
    "Task",
    "Wine",
    "Xor",
    "apply_to_new",
    "first_bad",
    "load",
    "require_finite",
]
