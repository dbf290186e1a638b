"""Declared parameters: the one description that validation, inspector, help page and files derive from.

A class that derives from :class:`Declared` states its parameters as class attributes::

    class Dense(Layer, title="Dense", category=Category.LEARNABLE):
        units = Int(64, "Numbers each example becomes.", low=1, high=65536)

An instance is immutable. ``Dense(units=3).units`` is ``3``; ``Dense(units=0)`` raises a :class:`ParameterError`
whose sentence is written from the declared range.
"""

from engine.params.base import Param, ParameterError
from engine.params.choices import Bool, Choice, Text
from engine.params.declared import Declared, Variant
from engine.params.numbers import Float, Int, IntOrChoice
from engine.params.tuples import FloatTuple, IntTuple

__all__ = [
    "Bool",
    "Choice",
    "Declared",
    "Float",
    "FloatTuple",
    "Int",
    "IntOrChoice",
    "IntTuple",
    "Param",
    "ParameterError",
    "Text",
    "Variant",
]
