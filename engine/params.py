"""Declared parameters: the one description that validation, inspector, help page and files derive from.

A class that derives from :class:`Declared` states its parameters as class attributes::

    class Dense(Layer, title="Dense", category=Category.LEARNABLE):
        units = Int(64, "Numbers each example becomes.", low=1, high=65536)

An instance is immutable. ``Dense(units=3).units`` is ``3``; ``Dense(units=0)`` raises a :class:`ParameterError`
whose sentence is written from the declared range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast, overload

from engine.issues import ChainruleError, near_miss
from engine.numbers import count, exact

T = TypeVar("T")
D = TypeVar("D", bound="Declared")


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


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Int(Param[int]):
    """A whole number between ``low`` and ``high``, both allowed."""

    def __init__(self, default: int, help: str, *, low: int, high: int, **display: Any) -> None:
        super().__init__(default, help, **display)
        self.low = low
        self.high = high

    def clean(self, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def problem(self, value: Any) -> str | None:
        if _is_int(value) and self.low <= value <= self.high:
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
        return float(value) if _is_int(value) else value

    def problem(self, value: Any) -> str | None:
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if number:
            above = value > self.low if self.open_low else value >= self.low
            below = value < self.high if self.open_high else value <= self.high
            if above and below:
                return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        low = f"above {exact(self.low)}" if self.open_low else f"from {exact(self.low)}"
        high = f"below {exact(self.high)}" if self.open_high else f"to {exact(self.high)}"
        return f"a number {low} {high}"


class Bool(Param[bool]):
    """On or off."""

    def problem(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else f"{self.label} must be true or false."

    def range_text(self) -> str:
        return "on or off"


class Choice(Param[str]):
    """One of a few named options; ``options`` maps each stored name to what a person reads."""

    def __init__(self, default: str, help: str, *, options: Mapping[str, str], **display: Any) -> None:
        super().__init__(default, help, **display)
        self.options = dict(options)

    def problem(self, value: Any) -> str | None:
        if isinstance(value, str) and value in self.options:
            return None
        hint = near_miss(value, self.options) if isinstance(value, str) else ""
        return f"{self.label} must be {self.range_text()}. {hint}".rstrip()

    def range_text(self) -> str:
        return "one of " + ", ".join(self.options)


class Text(Param[str]):
    """A line of text of at most ``longest`` characters."""

    def __init__(self, default: str, help: str, *, longest: int = 200, **display: Any) -> None:
        super().__init__(default, help, **display)
        self.longest = longest

    def problem(self, value: Any) -> str | None:
        if isinstance(value, str) and len(value) <= self.longest:
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"text of at most {self.longest} characters"


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
        if _is_int(value) and self.axes:
            return (value,) * len(self.axes)
        if _is_int(value):
            return (value,)
        return tuple(value) if isinstance(value, (list, tuple)) else value

    def problem(self, value: Any) -> str | None:
        sized = isinstance(value, tuple) and self.shortest <= len(value) <= self.longest
        if sized and all(_is_int(entry) and self.low <= entry <= self.high for entry in value):
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
            return tuple(float(entry) if _is_int(entry) else entry for entry in value)
        return (float(value),) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

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
        return int(value) if isinstance(value, str) and value.isdigit() else value

    def problem(self, value: Any) -> str | None:
        if (isinstance(value, str) and value in self.options) or (_is_int(value) and self.low <= value <= self.high):
            return None
        return f"{self.label} must be {self.range_text()}."

    def range_text(self) -> str:
        return f"one of {', '.join(self.options)}, or a whole number from {count(self.low)} to {count(self.high)}"


class Variant(Param[Any]):
    """One member of a family of :class:`Declared` classes with its own parameters: an initialiser, a schedule.

    Stored as ``{"kind": "Normal", "std": 0.1}``; a bare name or an instance is accepted. ``get`` builds the member.
    """

    def __init__(self, default: Declared, help: str, *, family: type[Declared], **display: Any) -> None:
        super().__init__(default.to_dict(), help, **display)
        self.family = family

    def clean(self, value: Any) -> Any:
        if isinstance(value, Declared):
            return value.to_dict()
        if isinstance(value, str):
            value = {"kind": value}
        if isinstance(value, Mapping) and self.problem(value) is None:
            return self.build(value).to_dict()
        return value

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, Mapping) or value.get("kind") not in self.family.kinds:
            kind = value.get("kind") if isinstance(value, Mapping) else value
            hint = near_miss(str(kind), self.family.kinds)
            return f"{self.label} must be {self.range_text()}. {hint}".rstrip()
        member = self.family.kinds[value["kind"]]
        found = member.problems({k: v for k, v in value.items() if k != "kind"})
        return next(iter(found.values()), None)

    def range_text(self) -> str:
        return "one of " + ", ".join(self.family.kinds)

    def build(self, value: Mapping[str, Any]) -> Any:
        """The member that a stored value stands for."""
        return self.family.from_dict(value)


class Declared:
    """Base of everything that is declared once: collects the class's parameters and registers it by kind.

    A direct subclass opens a family with its own ``kinds``; classes below it that are given a ``title`` join it.
    """

    parameters: ClassVar[dict[str, Param[Any]]] = {}
    kinds: ClassVar[dict[str, Any]] = {}
    renamed: ClassVar[Mapping[str, str]] = {}
    title: ClassVar[str] = ""
    kind: ClassVar[str] = ""

    def __init_subclass__(cls, title: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Declared in cls.__bases__:
            cls.kinds = {}
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Param)}
        inherited: dict[str, Param[Any]] = {}
        for base in cls.__bases__:
            for name, p in getattr(base, "parameters", {}).items():
                if name not in own:
                    seen = getattr(cls, name, None)  # as attribute look-up finds it, whichever base that is
                    inherited.setdefault(name, seen if isinstance(seen, Param) else p)
        # A class's own parameters come first: they are what a person looks for in the inspector.
        cls.parameters = {**own, **inherited}
        cls.kind = cls.__name__
        cls.title = title
        if title:
            if cls.kind in cls.kinds:
                raise RuntimeError(f"two classes are called {cls.kind}")
            cls.kinds[cls.kind] = cls

    def __init__(self, **values: Any) -> None:
        cleaned = self.cleaned(values)
        for name, expected in self.problems(cleaned).items():
            raise ParameterError(f"{self.title}: {name} is {values.get(name)!r}.", expected)
        self.values = cleaned

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Declared) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(repr(sorted(self.to_dict().items(), key=lambda item: item[0])))

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{k}={v!r}' for k, v in self.values.items())})"

    @classmethod
    def summary(cls) -> str:
        """The first paragraph of the docstring: one line of help."""
        return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())

    @classmethod
    def cleaned(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """``values`` under their present names and in their stored form."""
        named = {cls.renamed.get(name, name): value for name, value in values.items()}
        known = cls.parameters
        return {name: known[name].clean(value) if name in known else value for name, value in named.items()}

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """Parameter name → what was expected, for each value that is not allowed. Empty where all is well."""
        found: dict[str, str] = {}
        for name, value in cls.cleaned(values).items():
            param = cls.parameters.get(name)
            if param is None:
                hint = near_miss(name, cls.parameters)
                found[name] = f"{cls.title} has no parameter {name!r}. {hint}".rstrip()
            elif (expected := param.problem(value)) is not None:
                found[name] = expected
        return found

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Every parameter's default."""
        return {name: param.default for name, param in cls.parameters.items()}

    def to_dict(self) -> dict[str, Any]:
        """Kind and every parameter's value, as plain values."""
        return {"kind": self.kind, **{name: getattr(self, name) for name in self.parameters}}

    @classmethod
    def from_dict(cls: type[D], data: Mapping[str, Any]) -> D:
        """The member of this family that ``data`` (with its "kind") describes."""
        kind = data.get("kind")
        if kind not in cls.kinds:
            raise ParameterError(f"{kind!r} is not known.", "Expected one of " + ", ".join(cls.kinds) + ".",
                                 near_miss(str(kind), cls.kinds))
        return cls.kinds[kind](**{name: value for name, value in data.items() if name != "kind"})
