"""Pooling and upsampling in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.nn import functional as F

from tests.golden.case import Case, first, last

IMAGE = ((6, 7, 3),)
STEPS = ((9, 3),)


def _channels_first(function: Callable[..., Any], *args: Any, **named: Any) -> Callable[..., Any]:
    return lambda w, x: last(function(first(x), *args, **named))


CASES = [
    Case("MaxPool2D", "MaxPool2D", IMAGE, _channels_first(F.max_pool2d, 2)),
    Case("MaxPool2D-overlapping", "MaxPool2D", IMAGE, _channels_first(F.max_pool2d, 3, 2, 1),
         {"pool_size": 3, "stride": 2, "padding": 1}),
    Case("MaxPool2D-apart", "MaxPool2D", IMAGE, _channels_first(F.max_pool2d, (2, 1), (3, 2)),
         {"pool_size": (2, 1), "stride": (3, 2)}),
    Case("MaxPool1D", "MaxPool1D", STEPS, _channels_first(F.max_pool1d, 2)),
    Case("MaxPool1D-overlapping", "MaxPool1D", STEPS, _channels_first(F.max_pool1d, 3, 2, 1),
         {"pool_size": 3, "stride": 2, "padding": 1}),
    Case("AvgPool2D", "AvgPool2D", IMAGE, _channels_first(F.avg_pool2d, 2)),
    Case("AvgPool2D-padded", "AvgPool2D", IMAGE, _channels_first(F.avg_pool2d, (3, 2), (2, 1), 1),
         {"pool_size": (3, 2), "stride": (2, 1), "padding": 1}),
    Case("AvgPool2D-real-only", "AvgPool2D", IMAGE,
         _channels_first(F.avg_pool2d, (3, 2), (2, 1), 1, count_include_pad=False),
         {"pool_size": (3, 2), "stride": (2, 1), "padding": 1, "count_padding": False}),
    Case("AvgPool1D", "AvgPool1D", STEPS, _channels_first(F.avg_pool1d, 2)),
    Case("AvgPool1D-real-only", "AvgPool1D", STEPS, _channels_first(F.avg_pool1d, 3, 2, 1, count_include_pad=False),
         {"pool_size": 3, "stride": 2, "padding": 1, "count_padding": False}),
    Case("GlobalAvgPool-2", "GlobalAvgPool", STEPS, lambda w, x: x.mean(1)),
    Case("GlobalAvgPool-3", "GlobalAvgPool", IMAGE, lambda w, x: x.mean((1, 2))),
    Case("GlobalMaxPool-2", "GlobalMaxPool", STEPS, lambda w, x: x.amax(1)),
    Case("GlobalMaxPool-3", "GlobalMaxPool", IMAGE, lambda w, x: x.amax((1, 2))),
    Case("AdaptiveAvgPool2D", "AdaptiveAvgPool2D", IMAGE, _channels_first(F.adaptive_avg_pool2d, (4, 3)),
         {"output_size": (4, 3)}),
    Case("AdaptiveAvgPool2D-larger", "AdaptiveAvgPool2D", IMAGE, _channels_first(F.adaptive_avg_pool2d, (8, 2)),
         {"output_size": (8, 2)}),
    Case("Upsample-nearest", "Upsample", IMAGE, _channels_first(F.interpolate, scale_factor=(2, 3)),
         {"factor": (2, 3)}),
    Case("Upsample-bilinear", "Upsample", IMAGE,
         _channels_first(F.interpolate, scale_factor=(3, 2), mode="bilinear", align_corners=False),
         {"factor": (3, 2), "mode": "bilinear"}),
    Case("MaxPool2D-same", "MaxPool2D", IMAGE,
         lambda w, x: last(F.max_pool2d(F.pad(first(x), (1, 1, 0, 1), value=float("-inf")), 3, 2)),
         {"pool_size": 3, "stride": 2, "padding": "same"}),
    Case("AvgPool2D-same", "AvgPool2D", IMAGE, lambda w, x: last(F.avg_pool2d(F.pad(first(x), (1, 1, 0, 1)), 3, 2)),
         {"pool_size": 3, "stride": 2, "padding": "same"}),
]
