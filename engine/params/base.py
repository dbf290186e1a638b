"""What every declared parameter has: a default, help, a stored form, and a sentence for what is not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

import numpy as np

from engine.issues import ChainruleError

if TYPE_CHECKING:
    from engine.params.declared import Declared

T = TypeVar("T")


class ParameterError(ChainruleError):
    """A parameter is unknown or its value lies outside the declared range."""


class Param(Generic[T]):
    """One declared parameter; as a descriptor it gives the instance's value.

    ``live`` parameters may change while training runs; ``unit`` and ``label`` are for display.
    """

    name: str = ""

    def __init__(
        self, default: T, help: str, *, label: str = "", unit: str = "", live: bool = False, advanced: bool = False
    ) -> None:
        self.default = default
        self.help = help
        self.unit = unit
        self.live = live
        self.advanced = advanced
        self._label = label

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, instance: Declared, owner: type) -> T: ...
    def __get__(self, instance: Declared | None, owner: type) -> Param[T] | T:
        if instance is None:
            return self
        return cast(T, instance.values.get(self.name, self.default))

    @property
    def label(self) -> str:
        """What a person reads beside the field."""
        return self._label or self.name.replace("_", " ").capitalize()

    def clean(self, value: Any) -> Any:
        """The value in its one stored form (plain JSON values); an unusable one comes back unchanged."""
        return value

    def problem(self, value: Any) -> str | None:
        """What was expected, as a sentence, where ``value`` is not allowed; None where it is."""
        raise NotImplementedError(type(self).__name__)

    def range_text(self) -> str:
        """The allowed values in words, for help pages and ``chainrule layers``."""
        raise NotImplementedError(type(self).__name__)


def is_int(value: Any) -> bool:
    """Whether it is a whole number, which True and False are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def as_float(value: Any) -> Any:
    """A whole number as a decimal one, where there is one as large; anything else as it is."""
    try:
        return float(value) if is_int(value) else value
    except OverflowError:
        return value


def plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's numbers and lists, which is what files hold; anything else as it is."""
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value
