"""The theme: contrast of every pair of ink and ground, live switching, the gradient map, how numbers are written."""

import pytest
from PySide6.QtGui import QColor

from app import numbers
from app.plots.colours import SERIES
from app.style import theme
from app.style.stylesheet import stylesheet
from engine.layer import Category

BOTH = pytest.mark.parametrize("chosen", theme.THEMES.values(), ids=list(theme.THEMES))


@BOTH
@pytest.mark.parametrize("ink, ground", theme.TEXT_PAIRS)
def test_text_is_legible(chosen, ink, ground):
    assert theme.contrast(getattr(chosen, ink), getattr(chosen, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("category", Category)
def test_category_colours_stand_out(chosen, category):
    assert theme.contrast(chosen.category_colour(category.colour), chosen.raised) >= 3


@BOTH
def test_runs_have_colours_that_no_curve_of_the_present_run_has(chosen):
    curves = [getattr(chosen, token) for token in SERIES]
    for place, colour in enumerate(chosen.runs):
        assert theme.contrast(colour, chosen.panel) >= 3
        assert min(distance(colour, other) for other in (*curves, *chosen.runs[:place])) >= 50


def distance(first: str, second: str) -> float:
    """How different two colours look, after Compuphase's weighting of red, green and blue: 0 … 765."""
    (r1, g1, b1, _), (r2, g2, b2, _) = QColor(first).getRgb(), QColor(second).getRgb()
    red = (r1 + r2) / 2
    return ((2 + red / 256) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (2 + (255 - red) / 256) * (b1 - b2) ** 2) ** 0.5


@BOTH
def test_every_colour_is_one(chosen):
    assert all(QColor.isValidColorName(colour) for colour in chosen.colours().values())


def test_contrast_knows_black_on_white():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)


@BOTH
def test_the_gradient_map_ends_in_its_stops_and_clips(chosen):
    assert chosen.gradient_colour(0).name() == chosen.gradient_map[0]
    assert chosen.gradient_colour(1).name() == chosen.gradient_map[-1]
    assert chosen.gradient_colour(-3) == chosen.gradient_colour(0)
    assert chosen.gradient_colour(9) == chosen.gradient_colour(1)


def test_switching_is_live(qapp, qtbot):
    theme.apply(qapp, "dark")
    with qtbot.waitSignal(theme.signals.changed):
        theme.apply(qapp, "light")
    assert theme.current() is theme.LIGHT
    assert qapp.palette().window().color().name() == theme.LIGHT.panel
    assert theme.LIGHT.accent in qapp.styleSheet()
    theme.apply(qapp, "dark")
    with pytest.raises(ValueError, match="expected one of"):
        theme.apply(qapp, "sepia")


@BOTH
def test_the_sheet_uses_every_placeholder(chosen):
    assert "{" not in stylesheet(chosen).replace(" {", "").replace("{\n", "")


@pytest.mark.parametrize(
    "value, text",
    [(0, "0"), (0.083, "0.083"), (0.20999, "0.21"), (1940, "1 940"), (118_282, "118 000"), (1.234e-5, "1.23e-5"),
     (1e-4, "1e-4"), (-3.25, "−3.25"), (float("nan"), "not a number"), (float("inf"), "∞"), (2.5e7, "2.5e7")],
)  # fmt: skip
def test_three_digits(value, text):
    assert numbers.number(value).replace(numbers.THIN_SPACE, " ") == text


def test_units():
    plain = {numbers.THIN_SPACE: " ", numbers.NO_BREAK_SPACE: " "}
    texts = [numbers.count(118_282), numbers.engineering(236_000), numbers.engineering(999.9), numbers.percent(0.974),
             numbers.megabytes(450_000), numbers.duration(21), numbers.duration(3727)]  # fmt: skip
    for old, new in plain.items():
        texts = [text.replace(old, new) for text in texts]
    assert texts == ["118 282", "236 k", "1 k", "97.4 %", "0.45 MB", "00:21", "1:02:07"]
