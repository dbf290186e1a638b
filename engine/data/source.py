"""A data source as a value: what a project stores, and what loads into a :class:`Dataset`."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import ClassVar

from engine.data.assemble import Raw, assemble
from engine.data.dataset import Dataset
from engine.data.preprocess import STANDARDISE, TABLE_METHODS
from engine.params import Choice, Declared, Float, Int
from engine.signature import DataSignature

HIGHEST_SEED = 2**31 - 1


class Category(Enum):
    """Where a source stands in the list of data sets."""

    BUNDLED = "Bundled"
    GENERATOR = "Generators"
    FILE = "Your files"


class Task(Enum):
    """What a network learns from a source; OPEN where the source's contents decide."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    OPEN = "open"


class Source(Declared):
    """Where examples come from. Two equal sources load equal data sets."""

    category: ClassVar[Category] = Category.BUNDLED
    task: ClassVar[Task] = Task.CLASSIFICATION
    own_split: ClassVar[bool] = False
    """Whether the set brings its validation part, so that ``validation`` has no effect."""
    template_notes: ClassVar[str] = ""
    """One sentence on which networks suit the set."""

    validation = Float(0.2, "Part of the examples held back to validate on.", low=0.0, high=0.9)
    scaling = Choice(STANDARDISE, "How inputs are scaled. Fitted on the training part only.", options=TABLE_METHODS)
    seed = Int(
        0,
        "Number that fixes the random draw of the split and of generated examples.",
        low=0,
        high=HIGHEST_SEED,
    )

    def raw(self) -> Raw:
        """Reads or makes the examples. Raises :class:`~engine.data.errors.DataError`."""
        raise NotImplementedError(type(self).__name__)

    def stamp(self) -> tuple[object, ...]:
        """Changes when what would be loaded changes; for a file its size and time."""
        return ()

    def load(self) -> Dataset:
        """The data set; the last few loads are kept. Raises :class:`~engine.data.errors.DataError`."""
        return _loaded(self, self.stamp())

    def signature(self) -> DataSignature:
        """Shapes, classes and number of training rows. Raises :class:`~engine.data.errors.DataError`."""
        return self.load().signature


@lru_cache(maxsize=3)
def _loaded(source: Source, stamp: tuple[object, ...]) -> Dataset:
    # Kept so that signature, preview and training don't each read the file; few, because sets can be large.
    return assemble(source.raw(), validation=source.validation, seed=source.seed, scaling=source.scaling)
