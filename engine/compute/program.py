"""A checked graph, made into two lists of NumPy calls over arrays that exist already: forward and backward.

Making a program walks the graph once; each layer writes its calls down (see :mod:`engine.layer`). Running it replays
them. At a fan-out the gradients of the branches are added up here, so that no layer needs to know of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.compute.context import Call, NodeContext
from engine.compute.memory import Block, Memory
from engine.layer import LossLayer
from engine.shapes import Shape, internal, to_external_axes, to_internal_axes

if TYPE_CHECKING:
    from engine.compute.model import Model

#: Asked between two calls of a pass: is it to be given up?
Halt = Callable[[], bool]
#: What is to be measured of ∂L/∂output of a node, while it is there: (node, array) → a call.
Watch = Callable[[str, np.ndarray], Call]


class Interrupted(Exception):
    """A pass was given up between two of its calls, as whoever started it wished."""


class _Gradient:
    """∂L/∂output of a node while the backward pass is written down, and the block it lies in."""

    __slots__ = ("array", "block")

    def __init__(self, array: np.ndarray, block: _Shared) -> None:
        self.array = array
        self.block = block


class _Shared:
    """A pooled block and how many gradients lie in it (more than one after ``pass_back`` to several inputs)."""

    __slots__ = ("block", "holders")

    def __init__(self, block: Block) -> None:
        self.block = block
        self.holders = 1


class BackwardWriter:
    """Writes one backward pass down: hands out gradient arrays, adds up fan-outs, takes memory back early."""

    def __init__(self, program: Program, needed: set[str], watch: Watch | None) -> None:
        self.program = program
        self.needed = needed
        self.watch = watch
        self.calls: list[Call] = []
        self.gradients: dict[str, _Gradient] = {}
        self._current: _Gradient | None = None
        self._pending: list[tuple[str, np.ndarray, _Shared]] = []
        self._pool = program.memory.gradients
        self._pool.rewind()

    def write(self) -> list[Call]:
        """The calls of the whole pass, from the losses to the inputs."""
        program = self.program
        for node_id in reversed(program.order):
            layer = program.layers[node_id]
            is_loss = isinstance(layer, LossLayer)
            self._current = None if is_loss else self.gradients.pop(node_id, None)
            if (self._current is None and not is_loss) or node_id not in self.needed:
                continue
            if self.watch is not None and self._current is not None:
                self.calls.append(self.watch(node_id, self._current.array))
            dy = program.no_array if self._current is None else self._current.array
            layer.backward(program.contexts[node_id].writing(self.calls, self), dy)
            self._add_pending()
            if node_id in program.inputs and self._current is not None:
                program.input_gradients[node_id] = self._current.array  # read by others later: never given back
            elif self._current is not None:
                self._release(self._current.block)
        return self.calls

    def dx(self, node_id: str, index: int, over: np.ndarray | None) -> np.ndarray | None:
        source = self.program.sources[node_id][index]
        if source not in self.needed:
            return None
        shape = self.program.values[source].shape
        held = self._current
        if held is not None and over is not None and over is held.array and over.shape == shape \
                and held.block.holders == 1:
            self.pass_back(node_id, over, index)
            return over
        array, block = self._take(shape)
        if source in self.gradients:
            self._pending.append((source, array, block))
        else:
            self.gradients[source] = _Gradient(array, block)
        return array

    def pass_back(self, node_id: str, gradient: np.ndarray, index: int) -> None:
        source = self.program.sources[node_id][index]
        if source not in self.needed:
            return
        assert self._current is not None, "a loss has no gradient to pass back"
        value = self.program.values[source]
        self._current.block.holders += 1
        shared = gradient.reshape(value.shape)
        if source in self.gradients:
            self._pending.append((source, shared, self._current.block))
        else:
            self.gradients[source] = _Gradient(shared, self._current.block)

    def _add_pending(self) -> None:
        """Adds what further branches contribute. A block that others still read is not written: the sum goes to a
        fresh one."""
        for source, array, block in self._pending:
            held = self.gradients[source]
            if held.block.holders == 1:
                self.calls.append(partial(np.add, held.array, array, held.array))
            else:
                total, fresh = self._take(array.shape)
                self.calls.append(partial(np.add, held.array, array, total))
                self._release(held.block)
                self.gradients[source] = _Gradient(total, fresh)
            self._release(block)
        self._pending.clear()

    def _take(self, shape: Shape) -> tuple[np.ndarray, _Shared]:
        dtype = self.program.model.dtype
        block = self._pool.take(math.prod(shape) * dtype.itemsize)
        return block.array(shape, dtype), _Shared(block)

    def _release(self, block: _Shared) -> None:
        block.holders -= 1
        if block.holders == 0:
            self._pool.give_back(block.block)


def _mean_magnitude(values: np.ndarray, magnitude: np.ndarray, out: np.ndarray) -> None:
    np.abs(values, magnitude)
    out[0] = magnitude.mean()


def replay(calls: list[Call], stop: Halt | None) -> None:
    """Makes the calls in turn. Raises :class:`Interrupted` where ``stop`` says so after one of them."""
    if stop is None:  # asking costs a small network some percent of its step
        for call in calls:
            call()
        return
    for call in calls:
        call()
        if stop():
            raise Interrupted


class Program:
    """Forward and backward pass of one model at one batch size; made by :meth:`engine.compute.Model.program`.

    Fill ``inputs`` and ``targets`` (batch first), call :meth:`forward`, read ``loss`` and ``predictions``, call
    :meth:`backward`, read ``model.weights.gradients``. Another program of the same model overwrites all of it.
    """

    def __init__(self, model: Model, batch: int, training: bool) -> None:
        self.model = model
        self.batch = batch
        self.training = training
        self.memory: Memory = model.memory
        self.no_array = np.zeros(0, model.dtype)
        report = model.report
        self.order = report.order
        self.layers = report.layers
        self.sources = {i: [edge.source for edge in model.graph.inputs(i)] for i in self.order}
        self.inputs: dict[str, np.ndarray] = {}
        self.targets: dict[str, np.ndarray] = {}
        self.values: dict[str, np.ndarray] = {}
        self.contexts: dict[str, NodeContext] = {}
        self.predictions: dict[str, np.ndarray] = {}
        #: ∂L/∂input in the engine's layout, where the model computes it.
        self.input_gradients: dict[str, np.ndarray] = {}
        self._losses: dict[str, tuple[float, np.ndarray]] = {}
        self.penalties: dict[str, np.ndarray] = {}
        self._forward: list[Call] = []
        self._write_forward()
        feeding = self._feed_losses()
        self._charged = [value for node_id, value in self.penalties.items() if node_id in feeding]
        self.flow_nodes = tuple(i for i in self.order if not isinstance(self.layers[i], LossLayer))
        self.flow = np.zeros(len(self.flow_nodes), np.float32)
        self._backward: list[Call] | None = None
        self._probing: list[Call] | None = None

    # -- making ----------------------------------------------------------------------------------------------

    def _write_forward(self) -> None:
        self.memory.arrays.rewind()
        for node_id in self.order:
            layer = self.layers[node_id]
            context = NodeContext(self, node_id, layer).writing(self._forward)
            self.contexts[node_id] = context
            if isinstance(layer, LossLayer):
                self._make_target(node_id, layer, context)
                self._losses[node_id] = (layer.weight, context.loss)
            xs = [self.values[source] for source in self.sources[node_id]]
            if not layer.inputs and not layer.variadic:
                xs = [self._make_input(node_id, context)]
            value = layer.forward(context, *xs)
            self.values[node_id] = value
            if isinstance(layer, LossLayer):
                self.predictions[node_id] = value.transpose(to_external_axes(value.ndim - 1))

    def _make_input(self, node_id: str, context: NodeContext) -> np.ndarray:
        shape = self.model.report.shapes[node_id]
        buffer = context.array(self.batch, *shape)
        if not self.memory.virtual:
            buffer.fill(0)
        self.inputs[node_id] = buffer
        return self._to_internal(buffer, shape, context)

    def _make_target(self, node_id: str, layer: LossLayer, context: NodeContext) -> None:
        shape = layer.target_shape(*(self.model.report.shapes[s] for s in self.sources[node_id]))
        dtype = np.int64 if layer.target_kind == "class" else self.model.dtype
        buffer = context.array(self.batch, *shape, dtype=dtype)
        if not self.memory.virtual:
            buffer.fill(0)
        self.targets[node_id] = buffer
        context.target = self._to_internal(buffer, shape, context) if shape else buffer

    def _to_internal(self, buffer: np.ndarray, shape: Shape, context: NodeContext) -> np.ndarray:
        view = buffer.transpose(to_internal_axes(len(shape)))
        if len(shape) == 1:
            return view  # BLAS reads a transposed matrix as fast as a straight one
        laid_out = context.array(*internal(shape, self.batch), dtype=buffer.dtype)
        context.do(np.copyto, laid_out, view)
        return laid_out

    def _feed_losses(self) -> set[str]:
        """The nodes something flows back to. What another one charges would have no gradient, so it does not count."""
        found = set(self._losses)
        for node_id in reversed(self.order):
            if node_id in found:
                found.update(self.sources[node_id])
        return found

    def _measure_flow(self, node_id: str, dy: np.ndarray) -> Call:
        position = self.flow_nodes.index(node_id)
        self.memory.scratch.rewind()
        magnitude = self.memory.scratch.take(dy.shape, dy.dtype)
        return partial(_mean_magnitude, dy, magnitude, self.flow[position : position + 1])

    def _write_backward(self, watch: Watch | None) -> list[Call]:
        everything = watch is not None or self.model.input_gradients
        needed: set[str] = set()
        for node_id in self.order:
            learns = self.contexts[node_id].learns
            is_input = node_id in self.inputs
            if learns or (everything and is_input) or any(s in needed for s in self.sources[node_id]):
                needed.add(node_id)
        return BackwardWriter(self, needed, watch).write()

    # -- running ---------------------------------------------------------------------------------------------

    def forward(self, stop: Halt | None = None) -> None:
        """Computes predictions and losses from the inputs and targets. Raises :class:`Interrupted` where ``stop``
        says so between two calls; running statistics may have changed then."""
        # Matrix kernels leave the processor's "invalid" flag set now and then by lanes whose results they drop, and
        # overflow shows in the numbers, which whoever asked for them looks at.
        with np.errstate(all="ignore"):
            replay(self._forward, stop)

    def write_backward(self) -> None:
        """Writes both backward passes down, without running them."""
        self._backward = self._write_backward(None)
        self._probing = self._write_backward(self._measure_flow)

    def backward(self, probe: bool = False, stop: Halt | None = None) -> None:
        """Computes the gradients of the last forward pass; with ``probe`` also ``flow``, the mean |∂L/∂output| of
        every node in ``flow_nodes`` (inputs included, which costs a little more). Raises :class:`Interrupted` where
        ``stop`` says so between two calls."""
        if probe:
            if self._probing is None:
                self._probing = self._write_backward(self._measure_flow)
            calls = self._probing
        else:
            if self._backward is None:
                self._backward = self._write_backward(None)
            calls = self._backward
        with np.errstate(all="ignore"):
            replay(calls, stop)

    def backward_watched(self, watch: Watch) -> None:
        """The backward pass of the last forward pass, written down for this once: ``watch`` gets each node's
        ∂L/∂output, in the engine's layout, and returns the call that measures it when it is computed."""
        with np.errstate(all="ignore"):
            for call in self._write_backward(watch):
                call()

    @property
    def loss(self) -> float:
        """The weighted sum of all losses, and what layers charge besides."""
        return sum(self.loss_terms())

    def loss_terms(self) -> list[float]:
        """What :attr:`loss` is the sum of: each loss times its weight, then what layers charge besides."""
        weighted = [weight * float(value) for weight, value in self._losses.values()]
        return weighted + [float(value) for value in self._charged]

    @property
    def losses(self) -> dict[str, float]:
        """Each loss by its node, unweighted."""
        return {node_id: float(value) for node_id, (_, value) in self._losses.items()}

    @property
    def input(self) -> np.ndarray:
        """The only input's buffer."""
        (buffer,) = self.inputs.values()
        return buffer

    @property
    def target(self) -> np.ndarray:
        """The only loss's target buffer."""
        (buffer,) = self.targets.values()
        return buffer

    @property
    def prediction(self) -> np.ndarray:
        """The only loss's prediction, batch first; the next forward pass overwrites it."""
        (value,) = self.predictions.values()
        return value

    def output(self, node_id: str) -> np.ndarray:
        """A node's output of the last forward pass, batch first (a view)."""
        value = self.values[node_id]
        return value.transpose(to_external_axes(value.ndim - 1))
