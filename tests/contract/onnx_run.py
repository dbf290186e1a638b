"""One of ONNX's operator test cases, put in terms of a layer of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Run:
    """A layer, its inputs batch first (images channels last), its weights, and what its output is compared as."""

    kind: str
    params: dict[str, Any]
    xs: list[Array]
    weights: dict[str, Array] = field(default_factory=dict)
    back: Callable[[Array], Array] = lambda y: y
    training: bool = False


class Beyond(Exception):
    """The case asks for something that no layer of ours does, and so never exports."""


def batched(x: Array) -> Array:
    """An example is at least a vector: one vector is a batch of one."""
    return x[None] if x.ndim == 1 else x


def channels_last(x: Array) -> Array:
    return np.moveaxis(x, 1, -1)


def channels_first(y: Array) -> Array:
    return np.moveaxis(y, -1, 1)
