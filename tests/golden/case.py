"""One comparison with PyTorch: a layer or a loss of ours, and the function of PyTorch's that does the same.

Cases stand in ``cases_*.py``, each with a list ``CASES``; ``make_goldens.py`` runs them where PyTorch is installed and
freezes what came out in an ``.npz`` of the same name, and ``test_goldens.py`` needs only that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """``run`` gets the weights by our names and the inputs, all tensors batch first and channels last (as at the
    engine's borders), and returns the output, or the loss where there is a ``target``.

    ``weights`` are the public shapes; those called ``running_…`` are statistics: they begin positive, get no gradient,
    and what ``run`` leaves in them is compared. With ``training`` off only outputs are compared.
    """

    name: str
    kind: str
    inputs: tuple[Shape, ...]
    run: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, Shape] = field(default_factory=dict)
    target: Callable[[np.random.Generator], np.ndarray] | None = None
    training: bool = True
    rows: int = 4
    #: How many steps of each example are data; those behind them are made 0. () for all.
    lengths: tuple[int, ...] = ()
    #: Standard deviation of the inputs: 2 reaches the flat ends of most curves.
    spread: float = 2.0


def first(x: Any) -> Any:
    """Channels last → channels first, for a tensor with its batch axis."""
    return x.movedim(-1, 1)


def last(x: Any) -> Any:
    """Channels first → channels last."""
    return x.movedim(1, -1)
