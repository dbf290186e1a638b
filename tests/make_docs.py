"""Writes the documentation that is generated from the code: ``python3 -m tests.make_docs``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.initialisers import Initialiser
from engine.layer import Category, Layer
from engine.layers import LAYERS
from engine.params import Declared, Param
from engine.shapes import text

LAYERS_PAGE = Path(__file__).parents[1] / "resources" / "docs" / "layers.md"
COMMAND = "python3 -m tests.make_docs"


def layers_page() -> str:
    """The page of all layers, as their declarations describe them."""
    parts = ["# Layers", f"Generated from the layers themselves by `{COMMAND}`; change those, not this page. "
             "Shapes are of one example, images height × width × channels."]
    for category in Category:
        members = [layer for layer in LAYERS.values() if layer.category is category]
        if members:
            parts.append(f"## {category.title}")
            parts += [part for layer in members for part in _layer(layer)]
    parts += ["## Initialisers", "How a weight begins, before the first step."]
    parts += [part for kind in Initialiser.kinds.values() for part in _declared(kind)]
    return "\n\n".join(parts) + "\n"


def _layer(layer: type[Layer]) -> Iterator[str]:
    yield f"### {layer.title}"
    yield _paragraphs(layer)
    if layer.formula:
        yield f"    {layer.formula}"
    if layer.when:
        yield f"When to use it: {layer.when}"
    if shapes := _shapes(layer):
        yield f"Shapes: {shapes}."
    yield from _table(layer)


def _declared(kind: type[Declared]) -> Iterator[str]:
    yield f"### {kind.title}"
    yield _paragraphs(kind)
    yield from _table(kind)


def _paragraphs(kind: type[Declared]) -> str:
    paragraphs = (kind.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _shapes(layer: type[Layer]) -> str:
    """The layer's own examples, worked out."""
    found = []
    for params, shapes in layer.examples:
        out = layer(**params).infer(*shapes)
        if isinstance(out, tuple) and shapes:
            given = " and ".join(text(shape) for shape in shapes)
            entry = f"{given} → {text(out)}" + (f" with {_values(params)}" if params else "")
            found.append(entry)
    return "; ".join(dict.fromkeys(found))


def _values(params: Any) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in params.items())


def _table(kind: type[Declared]) -> Iterator[str]:
    if kind.parameters:
        rows = [_row(name, param) for name, param in kind.parameters.items()]
        yield "\n".join(["| Parameter | Default | Allowed | Meaning |", "|---|---|---|---|", *rows])


def _row(name: str, param: Param[Any]) -> str:
    cells = (f"`{name}`", _plain(param.default), param.range_text(), param.help)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("kind", value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return text(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    LAYERS_PAGE.write_text(layers_page(), encoding="utf-8")
    print(f"Wrote {LAYERS_PAGE.name}.")
