"""What questions are answered about: a model with the weights in question, and the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import cast

import numpy as np

from engine import data
from engine.compute import Model, Program, plan_memory
from engine.compute import compile as compile_graph
from engine.data.errors import DataError
from engine.layer import LossLayer
from engine.look.questions import TRAINING, VALIDATION, Scene
from engine.train.checks import check_data
from engine.train.metrics import is_classification

#: Rows computed at a time, at most, and what they may take of memory while they pass through the network.
_MOST_ROWS = 256
_BYTES = 32_000_000
_ASKED_ROWS = 8


class Subject:
    """A scene made ready. The model is compiled, and the data are loaded, when first needed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.report = scene.report
        self._weights: Mapping[str, np.ndarray] = {}
        self._is_loaded = False

    # -- the network -----------------------------------------------------------------------------------------

    def use(self, weights: Mapping[str, np.ndarray]) -> None:
        """The weights of all that follows; {} for the first ones."""
        self._weights = weights
        self._is_loaded = False

    @cached_property
    def _batch(self) -> int:
        plan = plan_memory(self.scene.graph, _ASKED_ROWS, optimizer_slots=0, report=self.report)
        return max(1, min(_MOST_ROWS, _BYTES * _ASKED_ROWS // max(1, plan.activations)))

    @cached_property
    def bare_model(self) -> Model:
        """The model with whatever weights it happens to have; who changes them calls :meth:`spoil`."""
        return compile_graph(self.scene.graph, batch_size=self._batch, seed=self.scene.seed, report=self.report)

    @property
    def model(self) -> Model:
        """The model with the weights in question. Layers they do not fit begin as training would begin them."""
        model = self.bare_model
        if not self._is_loaded:
            model.initialise(self.scene.seed)
            model.weights.copy_fitting(self._weights)
            self._is_loaded = True
        return model

    def prepare(self) -> None:
        """Compiles the model and loads the data, if that has not been done. What is wrong with the data is said when
        they are asked for."""
        _ = self.bare_model
        with suppress(DataError):
            _ = self.dataset

    def spoil(self) -> None:
        """The model's weights are no longer those in question."""
        self._is_loaded = False

    def passes(self, x: np.ndarray) -> Iterator[tuple[slice, Program]]:
        """Forward passes, without training, over the rows of ``x`` (N, …): which rows, and the program that holds
        their outputs until the next is taken."""
        model = self.model
        for start in range(0, len(x), self._batch):
            rows = slice(start, min(start + self._batch, len(x)))
            program = model.program(rows.stop - rows.start, training=False)
            for buffer in program.inputs.values():
                np.copyto(buffer, x[rows])
            program.forward()
            yield rows, program

    @cached_property
    def loss_node(self) -> str:
        """The loss that counts: the first that tells classes apart, else the first."""
        report = self.bare_model.report
        y = self.dataset.y_train
        losses = {i: cast(LossLayer, report.layers[i]) for i in report.losses}
        return next((i for i, loss in losses.items() if is_classification(loss, y)), next(iter(losses)))

    @property
    def loss(self) -> LossLayer:
        return cast(LossLayer, self.bare_model.report.layers[self.loss_node])

    @property
    def tells_classes(self) -> bool:
        """Is it classes that the network tells?"""
        return is_classification(self.loss, self.dataset.y_train)

    # -- the data --------------------------------------------------------------------------------------------

    @cached_property
    def dataset(self) -> data.Dataset:
        """The data. Raises :class:`DataError` where there are none or the network cannot take them."""
        if not self.scene.source:
            raise DataError("There are no data to look at.", "", "Choose a data set in the Data tab.")
        found = data.load(data.Source.from_dict(self.scene.source))
        for issue in check_data(self.bare_model, found):
            raise DataError(issue.happened, issue.expected, issue.fix)
        return found

    def part(self, name: str) -> tuple[str, np.ndarray, np.ndarray]:
        """Name, inputs and raw targets of a part; the training part where nothing is held back."""
        if name == VALIDATION and len(self.dataset.x_val):
            return VALIDATION, self.dataset.x_val, self.dataset.y_val
        return TRAINING, self.dataset.x_train, self.dataset.y_train

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; numbers where the data have none, () where there are no classes."""
        if not self.tells_classes:
            return ()
        (source,) = self.bare_model.graph.inputs(self.loss_node)
        outputs = max(2, int(np.prod(self.bare_model.report.shapes[source.source])))
        return self.dataset.class_names or tuple(map(str, range(outputs)))

    @cached_property
    def ink_range(self) -> tuple[float, float]:
        """Ground and ink of the data's pictures, in the person's own units: which end is the ground, most of the
        pictures' edges tell."""
        some = self.dataset.scaler.undo(self.dataset.x_train[:_MOST_ROWS])
        side = int(np.sqrt(some[0].size)) if some.ndim == 2 else 0
        pictures = some.reshape(len(some), side, side) if side else some[..., 0]
        low, high = float(pictures.min()), float(pictures.max())
        edge = float(np.median(np.concatenate([pictures[:, 0].ravel(), pictures[:, :, 0].ravel()])))
        return (low, high) if edge <= (low + high) / 2 else (high, low)
