"""Gradients of every layer over steps as one picture: where and when they vanish or explode."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu, QWidget

from app import numbers
from app.document import Document
from app.plots.choice import Choice
from app.plots.decades import Decades, shades
from app.plots.frame import Frame
from app.plots.gradient_norms import is_primary
from app.plots.picture import NameAxis, PicturePlot, RowLines
from app.recorded.columns import Columns
from app.training.session import Session

_NORMS, _FLOW = "norms", "flow"
_WHAT = ((_NORMS, "‖∂L/∂W‖₂ of each weight"), (_FLOW, "mean |∂L/∂output| of each layer"))


class GradientMapPlot(PicturePlot):
    """A row for each weight (or layer), the output on top; the brighter, the larger the gradient. Where pixels stand
    for several steps, the largest of them counts."""

    id = "gradient_map"
    title = "Gradient heat map"
    short = "Heat map"
    about = "Every layer's gradient over the whole run as one picture"
    group = "Layers"
    remark = "largest of each pixel's steps"
    promise = (
        "Press Run: a row for each layer will appear here, brighter where its gradient is larger. "
        "A row that goes dark has stopped learning."
    )
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.scale = Decades()
        self._every = False
        self._row = -1
        self._keys: list[str] = []
        self.lines = RowLines()
        self.frame.view.addItem(self.lines, ignoreBounds=True)
        self.frame.view.setMouseEnabled(x=True, y=False)
        self.what = Choice("What is shown of the gradient", _WHAT, self.body)
        self.what.chosen.connect(self._choose)
        self.choosers.addWidget(self.what, 1)
        document.selection_changed.connect(self._mark)

    def make_frame(self) -> Frame:
        self.axis = NameAxis()
        return Frame(self.body, self.axis)

    def has_data(self) -> bool:
        return self.history.training.count > 0 and bool(self.history.weight_keys)

    def restart(self) -> None:
        self.scale.reset()

    def table_of_steps(self) -> Columns:
        return self.history.flows if self.what.current == _FLOW else self.history.training

    def keys(self) -> list[str]:
        """What the rows are, from the bottom up: weights as "node.name", or nodes."""
        if self.what.current == _FLOW:
            return list(self.history.flow_nodes)
        every = list(self.history.weight_keys)
        return every if self._every else [key for key in every if is_primary(key)] or every

    def refresh(self) -> None:
        self.show_all_steps()
        self._keys = self.keys()
        table = self.table_of_steps()
        values = table.highest([table.names.index(key) for key in self._keys], self.edges())
        self.scale.include(values)
        colours = shades("")
        self.show_picture(self.scale.positions(values), colours, 0, len(self._keys))
        self.colour_scale.show_scale(self.scale.ticks(), colours)
        if self.frame.view.viewRange()[1] != [0, len(self._keys)]:
            self.frame.view.setYRange(0, max(len(self._keys), 1), padding=0)
        self._mark()

    def _mark(self) -> None:
        selection = self.document.selection
        chosen = frozenset(i for i, key in enumerate(self._keys) if self.drawn_node(self._node(key)) in selection)
        self.axis.show_names([self._label(key) for key in self._keys], chosen)
        self.lines.show_rows(len(self._keys), chosen)

    def _node(self, key: str) -> str:
        return key if self.what.current == _FLOW else key.rpartition(".")[0]

    def _label(self, key: str) -> str:
        return self.label_of(key) if self.what.current == _FLOW else self.label_of_weight(key)

    # -- exact values -----------------------------------------------------------------------------------------

    def _key_at(self, point: QPointF) -> str:
        row = math.floor(point.y())
        return self._keys[row] if 0 <= row < len(self._keys) else ""

    def name_at(self, point: QPointF) -> str:
        key = self._key_at(point)
        self._row = self._keys.index(key) if key else -1
        return self._label(key) if key else ""

    def node_at(self, point: QPointF) -> str:
        return self._node(self._key_at(point))

    def value_at(self, key: str, step: float) -> float:
        """The number recorded at the step nearest to ``step``."""
        table = self.table_of_steps()
        row = table.row_at(step)
        return float(table.table[row, table.names.index(key)]) if row >= 0 else math.nan

    def value_remark(self) -> str:
        if not 0 <= self._row < len(self._keys):
            return ""
        return numbers.number(self.value_at(self._keys[self._row], self.hovered))

    # -- what the person chooses ------------------------------------------------------------------------------

    def _choose(self) -> None:
        self.scale.reset()
        self._row = -1
        self.draw_now()

    def set_log(self, on: bool) -> None:
        """Colours by the logarithm, or in proportion."""
        self.scale.is_log = on
        self.draw_now()

    def show_every_weight(self, on: bool) -> None:
        """Offsets and scales too, not only the matrices."""
        self._every = on
        self.draw_now()

    def fill_scale(self, menu: QMenu) -> None:
        for text, on, change in (("Logarithmic colours", self.scale.is_log, self.set_log),
                                 ("Every weight", self._every, self.show_every_weight)):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(on)
            action.toggled.connect(change)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        table, keys = self.table_of_steps(), self.keys()
        return ["step", *map(self._label, keys)], [table.steps, *(table.column(key) for key in keys)]
