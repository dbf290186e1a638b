"""What a layer is: one class that states its parameters, shapes, weights, forward and backward pass.

A layer object is a value: parameters only. What changes while a network runs lives in the :class:`Context` that
compiling a graph makes for each node.

``forward`` and ``backward`` are called once, when a graph is compiled for a batch size. They do not compute: they
*write down* the NumPy calls of one pass with ``ctx.do(function, *arguments)``, over arrays that are allocated then
and there. Running the network replays the list, so that a training step allocates nothing and pays no Python
dispatch beyond the calls themselves (``resources/docs/decisions/0003-recorded-passes.md``).

Arrays in a pass have the engine's own layout, batch last: ``(features, N)``, ``(steps, features, N)`` and, for
images, ``(H, C, W, N)``; see :func:`engine.shapes.internal`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

import numpy as np

from engine.initialisers import Initialiser, Zeros
from engine.issues import Fix, Issue, Severity
from engine.params import Bool, Declared, Float
from engine.receptive import Field
from engine.shapes import Shape, size

#: Parameters and input shapes, several of each, that the contract suite runs a layer with.
Examples = tuple[tuple[Mapping[str, Any], tuple[Shape, ...]], ...]


class Category(Enum):
    """Where a layer stands in the palette, and which colour it has: (title, colour token)."""

    DATA = ("Data", "data")
    LEARNABLE = ("Learnable", "learnable")
    RECURRENT = ("Recurrent · attention", "recurrent")
    ACTIVATION = ("Activation", "activation")
    NORMALISE = ("Normalise · regularise", "normalise")
    SHAPE = ("Shape · combine", "shape")
    OUTPUT = ("Output · loss", "output")

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def colour(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class WeightSpec:
    """A named array a layer owns.

    ``shape`` is the public one (Dense: (units, inputs); Conv2D: (filters, channels, height, width)). ``storage`` is
    the transposition in which it lies in memory, () for none: passes see ``public.transpose(storage)``.
    ``trainable=False`` marks running statistics, which no optimizer touches and which are saved with the weights.
    """

    shape: Shape
    init: Initialiser
    fan_in: int = 1
    fan_out: int = 1
    decays: bool = True
    storage: tuple[int, ...] = ()
    trainable: bool = True


def bias_spec(units: int) -> WeightSpec:
    """The offset of ``units`` units: begins at zero and is spared by weight decay, as is the custom."""
    return WeightSpec((units,), Zeros(), decays=False)


class Context(Protocol):
    """What a node's pass is written into; the same object serves its forward and its backward pass."""

    batch: int
    dtype: np.dtype[Any]
    training: bool
    #: The node's weights and their gradients in storage layout, by name. Gradients are written, never added to:
    #: a weight belongs to one node.
    w: SimpleNamespace
    dw: SimpleNamespace
    #: Anything forward keeps for backward.
    saved: SimpleNamespace
    #: Loss layers: the batch's targets and the place for the loss value, a 0-d array.
    target: np.ndarray
    loss: np.ndarray
    rng: np.random.Generator
    #: Is the gradient with respect to any trained weight of this node wanted (False where frozen)?
    learns: bool

    def do(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Appends one call to the pass. Threads share a large one that treats each number by itself."""
        ...

    def array(self, *shape: int, dtype: Any = None) -> np.ndarray:
        """An array of any content that is this node's from this pass until its backward pass is over."""
        ...

    def kept(self, *shape: int, dtype: Any = None) -> np.ndarray:
        """An array, zero at first, that nobody else ever writes: for padding and state. Numbers known while the pass
        is written down are a ``table``; filling a kept array then is an error."""
        ...

    def table(self, make: Callable[[], np.ndarray], *shape: int, dtype: Any = None) -> np.ndarray:
        """Numbers known when the pass is written, to be read only: what ``make`` gives, in the network's precision or
        as ``dtype``. It is called only where the pass is to be run."""
        ...

    def parts(self, length: int, work: int) -> Iterator[slice]:
        """Slices of an axis of ``length``. What is written down for one must touch nothing that is written for another
        (scratch memory taken within is its own): they may run at the same time. ``work`` is how many numbers are
        passed over, or thirty-seconds of multiply–adds; there is one slice only where little is to be done."""
        ...

    def zeros(self, *shape: int) -> np.ndarray:
        """Zeros to read that broadcast to this shape (an array is a faster second operand than the number 0)."""
        ...

    def ones(self, *shape: int) -> np.ndarray:
        """Ones to read, shared by all: ``m.dot(ones)`` is a faster sum than ``m.sum()``."""
        ...

    def scratch(self, *shape: int, dtype: Any = None) -> np.ndarray:
        """An array for use within this one pass of this one node; others use the same memory afterwards."""
        ...

    def dx(self, index: int = 0, over: np.ndarray | None = None) -> np.ndarray | None:
        """Where ∂L/∂input goes (to be written in full), or None where nobody needs it. Ask once per index.

        ``over=dy`` allows for ``dy`` itself, where nobody else reads it: the pass must bear that both are one array.
        Memory that is in the cache already is written twice as fast."""
        ...

    def pass_back(self, gradient: np.ndarray, index: int = 0) -> None:
        """Hands ``dy`` or a view of it on as ∂L/∂input, in place of writing ``dx``: no copy is made."""
        ...

    def penalty(self) -> np.ndarray:
        """A 0-d array for what the node charges besides the losses; the program adds it to the total loss, as it is."""
        ...

    def live(self, name: str) -> np.ndarray:
        """A 0-d array that follows the layer's live parameter ``name`` while training runs."""
        ...


class OnnxNode(Protocol):
    """What a layer's ``onnx`` writes into: names in, names out.

    Values are batch first; images are (N, C, H, W) as ONNX has them, everything else as in the engine's API.
    """

    #: Shapes of the node's inputs (the engine's, batch left out), and the axis of channels in ONNX's layout.
    input_shapes: tuple[Shape, ...]
    channel_axis: int

    def op(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        """Adds an operator and returns the name of its first output."""
        ...

    def weight(self, name: str) -> str:
        """The initialiser that holds the public array of this weight."""
        ...

    def constant(self, array: np.ndarray) -> str:
        """An initialiser that holds ``array``."""
        ...


class Unsupported(Exception):
    """Raised by an export mapping: the format has no equivalent; the text says why."""


class Layer(Declared):
    """Base of all layers; a subclass with a ``title`` and a ``category`` is registered by its class name."""

    category: ClassVar[Category]
    icon: ClassVar[str] = "mdi6.shape-outline"
    #: Beginning of the ids that new nodes get; the kind in small letters where empty.
    stem: ClassVar[str] = ""
    #: Formula in one line, for the help card.
    formula: ClassVar[str] = ""
    #: When to reach for it, in one or two sentences, for the help card.
    when: ClassVar[str] = ""
    #: Names of the input ports; a ``variadic`` layer takes two or more, named in1, in2 …
    inputs: ClassVar[tuple[str, ...]] = ("in",)
    variadic: ClassVar[bool] = False
    #: Feeds the contract suite: parameters and input shapes, several of each.
    examples: ClassVar[Examples] = ()
    #: Does a pass draw random numbers in training (Dropout)?
    random: ClassVar[bool] = False
    #: May the output of this layer be non-linear in its input? Stacks of linear layers collapse to one.
    linear: ClassVar[bool] = False
    #: Is the derivative discontinuous somewhere (ReLU, max)? The contract suite then stays clear of the kinks.
    kinked: ClassVar[bool] = False

    def __init_subclass__(cls, title: str = "", category: Category | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(title=title, **kwargs)
        if category is not None:
            cls.category = category

    def infer(self, *shapes: Shape) -> Shape | Issue:
        """The shape of one example's output, or what is wrong with the inputs' shapes."""
        raise NotImplementedError(self.kind)

    def weights(self, *shapes: Shape) -> dict[str, WeightSpec]:
        """The arrays this layer owns, given its inputs' shapes."""
        return {}

    def input_problem(self, x: np.ndarray) -> Issue | None:
        """What is wrong with ``x`` where this layer reads an Input directly; None where any finite number will do.
        Asked once about a whole data set, batch first."""
        return None

    def example_input(self, rng: np.random.Generator, batch: int, shape: Shape) -> np.ndarray:
        """Random valid inputs of this shape, batch first, for tests."""
        return rng.normal(size=(batch, *shape))

    def receptive_field(self, field: Field, *shapes: Shape) -> Field:
        """How much of the Input one place of the output sees, where one place of the inputs sees ``field``."""
        return field

    def cost(self, *shapes: Shape) -> int:
        """Multiply–adds of one example's forward pass (elementwise layers count one operation a number)."""
        out = self.infer(*shapes)
        return 0 if isinstance(out, Issue) else size(out)

    def forward(self, ctx: Context, *xs: np.ndarray) -> np.ndarray:
        """Writes down the forward pass; returns the array that will hold the output."""
        raise NotImplementedError(self.kind)

    def backward(self, ctx: Context, dy: np.ndarray) -> None:
        """Writes down the backward pass: ``ctx.dw`` (where ``ctx.learns``) and every ``ctx.dx(i)``.

        ``dy`` is ∂L/∂output and may be shared with others: read it, never write it."""
        raise NotImplementedError(self.kind)

    def ops(self, *shapes: Shape) -> tuple[str, ...]:
        """The elementary operations this layer is made of, in order, for the opened-up view."""
        return (self.title,)

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        """The same computation in ONNX operators."""
        raise Unsupported(f"{self.title} has no ONNX mapping.")

    def headline(self) -> str:
        """The second line of the node on the canvas: its main parameters."""
        return ""

    def mismatch(
        self, code: str, happened: str, expected: str, fix: str, *, parameter: str = "", mends: tuple[Fix, ...] = ()
    ) -> Issue:
        """An error of this layer; the checker adds the node."""
        return Issue(code, happened, expected, fix, parameter=parameter, mends=mends, severity=Severity.ERROR)

    @property
    def trainable(self) -> bool:
        """Do this layer's weights learn?"""
        return True

    @property
    def learning_rate_factor(self) -> float:
        """Multiplies the learning rate for this layer's weights."""
        return 1.0


class Learnable(Layer):
    """A layer with weights that a person may freeze or train at a pace of their own."""

    frozen = Bool(False, "Keep this layer's weights as they are while the others learn.", advanced=True)
    rate_factor = Float(
        1.0, "Multiplies the learning rate for this layer's weights.", low=0.0, high=1000.0,
        label="Learning-rate factor", advanced=True,
    )

    @property
    def trainable(self) -> bool:
        return not self.frozen

    @property
    def learning_rate_factor(self) -> float:
        return self.rate_factor


class LossLayer(Layer):
    """A loss: the last layer of a branch. Its output is the prediction, its loss a number.

    ``target_kind`` is "class" (targets are class indices, an int64 array of (N,)) or "values" (numbers of
    ``target_shape``, in the engine's layout). ``forward`` writes the mean loss of the batch into ``ctx.loss`` and
    returns the prediction; ``backward`` gets no ``dy`` that matters (∂L/∂L = 1) and starts the gradient.
    """

    stem = "loss"
    target_kind: ClassVar[str] = "values"
    #: The least and the largest number a target may be, both allowed.
    target_range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    #: A single number as prediction means yes above this.
    boundary: ClassVar[float] = 0.5
    weight = Float(1.0, "Share of this loss in the total, where a network has several.", low=0.0, high=1e6,
                   advanced=True)

    @classmethod
    def likelihood(cls) -> str:
        """Of which distribution it is the negative log-likelihood: the first sentence after the summary."""
        _, _, rest = (cls.__doc__ or "").partition("\n\n")
        return " ".join(rest.split()).partition(". ")[0].rstrip(".") + "."

    def target_shape(self, *shapes: Shape) -> Shape:
        """Shape of one example's target."""
        return () if self.target_kind == "class" else shapes[0]

    def classes(self, *shapes: Shape) -> int:
        """How many classes the prediction tells apart; 0 where it is not a classification."""
        return 0

    def mass(self, target: np.ndarray) -> float:
        """What the mean over these targets (N, …) was divided by: how much it counts beside the means of others."""
        return float(len(target))

    def example_target(self, rng: np.random.Generator, batch: int, *shapes: Shape) -> np.ndarray:
        """Random valid targets, batch first, for tests and for a program's first look at a network."""
        if self.target_kind == "class":
            return rng.integers(0, self.classes(*shapes), batch)
        return rng.normal(size=(batch, *self.target_shape(*shapes)))
