"""How weights, gradients and outputs of a layer are spread, over the whole run."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app import numbers
from app.document import Document
from app.plots.choice import Choice
from app.plots.decades import shades
from app.plots.extent import Reach, round_ends
from app.plots.gradient_norms import is_primary
from app.plots.picture import PicturePlot
from app.plots.rebin import common_range, rebinned
from app.plots.ridges import MOST, Ridges
from app.recorded.statistics_log import GRADIENTS, KINDS, OUTPUTS, WEIGHTS, Spreads
from app.training.session import Session

_WHAT = ((WEIGHTS, "Weights"), (GRADIENTS, "Gradients"), (OUTPUTS, "Outputs"))
#: One meaning for each colour: what goes forward is blue, what comes back orange.
_TOKENS = {WEIGHTS: "value", GRADIENTS: "gradient", OUTPUTS: "value"}
_MAP, _RIDGES = "map", "ridges"
_FORMS = ((_MAP, "Heat map"), (_RIDGES, "Ridges"))
#: Bins of the common axis: fewer where there are few numbers to put into them.
_FEWEST_BINS, _MOST_BINS = 24, 120
#: Looks that the range of values is taken from: evenly spaced ones of all.
_MOST_RANGED = 128


class HistogramsPlot(PicturePlot):
    """Histograms over time of one array: steps across and values up as a heat map, or one ridge behind the other."""

    id = "histograms"
    title = "Histograms over time"
    short = "Histograms"
    about = "How a layer's weights, gradients or outputs are spread, over the whole run"
    group = "Layers"
    promise = (
        "Press Run: the spread of a layer's weights, gradients and outputs will appear here, step by step. "
        "Select a layer on the canvas to see its own."
    )
    shown = False
    behind = "gradient_norms"

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.counts_log = True
        self._range = (0.0, 1.0)
        self.of = Choice("Weight or layer whose histograms are shown", parent=self.body)
        self.what = Choice("Kind of histogram", _WHAT, self.body)
        self.form = Choice("How histograms are drawn", _FORMS, self.body)
        for choice in (self.of, self.what, self.form):
            self.choosers.addWidget(choice, 1)
            choice.chosen.connect(self._choose)
        self.ridges = Ridges(self.body)
        self.ridges.hide()
        self.across.insertWidget(0, self.ridges, 1)
        self.ridges.hovered.connect(self._hover_ridge)
        self.ridges.left_by_pointer.connect(self._leave)
        self.ridges.clicked.connect(self._click_ridge)
        document.selection_changed.connect(self._follow_selection)

    # -- what is shown ----------------------------------------------------------------------------------------

    def has_data(self) -> bool:
        return len(self.history.statistics_log) > 0

    def restart(self) -> None:
        self._offer()

    def _offer(self) -> None:
        """What there is of the kind that is chosen: matrices first, the output's last."""
        log = self.history.statistics_log
        if self.what.current == OUTPUTS:
            self.of.offer([(node, self.label_of(node)) for node in log.nodes])
            return
        keys = sorted(log.weight_keys, key=lambda key: not is_primary(key))
        fresh = not self.of.current
        self.of.offer([(key, self.label_of_weight(key)) for key in keys])
        if fresh and keys and not self._show_selected(self.document.selection):  # at first the one with most to show
            last = {weight.key: weight.values.counts.sum() for layer in log[-1].layers for weight in layer.weights}
            self.of.choose(max(keys, key=lambda key: last[key]))

    def spreads(self) -> Spreads | None:
        """The histograms that are chosen."""
        return self.history.statistics_log.spreads(self.what.current or KINDS[0], self.of.current)

    def _node(self) -> str:
        return self.of.current if self.what.current == OUTPUTS else self.of.current.rpartition(".")[0]

    def refresh(self) -> None:
        self._offer()
        self.show_all_steps()
        spreads = self.spreads()
        if spreads is None or not len(spreads.steps):
            return
        if self.frame.following:
            self._fit(spreads)
        if self.form.current == _RIDGES:
            self._show_ridges(spreads)
        else:
            self._show_map(spreads)
        if math.isnan(self.hovered):
            self.detail.say(self.standing_remark())

    def _fit(self, spreads: Spreads) -> None:
        rows = np.unique(np.linspace(0, len(spreads.steps) - 1, _MOST_RANGED).astype(int))
        self._range = common_range(spreads.low[rows], spreads.high[rows], spreads.counts[rows])
        low, high = round_ends(Reach(*self._range), log=False) or self._range
        if self.frame.view.viewRange()[1] != [low, high]:
            self.frame.view.setYRange(low, high, padding=0)

    def _show_map(self, spreads: Spreads) -> None:
        """Every pixel shows the newest look before its end."""
        edges = self.edges()
        low, high = self.frame.view.viewRange()[1]
        rows = np.searchsorted(spreads.steps, edges[1:], side="left") - 1
        known = (rows >= 0) & (edges[:-1] <= self.history.progress.step)
        used, place = np.unique(np.maximum(rows, 0), return_inverse=True)
        table = shades("panel", _TOKENS[self.what.current])
        found = rebinned(spreads.low[used], spreads.high[used], spreads.counts[used],
                         self._bins(spreads, low, high))
        largest = found[np.unique(place[known])].max(initial=0.0) if known.any() else 0.0
        picture = self._heights(found, largest)[place]
        picture[~known] = np.nan
        self.show_picture(picture, table, low, high)
        self.colour_scale.show_scale(self._ticks(largest), table)

    def _bins(self, spreads: Spreads, low: float, high: float) -> np.ndarray:
        """Edges between two values."""
        numbers_in_all = int(spreads.counts[-1].sum(dtype=np.int64))
        bins = min(max(round(3 * math.sqrt(numbers_in_all)), _FEWEST_BINS), _MOST_BINS)
        return np.linspace(low, high, bins + 1)

    def _heights(self, counts: np.ndarray, largest: float) -> np.ndarray:
        """0 … 1 for none to most."""
        if self.counts_log:
            return np.log1p(counts) / (math.log1p(largest) or 1.0)
        return counts / (largest or 1.0)

    def _ticks(self, largest: float) -> list[tuple[float, str]]:
        if not self.counts_log:
            return [(share, numbers.number(share * largest, 2)) for share in (0.0, 0.5, 1.0)]
        powers = [0.0, *(10.0**i for i in range(5) if 10.0**i <= largest)]
        return [(math.log1p(count) / (math.log1p(largest) or 1.0), numbers.number(count)) for count in powers]

    def _show_ridges(self, spreads: Spreads) -> None:
        first, last = self.frame.steps if not self.frame.following else (0, math.inf)
        inside = np.flatnonzero((spreads.steps >= first) & (spreads.steps <= last))
        rows = inside[np.unique(np.linspace(0, len(inside) - 1, MOST).astype(int))] if len(inside) else inside
        found = rebinned(spreads.low[rows], spreads.high[rows], spreads.counts[rows],
                         self._bins(spreads, *self._range))
        heights = self._heights(found, float(found.max(initial=0.0)))
        self.ridges.show_ridges(spreads.steps[rows], heights, self._range, _TOKENS[self.what.current])
        self._mark_ridge()

    # -- exact values -----------------------------------------------------------------------------------------

    def _row_at(self, step: float) -> int:
        steps = self.history.statistics_log.steps
        return int(np.abs(steps - step).argmin()) if len(steps) and not math.isnan(step) else -1

    def recorded_step(self, step: float) -> int | None:
        row = self._row_at(step)
        return int(self.history.statistics_log.steps[row]) if row >= 0 else None

    def name_at(self, point: QPointF) -> str:
        self._value = point.y()
        return self.of.currentText()

    def value_remark(self) -> str:
        """The bin of the histogram, as it was counted, that the pointer is in."""
        spreads, row = self.spreads(), self._row_at(self.hovered)
        if not self._name or spreads is None or row < 0:
            return ""
        found = bin_at(spreads, row, self._value)
        if found is None:
            return f"{numbers.number(self._value)}: none"
        low, high, count, total = found
        return f"{numbers.number(low)} … {numbers.number(high)}: {numbers.count(count)} of {numbers.count(total)}"

    def standing_remark(self) -> str:
        spreads = self.spreads() if self.has_data() else None
        row = self._row_at(self.told_step)
        if spreads is None or not len(spreads.steps):
            return ""
        low, high = float(spreads.low[row]), float(spreads.high[row])
        return f"{self.when()}: {numbers.number(low, 2)} … {numbers.number(high, 2)}"

    def _hover_ridge(self, place: int) -> None:
        if place >= 0:
            self._hover(QPointF(float(self.ridges.steps[place]), self.ridges.pointed_value))
            self._mark_ridge()

    def _mark_ridge(self) -> None:
        steps = self.ridges.steps
        step = self.told_step
        self.ridges.mark(int(np.abs(steps - step).argmin()) if len(steps) and not math.isnan(step) else -1)

    def show_values(self) -> None:
        if self.form.current == _RIDGES:
            self._mark_ridge()

    def node_at(self, point: QPointF) -> str:
        return self._node()

    # -- what the person chooses ------------------------------------------------------------------------------

    def _choose(self) -> None:
        """Another layer, kind or form; from weights to outputs the layer stays where it can."""
        node = self._node() or self.of.current
        self._offer()
        self._show_node(node)
        ridges = self.form.current == _RIDGES
        self.ridges.setVisible(ridges)
        self.frame.setVisible(not ridges)
        self.colour_scale.setVisible(not ridges)
        self.frame.follow()

    def _show_node(self, node: str) -> bool:
        keys = [key for key, _ in self.of.options if node in (self.drawn_node(key), key)
                or self.drawn_node(key.rpartition(".")[0]) == node]
        return bool(keys) and self.of.current not in keys and self.of.choose(keys[0])

    def _show_selected(self, chosen: frozenset[str]) -> bool:
        return len(chosen) == 1 and self._show_node(next(iter(chosen)))

    def _follow_selection(self, chosen: frozenset[str]) -> None:
        if self._show_selected(chosen):
            self.frame.follow()

    def _click_ridge(self, place: int, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier and place >= 0:
            self._look_at(int(self.ridges.steps[place]))
        elif self._node():
            self.node_clicked.emit(self.drawn_node(self._node()))

    def set_log(self, on: bool) -> None:
        """Colours and heights by the logarithm of the counts, or in proportion."""
        self.counts_log = on
        self.draw_now()

    def fill_scale(self, menu: QMenu) -> None:
        action = menu.addAction("Logarithmic counts")
        action.setCheckable(True)
        action.setChecked(self.counts_log)
        action.toggled.connect(self.set_log)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        spreads = self.spreads()
        names = ["step", "low", "high", *(f"bin {i + 1}" for i in range(spreads.counts.shape[1]))]
        return names, [spreads.steps, spreads.low, spreads.high, *spreads.counts.T]


def bin_at(spreads: Spreads, row: int, value: float) -> tuple[float, float, int, int] | None:
    """Ends and count of the bin that holds a value, and the count of all bins; None where it is beyond both ends."""
    low, high, counts = float(spreads.low[row]), float(spreads.high[row]), spreads.counts[row]
    if not low <= value <= high:
        return None
    total = int(counts.sum(dtype=np.int64))
    if low == high:
        return low, high, total, total
    width = (high - low) / len(counts)
    place = min(int((value - low) / width), len(counts) - 1)
    return low + place * width, low + (place + 1) * width, int(counts[place]), total
