"""What layers with one number per channel share: sums over everything else, and the shapes ONNX wants."""

from __future__ import annotations

import numpy as np

from engine.layer import Context, OnnxNode


def channel_rows(x: np.ndarray) -> np.ndarray:
    """``x`` in the engine's layout as (outer, channels, inner): a view."""
    if x.ndim == 2:
        return x[None]
    return x if x.ndim == 3 else x.reshape(x.shape[0], x.shape[1], -1)


def channel_dot(ctx: Context, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Writes down ``out[c] = Σ a·b`` over everything but channels; both in rows as :func:`channel_rows` gives them.

    A dot product per row: it needs no array for the products and adds in blocks, which rounds less than one long sum.
    """
    outer, channels, _ = a.shape
    if outer == 1:
        ctx.do(np.vecdot, a, b, out=out[None])
        return
    sums = ctx.scratch(outer, channels)
    ctx.do(np.vecdot, a, b, out=sums)
    ctx.do(np.add.reduce, sums, 0, None, out)


def channel_sum(ctx: Context, x: np.ndarray, out: np.ndarray) -> None:
    """Writes down ``out[c] = Σ x`` over everything but channels, for ``x`` in the engine's layout."""
    rows = channel_rows(x)
    channel_dot(ctx, rows, ctx.ones(rows.shape[2]), out)


def feature_sum(ctx: Context, x: np.ndarray, out: np.ndarray) -> None:
    """Writes down ``out`` = Σ x over the channels of every place, for ``x`` in the engine's layout; ``out`` has the
    channel axis too, of length 1. A product with ones: BLAS adds several times faster than NumPy's own sum."""
    rows = channel_rows(x)
    ctx.do(np.matmul, ctx.ones(rows.shape[1]), rows, out.reshape(rows.shape[0], rows.shape[2]))


def onnx_channels(node: OnnxNode, vector: str) -> str:
    """A vector of one number per channel, shaped so that ONNX broadcasts it over the node's first input."""
    if len(node.input_shapes[0]) < 3:
        return vector  # features are the last axis already
    return node.op("Unsqueeze", vector, node.constant(np.array([1, 2], np.int64)))


def onnx_channels_first(node: OnnxNode, x: str) -> str:
    """The node's input with channels on axis 1: sequences are turned, all else has them there."""
    return node.op("Transpose", x, perm=[0, 2, 1]) if len(node.input_shapes[0]) == 2 else x


def onnx_channels_back(node: OnnxNode, y: str) -> str:
    """Undoes :func:`onnx_channels_first`."""
    return onnx_channels_first(node, y)
