"""Data sets that ship with the program; origins and licences in ``resources/data/README.md``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import ClassVar

import numpy as np

from engine.data.assemble import Raw
from engine.data.csv import raw_from_table
from engine.data.errors import DataError
from engine.data.preprocess import IMAGE_METHODS, NONE, RANGE, STANDARDISE
from engine.data.source import Source, Task
from engine.data.table import preview, read_table
from engine.params import Bool, Choice, Int
from engine.signature import DataSignature
from resources import path as resource

DIGITS = tuple(str(d) for d in range(10))


def _shipped(name: str) -> Path:
    try:
        return resource("data", name)
    except FileNotFoundError as error:
        raise DataError(
            f"The data file {name} that ships with Chainrule is missing.",
            "Expected a complete installation.",
            "Install Chainrule again.",
        ) from error


class BundledImages(Source):
    """Base of the bundled picture sets."""

    scaling = Choice(RANGE, "How pixels are scaled; one map for all pixels.", options=IMAGE_METHODS)
    flat = Bool(False, "Gives each picture as one vector, for networks that begin with a Dense layer.")
    side: ClassVar[int] = 0
    full_scale: ClassVar[float] = 255.0

    def _images(self, pixels: np.ndarray) -> np.ndarray:
        """(N, side, side) → (N, side, side, 1): a grey picture has one channel."""
        return pixels[..., None]

    def _shape(self) -> tuple[int, ...]:
        return (self.side * self.side,) if self.flat else (self.side, self.side, 1)


class Mnist(BundledImages, title="MNIST digits"):
    """Handwritten digits, grey, 28 × 28 pixels: 4000 to train on and 1000 held back, evenly of each class.

    A part of the MNIST set of LeCun, Cortes and Burges.
    """

    own_split = True
    template_notes = "784-128-10 reaches 93 % of the held-back digits; a small LeNet 96 %."
    side = 28

    def raw(self) -> Raw:
        with np.load(_shipped("mnist5k.npz"), allow_pickle=False) as file:
            x, y = self._images(file["x_train"]), file["y_train"]
            held_back = (self._images(file["x_test"]), file["y_test"])
        return Raw("MNIST", x, y, DIGITS, ("digit",), held_back=held_back, full_scale=self.full_scale, flat=self.flat)

    def signature(self) -> DataSignature:
        return DataSignature(self._shape(), (), DIGITS, 4000, "MNIST")


class Digits8x8(BundledImages, title="Small digits"):
    """Handwritten digits, grey, 8 × 8 pixels of 17 shades, 1797 examples: a quick stand-in for MNIST."""

    template_notes = "64-32-10 reaches 95 % within seconds."
    side = 8
    full_scale = 16.0

    def raw(self) -> Raw:
        with np.load(_shipped("digits8x8.npz"), allow_pickle=False) as file:
            x, y = self._images(file["x"]), file["y"]
        return Raw(self.title, x, y, DIGITS, ("digit",), full_scale=self.full_scale, flat=self.flat)


class BundledTable(Source):
    """Base of the bundled tables: every column but the last, ``target``, is an input."""

    file: ClassVar[str] = ""

    def raw(self) -> Raw:
        path = _shipped(self.file)
        table = read_table(path, preview(path, delimiter=",", header=True, rows=1).format)
        raw = raw_from_table(table, ["target"], task=self.task.value, target_scaling=self._target_scaling())
        return raw.named(self.title)

    def _target_scaling(self) -> str:
        return NONE


class Iris(BundledTable, title="Iris"):
    """Four measurements of 150 irises of three species (Fisher 1936)."""

    template_notes = "4-8-3 learns it; one species is apart from the others, two overlap."
    file = "iris.csv"


class Wine(BundledTable, title="Wine"):
    """Thirteen measurements of 178 wines of three cultivars; units differ widely, so scaling matters."""

    template_notes = "13-16-3 with scaled inputs learns it in a few epochs; unscaled it hardly learns."
    file = "wine.csv"


class BreastCancer(BundledTable, title="Breast cancer"):
    """Thirty measurements of cell nuclei of 569 tumours, benign or malignant (Wisconsin)."""

    template_notes = "A single sigmoid unit reaches 95 %; watch for overfitting in wider networks."
    file = "breast_cancer.csv"


class Diabetes(BundledTable, title="Diabetes"):
    """Regression: ten measurements of 442 patients, and the progress of their disease a year later.

    From Efron, Hastie, Johnstone and Tibshirani, Least angle regression (2004).
    """

    task = Task.REGRESSION
    template_notes = "A linear layer explains nearly half of the variance; larger networks soon overfit."
    file = "diabetes.csv"
    target_scaling = Choice(
        STANDARDISE,
        "How the target is scaled; predictions are scaled back.",
        options={NONE: "None", STANDARDISE: "Standardise"},
    )

    def _target_scaling(self) -> str:
        return self.target_scaling


#: What a first name is spelt with; a letter's token is its place, from 1 on, and 0 means none.
LETTERS = "abcdefghijklmnopqrstuvwxyz-"


class FirstNames(Source, title="First names"):
    """8003 first names, female or male, spelt in tokens: 1 to 26 for a letter, 27 for a hyphen, 0 before it begins.

    From the word lists of Grady Ward's Moby project. Names that are given to both are left out.
    """

    template_notes = "An Embedding of 28 tokens and a GRU of 32 units reach 85 %: the last letters tell most."
    scaling = Choice(NONE, "Tokens are places in a list, not amounts: they stay as they are.", options={NONE: "None"})
    letters = Int(12, "How many of a name's last letters are kept.", low=1, high=15)

    def raw(self) -> Raw:
        with _shipped("first_names.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        classes = tuple(sorted({row["label"] for row in rows}))
        x = np.zeros((len(rows), self.letters))
        for tokens, row in zip(x, rows, strict=True):
            spelt = [LETTERS.index(letter) + 1 for letter in row["name"].lower()[-self.letters :]]
            tokens[self.letters - len(spelt) :] = spelt
        y = np.array([classes.index(row["label"]) for row in rows])
        places = tuple(f"letter {place} from the end" for place in range(self.letters, 0, -1))
        return Raw(self.title, x, y, classes, ("label",), places, spelling=LETTERS)
