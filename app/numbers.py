"""How numbers are written on the screen: three significant digits, thin-space thousands, named units."""

from __future__ import annotations

import math

THIN_SPACE = "\u2009"
NO_BREAK_SPACE = "\u00a0"
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(value: int) -> str:
    """A whole number in full: ``100 480``."""
    return f"{value:,}".replace(",", THIN_SPACE)


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


def scientific(value: float, digits: int = 3) -> str:
    """``1.2e-5``, ``1e-3``: mantissa without trailing zeros, exponent without padding."""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa.replace('-', '−')}e{int(exponent)}"


def engineering(value: float, unit: str = "") -> str:
    """Three digits and a prefix: ``236 k``, ``1.2 M``."""
    for factor, prefix in _PREFIXES:
        if abs(value) >= factor * 0.9995:
            return f"{number(value / factor)}{NO_BREAK_SPACE}{prefix}{unit}"
    return f"{number(value)}{NO_BREAK_SPACE}{unit}" if unit else number(value)


def megabytes(size_in_bytes: float) -> str:
    """``0.45 MB``; smaller ones in kB."""
    if size_in_bytes < 1e5:
        return f"{number(size_in_bytes / 1e3)}{NO_BREAK_SPACE}kB"
    return f"{number(size_in_bytes / 1e6)}{NO_BREAK_SPACE}MB"


def percent(share: float) -> str:
    """``97.4 %`` of a share between 0 and 1."""
    return f"{share * 100:.1f}{NO_BREAK_SPACE}%"


def duration(seconds: float) -> str:
    """``00:21``, ``1:02:07``."""
    whole = max(round(seconds), 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
