"""What an edit does to shapes, sizes and costs, in one line: shown while a value is typed, slid or only looked at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.numbers import count, engineering
from engine.graph.report import Report
from engine.params import Bool, Param, Variant
from engine.shapes import text


def effect_line(param: Param[Any], old: Any, new: Any, before: Report, after: Report, ids: Collection[str]) -> str:
    """``Units 128 → 256: parameters 101 770 → 203 530, output 128 → 256``, for the layers ``ids``.

    ``old`` is None where the layers had different values.
    """
    parts = [*_own(before, after, ids), *_network(before, after, ids), *_problems(before, after)]
    head = f"{param.label} {'mixed' if old is None else value_text(param, old)} → {value_text(param, new)}"
    return f"{head}: {', '.join(parts)}" if parts else f"{head}: no change of shape, size or cost"


def value_text(param: Param[Any], value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(param, Variant):
        member = param.family.kinds.get(value.get("kind") if isinstance(value, dict) else value)
        return member.title if member else str(value)
    if isinstance(param, Bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return " × ".join(map(str, value)) or "none"
    return str(value)


def _own(before: Report, after: Report, ids: Collection[str]) -> list[str]:
    """The edited layers themselves."""
    parts = []
    old, new = (sum(report.parameters(i) for i in ids) for report in (before, after))
    if old != new:
        parts.append(f"parameters {count(old)} → {count(new)}")
    shapes = {(before.shapes.get(i), after.shapes.get(i)) for i in ids}
    if len(shapes) == 1:
        (was, now), = shapes
        if was != now:
            parts.append(f"output {text(was) if was else '?'} → {text(now) if now else '?'}")
    old, new = (sum(report.costs.get(i, 0) for i in ids) for report in (before, after))
    if old != new:
        parts.append(f"multiply–adds {engineering(old)} → {engineering(new)}")
    return parts


def _network(before: Report, after: Report, ids: Collection[str]) -> list[str]:
    """The network as a whole, where layers behind the edited ones change too."""
    old, new = before.total_parameters, after.total_parameters
    others = any(before.parameters(i) != after.parameters(i) for i in after.layers if i not in ids)
    return [f"whole network {count(old)} → {count(new)} parameters"] if others and old != new else []


def _problems(before: Report, after: Report) -> list[str]:
    known = {(issue.code, issue.where) for issue in before.issues}
    fresh = [issue for issue in after.issues if (issue.code, issue.where) not in known]
    if not fresh:
        return []
    more = f" (and {len(fresh) - 1} more)" if len(fresh) > 1 else ""
    where = f"{fresh[0].where}: " if fresh[0].where else ""
    return [f"new problem: {where}{fresh[0].happened}{more}"]
