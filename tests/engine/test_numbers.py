"""How numbers are written in sentences."""

import math
from pathlib import Path

import pytest

import engine
from engine import numbers


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0"), (0.083, "0.083"), (0.08349, "0.0835"), (1940.2, "1\u2009940"), (1.2e-5, "1.2e-5"), (4.5e-07, "4.5e-7"),
    (0.001, "0.001"), (9.996e-4, "1e-3"), (1e6, "1e6"), (123_456.0, "123\u2009000"), (-0.5, "−0.5"), (-2e9, "−2e9"),
    (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "not a number"),
])
def test_three_digits(value, text):
    assert numbers.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0125, "0.0125"), (1e-05, "1e-5"), (1000, "1\u2009000"), (2e30, "2e30")])
def test_what_was_set_is_written_whole(value, text):
    assert numbers.exact(value) == text


def test_things_are_counted_in_words():
    assert numbers.amount(1, "epoch") == "1 epoch"
    assert numbers.amount(1200, "epoch") == "1\u2009200 epochs"
    assert numbers.amount(0, "category", "categories") == "0 categories"
    assert numbers.percent(0.9583) == "95.8\u00a0%"
    shares = {1.0: "100.0", 0.9996: "99.96", 1 - 1 / 60_000: "99.998", 0.9994: "99.9", 0.99951: "99.95", 0.0: "0.0",
              0.0004: "0.04", 1 / 60_000: "0.002", 0.0005: "0.1", 1e-9: "0.0",
              1 - 1e-9: "100.0"}
    assert {share: numbers.percent(share).removesuffix("\u00a0%") for share in shares} == shares


def test_no_sentence_of_the_engine_pads_its_exponents_or_counts_with_commas():
    found = [f"{path.name}:{number}" for path in Path(engine.__file__).parent.rglob("*.py")
             for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
             if ("{" in line and any(sign in line for sign in (":g}", ":,}", ":.2g}", ":.3g}", ":.4g}")))
             and "float(f" not in line and path.name != "numbers.py"]
    assert not found, "write numbers by engine.numbers"
