"""ONNX's test cases of operators that rearrange numbers, look them up, or make a loss's prediction of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.contract.onnx_run import Array, Beyond, Run, batched, channels_first, channels_last


def exp(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    """What a Poisson loss predicts."""
    (x,) = inputs
    return Run("Poisson", {}, [batched(x)], back=lambda y: y.reshape(x.shape))


def gather(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    table, tokens = inputs
    if attributes.get("axis", 0) != 0 or tokens.min() < 0 or tokens.ndim > 1 or table.ndim == 1:
        raise Beyond("rows are looked up by their number")
    rows = table.reshape(len(table), -1)
    return Run("Embedding", {"vocabulary": len(rows), "features": rows.shape[1]}, [tokens[None].astype(np.float32)],
               {"E": rows}, lambda y: y.reshape(len(tokens), *table.shape[1:]))


def reshape(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, shape = inputs
    target = [x.shape[i] if n == 0 else int(n) for i, n in enumerate(shape)]
    if attributes.get("allowzero") or target[0] != len(x) or not 1 < len(target) < 5:
        raise Beyond("the batch axis stays, and an example has one to three axes")
    return Run("Reshape", {"shape": tuple(target[1:])}, [x])


def resize(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, scales = inputs[0], inputs[-1]
    mode = attributes["mode"].decode()
    if scales.dtype != np.float32 or mode == "cubic" or attributes.get("coordinate_transformation_mode") or (
            (scales % 1).any() or (scales < 1).any()):
        raise Beyond("whole factors, and pixels taken as areas")
    by_axis = dict(zip(attributes.get("axes", range(4)), scales.tolist(), strict=True))
    params = {"factor": (int(by_axis[2]), int(by_axis[3])), "mode": "bilinear" if mode == "linear" else mode}
    return Run("Upsample", params, [channels_last(x)], back=channels_first)


def pad(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, pads, value, *axes = inputs
    edges = np.zeros((2, x.ndim), int)
    edges[:, axes[0] if axes else slice(None)] = pads.reshape(2, -1)
    if attributes["mode"] != b"constant" or edges[:, :2].any():
        raise Beyond("zeros around places, not around channels or examples")
    # What is put there is a number of the case's; ours is 0, and the difference is added to what was padded.
    inner = np.pad(np.ones(x.shape[2:], bool), edges[:, 2:].T)
    params = {"rows": tuple(edges[:, 2].tolist()), "columns": tuple(edges[:, 3].tolist())}
    return Run("ZeroPad", params, [channels_last(x)], back=lambda y: np.where(inner, channels_first(y), value))


def section(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, starts, stops, *rest = inputs
    axes = rest[0] if rest else np.arange(x.ndim)
    steps = rest[1] if len(rest) > 1 else np.ones_like(starts)
    cuts = [(int(axis) % x.ndim, int(a), int(b), int(step)) for axis, a, b, step in
            zip(axes, starts, stops, steps, strict=True) if (a, b, step) != (0, x.shape[axis], 1)]
    if len(cuts) != 1 or cuts[0][0] == 0 or cuts[0][3] < 1 or cuts[0][1] >= x.shape[cuts[0][0]]:
        raise Beyond("forwards along one axis of an example, of which something is left")
    ((axis, start, stop, step),) = cuts
    return Run("Slice", {"axis": axis, "start": start, "stop": stop, "step": step}, [x])


def concat(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    ndim = inputs[0].ndim
    if ndim == 1 or attributes["axis"] not in (-1, ndim - 1):
        raise Beyond("features are joined, the last axis")
    return Run("Concatenate", {}, inputs)


def flatten(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    (x,) = inputs
    if attributes.get("axis", 1) not in (1, 1 - x.ndim):
        raise Beyond("an example is flattened, the batch is kept")
    return Run("Flatten", {}, [x])


def transpose(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    order = attributes.get("perm", list(reversed(range(inputs[0].ndim))))
    if order[0] != 0:
        raise Beyond("the batch axis stays first")
    return Run("Permute", {"order": tuple(order[1:])}, inputs)


SHAPES: dict[str, Callable[[dict[str, Any], list[Array]], Run]] = {
    "Exp": exp, "Gather": gather, "Reshape": reshape, "Resize": resize, "Pad": pad, "Slice": section, "Concat": concat,
    "Flatten": flatten, "Transpose": transpose,
}
