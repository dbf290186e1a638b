"""A graph made ready to compute: its weights, its programs, and the plain way to use both from code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from engine.compute.borders import as_examples, fill, require_in_range, whole
from engine.compute.memory import Memory
from engine.compute.program import Program
from engine.compute.threads import Lanes
from engine.compute.weights import Weights
from engine.graph.check import Report, check
from engine.graph.expand import expand
from engine.graph.model import Graph
from engine.issues import ChainruleError, GraphError
from engine.layer import LossLayer
from engine.layers.loss_base import class_numbers
from engine.params import ParameterError
from engine.shapes import Shape, to_external_axes

Batch = np.ndarray | Mapping[str, np.ndarray]


class Model:
    """A compiled network. Arrays at its borders are batch first, images channels last: (N, H, W, C)."""

    def __init__(
        self, graph: Graph, batch_size: int, dtype: str, *, input_gradients: bool = False,
        memory: Memory | None = None, report: Report | None = None, virtual: Model | None = None, threads: int = 1,
    ) -> None:
        #: What was drawn, and what is computed: repeated blocks written out, bypassed nodes left out.
        self.drawn = graph
        self.graph = expand(graph).graph
        self.report: Report = report or check(graph)
        if not self.report.ok:
            raise GraphError(self.report.errors)
        self.batch_size = batch_size
        self.dtype = np.dtype(dtype)
        self.input_gradients = input_gradients
        self.memory = memory or Memory()
        self.weights = Weights(self.report, self.dtype, self.memory)
        self.rng = np.random.Generator(np.random.PCG64())
        self.lanes = Lanes(threads)
        self._programs: dict[tuple[int, bool], Program] = {}
        self._live: dict[tuple[str, str], np.ndarray] = {}
        self._constants: dict[float, np.ndarray] = {}
        self._last: Program | None = None
        self._virtual = virtual
        self._planned: set[tuple[int, bool]] = set()

    def initialise(self, seed: int) -> None:
        """Gives the weights their first values and the random layers their generator, all from one seed."""
        self.weights.initialise(seed)
        self.rng = np.random.Generator(np.random.PCG64(seed))

    # -- what programs are made of ---------------------------------------------------------------------------

    def program(self, batch: int, training: bool = True) -> Program:
        """The passes for this many examples, made at the first call."""
        key = (batch, training)
        if key not in self._programs:
            if not self.memory.virtual:
                self.memory.scratch.reserve(self.planned(batch, training).scratch.nbytes)
            self._programs[key] = Program(self, batch, training)
        return self._programs[key]

    def planned(self, batch: int, training: bool = True) -> Memory:
        """What the passes for this many examples would take, besides all that were planned before: a virtual memory
        over which they have been written down but cannot be run."""
        if self._virtual is None:
            self._virtual = self if self.memory.virtual else Model(
                self.drawn, self.batch_size, str(self.dtype), input_gradients=self.input_gradients,
                memory=Memory(virtual=True), report=self.report, threads=self.lanes.count)
        if (batch, training) not in self._virtual._planned:
            self._virtual._planned.add((batch, training))
            Program(self._virtual, batch, training).write_backward()
        return self._virtual.memory

    def live(self, node_id: str, name: str) -> np.ndarray:
        """The 0-d array behind a live parameter."""
        key = (node_id, name)
        if key not in self._live:
            self._live[key] = np.array(getattr(self.report.layers[node_id], name), self.dtype)
        return self._live[key]

    def set_live(self, node_id: str, name: str, value: float) -> None:
        """Changes a live parameter, in every copy of a repeated node, from the next step on; raises where its
        declared range forbids the value."""
        layer = self.report.layers.get(node_id)
        if layer is None or name not in layer.parameters or not layer.parameters[name].live:
            raise ParameterError(f"{node_id}.{name} is no parameter that can change while a network runs.", "",
                                 "Compile the network anew with it.")
        type(layer)(**{name: value})
        for copy in (node_id, *(i for i, origin in self.report.origin.items() if origin == node_id)):
            self.live(copy, name)[...] = value

    def constant(self, value: float, shape: Shape) -> np.ndarray:
        """A shared read-only array of one value."""
        need = int(np.prod(shape))
        known = self._constants.get(value)
        if known is None or known.size < need:
            known = self.memory.zeros((need,), self.dtype)
            if not self.memory.virtual:
                known.fill(value)
                known.flags.writeable = False
            self._constants[value] = known
        return known[:need].reshape(shape)

    # -- plain use from code ---------------------------------------------------------------------------------

    def forward(self, x: Batch, *, training: bool = False) -> np.ndarray:
        """The prediction for a batch, as a copy. Raises :class:`ChainruleError` where ``x`` does not fit."""
        program = self._filled(x, training)
        program.forward()
        return np.ascontiguousarray(next(iter(program.predictions.values()))).copy()

    def loss(self, x: Batch, y: Batch, *, training: bool = True) -> float:
        """The mean loss of a batch; :meth:`backward` then gives its gradients."""
        program = self._filled(x, training)
        self._aim(program, y)
        program.forward()
        return program.loss

    def loss_terms(self, x: Batch, y: Batch, *, training: bool = True) -> np.ndarray:
        """What :meth:`loss` is the sum of, apart: each loss times its weight, then what layers charge besides."""
        program = self._filled(x, training)
        self._aim(program, y)
        program.forward()
        return np.array(program.loss_terms())

    def backward(self) -> dict[str, np.ndarray]:
        """∂L/∂W of every array that learns, by "node.name", for the batch of the last :meth:`loss`."""
        if self._last is None:
            raise ChainruleError("There is nothing to go back from.", "A backward pass follows a loss.",
                                 "Call loss(x, y) first.")
        self._last.backward()
        return self.weights.gradient_arrays()

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """The gradients of the last backward pass, by "node.name"."""
        return self.weights.gradient_arrays()

    def input_gradients_by_name(self) -> dict[str, np.ndarray]:
        """∂L/∂input of the last backward pass by Input, batch first, as copies; empty unless the model was compiled
        with ``input_gradients=True``."""
        found = self._last.input_gradients if self._last else {}
        return {i: np.ascontiguousarray(g.transpose(to_external_axes(g.ndim - 1))) for i, g in found.items()}

    def output(self, name: str) -> np.ndarray:
        """What a node (by id or name) put out in the last pass, batch first."""
        if self._last is None:
            raise ChainruleError("Nothing has been computed yet.", "", "Call forward(x) or loss(x, y) first.")
        return self._last.output(self.graph.by_name(name).id)

    def predict(self, x: Batch, batch: int = 256) -> np.ndarray:
        """Predictions for any number of rows, computed ``batch`` at a time."""
        inputs = self._named(x, self._input_ids())
        rows, batch = len(next(iter(inputs.values()))), whole(batch, "batch size", 1)
        if rows == 0:
            raise ChainruleError("There are no rows to predict.", "", "Give at least one example.")
        parts = [self.forward({k: v[i : i + batch] for k, v in inputs.items()}) for i in range(0, rows, batch)]
        return np.concatenate(parts)

    def _input_ids(self) -> list[str]:
        layers = self.report.layers
        return [i for i in self.report.order if not layers[i].inputs and not layers[i].variadic]

    def _filled(self, x: Batch, training: bool) -> Program:
        inputs = self._named(x, self._input_ids())
        rows = len(next(iter(inputs.values())))
        if rows == 0:
            raise ChainruleError("There are no examples.", "A batch has at least one.", "Give at least one example.")
        program = self.program(rows, training)
        for node_id, buffer in program.inputs.items():
            fill(buffer, inputs[node_id], node_id)
        self._last = program
        return program

    def _aim(self, program: Program, y: Batch) -> None:
        """Copies the targets in, after checking them."""
        targets = self._named(y, list(program.targets))
        for node_id, buffer in program.targets.items():
            loss, classes = cast(LossLayer, self.report.layers[node_id]), 0
            if loss.target_kind == "class":
                (classes,) = self.report.shapes[node_id]
            fill(buffer, self._as_classes(node_id, targets[node_id]), node_id, classes)
            require_in_range(buffer, loss)

    def _named(self, batch: Batch, ids: list[str]) -> dict[str, np.ndarray]:
        if not isinstance(batch, Mapping):
            if len(ids) != 1:
                raise ChainruleError(f"The network has {len(ids)} of these: {', '.join(ids)}.",
                                     "One array each was expected.", "Give a dict from node to array.")
            return {ids[0]: as_examples(batch, ids[0])}
        found = {self.graph.by_name(name).id: as_examples(array, name) for name, array in batch.items()}
        missing = [node_id for node_id in ids if node_id not in found]
        if missing:
            raise ChainruleError(f"There is no array for {missing[0]}.", f"Expected {', '.join(ids)}.", "Add it.")
        return found

    def _as_classes(self, node_id: str, target: np.ndarray) -> np.ndarray:
        """A loss over classes also takes rows of zeros with a single 1 (one-hot)."""
        layer = cast(LossLayer, self.report.layers[node_id])
        if layer.target_kind != "class" or target.dtype.kind not in "fiub":
            return target
        numbers = class_numbers(target) if target.shape[1:] == self.report.shapes[node_id] else None
        return target if numbers is None else numbers
