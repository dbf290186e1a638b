"""How values of a sweep are written: "learning rate 0.01 · units 32"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app import numbers
from engine.params import Bool, Choice, Variant
from engine.sweep import Target

SEPARATOR = " · "


def short_titles(titles: Iterable[str]) -> dict[str, str]:
    """The last words of each title ("Optimizer · learning rate" → "learning rate"), in full where two would be the
    same."""
    whole = list(titles)
    last = [title.rpartition(SEPARATOR)[2] for title in whole]
    return {title: end if last.count(end) == 1 else title for title, end in zip(whole, last, strict=True)}


def capital(text: str) -> str:
    """"learning rate" → "Learning rate"; Greek letters mean something else as capitals."""
    return f"{text[:1].upper()}{text[1:]}" if text[:1].isascii() else text


def value_text(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return numbers.number(value) if isinstance(value, float) else str(value)


def option_text(target: Target, option: Any) -> str:
    """One of the options of a parameter, by the name the other panels give it."""
    if isinstance(target.param, Variant):
        return target.param.family.kinds[option].title
    if isinstance(target.param, Choice):
        return target.param.options[option]
    return "on" if isinstance(target.param, Bool) and option else "off" if option is False else str(option)


def name_of(values: Mapping[str, Any]) -> str:
    """The values in a line."""
    short = short_titles(values)
    return SEPARATOR.join(f"{_lower(short[title])} {value_text(value)}" for title, value in values.items())


def run_name(number: int, values: Mapping[str, Any]) -> str:
    """What a run of a sweep is called: "#12 learning rate 0.01 · units 32"."""
    return f"#{number} {name_of(values)}"


def _lower(text: str) -> str:
    """"Batch size" → "batch size"; names of layers stay as they are."""
    return text if SEPARATOR in text else f"{text[:1].lower()}{text[1:]}"
