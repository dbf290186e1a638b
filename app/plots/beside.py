"""Other runs in a plot of curves: the same series out of their histories, thin, dashed, in the colour of the run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QObject

from app.plots.extent import Extent
from app.plots.series import Series
from app.recorded.columns import Columns
from app.recorded.history import RunHistory
from app.runs.runs import Overlay, Runs

#: How much of the ground is mixed into each further curve of a run, and into the last at most.
_FADE, _FAINTEST = 0.14, 0.56
_BETWEEN = "/"


class Beside:
    """The overlays of a session as series and tables of one plot. ``series`` and ``tables`` are the plot's own
    functions, which read the history that :attr:`history` says."""

    def __init__(
        self, session: QObject, series: Callable[[], list[Series]], tables: Callable[[], dict[str, Columns]]
    ) -> None:
        self.runs = Runs.of(session)
        self._series, self._tables = series, tables
        self._looked_at: RunHistory | None = None
        self._found: dict[str, tuple[list[Series], dict[str, Columns]]] = {}
        self._drawn: dict[str, tuple[Hashable, Extent]] = {}

    def history(self, own: RunHistory) -> RunHistory:
        """What the plot's own functions are to read: its run's history or, where it has none, that of the first run
        beside it; while an overlay is looked at, that one's."""
        if self._looked_at is not None:
            return self._looked_at
        overlays = self.runs.overlays if own.is_empty else ()
        return overlays[0].history if overlays else own

    @property
    def is_looking(self) -> bool:
        """Are the plot's own functions asked about another run?"""
        return self._looked_at is not None

    def restart(self) -> None:
        """Names and runs may be others: looks anew."""
        self._drawn.clear()
        self._found = {overlay.id: self._of(overlay) for overlay in self.runs.overlays}

    def series(self) -> list[Series]:
        """The series of every other run."""
        return [series for found, _ in self._found.values() for series in found]

    def tables(self) -> dict[str, Columns]:
        """The tables they are drawn from, by the names those series know them under."""
        return {name: table for _, tables in self._found.values() for name, table in tables.items()}

    @property
    def histories(self) -> list[RunHistory]:
        """Those of every other run."""
        return [overlay.history for overlay in self.runs.overlays]

    def _of(self, overlay: Overlay) -> tuple[list[Series], dict[str, Columns]]:
        with self._looking_at(overlay.history):
            if overlay.history.is_empty:
                return [], {}
            tables = {f"{overlay.id}{_BETWEEN}{name}": table for name, table in self._tables().items()}
            found = [_dressed(series, overlay, place) for place, series in enumerate(self._series())]
        return [series for series in found if series.source in tables], tables

    @contextmanager
    def _looking_at(self, history: RunHistory) -> Iterator[None]:
        self._looked_at = history
        try:
            yield
        finally:
            self._looked_at = None

    # -- drawing no more than needed -------------------------------------------------------------------------

    def is_drawn(self, source: str, key: Hashable) -> Extent | None:
        """What a source took when it was drawn last, if it was under this key; None where it is to be drawn."""
        kept = self._drawn.get(source)
        return kept[1] if kept is not None and kept[0] == key else None

    def note_drawn(self, source: str, key: Hashable, extent: Extent) -> None:
        """A source was drawn, and took this room."""
        self._drawn[source] = (key, extent)


def is_beside(source: str) -> bool:
    """Is this the table of another run?"""
    return _BETWEEN in source


def _dressed(series: Series, overlay: Overlay, place: int) -> Series:
    """A series of another run: in its colour, named after it."""
    return replace(
        series, key=f"{overlay.id}{_BETWEEN}{series.key}", label=f"{overlay.name} · {series.label}",
        source=f"{overlay.id}{_BETWEEN}{series.source}", run=(overlay.colour, min(place * _FADE, _FAINTEST)),
        held_back=series.key.startswith("validation"),
    )
