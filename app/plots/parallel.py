"""Sweeps as parallel coordinates: an axis for each parameter and each result, a line for each run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.document import Document
from app.numbers import amount, count
from app.plots import colours
from app.plots.base import Plot
from app.plots.choice import Choice
from app.plots.parallel_data import SECONDS, Axis, Table, table_of
from app.plots.parallel_paint import line_colour
from app.plots.parallel_view import ParallelView
from app.style import theme
from app.sweep.shown import ShownRuns
from app.training.session import Session
from engine.runs import RunInfo

#: The colours are explained where there is so much room, in pixels.
_LEAST_SCALE = 210
_CHOSEN = "#chosen"  # no sweep is called so


class ParallelPlot(Plot):
    """What :class:`ShownRuns` says, drawn. A click on a line selects its run in the Runs tab."""

    id = "sweep"
    title = "Sweep"
    about = "Every run of a sweep as a line over its settings and results; brush an axis to keep a range"
    promise = (
        "Train, Sweep… trains this network with many settings: each run will be a line across its settings and its "
        "results here. So can runs that are selected in the Runs tab."
    )
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._shown = ShownRuns.of(session)
        self._infos: tuple[RunInfo, ...] = ()
        self._hidden = {SECONDS}
        self._coloured = ""
        self._orders: dict[frozenset[str], list[str]] = {}
        self.view = ParallelView(self.body)
        self.which = Choice("Which runs are drawn")
        self.by = Choice("What the colour of a line says")
        self.by.setMinimumContentsLength(13)
        self.scale = Scale(self.body)
        self._lay_out()
        self.which.chosen.connect(self._choose_runs)
        self.by.chosen.connect(self._choose_colour)
        self.view.pointed.connect(self._say)
        self.view.brushed.connect(self._say)
        self.view.picked.connect(lambda row: self._shown.picked.emit(self.view.table.ids[row]))
        self.view.reordered.connect(self._keep_order)
        self._shown.changed.connect(self._look)
        self._shown.wanted.connect(self.wanted)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 2)
        row.addWidget(self.which)
        row.addWidget(self.scale, 1)
        row.addWidget(self.by)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.view, 1)

    # -- what is drawn ---------------------------------------------------------------------------------------

    def has_data(self) -> bool:
        return bool(self._shown.infos)

    def _look(self) -> None:
        """Other runs may be shown, or other sweeps be there to choose from."""
        if self._shown.infos != self._infos or self._options() != self.which.options:
            self._grow()

    def refresh(self) -> None:
        infos = self._shown.infos
        self.which.offer(self._options())
        self.which.choose(_CHOSEN if self._shown.ids else self._shown.group)
        if infos != self._infos:
            self._infos = infos
            self._show(table_of(infos))

    def _options(self) -> list[tuple[str, str]]:
        chosen = [(_CHOSEN, f"{len(self._shown.ids)} chosen runs")] if self._shown.ids else []
        return [*chosen, *((group, group) for group in self._shown.groups)]

    def _show(self, table: Table) -> None:
        by = self._coloured if table.axis(self._coloured) is not None else table.judge
        self.by.offer([(axis.key, axis.title) for axis in table.axes if not axis.words])
        self.by.choose(by)
        self.view.selected = -1
        self.view.show_table(table, self._order(table), by)
        self.scale.show_axis(table.axis(by))
        self._say()

    def _order(self, table: Table) -> list[str]:
        kept = self._orders.get(frozenset(axis.key for axis in table.axes), [])
        keys = kept or [axis.key for axis in table.axes]
        return [key for key in keys if key not in self._hidden]

    def _keep_order(self) -> None:
        table = self.view.table
        hidden = [axis.key for axis in table.axes if axis.key in self._hidden]
        self._orders[frozenset(axis.key for axis in table.axes)] = [*self.view.order, *hidden]

    def retheme(self) -> None:
        self.view.redraw()
        self.scale.update()

    # -- what the person chooses -----------------------------------------------------------------------------

    def _choose_runs(self, key: str) -> None:
        if key != _CHOSEN:
            self._shown.show_group(key)
            self.draw_now()

    def _choose_colour(self, key: str) -> None:
        self._coloured = key
        self._show(self.view.table)

    def _say(self, _: object = None) -> None:
        """Which run is pointed at, or how many lie in the ranges."""
        table, row = self.view.table, self.view.row
        if 0 <= row < len(table.ids):
            judged = table.axis(self.view.colour_by)
            value = f" — {judged.title.lower()} {judged.texts[row]}" if judged else ""
            self.detail.say(f"{table.names[row]}{value}")
            return
        kept, every = int(self.view.kept.sum()), len(table.ids)
        runs = amount(every, "run")
        self.detail.say(f"{count(kept)} of {runs} in the ranges" if self.view.brushes else runs)

    def fill_menu(self, menu: QMenu) -> None:
        axes = menu.addMenu("Axes")
        for axis in self.view.table.axes:
            action = axes.addAction(axis.title)
            action.setCheckable(True)
            action.setChecked(axis.key not in self._hidden)
            action.toggled.connect(lambda on, key=axis.key: self._show_axis(key, on))
        axes.setEnabled(bool(self.view.table.axes))
        menu.addAction("Clear ranges", self.view.clear_brushes).setEnabled(bool(self.view.brushes))

    def _show_axis(self, key: str, on: bool) -> None:
        (self._hidden.discard if on else self._hidden.add)(key)
        self._show(self.view.table)

    # -- export ----------------------------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        self.view.exact = True
        try:
            super().export(path)
        finally:
            self.view.exact = False

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        table = self.view.table
        columns = [np.array([axis.words[int(v)] if v == v else "" for v in axis.values], object) if axis.words
                   else axis.values for axis in table.axes]
        return (["run", *(axis.title for axis in table.axes), "in ranges"],
                [np.array(table.names, object), *columns, self.view.kept.astype(int)])


class Scale(QWidget):
    """What the colours of lines mean: a strip from the worst to the best, with their values."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis: Axis | None = None
        self.setFixedHeight(20)

    def show_axis(self, axis: Axis | None) -> None:
        """Explains the colours along this axis."""
        self._axis = axis
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        axis = self._axis
        if axis is None or self.width() < _LEAST_SCALE or not np.isfinite(axis.values).any():
            return
        painter = QPainter(self)
        strip = QRectF(self.width() - 150, 7, 90, 6)
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for step in range(6):
            gradient.setColorAt(step / 5, line_colour(step / 5))
        painter.fillRect(strip, gradient)
        ends = [axis.texts[int(np.nanargmin(axis.values))], axis.texts[int(np.nanargmax(axis.values))]]
        if axis.higher_is_better is False:
            ends.reverse()
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(colours.token("quiet"))
        side = 52.0
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(strip.left() - 6 - side, 0, side, 20), middle | Qt.AlignmentFlag.AlignRight, ends[0])
        painter.drawText(QRectF(strip.right() + 6, 0, side, 20), middle | Qt.AlignmentFlag.AlignLeft, ends[1])
