"""Initial values against the definitions they are named for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.initialisers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    Initialiser,
    LeCunNormal,
    LeCunUniform,
    Normal,
    Ones,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Zeros,
)

SHAPE = (300, 400)
FAN_IN, FAN_OUT = 400, 300
# σ of a standard normal that is cut at ±2: √(1 − 4·φ(2)/(2·Φ(2) − 1)).
CUT = math.sqrt(1.0 - 4.0 * math.exp(-2.0) / math.sqrt(2.0 * math.pi) / math.erf(math.sqrt(2.0)))


def filled(initialiser: Initialiser, shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    out = np.full(shape, np.nan)
    initialiser.fill(out, np.random.default_rng(seed), FAN_IN, FAN_OUT)
    assert np.isfinite(out).all()
    return out


@pytest.mark.parametrize(("initialiser", "std"), [
    (Normal(std=0.3), 0.3),
    (Uniform(bound=0.6), 0.6 / math.sqrt(3.0)),
    (TruncatedNormal(std=0.5), 0.5 * CUT),
    (GlorotNormal(), math.sqrt(2.0 / (FAN_IN + FAN_OUT))),
    (GlorotUniform(), math.sqrt(2.0 / (FAN_IN + FAN_OUT))),
    (HeNormal(), math.sqrt(2.0 / FAN_IN)),
    (HeUniform(), math.sqrt(2.0 / FAN_IN)),
    (LeCunNormal(), math.sqrt(1.0 / FAN_IN)),
    (LeCunUniform(), math.sqrt(1.0 / FAN_IN)),
], ids=lambda value: value.kind if isinstance(value, Initialiser) else "")
def test_mean_and_deviation(initialiser: Initialiser, std: float) -> None:
    values = filled(initialiser)
    assert abs(values.mean()) <= 5.0 * std / math.sqrt(values.size)
    assert values.std() == pytest.approx(std, rel=0.01)


@pytest.mark.parametrize(("initialiser", "bound"), [
    (Uniform(bound=0.6), 0.6),
    (TruncatedNormal(std=0.5), 1.0),
    (GlorotUniform(), math.sqrt(6.0 / (FAN_IN + FAN_OUT))),
    (HeUniform(), math.sqrt(6.0 / FAN_IN)),
    (LeCunUniform(), math.sqrt(3.0 / FAN_IN)),
], ids=lambda value: value.kind if isinstance(value, Initialiser) else "")
def test_bounded_values_reach_their_bound_and_stop_there(initialiser: Initialiser, bound: float) -> None:
    largest = np.abs(filled(initialiser)).max()
    assert 0.99 * bound <= largest <= bound


@pytest.mark.parametrize(("initialiser", "value"), [(Zeros(), 0.0), (Ones(), 1.0), (Constant(value=-0.7), -0.7)])
def test_one_number_everywhere(initialiser: Initialiser, value: float) -> None:
    assert (filled(initialiser) == value).all()


@pytest.mark.parametrize("shape", [(30, 50), (50, 30), (8, 3, 2, 2), (40, 3, 2, 2), (7,)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    matrix = filled(Orthogonal(gain=1.5), shape).reshape(shape[0], -1)
    if matrix.shape[0] > matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(matrix @ matrix.T, 2.25 * np.eye(len(matrix)), atol=1e-12)


def test_orthogonal_matrices_favour_no_direction() -> None:
    corners = np.array([filled(Orthogonal(), (4, 4), seed)[0, 0] for seed in range(2000)])
    assert abs(corners.mean()) < 0.05  # without the sign correction it would be far below 0
    assert corners.var() == pytest.approx(0.25, rel=0.1)


def test_identity_passes_on() -> None:
    x = np.random.default_rng(0).normal(size=5)
    np.testing.assert_array_equal(filled(Identity(), (5, 5)) @ x, x)
    np.testing.assert_array_equal(filled(Identity(gain=2.0), (3, 5)) @ x, 2.0 * x[:3])
    kernel = filled(Identity(), (2, 3, 3, 5))
    assert kernel[1, 1, 1, 2] == 1.0 and kernel[0, 0, 1, 2] == 1.0 and kernel.sum() == 2.0


@pytest.mark.parametrize("kind", Initialiser.kinds)
def test_every_initialiser_takes_any_layout_of_memory(kind: str) -> None:
    straight, turned = np.empty((6, 4), np.float32), np.empty((4, 6), np.float32).T
    for out in (straight, turned):
        Initialiser.kinds[kind]().fill(out, np.random.default_rng(3), 4, 6)
    np.testing.assert_array_equal(straight, turned)
