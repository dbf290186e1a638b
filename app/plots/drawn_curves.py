"""How curves over steps are drawn out of tables: peaks, running means, the room they take, other runs beside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from PySide6.QtWidgets import QWidget

from app import numbers
from app.document import Document
from app.plots.beside import Beside, is_beside
from app.plots.extent import Extent, round_ends
from app.plots.ink import Ink
from app.plots.legend import Legend
from app.plots.legend_place import LegendPlace
from app.plots.over_steps import StepsPlot
from app.plots.series import EVALUATIONS, SOURCES, TRAINING, Curve, Series
from app.plots.smoothing import AUTOMATIC, suited
from app.recorded.columns import Columns
from app.recorded.history import RunHistory
from app.seldom import Seldom
from app.training.session import Session

#: Up to this many evaluations, each is marked with a dot.
_MARKED = 60
#: Lines that stand out are this wide while they are few: Qt strokes them at twice the time of thin ones.
_WIDE, _FEW = 1.5, 3
#: Rows in view from which on smoothing may take several of those that lie far apart.
_ENOUGH = 20
#: Points beyond which they are thin in any case.
_DENSE = 250
#: Curves drawn in one part.
_AT_ONCE = 4


class DrawnCurves(StepsPlot):
    """A plot of curves over steps, as far as it is drawn; :class:`app.plots.curves.CurvePlot` has what the person does
    with it."""

    #: Are the values shares, shown in percent?
    percent: bool = False
    #: Values the linear axis never goes beyond.
    limits: tuple[float, float] = (-math.inf, math.inf)
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
        self.ink = Ink(self.frame)
        self.legend = Legend(self.frame)
        self.place = LegendPlace(self.legend, self.frame)
        self._telling = Seldom(self, self._tell_newest)
        self.frame.resized.connect(self.place.put)
        document.selection_changed.connect(self._dress)
        self.beside.runs.overlays_changed.connect(self._restart)

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
        self.ink.drop(*(line for curve in self.curves for line in curve.lines))
        self.beside.restart()
        self.place.forget()
        self.curves = [Curve(series, self.ink) for series in self._all_series()]
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
        self.place.put()

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
        self.show_all_steps()
        self._choose_window()
        extent = Extent()
        for source, table in self._all_tables().items():
            yield from self._draw_source(source, table, extent)
        self.draw_beside(extent)
        yield
        self._show_extent(extent)
        self.ink.renew(self.legend)
        self._telling.ask()

    def _tell_newest(self) -> None:
        """The numbers of the newest step; and what is seen through the legend, where nothing can be told apart."""
        self.tell()
        self.legend.update()

    def _choose_window(self) -> None:
        before, self.window_steps = self.window_steps, self.chosen_window
        if self.chosen_window == AUTOMATIC:
            first, last = self.frame.steps
            at = self.table_of_steps().steps
            seen = at[slice(*np.searchsorted(at, [math.floor(first), math.ceil(last) + 1]))]
            apart = float(seen[-1] - seen[0]) / (len(seen) - 1) if len(seen) > _ENOUGH else 1.0
            self.window_steps = suited(last - first, apart)
        if self.window_steps != before:
            self._window_changed()

    def _window_changed(self) -> None:
        for curve in self.curves:
            if not (self._is_smoothed(curve) and curve.shown):
                curve.mean.clear()
            elif not self.keeps_raw or curve.series.run is not None:
                curve.raw.clear()
        self._dress()
        self.tell()

    def _show_extent(self, extent: Extent) -> None:
        """All that is drawn comes into view while the run is followed; the legend stands aside."""
        frame, drawn = self.frame, extent.on_axis(self.frame.is_log)
        if not frame.following:
            self.place.stand_in(drawn, *frame.view.viewRange()[1])
            return
        ends = round_ends(extent.all, frame.is_log)
        if ends is not None:
            low, high = (-math.inf, math.inf) if frame.is_log else self.limits
            frame.show_values(*self.place.make_room(drawn, max(ends[0], low), min(ends[1], high)))

    def note(self, extent: Extent, steps: np.ndarray, values: np.ndarray) -> None:
        """Widens ``extent`` by a curve, or by several: ``values`` (steps,) or (curves, steps)."""
        first, last = self.frame.steps
        reach = self.place.reach(first, last)
        extent.all.include(values)
        extent.left.include(values[..., : np.searchsorted(steps, first + reach, side="right")])
        extent.right.include(values[..., np.searchsorted(steps, last - reach) :])

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

    def _draw_source(self, source: str, table: Columns, extent: Extent) -> Iterator[None]:
        """Draws the shown curves of one table, and widens ``extent`` by what was drawn. What lies beside this run
        does not change: it is drawn anew only where the view has."""
        if not is_beside(source):
            yield from self._draw_table(source, table, extent)
            return
        shown = tuple(curve.shown for curve in self.curves if curve.series.source == source)
        key = (self.frame.steps, self.frame.pixels, self.window_steps, self.frame.is_log, self.legend.width(), shown)
        taken = self.beside.is_drawn(source, key)
        if taken is None:
            taken = Extent()
            yield from self._draw_table(source, table, taken, other=True)
            self.beside.note_drawn(source, key, taken)
        extent.unite(taken)

    def _draw_table(self, source: str, table: Columns, extent: Extent, other: bool = False) -> Iterator[None]:
        shown = [curve for curve in self.curves if curve.shown and curve.series.source == source]
        smoothed = [curve for curve in shown if self._is_smoothed(curve)]
        plain = [curve for curve in shown if (self.keeps_raw and not other) or curve not in smoothed]
        (first, last), pixels = self.frame.steps, self.frame.pixels
        for few in _batches(plain):
            steps, values = table.peaks([curve.series.column for curve in few], first, last, pixels)
            marked = source == EVALUATIONS and len(steps) <= _MARKED
            self._thin_out(few, len(steps))
            kept = self.drawable(np.ascontiguousarray(values.T))
            self.note(extent, steps, kept)
            for curve, row in zip(few, kept, strict=True):
                curve.raw.show(steps, row, dotted=marked and not other)
            yield
        for few in _batches(smoothed):
            columns = [curve.series.column for curve in few]
            steps, means = table.means(columns, first, last, pixels // 2, self.window_steps)
            kept = self.drawable(np.ascontiguousarray(means.T))
            self.note(extent, steps, kept)
            for curve, row in zip(few, kept, strict=True):
                curve.mean.show(steps, row)
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


def _batches(curves: list[Curve]) -> list[list[Curve]]:
    """A few at a time: what is drawn in one part."""
    return [curves[start : start + _AT_ONCE] for start in range(0, len(curves), _AT_ONCE)]
