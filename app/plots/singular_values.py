"""Singular values of a weight matrix over steps, and now."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QWidget

from app import numbers
from app.document import Document
from app.plots.choice import Choice
from app.plots.curves import CurvePlot
from app.plots.gradient_norms import is_primary
from app.plots.series import Series
from app.plots.spectrum import SpectrumBars
from app.recorded.columns import Columns
from app.training.session import Session

_OVER, _NOW = "over", "now"
_FORMS = ((_OVER, "Over steps"), (_NOW, "Now"))
_SPECTRUM = "spectrum"
#: Curves that stand for all singular values, and how far the smallest one's colour is from the largest's.
_CURVES, _FADE = 6, 0.6


class SingularValuesPlot(CurvePlot):
    """σ₁ … σᵣ of one matrix (kernels as filters × all the rest). κ = σ₁ / σᵣ says how unevenly it stretches."""

    id = "singular_values"
    title = "Singular values"
    short = "Spectra"
    about = "Singular values and condition number of a weight matrix, over steps and now"
    group = "Layers"
    promise = (
        "Press Run: the singular values of a weight matrix will appear here, largest to smallest. "
        "Select a layer on the canvas to see its own."
    )
    log = True
    smoothing = 1
    keeps_raw = False
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.of = Choice("Matrix whose singular values are shown", parent=self.body)
        self.form = Choice("Over steps or now", _FORMS, self.body)
        for choice in (self.of, self.form):
            self.choosers.addWidget(choice, 1)
            choice.chosen.connect(self._choose)
        self.bars = SpectrumBars(self.body)
        self.bars.hide()
        self.bars.hovered.connect(self._hover_bar)
        self.bars.clicked.connect(lambda: self.node_clicked.emit(self.drawn_node(self._node())))
        self.across.addWidget(self.bars, 1)
        document.selection_changed.connect(self._follow_selection)

    # -- what is shown ----------------------------------------------------------------------------------------

    def has_data(self) -> bool:
        return bool(self.history.statistics_log.spectra)

    def empty_text(self) -> str:
        if self.history.statistics is None or any(is_primary(key) for key in self.history.weight_keys):
            return self.promise  # the first are measured some steps after the first look
        return "This network has no weight matrices that learn, of which there would be singular values."

    def spectrum(self) -> Columns:
        """The chosen matrix's singular values over steps, and κ in the last column."""
        return self.history.statistics_log.spectra.get(self.of.current) or Columns(())

    def table_of_steps(self) -> Columns:
        return self.spectrum()

    def tables(self) -> dict[str, Columns]:
        return {_SPECTRUM: self.spectrum()}

    def series(self) -> list[Series]:
        if not self.beside.is_looking:
            self._offer()
        table = self.spectrum()
        last = len(table.names) - 2
        if last < 0:
            return []
        places = np.unique(np.round(np.geomspace(1, last + 1, min(_CURVES, last + 1))).astype(int)) - 1
        curves = [Series(f"σ{place + 1}", f"σ{subscript(place + 1)}",
                         ("spectrum", _FADE * rank / max(len(places) - 1, 1)), _SPECTRUM, int(place), smoothed=True,
                         node=self._node())
                  for rank, place in enumerate(places)]  # fmt: skip
        return [*curves, Series("κ", "κ", "accent", _SPECTRUM, last + 1, shown=False, smoothed=True, node=self._node())]

    def _node(self) -> str:
        return self.of.current.rpartition(".")[0]

    def _offer(self) -> None:
        log = self.history.statistics_log
        fresh = not self.of.current
        self.of.offer([(key, self.label_of_weight(key)) for key in log.weight_keys if key in log.spectra])
        if fresh and not self._show_selected(self.document.selection) and log.spectra:
            self.of.choose(max(log.spectra, key=lambda key: len(log.spectra[key].names)))

    def _show_now(self) -> None:
        """The bars: of the newest step, or the one looked at."""
        if self.form.current == _NOW and self.spectrum().count:
            step = self.told_step
            row = self.spectrum().count - 1 if math.isnan(step) else self.spectrum().row_at(step)
            self.bars.show_values(self.spectrum().table[row, :-1], self.frame.is_log)

    # -- exact values -----------------------------------------------------------------------------------------

    def show_values(self) -> None:
        super().show_values()
        self._show_now()

    def standing_remark(self) -> str:
        table = self.spectrum() if self.has_data() else None
        if table is None or not table.count:
            return ""
        step = self.told_step
        row = table.table[table.count - 1 if math.isnan(step) else table.row_at(step)]
        when = f"{self.when()}: " if self.session.cursor is not None else ""
        return f"{when}κ {numbers.number(float(row[-1]), 2)} · σ₁ {numbers.number(float(row[0]), 2)}"

    def _hover_bar(self, place: int) -> None:
        if place < 0:
            self.detail.say(self.standing_remark())
        else:
            value = numbers.number(float(self.bars.values[place]))
            self.detail.say(f"{self.of.currentText()} · σ{subscript(place + 1)} = {value}")

    # -- what the person chooses ------------------------------------------------------------------------------

    def _choose(self) -> None:
        now = self.form.current == _NOW
        self.bars.setVisible(now)
        self.frame.setVisible(not now)
        self.restart()
        self.frame.follow()
        self.tell()

    def set_log(self, on: bool) -> None:
        super().set_log(on)
        self._show_now()

    def _show_selected(self, chosen: frozenset[str]) -> bool:
        keys = [key for key, _ in self.of.options if self.drawn_node(key.rpartition(".")[0]) in chosen]
        return len(chosen) == 1 and bool(keys) and self.of.current not in keys and self.of.choose(keys[0])

    def _follow_selection(self, chosen: frozenset[str]) -> None:
        if self._show_selected(chosen):
            self._choose()

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        table = self.spectrum()
        return ["step", *table.names], [table.steps, *table.table.T]


def subscript(number: int) -> str:
    """12 → "₁₂"."""
    return "".join(chr(ord("₀") + int(digit)) for digit in str(number))
