"""Normalisation in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.nn import functional as F

from tests.golden.case import Case, first, last

Weights = dict[str, Any]


def _batch(training: bool, momentum: float = 0.1, eps: float = 1e-5) -> Callable[[Weights, Any], Any]:
    def run(w: Weights, x: Any) -> Any:
        return last(F.batch_norm(first(x), w["running_mean"], w["running_var"], w.get("gain"), w.get("offset"),
                                 training, momentum, eps))
    return run


def _group(groups: int, eps: float = 1e-5) -> Callable[[Weights, Any], Any]:
    return lambda w, x: last(F.group_norm(first(x), groups, w.get("gain"), w.get("offset"), eps))


def _instance(w: Weights, x: Any) -> Any:
    return last(F.instance_norm(first(x), weight=w.get("gain"), bias=w.get("offset")))


def _layer(w: Weights, x: Any) -> Any:
    return F.layer_norm(x, x.shape[-1:], w.get("gain"), w.get("offset"))


def _rms(w: Weights, x: Any) -> Any:
    return F.rms_norm(x, x.shape[-1:], w.get("gain"), 1e-6)


def _scale(w: Weights, x: Any) -> Any:
    return x * w["gain"] + w["offset"]


def affine(channels: int) -> dict[str, tuple[int, ...]]:
    return {"gain": (channels,), "offset": (channels,)}


def running(channels: int) -> dict[str, tuple[int, ...]]:
    return {"running_mean": (channels,), "running_var": (channels,)}


RANKS: list[tuple[int, ...]] = [(6,), (3, 6), (3, 2, 6)]

CASES = [
    *(Case(f"BatchNorm-{len(s)}", "BatchNorm", (s,), _batch(True), weights=affine(6) | running(6)) for s in RANKS),
    *(Case(f"BatchNorm-after-{len(s)}", "BatchNorm", (s,), _batch(False), weights=affine(6) | running(6),
           training=False) for s in RANKS),
    Case("BatchNorm-plain", "BatchNorm", ((2, 3, 4),), _batch(True, 0.3, 1e-3),
         {"affine": False, "momentum": 0.3, "eps": 1e-3}, running(4)),
    *(Case(f"LayerNorm-{len(s)}", "LayerNorm", (s,), _layer, weights=affine(6)) for s in RANKS),
    Case("LayerNorm-plain", "LayerNorm", ((3, 4),), _layer, {"affine": False}),
    *(Case(f"GroupNorm-{len(s)}", "GroupNorm", (s,), _group(3), {"groups": 3}, affine(6)) for s in RANKS),
    Case("GroupNorm-whole", "GroupNorm", ((2, 3, 4),), _group(1, 1e-3), {"groups": 1, "affine": False, "eps": 1e-3}),
    *(Case(f"InstanceNorm-{len(s)}", "InstanceNorm", (s,), _instance) for s in RANKS[1:]),
    Case("InstanceNorm-affine", "InstanceNorm", ((3, 2, 4),), _instance, {"affine": True}, affine(4)),
    *(Case(f"RMSNorm-{len(s)}", "RMSNorm", (s,), _rms, weights={"gain": (6,)}) for s in RANKS),
    Case("RMSNorm-plain", "RMSNorm", ((3, 4),), _rms, {"affine": False}),
    *(Case(f"Scale-{len(s)}", "Scale", (s,), _scale, weights=affine(6)) for s in RANKS),
    *(Case(kind, kind, ((3, 4),), lambda w, x: F.dropout(x, 0.5, training=False), training=False)
      for kind in ("Dropout", "SpatialDropout", "GaussianNoise")),
]
