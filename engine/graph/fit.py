"""Fitting a network to data: the Input's shape, the loss and the last layer's units, in one edit."""

from __future__ import annotations

from engine.graph.check import check
from engine.graph.fixes import apply_fix
from engine.graph.model import Graph
from engine.issues import Fix, Issue, Severity
from engine.signature import DataSignature

#: What checking calls the misfits between a network and its data.
_MISFITS = {"input_shape", "outputs", "loss_task"}
#: Each mend settles one misfit and may uncover another (an image now wants a Flatten); no network needs more.
_MOST_MENDS = 12


def fitted(graph: Graph, data: DataSignature) -> Graph:
    """The graph with every mend that checking offers for its misfits with ``data`` applied.

    The graph itself where it fits already, or where nothing can be offered.
    """
    seen = {repr(graph.to_dict())}
    for _ in range(_MOST_MENDS):
        fix = _next_mend(check(graph, data).issues)
        if fix is None:
            break
        graph = apply_fix(graph, fix)
        if repr(graph.to_dict()) in seen:  # two mends that undo each other
            break
        seen.add(repr(graph.to_dict()))
    return graph


def misfits(issues: tuple[Issue, ...]) -> bool:
    """Is any of the issues a misfit between network and data?"""
    return any(issue.code in _MISFITS for issue in issues)


def _next_mend(issues: tuple[Issue, ...]) -> Fix | None:
    """The mend of a misfit; else, of an error that stands in the way, inserting what is missing."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR and issue.mends]
    for issue in errors:
        if issue.code in _MISFITS:
            return issue.mends[0]
    for issue in errors:
        for fix in issue.mends:
            if fix.edit == "insert_before":
                return fix
    return None
