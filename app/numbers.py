"""How numbers are written on the screen beside what every sentence does with them: prefixes, sizes, times."""

from __future__ import annotations

from engine.numbers import NO_BREAK_SPACE, THIN_SPACE, amount, count, exact, number, percent, scientific

__all__ = ["NO_BREAK_SPACE", "THIN_SPACE", "amount", "count", "duration", "engineering", "exact", "megabytes", "number",
           "percent", "scientific"]

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


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


def duration(seconds: float) -> str:
    """``00:21``, ``1:02:07``."""
    whole = max(round(seconds), 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
