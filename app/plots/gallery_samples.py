"""One judged sample in words, numbers and as a picture."""

from __future__ import annotations

from collections import OrderedDict
from copy import copy

import numpy as np
from PySide6.QtGui import QImage

from app import numbers
from app.pictures import as_image, picture_shape
from app.plots.certainty import class_shares, lead
from app.plots.samples import VALIDATION
from app.plots.sequence_picture import sequence_picture
from engine.data import Dataset
from engine.look.questions import Judged

_MOST_NUMBERS = 4
_MOST_VALUES = 12
_MOST_LINES = 10
#: A sequence that is shorter is shown as numbers.
_LEAST_STEPS = 3
#: So many pictures are kept ready.
_MOST_PICTURES = 600


class SampleReader:
    """Reads the samples of one answer of the network, by their position in it."""

    def __init__(self, judged: Judged, data: Dataset) -> None:
        self.judged = judged
        self.data = data
        self.shape = picture_shape(data)
        shape = data.signature.input_shape
        self._is_sequence = not self.shape and len(shape) == 2 and shape[0] >= _LEAST_STEPS
        inputs = data.x_val if judged.part == VALIDATION else data.x_train
        raw = data.scaler.undo(inputs[:256]) if self.shape else np.ones(1)
        self._top = float(raw.max(initial=0.0)) or 1.0
        self._pictures: OrderedDict[int, QImage] = OrderedDict()

    def continued(self, judged: Judged) -> SampleReader:
        """A reader of a newer answer about the same data, which keeps the pictures that are ready."""
        if judged.part != self.judged.part:
            return SampleReader(judged, self.data)
        newer = copy(self)
        newer.judged = judged
        return newer

    @property
    def tells_classes(self) -> bool:
        return self.judged.labels is not None

    @property
    def has_pictures(self) -> bool:
        """Are the examples pictures, or sequences that can be drawn?"""
        return bool(self.shape) or self._is_sequence

    def forget_pictures(self) -> None:
        """Another theme is in force: what was drawn in the colours of the last one is drawn again."""
        if self._is_sequence:
            self._pictures.clear()

    def row(self, place: int) -> int:
        """The sample's row in its part of the data."""
        return int(self.judged.rows[place])

    def is_wrong(self, place: int) -> bool:
        labels, answers = self.judged.labels, self.judged.answers
        return labels is not None and answers is not None and bool(labels[place] != answers[place])

    def class_name(self, label: int) -> str:
        names = self.judged.class_names
        return names[label] if 0 <= label < len(names) else str(label)

    def true(self, place: int) -> str:
        """The truth, as a person reads it."""
        labels = self.judged.labels
        return _several(self.judged.targets[place]) if labels is None else self.class_name(int(labels[place]))

    def told(self, place: int) -> str:
        """The network's answer, as a person reads it."""
        answers = self.judged.answers
        return _several(self.judged.outputs[place]) if answers is None else self.class_name(int(answers[place]))

    def loss(self, place: int) -> float:
        return float(self.judged.loss[place])

    def certainty(self, place: int) -> float:
        """How far the answer is ahead of the next; NaN in a regression."""
        if not self.tells_classes:
            return float("nan")
        return float(lead(self.judged.outputs[place].reshape(-1), 0.5 if self.judged.probabilities else 0.0))

    def error(self, place: int) -> float:
        """The largest |predicted − true| of a regression's outputs."""
        return float(np.abs(self.judged.outputs[place] - self.judged.targets[place]).max(initial=0.0))

    def shares(self, place: int) -> np.ndarray:
        """What the network puts out for each class."""
        return class_shares(self.judged.outputs[place], self.judged.probabilities)

    def shares_in_words(self, place: int) -> list[str]:
        """A line for each of the likeliest classes."""
        if not self.tells_classes:
            return []
        shares = self.shares(place)
        order = np.argsort(-shares, kind="stable")[:_MOST_LINES].tolist()
        return [f"{self.class_name(label)}: {numbers.number(float(shares[label]))}" for label in order]

    def cells(self, place: int) -> list[tuple[str, str]]:
        """The inputs, as names and texts; without names where the data have none."""
        row = self.data.row(self.row(place), validation=self.judged.part == VALIDATION)
        if row.cells:
            return list(row.cells)
        values = row.x.reshape(-1)
        more = " …" if values.size > _MOST_VALUES else ""
        return [("input", " ".join(numbers.number(value, 4) for value in values[:_MOST_VALUES].tolist()) + more)]

    def text(self, place: int) -> str:
        """The example itself where it is a text; "" where it is none."""
        return f"“{self.cells(place)[0][1]}”" if self.data.spelling else ""

    def picture(self, place: int) -> QImage | None:
        """The example as a picture, a sequence as lines; None where it is neither."""
        if not self.has_pictures:
            return None
        row = self.row(place)
        if row not in self._pictures:
            inputs = self.data.x_val if self.judged.part == VALIDATION else self.data.x_train
            raw = self.data.scaler.undo(inputs[row])
            made = sequence_picture(raw) if self._is_sequence else as_image(raw.reshape(self.shape), self._top)
            self._pictures[row] = made
            if len(self._pictures) > _MOST_PICTURES:
                self._pictures.popitem(last=False)
        return self._pictures[row]

    def in_words(self, place: int) -> str:
        """All about a sample in one line."""
        right = "wrong" if self.is_wrong(place) else "right"
        verdict = f", {right}" if self.tells_classes else ""
        row = f"row {numbers.count(self.row(place))} {self.text(place)}".rstrip()
        return (f"{row}: true {self.true(place)}, predicted {self.told(place)}{verdict}, "
                f"loss {numbers.number(self.loss(place))}")


def _several(values: np.ndarray) -> str:
    flat = np.atleast_1d(values).reshape(-1)
    more = " …" if flat.size > _MOST_NUMBERS else ""
    return "  ".join(numbers.number(float(value), 4) for value in flat[:_MOST_NUMBERS]) + more
