"""Pixels of the plane: interpolated as defined, coloured by class and certainty."""

from __future__ import annotations

import numpy as np
import pytest

from app import theme
from app.class_colours import class_colour
from app.plots.boundary_field import class_pixels, extremes, refined, value_at, value_field


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


def test_a_line_stands_where_one_class_ends():
    values = np.zeros((5, 6, 3), np.float32)
    values[:, :3, 0], values[:, 3:, 2] = 1.0, 1.0
    pixels = class_pixels(values, 0.5)
    on_line = pixels[2, 2]
    assert (on_line != pixels[2, 1]).any() and (pixels[2, 0] == pixels[2, 1]).all()
    assert (pixels[2, 3] == pixels[2, 5]).all()


def test_values_run_from_the_ground_to_blue_and_zero_is_marked():
    values = np.linspace(-1, 1, 9)[None].repeat(3, axis=0)
    pixels = value_field(values, *extremes(values)).astype(int)
    blue = np.array(theme.QColor(theme.current().value).getRgb()[:3])
    assert (pixels[0, -1] == blue).all()
    away = np.abs(pixels[0] - blue).sum(axis=1)
    unmarked = [place for place in range(9) if place != 4]  # the pixel before the first above zero
    assert (np.diff(away[unmarked]) < 0).all()
    assert away[4] > away[5]


def test_what_is_not_finite_has_no_extremes():
    assert extremes(np.array([np.nan, 1.0, np.inf, -2.0])) == (-2.0, 1.0)
    assert extremes(np.array([np.nan])) == (0.0, 0.0)
