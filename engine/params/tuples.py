"""Parameters that are a row of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from engine.numbers import count, exact
from engine.params.base import Param, as_float, is_int, plain


class IntTuple(Param[tuple[int, ...]]):
    """A fixed or varying count of whole numbers: a kernel size, a stride, the shape of an Input.

    ``axes`` names the entries ("height", "width"); without it any length from ``shortest`` to ``longest`` is allowed.
    One number stands for the same number on every axis where ``axes`` is given. Stored as a list in files.
    """

    def __init__(
        self,
        default: tuple[int, ...],
        help: str,
        *,
        low: int,
        high: int,
        axes: Sequence[str] = (),
        shortest: int = 1,
        longest: int = 4,
        **display: Any,
    ) -> None:
        super().__init__(default, help, **display)
        self.low = low
        self.high = high
        self.axes = tuple(axes)
        self.shortest = len(self.axes) or shortest
        self.longest = len(self.axes) or longest

    def clean(self, value: Any) -> Any:
        if is_int(value) and self.axes:
            return (value,) * len(self.axes)
        if is_int(value):
            return (value,)
        return tuple(plain(entry) for entry in value) if isinstance(value, (list, tuple)) else value

    def problem(self, value: Any) -> str | None:
        sized = isinstance(value, tuple) and self.shortest <= len(value) <= self.longest
        if sized and all(is_int(entry) and self.low <= entry <= self.high for entry in value):
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        numbers = f"whole numbers from {count(self.low)} to {count(self.high)}"
        if self.axes:
            return f"{numbers}, one each for {' and '.join(self.axes)}"
        return f"{self.shortest} to {self.longest} {numbers}"


class FloatTuple(IntTuple):
    """A list of decimal numbers of any length up to ``longest``, () included: one weight a class, say.

    It derives from :class:`IntTuple` so that whatever shows or edits a row of numbers takes it; text such as
    "0.5, 2" is understood. Stored as a list in files.
    """

    def __init__(
        self, default: tuple[float, ...], help: str, *, low: float, high: float, longest: int = 1000, **display: Any
    ) -> None:
        super().__init__(cast("tuple[int, ...]", default), help, low=0, high=0, shortest=0, longest=longest, **display)
        self.low_value = low
        self.high_value = high

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            parts = [part for part in re.split(r"[×,;\s]+", value.strip()) if part]
            value = [_number(part) for part in parts]
        if isinstance(value, (list, tuple)):
            return tuple(as_float(plain(entry)) for entry in value)
        return (as_float(value),) if isinstance(value, float) or is_int(value) else value

    def problem(self, value: Any) -> str | None:
        sized = isinstance(value, tuple) and len(value) <= self.longest
        if sized and all(isinstance(n, float) and self.low_value <= n <= self.high_value for n in value):
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"a list of numbers from {exact(self.low_value)} to {exact(self.high_value)}, or nothing"


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
