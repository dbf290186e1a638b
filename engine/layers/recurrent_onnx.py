"""Recurrent layers as ONNX operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.layer import OnnxNode

if TYPE_CHECKING:
    from engine.layers.recurrent import Recurrent


def onnx_walk(layer: Recurrent, node: OnnxNode, x: str, suffix: str) -> str:
    """One walk as ONNX's operator. A walk from the end is one forwards over the sequence turned round: not every
    runtime has the operator's own way back."""
    steps, _ = node.input_shapes[0]
    rows = np.arange(layer.gates * layer.units).reshape(layer.gates, layer.units)
    order = node.constant(rows[list(layer.onnx_order)].reshape(-1))
    first = node.constant(np.array([0], np.int64))
    weights = [node.op("Gather", node.weight(name + suffix), order, axis=0) for name in ("W", "R", "b")]
    weights[2] = node.op("Concat", weights[2], layer.onnx_state_bias(node, suffix), axis=0)
    weights = [node.op("Unsqueeze", weight, first) for weight in weights]
    source = node.op("Transpose", x, perm=[1, 0, 2])
    source = _onnx_turned(node, source) if suffix else source
    y = node.op(layer.onnx_op, source, *weights, hidden_size=layer.units, **layer.onnx_attributes())
    y = node.op("Squeeze", y, node.constant(np.array([1], np.int64)))
    if layer.returns == "last":
        return node.op("Gather", y, node.constant(np.array(steps - 1, np.int64)), axis=0)
    y = _onnx_turned(node, y) if suffix else y
    return node.op("Transpose", y, perm=[1, 0, 2])


def _onnx_turned(node: OnnxNode, sequence: str) -> str:
    """(T, N, …) from its end."""
    ends = np.array([np.iinfo(np.int64).min], np.int64)
    one = np.array([1], np.int64)
    return node.op("Slice", sequence, node.constant(-one), node.constant(ends), node.constant(one - 1),
                   node.constant(-one))
