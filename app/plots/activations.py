"""What layers put out, over steps: mean, σ, and the shares of units and outputs that take no part."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.plots.choice import Choice
from app.plots.curves import CurvePlot
from app.plots.series import ACTIVITY, Series
from app.recorded.columns import Columns
from app.recorded.history import OF_LAYER
from app.training.session import Session

_MEAN, _SIGMA, _DEAD, _SATURATED = OF_LAYER
_WHAT = ((_SIGMA, "σ of outputs"), (_MEAN, "Mean of outputs"), (_DEAD, "Dead units"), (_SATURATED, "Saturated outputs"))
_SHARES = (_DEAD, _SATURATED)


class ActivationsPlot(CurvePlot):
    """One curve for each layer. A σ that shrinks or grows from layer to layer is a signal that vanishes or explodes."""

    id = "activations"
    title = "Outputs of layers"
    short = "Outputs"
    about = "Mean and spread of what each layer puts out, and its dead or saturated share"
    group = "Layers"
    promise = (
        "Press Run: mean and spread of what each layer puts out will appear here. "
        "Curves that drift apart are a signal that vanishes or explodes on its way."
    )
    log = True
    keeps_raw = False
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.what = Choice("What is shown of the outputs", _WHAT, self.body)
        self.what.chosen.connect(self.show_what)
        self.choosers.addWidget(self.what, 1)

    def table_of_steps(self) -> Columns:
        return self.history.activity

    def has_data(self) -> bool:
        return self.history.activity.count > 0

    def series(self) -> list[Series]:
        table, what = self.history.activity, self.what.current
        nodes = [name.partition(".")[2] for name in table.names if name.startswith(f"{what}.")]
        active = [node for node in nodes if not math.isnan(self._last(f"{_DEAD}.{node}"))]
        if what in _SHARES:
            nodes = [node for node in nodes if not np.isnan(table.column(f"{what}.{node}")).all()]
        first = active or nodes
        ordered = [*reversed(first), *(node for node in reversed(nodes) if node not in first)]
        return [Series(f"{what}.{node}", self.label_of(node), place, ACTIVITY, table.names.index(f"{what}.{node}"),
                       shown=node in first, smoothed=True, node=node)
                for place, node in enumerate(ordered) if node in nodes]  # fmt: skip

    def _last(self, name: str) -> float:
        return float(self.history.activity.column(name)[-1])

    def show_what(self, what: str) -> None:
        """Another quantity: σ on a logarithmic axis, shares in percent."""
        self.what.choose(what)
        self.percent = what in _SHARES
        self.limits = (-0.02, 1.02) if self.percent else (-math.inf, math.inf)
        self.frame.left.set_percent(self.percent)
        self.set_log(what == _SIGMA)
