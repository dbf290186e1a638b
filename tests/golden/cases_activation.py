"""Activations in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from tests.golden.case import Case, first, last


def _each(kind: str, function: Callable[[Any], Any], **params: Any) -> list[Case]:
    """The function over numbers of every rank."""
    label = "-".join([kind, *(f"{value}" for value in params.values())])
    return [Case(f"{label}-{rank}", kind, (shape,), lambda w, x: function(x), params)
            for rank, shape in enumerate(((17,), (3, 4), (3, 2, 4)), 1)]


def _channels(function: Callable[[Any, int], Any]) -> Callable[[Any], Any]:
    return lambda x: function(x, -1)


def _prelu(w: dict[str, Any], x: Any) -> Any:
    return last(F.prelu(first(x), w["alpha"]))


CASES = [
    *_each("ReLU", F.relu),
    *_each("LeakyReLU", lambda x: F.leaky_relu(x, 0.2), alpha=0.2),
    Case("PReLU-1", "PReLU", ((5,),), _prelu, weights={"alpha": (5,)}),
    Case("PReLU-2", "PReLU", ((3, 4),), _prelu, weights={"alpha": (4,)}),
    Case("PReLU-3", "PReLU", ((3, 2, 4),), _prelu, weights={"alpha": (4,)}),
    Case("PReLU-shared", "PReLU", ((3, 2, 4),), _prelu, {"shared": True}, {"alpha": (1,)}),
    *_each("ReLU6", lambda x: F.relu6(x)),
    *_each("ELU", lambda x: F.elu(x, 0.7), alpha=0.7),
    *_each("ELU", F.elu),
    *_each("SELU", F.selu),
    # A power of two: PyTorch's kernel rounds α to single precision, whatever the input's.
    *_each("CELU", lambda x: F.celu(x, 0.5), alpha=0.5),
    *_each("GELU", F.gelu),
    *_each("GELU", lambda x: F.gelu(x, approximate="tanh"), form="tanh"),
    *_each("SiLU", F.silu),
    *_each("Mish", F.mish),
    *_each("Sigmoid", torch.sigmoid),
    # Spelled out: the gradient of PyTorch's own hardsigmoid has 1/6 in single precision, whatever the input's.
    *_each("HardSigmoid", lambda x: F.relu6(x + 3.0) / 6.0),
    *_each("Tanh", torch.tanh),
    *_each("HardTanh", lambda x: F.hardtanh(x, -0.5, 1.5), low=-0.5, high=1.5),
    *_each("HardSwish", F.hardswish),
    *_each("Softplus", lambda x: F.softplus(x, 1.5), beta=1.5),
    *_each("Softsign", F.softsign),
    *_each("Softmax", _channels(F.softmax)),
    *_each("LogSoftmax", _channels(F.log_softmax)),
    *_each("Linear", torch.nn.Identity()),
]
