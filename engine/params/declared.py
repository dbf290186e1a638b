"""Classes that are declared by their parameters, and the parameter that is one of a family of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from engine.issues import near_miss, shown
from engine.params.base import Param, ParameterError, plain

D = TypeVar("D", bound="Declared")


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
            raise ParameterError(f"{self.title}: {name} is {shown(values.get(name))}.", expected)
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
        return {name: known[name].clean(plain(value)) if name in known else value for name, value in named.items()}

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
        if not isinstance(kind, str) or kind not in cls.kinds:
            raise ParameterError(f"{shown(kind)} is not known.", "Expected one of " + ", ".join(cls.kinds) + ".",
                                 near_miss(kind, cls.kinds))
        return cls.kinds[kind](**{name: value for name, value in data.items() if name != "kind"})


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
        kind = value.get("kind") if isinstance(value, Mapping) else value
        if not (isinstance(value, Mapping) and isinstance(kind, str) and kind in self.family.kinds):
            return f"{self.label} must be {self.range_text()}. {near_miss(kind, self.family.kinds)}".rstrip()
        member = self.family.kinds[kind]
        found = member.problems({k: v for k, v in value.items() if k != "kind"})
        return next(iter(found.values()), None)

    def range_text(self) -> str:
        return "one of " + ", ".join(self.family.kinds)

    def build(self, value: Mapping[str, Any]) -> Any:
        """The member that a stored value stands for."""
        return self.family.from_dict(value)
