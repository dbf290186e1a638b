"""Convolutions in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.nn import functional as F

from tests.golden.case import Case, first, last

Weights = dict[str, Any]


def _conv(**settings: Any) -> Callable[[Weights, Any], Any]:
    return lambda w, x: last(F.conv2d(first(x), w["K"], w.get("b"), **settings))


def _steps(**settings: Any) -> Callable[[Weights, Any], Any]:
    return lambda w, x: last(F.conv1d(first(x), w["K"], w.get("b"), **settings))


def _transpose(**settings: Any) -> Callable[[Weights, Any], Any]:
    return lambda w, x: last(F.conv_transpose2d(first(x), w["K"], w.get("b"), **settings))


def _causal(w: Weights, x: Any) -> Any:
    return last(F.conv1d(F.pad(first(x), (4, 0)), w["K"], w["b"], dilation=2))


def _strided_same(w: Weights, x: Any) -> Any:
    """Keras's same: ⌈n / stride⌉ places, the odd zero at the end."""
    return last(F.conv2d(F.pad(first(x), (1, 1, 0, 1)), w["K"], w["b"], stride=2))


def _separable(w: Weights, x: Any) -> Any:
    middle = F.conv2d(first(x), w["D"], groups=3, padding=1, stride=2)
    return last(F.conv2d(middle, w["P"], w["b"]))


CASES = [
    Case("Conv2D-same", "Conv2D", ((5, 6, 3),), _conv(padding="same"), {"filters": 4},
         {"K": (4, 3, 3, 3), "b": (4,)}),
    Case("Conv2D-even", "Conv2D", ((4, 5, 2),), _conv(padding="same"), {"filters": 3, "kernel_size": (2, 4)},
         {"K": (3, 2, 2, 4), "b": (3,)}),
    Case("Conv2D-same-stride", "Conv2D", ((6, 5, 2),), _strided_same, {"filters": 3, "stride": (2, 2)},
         {"K": (3, 2, 3, 3), "b": (3,)}),
    Case("Conv2D-valid", "Conv2D", ((5, 6, 2),), _conv(), {"filters": 3, "padding": "valid", "bias": False},
         {"K": (3, 2, 3, 3)}),
    Case("Conv2D-wide-padding", "Conv2D", ((4, 3, 2),), _conv(padding=3, stride=(1, 2)),
         {"filters": 2, "padding": 3, "stride": (1, 2)}, {"K": (2, 2, 3, 3), "b": (2,)}),
    Case("Conv2D-dilated", "Conv2D", ((7, 8, 2),), _conv(dilation=(2, 3), padding="same"),
         {"filters": 2, "dilation": (2, 3)}, {"K": (2, 2, 3, 3), "b": (2,)}),
    Case("Conv2D-groups", "Conv2D", ((5, 4, 4),), _conv(groups=2, padding=1),
         {"filters": 6, "groups": 2, "padding": 1}, {"K": (6, 2, 3, 3), "b": (6,)}),
    Case("Conv2D-many", "Conv2D", ((6, 6, 16),), _conv(padding="same"), {"filters": 12},
         {"K": (12, 16, 3, 3), "b": (12,)}),
    Case("Conv1D-same", "Conv1D", ((7, 3),), _steps(padding="same"), {"filters": 4}, {"K": (4, 3, 3), "b": (4,)}),
    Case("Conv1D-stride", "Conv1D", ((9, 2),), _steps(stride=2, padding=2),
         {"filters": 3, "kernel_size": 4, "stride": 2, "padding": 2}, {"K": (3, 2, 4), "b": (3,)}),
    Case("Conv1D-causal", "Conv1D", ((7, 2),), _causal, {"filters": 3, "padding": "causal", "dilation": 2},
         {"K": (3, 2, 3), "b": (3,)}),
    Case("Conv1D-groups", "Conv1D", ((6, 4),), _steps(groups=4, padding="same"), {"filters": 8, "groups": 4},
         {"K": (8, 1, 3), "b": (8,)}),
    Case("DepthwiseConv2D", "DepthwiseConv2D", ((5, 4, 3),), _conv(groups=3, padding=1), {"padding": 1},
         {"K": (3, 1, 3, 3), "b": (3,)}),
    Case("DepthwiseConv2D-twice", "DepthwiseConv2D", ((6, 5, 2),), _conv(groups=2, stride=2),
         {"padding": "valid", "stride": (2, 2), "depth_multiplier": 2}, {"K": (4, 1, 3, 3), "b": (4,)}),
    Case("SeparableConv2D", "SeparableConv2D", ((6, 5, 3),), _separable,
         {"filters": 4, "stride": (2, 2), "padding": 1}, {"D": (3, 1, 3, 3), "P": (4, 3, 1, 1), "b": (4,)}),
    Case("ConvTranspose2D-valid", "ConvTranspose2D", ((3, 4, 2),), _transpose(stride=2),
         {"filters": 3, "padding": "valid"}, {"K": (2, 3, 2, 2), "b": (3,)}),
    Case("ConvTranspose2D-padded", "ConvTranspose2D", ((3, 4, 2),),
         _transpose(stride=(2, 3), padding=1, output_padding=(1, 2)),
         {"filters": 3, "kernel_size": (3, 4), "stride": (2, 3), "padding": 1, "output_padding": (1, 2)},
         {"K": (2, 3, 3, 4), "b": (3,)}),
    Case("ConvTranspose2D-dilated", "ConvTranspose2D", ((4, 4, 3),), _transpose(dilation=2, padding=2),
         {"filters": 2, "kernel_size": (3, 3), "stride": (1, 1), "dilation": (2, 2), "padding": 2, "bias": False},
         {"K": (3, 2, 3, 3)}),
    Case("ConvTranspose2D-dilated-wide", "ConvTranspose2D", ((4, 3, 2),),
         _transpose(dilation=(2, 3), padding=2, output_padding=(1, 2)),
         {"filters": 2, "stride": (1, 1), "dilation": (2, 3), "padding": 2, "output_padding": (1, 2)},
         {"K": (2, 2, 2, 2), "b": (2,)}),
    Case("Conv2D-everything", "Conv2D", ((9, 8, 4),), _conv(groups=2, stride=(2, 1), dilation=(2, 3), padding=2),
         {"filters": 6, "kernel_size": (3, 2), "groups": 2, "stride": (2, 1), "dilation": (2, 3), "padding": 2},
         {"K": (6, 2, 3, 2), "b": (6,)}),
    Case("Conv1D-same-stride", "Conv1D", ((8, 3),),
         lambda w, x: last(F.conv1d(F.pad(first(x), (1, 2)), w["K"], w["b"], stride=2, dilation=1)),
         {"filters": 4, "kernel_size": 5, "stride": 2}, {"K": (4, 3, 5), "b": (4,)}),
    Case("Conv1D-everything", "Conv1D", ((9, 4),), _steps(groups=2, stride=2, dilation=3, padding=4),
         {"filters": 4, "groups": 2, "stride": 2, "dilation": 3, "padding": 4}, {"K": (4, 2, 3), "b": (4,)}),
    Case("DepthwiseConv2D-same-stride", "DepthwiseConv2D", ((6, 5, 2),),
         lambda w, x: last(F.conv2d(F.pad(first(x), (1, 1, 1, 2)), w["K"], w["b"], 2, 0, (2, 1), 2)),
         {"stride": (2, 2), "dilation": (2, 1)}, {"K": (2, 1, 3, 3), "b": (2,)}),
    Case("SeparableConv2D-dilated", "SeparableConv2D", ((7, 6, 2),),
         lambda w, x: last(F.conv2d(F.conv2d(first(x), w["D"], groups=2, dilation=2), w["P"], None)),
         {"filters": 3, "padding": "valid", "dilation": (2, 2), "depth_multiplier": 2, "bias": False},
         {"D": (4, 1, 3, 3), "P": (3, 4, 1, 1)}),
    Case("ConvTranspose2D-same", "ConvTranspose2D", ((3, 4, 2),),
         lambda w, x: last(F.conv_transpose2d(first(x), w["K"], w["b"], stride=2)[:, :, :6, :8]),
         {"filters": 3, "kernel_size": (3, 3)}, {"K": (2, 3, 3, 3), "b": (3,)}),
]
