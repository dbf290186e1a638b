"""The normal distribution's Φ against math.erfc, in both precisions and far out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.layers.normal_cdf import normal_cdf_calls


def cdf(z: np.ndarray) -> np.ndarray:
    out = np.empty_like(z)
    for function, *arguments in normal_cdf_calls(
        z, out, np.empty_like(z), np.empty_like(z), np.empty(z.shape, bool)
    ):
        function(*arguments)
    return out


def reference(z: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(-value * math.sqrt(0.5)) for value in z.astype(np.float64)])


@pytest.mark.parametrize(("dtype", "largest"), [(np.float64, 2e-14), (np.float32, 3e-7)])
def test_cdf_agrees_with_erfc(dtype: type, largest: float) -> None:
    z = np.concatenate([np.linspace(-9.0, 9.0, 20_001), [0.0, -0.0]]).astype(dtype)
    assert np.abs(cdf(z) - reference(z)).max() <= largest


def test_the_lower_tail_keeps_its_relative_precision() -> None:
    z = np.linspace(-7.0, -1.0, 1001)
    np.testing.assert_allclose(cdf(z), reference(z), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_out_it_is_exactly_0_and_1(dtype: type) -> None:
    assert cdf(np.array([-1e4, 1e4, -60.0, 60.0], dtype)).tolist() == [0.0, 1.0, 0.0, 1.0]
