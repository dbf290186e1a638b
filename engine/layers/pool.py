"""Pooling: windows of images and sequences made into one number each."""

from __future__ import annotations

from engine.layer import Category
from engine.layers.pool_base import AvgPool, MaxPool, Pool1D, Pool2D


class MaxPool2D(Pool2D, MaxPool, title="Max pool 2D", category=Category.SHAPE):
    """Keeps the largest value of each window: a smaller image that remembers whether, not exactly where."""

    formula = "y[i, j, c] = max x[i·s + u, j·s + v, c]"
    when = "Between convolutions, to shrink the image and let later filters see more of it."
    examples = (
        ({}, ((4, 6, 2),)),
        ({"pool_size": (2, 2)}, ((5, 5, 1),)),
        ({"pool_size": (3, 3), "stride": (2, 2), "padding": "same"}, ((5, 6, 2),)),
        ({"pool_size": (3, 2), "stride": (1, 1), "padding": 1}, ((4, 4, 2),)),
        ({"pool_size": (2, 1), "stride": (3, 2)}, ((6, 5, 2),)),
    )


class MaxPool1D(Pool1D, MaxPool, title="Max pool 1D", category=Category.SHAPE):
    """Keeps the largest value of each window of steps: a shorter sequence."""

    formula = "y[t, f] = max x[t·s + u, f]"
    when = "Between convolutions over a sequence, to shorten it."
    examples = (
        ({}, ((6, 2),)),
        ({"pool_size": 3, "stride": 2, "padding": "same"}, ((7, 2),)),
        ({"pool_size": 2, "stride": 1, "padding": 1}, ((4, 3),)),
    )


class AvgPool2D(Pool2D, AvgPool, title="Average pool 2D", category=Category.SHAPE):
    """Takes the mean of each window: a smaller, smoother image."""

    formula = "y[i, j, c] = mean x[i·s + u, j·s + v, c]"
    when = "To shrink an image where every number counts, not just the largest."
    examples = (
        ({}, ((4, 6, 2),)),
        ({}, ((5, 5, 1),)),
        ({"pool_size": (3, 3), "stride": (2, 2), "padding": "same", "count_padding": False}, ((5, 6, 2),)),
        ({"pool_size": (3, 2), "stride": (1, 1), "padding": 1}, ((4, 4, 2),)),
        ({"pool_size": (2, 1), "stride": (3, 2)}, ((6, 5, 2),)),
    )


class AvgPool1D(Pool1D, AvgPool, title="Average pool 1D", category=Category.SHAPE):
    """Takes the mean of each window of steps: a shorter, smoother sequence."""

    formula = "y[t, f] = mean x[t·s + u, f]"
    when = "To shorten a sequence where every step counts."
    examples = (
        ({}, ((6, 2),)),
        ({"pool_size": 3, "stride": 2, "padding": "same", "count_padding": False}, ((7, 2),)),
        ({"pool_size": 2, "stride": 1, "padding": 1}, ((4, 3),)),
    )
