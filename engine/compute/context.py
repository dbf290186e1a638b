"""What a node's passes are written into: calls of NumPy over arrays that exist already."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.compute import products
from engine.layer import Layer

if TYPE_CHECKING:
    from engine.compute.program import BackwardWriter, Program

Call = Callable[[], Any]

#: Numbers of a constant operand that stay in a processor's first cache beside the others.
_SMALL = 8192
#: Numbers passed over, one by one, from which it pays to wait for another thread: some 0.4 ms.
_WORTH_LANES = 1 << 20
#: As many as one thread passes over in some 30 ms; a multiply–add is a thirty-second of one.
_LONGEST = products.LONGEST // 32


def _stretches(length: int, work: int) -> Iterator[slice]:
    """An axis in parts of which none takes long."""
    count = min(math.ceil(work / _LONGEST), length)
    return (slice(number * length // count, (number + 1) * length // count) for number in range(count))


class NodeContext:
    """The :class:`engine.layer.Context` of one node."""

    def __init__(self, program: Program, node_id: str, layer: Layer) -> None:
        model = program.model
        self.batch = program.batch
        self.dtype = model.dtype
        self.training = program.training
        self.w, self.dw = model.weights.node(node_id)
        self.saved = SimpleNamespace()
        self.rng = model.rng
        self.learns = layer.trainable and bool(vars(self.dw))
        self.target: np.ndarray = program.no_array
        self.loss = np.zeros((), np.float64)
        self._program = program
        self._node_id = node_id
        self._calls: list[Call] = []
        self._in_a_part = False
        self._writer: BackwardWriter | None = None

    def writing(self, calls: list[Call], writer: BackwardWriter | None = None) -> NodeContext:
        """Sends what ``do`` appends to ``calls``; scratch memory starts anew."""
        self._calls = calls
        self._writer = writer
        self._program.memory.scratch.rewind()
        return self

    def do(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        if self._program.memory.virtual:  # never run: only the memory of its constants counts
            if isinstance(function, np.ufunc):
                self._made_arrays(arguments)
            return
        if not self._in_a_part:
            pieces = products.in_pieces(function, arguments, products.LONGEST * self._program.model.lanes.count)
            if pieces is not None:
                self._calls += pieces
                return
        if isinstance(function, np.ufunc):
            arguments = self._made_arrays(arguments)
            if function.signature is None:  # each number by itself
                self._do_in_parts(function, arguments, named)
                return
        self._calls.append(partial(function, *arguments, **named) if arguments or named else function)

    def _do_in_parts(self, function: np.ufunc, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        arrays = [a for a in (*arguments, *named.values()) if isinstance(a, np.ndarray)]
        whole = max(arrays, key=lambda a: (a.ndim, a.size))  # the output, or one like it
        if whole.size < _WORTH_LANES or not whole.ndim:
            self._calls.append(partial(function, *arguments, **named))
            return

        def share(a: Any, part: slice) -> Any:
            along = isinstance(a, np.ndarray) and a.ndim == whole.ndim and len(a) == len(whole)
            return a[part] if along else a

        alone = self._program.model.lanes.count == 1 and not self._in_a_part
        for part in _stretches(len(whole), whole.size) if alone else self.parts(len(whole), whole.size):
            taken = {name: share(a, part) for name, a in named.items()}
            self._calls.append(partial(function, *(share(a, part) for a in arguments), **taken))

    def _made_arrays(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Numbers as arrays without axes: NumPy would make one of each at every call, a third of what a call costs."""
        if any(isinstance(a, np.ndarray) and a.dtype != self.dtype for a in arguments):
            return arguments
        return tuple(self._program.model.constant(a, ()) if isinstance(a, float) else a for a in arguments)

    def array(self, *shape: int, dtype: Any = None) -> np.ndarray:
        return self._program.memory.arrays.take(shape, np.dtype(dtype or self.dtype))

    def kept(self, *shape: int, dtype: Any = None) -> np.ndarray:
        return self._program.memory.zeros(shape, np.dtype(dtype or self.dtype))

    def table(self, make: Callable[[], np.ndarray], *shape: int, dtype: Any = None) -> np.ndarray:
        return self._program.memory.table(make, shape, np.dtype(dtype or self.dtype))

    def parts(self, length: int, work: int) -> Iterator[slice]:
        count = min(self._program.model.lanes.count, length) if work >= _WORTH_LANES and not self._in_a_part else 1
        if count == 1:
            yield slice(0, length)  # what takes long in it is cut by itself
            return
        rounds = min(math.ceil(work / (_LONGEST * count)), length // count)
        for number in range(rounds):
            yield from self._side_by_side(number * length // rounds, (number + 1) * length // rounds, count)

    def _side_by_side(self, start: int, stop: int, count: int) -> Iterator[slice]:
        """From ``start`` to ``stop`` in ``count`` slices, written down to run at the same time."""
        whole, parts, self._in_a_part = self._calls, [], True
        length = stop - start
        for number in range(count):
            self._calls = []
            yield slice(start + number * length // count, start + (number + 1) * length // count)
            parts.append(self._calls)
        self._calls, self._in_a_part = whole, False
        whole.append(partial(self._program.model.lanes.run, parts))

    def zeros(self, *shape: int) -> np.ndarray:
        # As many trailing axes as stay in the first cache: a second operand of full size costs its memory traffic.
        small = shape
        while len(small) > 1 and math.prod(small) > _SMALL:
            small = small[1:]
        return self._program.model.constant(0.0, small)

    def ones(self, *shape: int) -> np.ndarray:
        return self._program.model.constant(1.0, shape)

    def scratch(self, *shape: int, dtype: Any = None) -> np.ndarray:
        return self._program.memory.scratch.take(shape, np.dtype(dtype or self.dtype))

    def dx(self, index: int = 0, over: np.ndarray | None = None) -> np.ndarray | None:
        assert self._writer is not None, "dx belongs to the backward pass"
        return self._writer.dx(self._node_id, index, over)

    def pass_back(self, gradient: np.ndarray, index: int = 0) -> None:
        assert self._writer is not None, "pass_back belongs to the backward pass"
        self._writer.pass_back(self._node_id, gradient, index)

    def penalty(self) -> np.ndarray:
        return self._program.penalties.setdefault(self._node_id, np.zeros((), np.float64))

    def live(self, name: str) -> np.ndarray:
        return self._program.model.live(self._node_id, name)
