"""Plots of curves over steps: what loss, metrics and gradient magnitudes have in common."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QWidget

from app.document import Document
from app.plots.drawn_curves import DrawnCurves
from app.plots.series import Curve
from app.plots.smoothing import slider_action
from app.recorded.columns import Columns
from app.training.session import Session

#: Pixels from a curve within which a click means it.
_NEAR = 14.0
#: Values are the same for the keys where less than this share of the height lies between them.
_SAME = 1e-6


class CurvePlot(DrawnCurves):
    """A plot of curves over steps. A subclass names its curves in :meth:`series`."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.legend.toggled.connect(self._toggle)
        self.legend.soloed.connect(self.solo)
        self.legend.more_asked.connect(self._menu_at_legend)
        self.detail.say(self.standing_remark())

    # -- exact values -----------------------------------------------------------------------------------------

    def value_at(self, curve: Curve, step: float) -> float:
        """The number recorded at the step nearest to ``step``; NaN where there is none."""
        table = self._all_tables()[curve.series.source]
        row = table.row_at(step)
        return float(table.table[row, curve.series.column]) if row >= 0 else math.nan

    def _latest(self, curve: Curve) -> float:
        column = self._all_tables()[curve.series.source].table[:, curve.series.column]
        for value in column[:-65:-1]:  # accuracy is not measured at every step
            if not math.isnan(value):
                return float(value)
        return math.nan

    def show_values(self) -> None:
        step = self.told_step
        for curve, entry in zip(self.curves, self.legend.entries, strict=True):
            value = self._latest(curve) if math.isnan(step) else self.value_at(curve, step)
            entry.show_value(self.format(value))

    def name_at(self, point: QPointF) -> str:
        near = self.nearest(point)
        return near.series.label if near is not None and near.series.node else ""

    def node_at(self, point: QPointF) -> str:
        near = self.nearest(point)
        return near.series.node if near is not None else ""

    def standing_remark(self) -> str:
        remark = super().standing_remark()
        if not self.keeps_raw and any(c.shown and self._is_smoothed(c) for c in self.curves):
            remark += f" · mean of {self.window_steps}"
        return remark

    def nearest(self, point: QPointF) -> Curve | None:
        """The shown curve that a point of the view means, if any."""
        shown = [curve for curve in self.curves if curve.shown]
        found = [(self.frame.distance(point, self.value_at(curve, point.x())), i) for i, curve in enumerate(shown)]
        near = [(distance, i) for distance, i in found if distance <= _NEAR]
        return shown[min(near)[1]] if near else None

    def spoken(self) -> str:
        told = (f"{curve.series.label} {self.format(self.value_at(curve, self.hovered))}"
                for curve in self.curves if curve.shown)
        return f"{super().spoken()}: {', '.join(told)}"

    def climb(self, point: QPointF, up: int) -> None:
        """The arrow keys go from curve to curve."""
        heights = (self.frame.height_of(self.value_at(curve, point.x())) for curve in self.curves if curve.shown)
        beyond = [height for height in heights if (height - point.y()) * up > self.frame.in_view().height() * _SAME]
        if beyond:
            nearest = min(beyond) if up > 0 else max(beyond)
            self.frame.point_at(QPointF(point.x(), nearest), by_keys=True)

    # -- what the person chooses ------------------------------------------------------------------------------

    def _toggle(self, index: int, on: bool) -> None:
        curve = self.curves[index]
        curve.shown = on
        self._choices[curve.series.key] = on
        if not on:
            curve.clear()
        self._dress()
        self.draw_now()

    def solo(self, index: int) -> None:
        """Shows one curve alone; all that were shown at first where it is alone already."""
        alone = not any(curve.shown for place, curve in enumerate(self.curves) if place != index)
        for place, (curve, entry) in enumerate(zip(self.curves, self.legend.entries, strict=True)):
            entry.setChecked(place == index or (alone and curve.series.shown))

    def show_curve(self, index: int, on: bool) -> None:
        """Shows or hides a curve that may not be in the legend."""
        self.legend.entries[index].setChecked(on)
        self._list_names()

    def _menu_at_legend(self) -> None:
        self.show_menu(self.legend.mapToGlobal(QPoint(0, self.legend.height())))

    def set_smoothing(self, steps: int) -> None:
        """The running mean of so many steps is drawn; 1 for none, AUTOMATIC for a number that suits the view."""
        self.chosen_window = steps
        self.draw_now()

    def fill_menu(self, menu: QMenu) -> None:
        super().fill_menu(menu)
        if any(curve.series.smoothed for curve in self.curves):
            menu.addAction(slider_action(menu, self.chosen_window, self.set_smoothing))
        if self.curves:
            names = menu.addMenu("Curves")
            for index, curve in enumerate(self.curves):
                action = names.addAction(curve.series.label)
                action.setCheckable(True)
                action.setChecked(curve.shown)
                action.toggled.connect(lambda on, index=index: self.show_curve(index, on))

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        """All steps with the curves of the training table, then those that were evaluated, by step."""
        tables = self._all_tables()
        steps = np.unique(np.concatenate([self._used_steps(source, table) for source, table in tables.items()]))
        names, columns = ["step"], [steps]
        for curve in self.curves:
            table = tables[curve.series.source]
            column = np.full(len(steps), np.nan)
            column[np.searchsorted(steps, table.steps)] = table.table[:, curve.series.column]
            names.append(curve.series.label)
            columns.append(column)
        return names, columns

    def _used_steps(self, source: str, table: Columns) -> np.ndarray:
        used = any(curve.series.source == source for curve in self.curves)
        return table.steps if used else table.steps[:0]
