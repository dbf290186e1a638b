"""Pixels of the plane: interpolated as defined, coloured by class and certainty."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.plots.boundary_field import class_pixels, refined, unit_field, value_at, value_field
from app.style import theme
from app.style.class_colours import class_colour


def test_between_crossings_values_are_linear():
    random = np.random.default_rng(1)
    values = random.random((9, 9, 2)).astype(np.float32)
    fine = refined(values, 33)  # three places between two crossings
    assert fine[::4, ::4] == pytest.approx(values, abs=1e-6)
    assert fine[0, 1] == pytest.approx(0.75 * values[0, 0] + 0.25 * values[0, 1], abs=1e-6)
    middle = values[2:4, 5:7].mean(axis=(0, 1))
    assert fine[10, 22] == pytest.approx(middle, abs=1e-6)
    assert value_at(values, 22 / 32, 10 / 32) == pytest.approx(middle, abs=1e-6)
    assert value_at(values, 1.0, 1.0) == pytest.approx(values[-1, -1])


def test_a_plane_stays_a_plane():
    x, y = np.meshgrid(np.linspace(0, 1, 7), np.linspace(0, 1, 7))
    fine = refined((3 * x - 2 * y)[..., None].astype(np.float32), 50)[..., 0]
    u, v = np.meshgrid(np.linspace(0, 1, 50), np.linspace(0, 1, 50))
    assert fine == pytest.approx(3 * u - 2 * v, abs=1e-5)


def distance(pixel: np.ndarray, colour: object) -> float:
    return float(np.abs(pixel.astype(float) - np.array(colour.getRgb()[:3])).sum())


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT], ids=lambda t: t.name)
def test_certainty_is_strength_and_the_class_is_the_hue(tokens):
    with theme.borrowed(tokens):
        values = np.zeros((4, 8, 1), np.float32)
        values[:, :4], values[:, 4:] = [[0.02]], [[0.98]]
        values[0, 0], values[0, 7] = 0.45, 0.55
        pixels = class_pixels(values, 0.5)
        assert distance(pixels[2, 1], class_colour(0)) < distance(pixels[0, 0], class_colour(0))
        assert distance(pixels[2, 6], class_colour(1)) < distance(pixels[0, 7], class_colour(1))
        assert distance(pixels[2, 1], class_colour(0)) < distance(pixels[2, 1], class_colour(1))


def ramp(size: int, zero: float) -> np.ndarray:
    """A value that grows by 0.01 from pixel to pixel and is 0 at the column ``zero``."""
    return np.tile((np.arange(size) - zero) * 0.01, (3, 1))


def test_a_line_stands_where_one_class_ends():
    first = 0.5 - ramp(40, 20.0)
    values = np.stack([first, 1 - first], axis=-1).astype(np.float32)
    ink = np.array(QColor(theme.current().strong).getRgb()[:3], float)
    away = np.abs(class_pixels(values, 0.5)[1] - ink).sum(axis=1)
    assert away.argmin() == 20 and away[20] < away[21] < away[25] and away[20] < away[19] < away[15]
    single = class_pixels(values[..., 1:], 0.5)
    assert (np.abs(single.astype(int) - class_pixels(values, 0.5)) <= 1).all(), "one output or two: the same picture"


def test_where_nothing_changes_there_is_no_line():
    values = np.full((5, 6, 3), 1 / 3, np.float32)
    pixels = class_pixels(values, 0.5)
    assert (pixels == pixels[0, 0]).all()


def test_values_run_from_the_ground_to_blue_and_zero_is_marked():
    pixels = value_field(ramp(41, 20.0), -0.2, 0.2).astype(int)
    blue, ink = (np.array(QColor(token).getRgb()[:3]) for token in (theme.current().value, theme.current().strong))
    assert (pixels[0, -1] == blue).all()
    away = np.abs(pixels[0] - blue).sum(axis=1)
    assert (np.diff(away[:18]) <= 0).all() and (np.diff(away[23:]) <= 0).all() and away[0] > away[17] > away[40]
    assert np.abs(pixels[0] - ink).sum(axis=1).argmin() == 20


def test_a_unit_is_red_below_zero_and_blue_above():
    pixels = unit_field(ramp(41, 20.0)).astype(int)
    assert (pixels[1, 0] == QColor(theme.current().danger).getRgb()[:3]).all()
    assert (pixels[1, -1] == QColor(theme.current().value).getRgb()[:3]).all()
