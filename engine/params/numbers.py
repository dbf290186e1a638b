"""Parameters that are one number."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from engine.numbers import count, exact
from engine.params.base import Param, as_float, is_int


class Int(Param[int]):
    """A whole number between ``low`` and ``high``, both allowed."""

    def __init__(self, default: int, help: str, *, low: int, high: int, **display: Any) -> None:
        super().__init__(default, help, **display)
        self.low = low
        self.high = high

    def clean(self, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def problem(self, value: Any) -> str | None:
        if is_int(value) and self.low <= value <= self.high:
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"a whole number from {count(self.low)} to {count(self.high)}"


class Float(Param[float]):
    """A finite number between ``low`` and ``high``; ``open_low``/``open_high`` exclude the bound itself."""

    def __init__(
        self,
        default: float,
        help: str,
        *,
        low: float,
        high: float,
        open_low: bool = False,
        open_high: bool = False,
        log: bool = False,
        **display: Any,
    ) -> None:
        super().__init__(default, help, **display)
        self.low = low
        self.high = high
        self.open_low = open_low
        self.open_high = open_high
        self.log = log

    def clean(self, value: Any) -> Any:
        return as_float(value)

    def problem(self, value: Any) -> str | None:
        if is_int(value) or (isinstance(value, float) and math.isfinite(value)):
            above = value > self.low if self.open_low else value >= self.low
            below = value < self.high if self.open_high else value <= self.high
            if above and below:
                return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        low = f"above {exact(self.low)}" if self.open_low else f"from {exact(self.low)}"
        high = f"below {exact(self.high)}" if self.open_high else f"to {exact(self.high)}"
        return f"a number {low} {high}"


class IntOrChoice(Param[Any]):
    """A named option or a whole number: padding "same", "valid" or 2."""

    def __init__(
        self, default: str | int, help: str, *, options: Mapping[str, str], low: int, high: int, **display: Any
    ) -> None:
        super().__init__(default, help, **display)
        self.options = dict(options)
        self.low = low
        self.high = high

    def clean(self, value: Any) -> Any:
        return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value

    def problem(self, value: Any) -> str | None:
        if (isinstance(value, str) and value in self.options) or (is_int(value) and self.low <= value <= self.high):
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"one of {', '.join(self.options)}, or a whole number from {count(self.low)} to {count(self.high)}"
