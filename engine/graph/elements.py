"""What a graph is made of: nodes, edges, groups and notes, each frozen, each with its plain form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.layers import LAYERS

Position = tuple[float, float]
#: From one node to the next where they are laid out by the program: across, and down.
COLUMN, ROW = 216.0, 120.0
#: Left, top, width, height.
Rect = tuple[float, float, float, float]

FRAME, COMMENT = "frame", "comment"
#: The colour tokens a frame may have: those of the categories, so that both themes know them.
NOTE_COLOURS = ("data", "learnable", "recurrent", "activation", "normalise", "shape", "output")
#: A note keeps at least this width and height.
LEAST_NOTE = 36.0
MOST_REPEATS = 100
#: Beyond it, in pixels, a canvas can no longer show anything.
_FURTHEST = 1e7


@dataclass(frozen=True, slots=True)
class Node:
    """One layer on the canvas. ``params`` holds only what differs from the layer's defaults, as plain values,
    and may be out of range (a hand-edited file): checking says so. ``name`` is what a person calls it. ``group`` is
    the id of the innermost group it is in, "" for none; a node that is not ``enabled`` is computed as if its input
    were wired straight to its output."""

    id: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    position: Position = (0.0, 0.0)
    name: str = ""
    group: str = ""
    enabled: bool = True

    @property
    def label(self) -> str:
        """The name if it has one, else the id: unique within its graph either way."""
        return self.name or self.id

    def to_dict(self) -> dict[str, Any]:
        told = {"id": self.id, "kind": self.kind, "params": _plain(self.params), "position": list(self.position),
                "name": self.name}
        return told | _without({"group": self.group, "enabled": self.enabled}, {"group": "", "enabled": True})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Node:
        kind = _text(data["kind"])
        return cls(_text(data["id"]), kind, clean_params(kind, dict(data.get("params", {}))),
                   _position(data.get("position", (0.0, 0.0))), _text(data.get("name", "")),
                   _text(data.get("group", "")), _flag(data.get("enabled", True)))


@dataclass(frozen=True, slots=True)
class Edge:
    """A wire from a node's output to one input port of another. ``dots`` are the places it is led through on the
    canvas, in order; computing ignores them."""

    source: str
    target: str
    port: str = "in"
    dots: tuple[Position, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """An input port takes one wire, so (target, port) identifies it."""
        return (self.target, self.port)

    def to_dict(self) -> dict[str, Any]:
        told = {"source": self.source, "target": self.target, "port": self.port}
        return told | _without({"dots": [list(dot) for dot in self.dots]}, {"dots": []})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Edge:
        return cls(_text(data["source"]), _text(data["target"]), _text(data.get("port", "in")),
                   tuple((_shown(x), _shown(y)) for x, y in data.get("dots", ())))


@dataclass(frozen=True, slots=True)
class Group:
    """A block of layers, inside the group ``parent`` ("" for none). A ``collapsed`` block is drawn as one node;
    ``repeat`` says how many copies of it stand one after the other, each with weights of its own."""

    id: str
    name: str = ""
    parent: str = ""
    collapsed: bool = False
    repeat: int = 1

    @property
    def label(self) -> str:
        return self.name or self.id

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "parent": self.parent, "collapsed": self.collapsed,
                "repeat": self.repeat}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Group:
        return cls(_text(data["id"]), _text(data.get("name", "")), _text(data.get("parent", "")),
                   _flag(data.get("collapsed", False)), _whole(data.get("repeat", 1), 1, MOST_REPEATS))


@dataclass(frozen=True, slots=True)
class Note:
    """Words on the canvas: a ``frame`` with a title around whatever lies in it, or a ``comment``."""

    id: str
    kind: str = COMMENT
    text: str = ""
    rect: Rect = (0.0, 0.0, 240.0, 96.0)
    colour: str = "data"

    def snapped(self, grid: float) -> Note:
        """The same note with its sides on a grid."""
        x, y, width, height = (round(side / grid) * grid for side in self.rect)
        return replace(self, rect=(x, y, width, height))

    def shifted(self, dx: float, dy: float) -> Note:
        """The same note elsewhere."""
        x, y, width, height = self.rect
        return replace(self, rect=(x + dx, y + dy, width, height))

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind, "text": self.text, "rect": list(self.rect), "colour": self.colour}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Note:
        x, y, width, height = (_shown(number) for number in data["rect"])
        rect = (x, y, max(width, LEAST_NOTE), max(height, LEAST_NOTE))
        return cls(_text(data["id"]), _one_of(data.get("kind", COMMENT), (FRAME, COMMENT)),
                   _text(data.get("text", "")), rect, _one_of(data.get("colour", "data"), NOTE_COLOURS))


def clean_params(kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters under their present names and in stored form, defaults left out; unknown kinds stay as they are."""
    layer = LAYERS.get(kind)
    if layer is None:
        return dict(params)
    cleaned = layer.cleaned(params)
    defaults = layer.defaults()
    return {name: value for name, value in cleaned.items() if name not in defaults or value != defaults[name]
            or type(value) is not type(defaults[name])}


def port_order(port: str) -> tuple[int, str]:
    """Sorts the ports of a layer of many inputs by their numbers."""
    digits = port.removeprefix("in")
    return (int(digits) if digits.isdecimal() and len(digits) < 9 else 0, port)


def _without(values: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    """What differs from the usual: most nodes and wires say nothing of groups, and files stay short."""
    return {name: value for name, value in values.items() if value != usual[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} where a text was expected")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} where true or false was expected")
    return value


def _whole(value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{value!r} where a whole number from {low} to {high} was expected")
    return value


def _one_of(value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"{value!r} where one of {', '.join(choices)} was expected")
    return str(value)


def _position(value: Any) -> Position:
    x, y = value
    return (_number(x), _number(y))


def _number(value: Any) -> float:
    """A file's number; infinity where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _shown(value: Any) -> float:
    """A coordinate that a canvas can show; 0 for any other."""
    coordinate = _number(value)
    return coordinate if math.isfinite(coordinate) and abs(coordinate) <= _FURTHEST else 0.0
