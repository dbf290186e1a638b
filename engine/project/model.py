"""A project as a value: everything a ``.chainrule`` file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.compute.model import Model
from engine.graph.model import Graph
from engine.issues import Issue


@dataclass(frozen=True, eq=False)
class Project:
    """A network, what it learns from, how it is trained and, where it has been, what it learned.

    ``source`` and ``training`` are the plain values of a data source and a training configuration. ``weights`` holds
    arrays by "node.name" in their public layout. ``state`` is what a trainer needs to go on exactly where it
    stopped (plain values and arrays, nested). ``preparation`` is the plain form of
    :class:`engine.data.Preparation`, so that new examples can be prepared where the data are no longer at hand.
    ``created_with`` names the program and its version. ``notices`` say what was amiss with the file that was
    opened; they are not saved. ``id`` stays the same wherever the file goes: runs name it. ``run`` is
    the id of the run that the weights come from.
    """

    graph: Graph = field(default_factory=Graph)
    source: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] | None = None
    state: Mapping[str, Any] | None = None
    preparation: Mapping[str, Any] | None = None
    title: str = ""
    notes: str = ""
    created_with: str = ""
    notices: tuple[Issue, ...] = ()
    id: str = ""
    run: str = ""

    @classmethod
    def of(cls, model: Model, **fields: Any) -> Project:
        """A project of a network with its weights as they are now; ``fields`` are the other fields."""
        return cls(model.drawn, weights=model.weights.copies(), **fields)
