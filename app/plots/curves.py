"""Plots of curves over steps: what loss, metrics and gradient magnitudes have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app import numbers
from app.document import Document
from app.plots.beside import Beside, is_beside
from app.plots.extent import Extent
from app.plots.legend import Legend
from app.plots.over_steps import StepsPlot
from app.plots.series import EVALUATIONS, SOURCES, TRAINING, Curve, Series
from app.plots.smoothing import AUTOMATIC, slider_action, suited
from app.recorded.columns import Columns
from app.recorded.history import RunHistory
from app.training.session import Session

#: Up to this many evaluations, each is marked with a dot.
_MARKED = 60
#: Pixels from a curve within which a click means it.
_NEAR = 14.0
_LEGEND_MARGIN = 12
#: Values are the same for the keys where less than this share of the height lies between them.
_SAME = 1e-6
#: At most this share of the height is given up to the legend.
_MOST_LEGEND = 0.45
#: Lines that stand out are this wide while they are few: Qt strokes them at twice the time of thin ones.
_WIDE, _FEW = 1.5, 3
#: Points beyond which they are thin in any case.
_DENSE = 250


class CurvePlot(StepsPlot):
    """A plot of curves over steps. A subclass names its curves in :meth:`series`."""

    #: Are the values shares, shown in percent?
    percent: bool = False
    #: Values the linear axis never goes beyond.
    limits: tuple[float, float] = (-math.inf, math.inf)
    #: Where the legend stands: away from where such curves usually end.
    legend_corner: Qt.Corner = Qt.Corner.TopRightCorner
    smoothing: ClassVar[int] = AUTOMATIC
    #: With smoothing, are the numbers themselves shown too, faintly?
    keeps_raw: ClassVar[bool] = True

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        self.beside = Beside(session, self.series, self.tables)
        super().__init__(session, document, parent)
        self.curves: list[Curve] = []
        self.chosen_window = self.smoothing
        self.window_steps = self.smoothing
        self._choices: dict[str, bool] = {}
        self.legend = Legend(self.frame)
        self.legend.toggled.connect(self._toggle)
        self.legend.soloed.connect(self.solo)
        self.legend.more_asked.connect(self._menu_at_legend)
        self.frame.resized.connect(self._place_legend)
        document.selection_changed.connect(self._dress)
        self.beside.runs.overlays_changed.connect(self._restart)
        self.detail.say(self.standing_remark())

    @property
    def history(self) -> RunHistory:
        """What is drawn: this run, or where there is none the first of those drawn beside it."""
        return self.beside.history(super().history)

    def series(self) -> list[Series]:
        """The curves there are to draw, given the history."""
        raise NotImplementedError(type(self).__name__)

    def format(self, value: float) -> str:
        """A value as the legend shows it."""
        if math.isnan(value):
            return "–"
        return numbers.percent(value) if self.percent else numbers.number(value)

    # -- drawing ----------------------------------------------------------------------------------------------

    def restart(self) -> None:
        for curve in self.curves:
            for item in curve.items:
                self.frame.removeItem(item)
        self.beside.restart()
        self.curves = [Curve(series, self.frame) for series in self._all_series()]
        for curve in self.curves:
            curve.shown = self._choices.get(curve.series.key, curve.series.shown)
        self._list_names()

    def _list_names(self) -> None:
        """Names in the legend what is shown or was at first; the rest is found in the menu."""
        curves = self.curves
        self.legend.set_names(
            [c.series.label for c in curves], [c.shown for c in curves], [c.shown or c.series.shown for c in curves]
        )
        self._dress()
        self._place_legend()

    def parts(self) -> Iterator[None]:
        tables = self._all_tables()
        for _ in self._draw_all():
            yield
            if self._all_tables() != tables:  # others than it began with: another run has come in between
                self._grow()
                return

    def _draw_all(self) -> Iterator[None]:
        if [curve.series for curve in self.curves] != self._all_series():
            self.restart()
        frame = self.frame
        self.show_all_steps()
        self._choose_window()
        extent = Extent()
        for source in self._all_tables():
            yield from self._draw_source(source, extent)
        self.draw_beside(extent)
        yield
        if frame.following:
            frame.show_values(extent, *self.limits, self._legend_share())
        yield
        self.show_values()

    def _choose_window(self) -> None:
        before, self.window_steps = self.window_steps, self.chosen_window
        if self.chosen_window == AUTOMATIC:
            first, last = self.frame.steps
            self.window_steps = suited(last - first)
        if self.window_steps != before:
            self._window_changed()

    def _legend_share(self) -> float:
        """The part of the height the legend takes, negative where it stands at the bottom."""
        share = min((self.legend.height() + 8) / max(self.frame.view.height(), 1), _MOST_LEGEND)
        return share if self.legend_corner == Qt.Corner.TopRightCorner else -share

    def tables(self) -> dict[str, Columns]:
        """The tables that curves may be drawn from, by the name a series knows them under."""
        return {source: getattr(self.history, source) for source in SOURCES}

    def last_step_beside(self) -> float:
        return float(max((history.progress.step for history in self.beside.histories), default=0))

    def _all_series(self) -> list[Series]:
        """The curves of this run, and of those beside it."""
        others = self.beside.series()
        return others if others and self.session.history.is_empty else self.series() + others

    def _all_tables(self) -> dict[str, Columns]:
        return {**self.tables(), **self.beside.tables()}

    def draw_beside(self, extent: Extent) -> None:
        """Draws what is not a curve of a table, and widens ``extent`` by it."""

    def _draw_source(self, source: str, extent: Extent) -> Iterator[None]:
        """Draws the shown curves of one table, and widens ``extent`` by what was drawn. What lies beside this run
        does not change: it is drawn anew only where the view has."""
        if not is_beside(source):
            yield from self._draw_table(source, extent)
            return
        shown = tuple(curve.shown for curve in self.curves if curve.series.source == source)
        key = (self.frame.steps, self.frame.pixels, self.window_steps, self.frame.is_log, self.legend.width(), shown)
        taken = self.beside.is_drawn(source, key)
        if taken is None:
            taken = Extent()
            yield from self._draw_table(source, taken, other=True)
            self.beside.note_drawn(source, key, taken)
        extent.unite(taken)

    def _draw_table(self, source: str, extent: Extent, other: bool = False) -> Iterator[None]:
        shown = [curve for curve in self.curves if curve.shown and curve.series.source == source]
        smoothed = [curve for curve in shown if self._is_smoothed(curve)]
        plain = [curve for curve in shown if (self.keeps_raw and not other) or curve not in smoothed]
        table, (first, last), pixels = self._all_tables()[source], self.frame.steps, self.frame.pixels
        under = last - (last - first) * (self.legend.width() + _LEGEND_MARGIN) / pixels
        if plain:
            steps, values = table.peaks([curve.series.column for curve in plain], first, last, pixels)
            marked = source == EVALUATIONS and len(steps) <= _MARKED
            self._thin_out(plain, len(steps))
            for index, curve in enumerate(plain):
                kept = self.drawable(values[:, index])
                extent.include(kept, kept[np.searchsorted(steps, under) :])
                curve.raw.setData(steps, kept, symbol="o" if marked and not other else None, symbolSize=4)
                yield
        if smoothed:
            columns = [curve.series.column for curve in smoothed]
            steps, means = table.means(columns, first, last, pixels // 2, self.window_steps)
            for index, curve in enumerate(smoothed):
                kept = self.drawable(means[:, index])
                extent.include(kept, kept[np.searchsorted(steps, under) :])
                curve.mean.setData(steps, kept)
                yield

    def _thin_out(self, curves: list[Curve], points: int) -> None:
        """Lines of many points are thin: Qt strokes wide ones at twenty times the time."""
        changed = [curve for curve in curves if curve.dense != (points > _DENSE or curve.series.source == TRAINING)]
        for curve in changed:
            curve.dense = not curve.dense
        if changed:
            self._dress()

    def _is_smoothed(self, curve: Curve) -> bool:
        return curve.series.smoothed and self.window_steps > 1

    def drawable(self, values: np.ndarray) -> np.ndarray:
        """The values with NaN for those that a logarithmic axis has no place for."""
        bad = ~np.isfinite(values)
        if self.frame.is_log:
            bad |= values <= 0
        return np.where(bad, np.nan, values) if bad.any() else values

    def _dress(self) -> None:
        """Colours and highlights, by theme and selection."""
        selection = self.document.selection
        chosen = [c for c in self.curves if c.series.node and self.drawn_node(c.series.node) in selection]
        width = _WIDE if sum(curve.shown for curve in self.curves) <= _FEW else 1.0
        for curve, entry in zip(self.curves, self.legend.entries, strict=True):
            curve.dress(bool(chosen) and curve not in chosen, self._is_smoothed(curve), width)
            entry.colour, entry.line = curve.series.paint(), curve.series.style
            entry.highlight(curve in chosen)
            entry.update()

    def retheme(self) -> None:
        super().retheme()
        self._dress()

    def _place_legend(self) -> None:
        height = self.frame.height()
        self.legend.fit_into(height - 48)
        at_top = self.legend_corner == Qt.Corner.TopRightCorner
        top = 8 if at_top else height - self.legend.height() - 34
        self.legend.move(self.frame.width() - self.legend.width() - _LEGEND_MARGIN, max(top, 0))
        self.legend.raise_()

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
            for item in curve.items:
                item.setData([], [])
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

    def _window_changed(self) -> None:
        for curve in self.curves:
            if not (self._is_smoothed(curve) and curve.shown):
                curve.clear_mean()
            elif not self.keeps_raw or curve.series.run is not None:
                curve.clear_raw()
        self._dress()
        self.tell()

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
