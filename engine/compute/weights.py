"""All of a network's parameters in one flat vector, their gradients in a second, and named views into both.

One vector means that an optimizer's step, a norm, a snapshot or a copy is one pass over contiguous memory, however
many layers there are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import SimpleNamespace

import numpy as np

from engine.compute.borders import in_precision
from engine.compute.memory import Memory
from engine.graph.check import Report
from engine.issues import ChainruleError
from engine.layer import WeightSpec
from engine.shapes import Shape, size, text


@dataclass(frozen=True, slots=True)
class Segment:
    """Where one named array lies: ``start`` to ``stop`` of the values (trainable) or of the state (not)."""

    node: str
    name: str
    start: int
    stop: int
    spec: WeightSpec
    trainable: bool
    factor: float

    @property
    def key(self) -> str:
        return f"{self.node}.{self.name}"

    @property
    def shape(self) -> Shape:
        """The public shape."""
        return self.spec.shape

    def stored(self, vector: np.ndarray) -> np.ndarray:
        """The array in storage layout, as a view into ``vector``."""
        shape = tuple(self.shape[axis] for axis in self.spec.storage) or self.shape
        return vector[self.start : self.stop].reshape(shape)

    def public(self, vector: np.ndarray) -> np.ndarray:
        """The array in its public layout, as a view into ``vector``."""
        stored = self.stored(vector)
        return stored.transpose(np.argsort(self.spec.storage)) if self.spec.storage else stored


@dataclass(frozen=True, slots=True)
class Group:
    """A contiguous run of trainable values that an optimizer treats alike."""

    start: int
    stop: int
    decays: bool
    factor: float


class Weights:
    """``values`` learn, ``gradients`` lie beside them, ``state`` holds what does not learn (frozen layers' weights
    and running statistics)."""

    def __init__(self, report: Report, dtype: np.dtype, memory: Memory) -> None:
        self.segments = tuple(_lay_out(report))
        learned = max((s.stop for s in self.segments if s.trainable), default=0)
        kept = max((s.stop for s in self.segments if not s.trainable), default=0)
        self.values, self.gradients = memory.zeros((learned,), dtype), memory.zeros((learned,), dtype)
        self.state = memory.zeros((kept,), dtype)
        self.groups = tuple(_groups(self.segments))
        self._by_key = {segment.key: segment for segment in self.segments}

    @property
    def trainable(self) -> tuple[Segment, ...]:
        """The segments that learn, in the order of the flat vector."""
        return tuple(segment for segment in self.segments if segment.trainable)

    def initialise(self, seed: int) -> None:
        """Gives every array its first values. Each has a generator of its own, made from the seed and its name, so
        that adding a layer does not change how the others begin."""
        for segment in self.segments:
            spec = segment.spec
            rng = np.random.default_rng([seed, zlib.crc32(segment.key.encode())])
            spec.init.fill(segment.public(self._vector(segment)), rng, spec.fan_in, spec.fan_out)

    def node(self, node_id: str) -> tuple[SimpleNamespace, SimpleNamespace]:
        """A node's weights and their gradients by name, in storage layout, for its passes."""
        own = [segment for segment in self.segments if segment.node == node_id]
        values = {s.name: s.stored(self._vector(s)) for s in own}
        gradients = {s.name: s.stored(self.gradients) for s in own if s.trainable}
        return SimpleNamespace(**values), SimpleNamespace(**gradients)

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by "node.name", public layout: views, so writing into them changes the network."""
        return {s.key: s.public(self._vector(s)) for s in self.segments}

    def gradient_arrays(self) -> dict[str, np.ndarray]:
        """∂L/∂W of every array that learns, by "node.name", in the layout of :meth:`arrays`."""
        return {s.key: s.public(self.gradients) for s in self.trainable}

    def copies(self) -> dict[str, np.ndarray]:
        """Every array by "node.name", as contiguous copies."""
        return {key: np.array(array, order="C") for key, array in self.arrays().items()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Takes over saved arrays; raises :class:`ChainruleError` where one is missing, foreign or of another
        shape, before anything is changed."""
        missing = [key for key in self._by_key if key not in arrays]
        foreign = [key for key in arrays if key not in self._by_key]
        if missing or foreign:
            raise ChainruleError(
                f"The weights do not belong to this network: {(missing or foreign)[0]} is "
                f"{'missing' if missing else 'not part of it'}.",
                "Every weight of the network must be there, and no other.", "Use the weights saved with this network.")
        for key, segment in self._by_key.items():
            given = np.asarray(arrays[key])
            if given.shape != segment.shape:
                raise ChainruleError(f"{key} has the shape {text(given.shape)}.", f"Expected {text(segment.shape)}.",
                                     "Use the weights saved with this network.")
            if given.dtype.kind not in "fiu":
                raise ChainruleError(f"{key} holds {given.dtype}.", "Expected numbers.", "Save the weights anew.")
            in_precision(given, self.values.dtype, key)
        self.copy_fitting(arrays)

    def copy_fitting(self, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
        """Takes over every array whose name and shape fit; returns the keys that were left as they were."""
        left = []
        for key, segment in self._by_key.items():
            given = arrays.get(key)
            if given is not None and given.shape == segment.shape:
                segment.public(self._vector(segment))[...] = given
            else:
                left.append(key)
        return tuple(left)

    def _vector(self, segment: Segment) -> np.ndarray:
        return self.values if segment.trainable else self.state


def _lay_out(report: Report) -> Iterator[Segment]:
    """Arrays that an optimizer treats alike lie side by side; within that, in the order of computing."""
    found = [
        (node_id, name, spec, spec.trainable and layer.trainable, layer.learning_rate_factor)
        for node_id in report.order
        for layer in (report.layers[node_id],)
        for name, spec in report.weights[node_id].items()
    ]
    found.sort(key=lambda entry: (not entry[3], entry[4], not entry[2].decays))
    ends = {True: 0, False: 0}
    for node_id, name, spec, trainable, factor in found:
        start = ends[trainable]
        ends[trainable] = start + size(spec.shape)
        yield Segment(node_id, name, start, ends[trainable], spec, trainable, factor)


def _groups(segments: tuple[Segment, ...]) -> Iterator[Group]:
    learned = (segment for segment in segments if segment.trainable)
    for (decays, factor), run in groupby(learned, key=lambda s: (s.spec.decays, s.factor)):
        members = list(run)
        yield Group(members[0].start, members[-1].stop, decays, factor)
