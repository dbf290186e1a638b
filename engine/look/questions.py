"""What can be asked about a network with given weights, and what is answered, as values.

They cross the pipe between the window and the looking process; nothing stores them. Arrays are batch first, pictures
channels last, as everywhere outside the passes. "The person's own units" are those of the data before scaling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.graph.model import Graph
from engine.graph.report import Report
from engine.shapes import Shape

TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is looked at: a sound graph, what checking said of it, the data source as a plain dict ({} for none), and
    the seed of the first weights."""

    graph: Graph
    source: Mapping[str, Any]
    report: Report
    seed: int = 0


# -- questions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judge:
    """How well is a part of the data told? Of a larger part ``most_rows`` are judged, spread evenly. Where nothing is
    held back, the training part is judged."""

    part: str = VALIDATION
    most_rows: int = 2000


@dataclass(frozen=True, slots=True)
class Grid:
    """What does the network put out over a plane of 2-D inputs, in the person's own units? Or one of its nodes."""

    low: tuple[float, float]
    high: tuple[float, float]
    size: int = 64
    node: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What does each layer make of one example: row ``row`` of a part, or a drawing?

    ``ink`` is a drawing, 0 (ground) … 1 (ink), of the input's height and width; it is brought to the range of the
    data's pictures, light on dark or dark on light as they are, and scaled as they were.
    """

    part: str = VALIDATION
    row: int = 0
    ink: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The inputs of these rows of a part."""

    part: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """How large are activations and gradients before the first step, over a batch of ``rows`` examples?"""

    rows: int = 64


Question = Judge | Grid | Look | Rows | Forecast

# -- answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """``rows`` (k,) int64 are numbers of rows in ``part``.

    ``outputs`` (k, …) float32 is what the network puts out: where ``probabilities``, one for each class, or a single
    one for the second class. In a regression outputs and ``targets`` (k, …) are in the person's own units.
    ``labels`` and ``answers`` (k,) int64 are the right classes and those told; None in a regression. ``loss`` (k,)
    float32 is that of each row alone. With several losses all this is about the first that tells classes, else the
    first.
    """

    part: str
    rows: np.ndarray
    targets: np.ndarray
    outputs: np.ndarray
    loss: np.ndarray
    labels: np.ndarray | None
    answers: np.ndarray | None
    class_names: tuple[str, ...]
    inputs_shape: Shape
    probabilities: bool = False
    target_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gridded:
    """``values`` (size, size, K) float32: the K outputs at [i, j], where i counts the second input from ``low[1]`` to
    ``high[1]`` and j the first from ``low[0]`` to ``high[0]``."""

    values: np.ndarray
    low: tuple[float, float]
    high: tuple[float, float]
    node: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """``input`` is the example in the person's own units, float32, of the input's shape; ``outputs`` holds each
    node's output of it, float32, in computing order.

    ``answer`` (C,) float32 is the network's, as :class:`Judged` has its outputs; ``told`` and ``label`` are classes, −1
    where there are none (a drawing has no label). ``part`` and ``row`` say which example it is, "" and −1 for a
    drawing; ``of`` is how many rows the part has.
    """

    input: np.ndarray
    outputs: Mapping[str, np.ndarray]
    answer: np.ndarray
    class_names: tuple[str, ...]
    probabilities: bool = False
    told: int = -1
    label: int = -1
    part: str = ""
    row: int = -1
    of: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Rowed:
    """``inputs`` (k, …) float32 in the person's own units; ``labels`` (k,) int64 where there are classes."""

    part: str
    rows: tuple[int, ...]
    inputs: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """One node before training: deviation of its output, mean |∂L/∂output| and deviation of ∂L/∂output; NaN where no
    gradient reaches it."""

    sigma: float
    flow: float
    gradient_sigma: float


@dataclass(frozen=True, slots=True, eq=False)
class Forecasted:
    """What a batch shows at initialisation, by node; ``made_up`` where there were no fitting data and random inputs
    stood in."""

    nodes: Mapping[str, Expected]
    made_up: bool = False


Answer = Judged | Gridded | Looked | Rowed | Forecasted

# -- what crosses the pipe -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The weights of all questions that follow, "node.name" → array; {} for those that training would begin with."""

    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; its number comes back with the answer."""

    number: int
    question: Question


@dataclass(frozen=True, slots=True)
class Quit:
    """End the process."""


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """``answer`` is None where the question could not be answered: ``sentence`` then says why. ``seconds`` of the
    processor's time it took."""

    number: int
    answer: Answer | None
    seconds: float
    sentence: str = ""


Message = Scene | Weights | Asked | Quit
