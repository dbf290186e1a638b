"""Dense layers and patterns of positions in PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from tests.golden.case import Case


def _dense(w: dict[str, Any], x: Any) -> Any:
    return F.linear(x, w["W"], w.get("b"))


def _waves(w: dict[str, Any], x: Any) -> Any:
    """Written out: PyTorch has no layer for it."""
    _, steps, features = x.shape
    rows = []
    for place in range(steps):
        angles = [torch.tensor(place / 10000.0 ** (feature // 2 * 2 / features)) for feature in range(features)]
        rows.append(torch.stack([torch.cos(a) if i % 2 else torch.sin(a) for i, a in enumerate(angles)]))
    return x + torch.stack(rows)


CASES = [
    Case("Dense", "Dense", ((5,),), _dense, {"units": 3}, {"W": (3, 5), "b": (3,)}),
    Case("Dense-no-offset", "Dense", ((40,),), _dense, {"units": 17, "bias": False}, {"W": (17, 40)}, rows=70),
    Case("PositionalEncoding", "PositionalEncoding", ((4, 5),), _waves),
    Case("PositionalEncoding-learned", "PositionalEncoding", ((4, 5),), lambda w, x: x + w["p"],
         {"pattern": "learned"}, {"p": (4, 5)}),
]
