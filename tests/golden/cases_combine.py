"""Layers that rearrange and combine, in PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from tests.golden.case import Case

PAIR = ((3, 2, 4), (3, 2, 4))
THREE = ((3, 4), (3, 4), (3, 4))


def _three(function: Any) -> Any:
    return lambda w, a, b, c: function(function(a, b), c)


CASES = [
    Case("Flatten-3", "Flatten", ((3, 2, 4),), lambda w, x: x.flatten(1)),
    Case("Reshape-to-image", "Reshape", ((24,),), lambda w, x: x.reshape(-1, 3, 2, 4), {"shape": (3, 2, 4)}),
    Case("Reshape-image", "Reshape", ((3, 2, 4),), lambda w, x: x.reshape(-1, 2, 4, 3), {"shape": (2, -1, 3)}),
    Case("Reshape-to-steps", "Reshape", ((3, 2, 4),), lambda w, x: x.reshape(-1, 6, 4), {"shape": (6, 4)}),
    Case("Permute-2", "Permute", ((3, 5),), lambda w, x: x.permute(0, 2, 1), {"order": (2, 1)}),
    Case("Permute-3", "Permute", ((3, 2, 4),), lambda w, x: x.permute(0, 3, 1, 2), {"order": (3, 1, 2)}),
    Case("RepeatVector", "RepeatVector", ((5,),), lambda w, x: x[:, None].expand(-1, 3, -1), {"steps": 3}),
    Case("Crop", "Crop", ((5, 6, 2),), lambda w, x: x[:, 1:-2, 2:], {"rows": (1, 2), "columns": (2, 0)}),
    Case("ZeroPad", "ZeroPad", ((3, 2, 4),), lambda w, x: F.pad(x, (0, 0, 2, 1, 1, 0)),
         {"rows": (1, 0), "columns": (2, 1)}),
    Case("Slice-channels", "Slice", ((3, 2, 5),), lambda w, x: x[..., 1:5:2], {"start": 1, "step": 2}),
    Case("Slice-steps", "Slice", ((6, 2),), lambda w, x: x[:, -3:-1], {"axis": 1, "start": -3, "stop": -1}),
    Case("Add", "Add", THREE, _three(torch.add)),
    Case("Subtract", "Subtract", PAIR, lambda w, a, b: a - b),
    Case("Multiply", "Multiply", THREE, _three(torch.mul)),
    Case("Average", "Average", THREE, lambda w, *xs: torch.stack(xs).mean(0)),
    Case("Maximum", "Maximum", THREE, _three(torch.maximum)),
    Case("Concatenate", "Concatenate", ((3, 2, 4), (3, 2, 1)), lambda w, a, b: torch.cat((a, b), -1)),
    Case("MatMul", "MatMul", ((3, 5), (5, 2)), lambda w, a, b: a @ b),
    Case("MatMul-transposed", "MatMul", ((3, 5), (4, 5)), lambda w, a, b: a @ b.mT, {"transposed": True}),
    Case("MatMul-dot", "MatMul", ((5,), (5,)), lambda w, a, b: (a * b).sum(1, keepdim=True)),
]
