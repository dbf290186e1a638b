"""How numbers are written for a person, in every sentence, label and plot: three significant digits, thin-space
thousands, exponents without padding."""

from __future__ import annotations

import math

THIN_SPACE = "\u2009"
NO_BREAK_SPACE = "\u00a0"
#: Percent that are not told from none.
_NOTHING = 0.00099


def count(value: int) -> str:
    """A whole number in full: ``100 480``."""
    return f"{value:,}".replace(",", THIN_SPACE)


def amount(value: int, thing: str, things: str = "") -> str:
    """A number of things: ``1 epoch``, ``1 200 epochs``; ``things`` is the plural where it does not end in s."""
    return f"{count(value)} {thing if value == 1 else things or f'{thing}s'}"


def number(value: float, digits: int = 3) -> str:
    """``digits`` significant digits: ``0.083``, ``1 940``, ``1.2e-5``. Non-finite values are named."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude < -3 or magnitude >= 6:
        return scientific(value, digits)
    rounded = round(value, digits - 1 - magnitude)
    decimals = max(digits - 1 - magnitude, 0)
    text = f"{rounded:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN_SPACE).replace("-", "−")


def exact(value: float) -> str:
    """A number that a person has set, with all its digits, up to six: ``0.0125``, ``1e-5``, ``1 000``."""
    return number(value, 6)


def scientific(value: float, digits: int = 3) -> str:
    """``1.2e-5``, ``1e-3``: mantissa without trailing zeros, exponent without padding."""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa.replace('-', '−')}e{int(exponent)}"


def percent(share: float) -> str:
    """``97.4 %`` of a share between 0 and 1. ``100.0 %`` and ``0.0 %`` are all and nothing: what only rounds to them is
    ``99.96 %`` (of 2 500, one is wrong) or ``0.004 %``, down to one in 100 000."""
    text, missing = f"{share * 100:.1f}", 100.0 * (1.0 - share)
    if text == "100.0" and missing > _NOTHING:
        text = f"{100.0 - float(f'{missing:.1g}'):.6g}"
    elif text == "0.0" and 100.0 * share > _NOTHING:
        text = f"{100.0 * share:.1g}"
    return f"{text}{NO_BREAK_SPACE}%"
