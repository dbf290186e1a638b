"""ONNX's own operator test cases, put in terms of our layers.

``as_layer`` says which layer computes a case and how, or why none does: the operator can do more than the layer that
is exported to it (three dimensions, other types of number, initial states …).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.contract.onnx_run import Array, Beyond, Run, batched, channels_first, channels_last
from tests.contract.onnx_shapes import SHAPES

__all__ = ["OPERATORS", "Beyond", "as_layer"]

def as_layer(op: str, attributes: dict[str, Any], inputs: list[Array]) -> Run:
    """The layer that computes this case; raises :class:`Beyond` with the reason where there is none."""
    if any(np.asarray(x).dtype != np.float32 for x in inputs[:1]):
        raise Beyond("numbers are single precision")
    if op in _ELEMENTWISE:
        return _elementwise(op, attributes, inputs)
    if op in _MERGING:
        return _merge(op, attributes, inputs)
    return _OTHERS[op](attributes, inputs)


#: Operator → layer and its parameters' names by attribute.
_ELEMENTWISE: dict[str, tuple[str, dict[str, str]]] = {
    "Relu": ("ReLU", {}), "LeakyRelu": ("LeakyReLU", {"alpha": "alpha"}), "Sigmoid": ("Sigmoid", {}),
    "Tanh": ("Tanh", {}), "Elu": ("ELU", {"alpha": "alpha"}), "Selu": ("SELU", {}),
    "Celu": ("CELU", {"alpha": "alpha"}), "Mish": ("Mish", {}), "Softplus": ("Softplus", {}),
    "Softsign": ("Softsign", {}), "HardSwish": ("HardSwish", {}),
    "Softmax": ("Softmax", {}), "LogSoftmax": ("LogSoftmax", {}), "Gelu": ("GELU", {}), "Identity": ("Linear", {}),
}
_MERGING = {"Add": "Add", "Sum": "Add", "Sub": "Subtract", "Mul": "Multiply", "Max": "Maximum", "Mean": "Average"}


def _elementwise(op: str, attributes: dict[str, Any], inputs: list[Array]) -> Run:
    kind, names = _ELEMENTWISE[op]
    (x,) = inputs
    if attributes.get("axis", -1) not in (-1, x.ndim - 1):
        raise Beyond("softmax is over the features, the last axis")
    if op == "Selu" and attributes:
        raise Beyond("SELU has the constants of its paper")
    params = {names[name]: value for name, value in attributes.items() if name in names}
    if attributes.get("approximate") == b"tanh":
        params["form"] = "tanh"
    return Run(kind, params, [batched(x)], back=lambda y: y.reshape(x.shape))


def _merge(op: str, attributes: dict[str, Any], inputs: list[Array]) -> Run:
    if len(inputs) < 2 or len({x.shape for x in inputs}) > 1:
        raise Beyond("merging takes two or more inputs of one shape")
    shape = inputs[0].shape
    return Run(_MERGING[op], {}, [batched(x) for x in inputs], back=lambda y: y.reshape(shape))


def _window(attributes: dict[str, Any], dims: int) -> dict[str, Any]:
    """Stride and padding in our terms."""
    if dims == 3:
        raise Beyond("windows slide over one or two axes")
    if attributes.get("ceil_mode") or attributes.get("auto_pad") == b"SAME_LOWER":
        raise Beyond("outputs are rounded down and the odd zero comes last")
    pads = set(attributes.get("pads", [0]))
    if len(pads) > 1:
        raise Beyond("padding is the same on every side")
    stride = attributes.get("strides", [1] * dims)
    padding: Any = "same" if attributes.get("auto_pad") == b"SAME_UPPER" else pads.pop()
    return {"stride": tuple(stride) if dims == 2 else stride[0], "padding": padding}


def _pool(kind: str) -> Callable[[dict[str, Any], list[Array]], Run]:
    def run(attributes: dict[str, Any], inputs: list[Array]) -> Run:
        size = attributes["kernel_shape"]
        params = _window(attributes, len(size))
        if set(attributes.get("dilations", [1])) != {1}:
            raise Beyond("pooling windows have no gaps")
        if isinstance(params["padding"], int) and 2 * params["padding"] > min(size):
            raise Beyond("a pooling window must meet some data")
        if kind == "Avg":
            params["count_padding"] = bool(attributes.get("count_include_pad", 0))
        if len(size) == 1:
            return Run(f"{kind}Pool1D", {**params, "pool_size": size[0]}, [channels_last(inputs[0])],
                       back=channels_first)
        return Run(f"{kind}Pool2D", {**params, "pool_size": tuple(size)}, [channels_last(inputs[0])],
                   back=channels_first)

    return run


def _global_pool(kind: str) -> Callable[[dict[str, Any], list[Array]], Run]:
    return lambda attributes, inputs: Run(kind, {}, [channels_last(inputs[0])], back=lambda y: y[:, :, None, None])


def _conv(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, kernel, *bias = inputs
    params = _window(attributes, kernel.ndim - 2)
    params |= {"filters": kernel.shape[0], "kernel_size": kernel.shape[2:], "bias": bool(bias),
               "groups": attributes.get("group", 1)}
    weights = {"K": kernel} | ({"b": bias[0]} if bias else {})
    return Run("Conv2D", params, [channels_last(x)], weights, channels_first)


def _conv_transpose(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, kernel = inputs
    if kernel.ndim != 4 or "output_shape" in attributes or attributes.get("group", 1) != 1:
        raise Beyond("transposed convolution is over images, in one group, its size following from its input")
    params = _window(attributes, 2) | {"filters": kernel.shape[1], "kernel_size": kernel.shape[2:], "bias": False}
    params["dilation"] = tuple(attributes.get("dilations", (1, 1)))
    params["output_padding"] = tuple(attributes.get("output_padding", (0, 0)))
    return Run("ConvTranspose2D", params, [channels_last(x)], {"K": kernel}, channels_first)


def _gemm(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    a, b, *c = inputs
    if attributes.get("transA") or {attributes.get("alpha", 1.0), attributes.get("beta", 1.0)} != {1.0}:
        raise Beyond("Dense is W·x + b")
    if c and c[0].ndim == 2 and len(c[0]) > 1:
        raise Beyond("Dense has one offset a unit")
    w = b if attributes.get("transB") else b.T
    weights = {"W": w} | ({"b": np.broadcast_to(c[0].reshape(-1), len(w))} if c else {})
    return Run("Dense", {"units": len(w), "bias": bool(c)}, [a], weights)


def _batch_norm(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, gain, offset, mean, variance = inputs
    if attributes.get("training_mode"):
        raise Beyond("an exported network predicts")
    weights = {"gain": gain, "offset": offset, "running_mean": mean, "running_var": variance}
    return Run("BatchNorm", {"eps": attributes.get("epsilon", 1e-5)}, [channels_last(x)], weights, channels_first)


def _group_norm(kind: str) -> Callable[[dict[str, Any], list[Array]], Run]:
    def run(attributes: dict[str, Any], inputs: list[Array]) -> Run:
        x, gain, offset = inputs
        params = {"eps": attributes.get("epsilon", 1e-5), "affine": True}
        if kind == "GroupNorm":
            params["groups"] = attributes["num_groups"]
        return Run(kind, params, [channels_last(x)], {"gain": gain, "offset": offset}, channels_first)

    return run


def _layer_norm(kind: str) -> Callable[[dict[str, Any], list[Array]], Run]:
    def run(attributes: dict[str, Any], inputs: list[Array]) -> Run:
        x, *learned = inputs
        if attributes.get("axis", -1) not in (-1, x.ndim - 1):
            raise Beyond("normalised over the features, the last axis")
        weights = dict(zip(("gain", "offset"), learned, strict=False))
        return Run(kind, {"eps": attributes.get("epsilon", 1e-5), "affine": True}, [x], weights)

    return run


def _recurrent(kind: str, order: tuple[int, ...]) -> Callable[[dict[str, Any], list[Array]], Run]:
    """``order[i]`` is where ONNX keeps our gate i."""

    def run(attributes: dict[str, Any], inputs: list[Array]) -> Run:
        x, w, r, *rest = inputs
        if attributes.get("direction", b"forward") != b"forward" or len(rest) > 2:
            raise Beyond("one way or both at once, without peepholes")
        units = attributes["hidden_size"]
        gates = [np.arange(units) + units * place for place in order]
        rows = np.concatenate(gates)
        bias = rest[0][0] if rest else np.zeros(2 * len(w[0]), np.float32)
        own, again = np.split(bias, 2)
        weights = {"W": w[0][rows], "R": r[0][rows], "b": (own + again)[rows]}
        if kind == "GRU":  # the new gate's second offset stands apart: it is multiplied by the reset gate
            raise Beyond("the reset gate acts after the product (linear_before_reset), as in PyTorch")
        first_batch = bool(attributes.get("layout"))
        steps_last = x if first_batch else x.transpose(1, 0, 2)
        params: dict[str, Any] = {"units": units, "returns": "last"}
        return Run(kind, params, [steps_last], weights)

    return run


def _matmul(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    if any(x.ndim != 3 for x in inputs):
        raise Beyond("a product of two matrices an example")
    return Run("MatMul", {}, inputs)


def _prelu(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, slope = inputs
    if slope.ndim > 1:
        raise Beyond("one slope a feature")
    return Run("PReLU", {}, [x], {"alpha": slope})


def _clip(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    x, *bounds = inputs
    if len(bounds) < 2 or bounds[0] >= bounds[1]:
        raise Beyond("both bounds are given, low below high")
    return Run("HardTanh", {"low": float(bounds[0]), "high": float(bounds[1])}, [batched(x)],
               back=lambda y: y.reshape(x.shape))


def _hard_sigmoid(attributes: dict[str, Any], inputs: list[Array]) -> Run:
    raise Beyond("the slope is 1/6, as in PyTorch; written as an attribute at export")


_OTHERS: dict[str, Callable[[dict[str, Any], list[Array]], Run]] = {
    "MaxPool": _pool("Max"), "AveragePool": _pool("Avg"), "Conv": _conv, "ConvTranspose": _conv_transpose,
    "GlobalAveragePool": _global_pool("GlobalAvgPool"), "GlobalMaxPool": _global_pool("GlobalMaxPool"),
    "Gemm": _gemm, "BatchNormalization": _batch_norm, "GroupNormalization": _group_norm("GroupNorm"),
    "InstanceNormalization": _group_norm("InstanceNorm"), "LayerNormalization": _layer_norm("LayerNorm"),
    "RMSNormalization": _layer_norm("RMSNorm"), "LSTM": _recurrent("LSTM", (0, 2, 3, 1)),
    "RNN": _recurrent("SimpleRNN", (0,)), "GRU": _recurrent("GRU", (1, 0, 2)),
    "MatMul": _matmul, "PRelu": _prelu, "Clip": _clip, "HardSigmoid": _hard_sigmoid,
    **SHAPES,
}
OPERATORS = (*_ELEMENTWISE, *_MERGING, *_OTHERS)
