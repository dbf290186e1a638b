"""Weights as pictures: what each unit of a layer looks for, growing out of noise while the network learns."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QScrollArea, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.looker import looked_at
from app.pictures import picture_shape
from app.plots.base import GROUPS
from app.plots.choice import Choice
from app.plots.filter_arrays import as_tiles, filter_keys
from app.plots.looking import WeightsPlot
from app.plots.mosaic import Mosaic
from app.plots.samples import dataset_of
from app.plots.signed_map import SignedScale, round_end
from app.training.session import Session


class FiltersPlot(WeightsPlot):
    """The weights of one layer: the first that learns, until the person chooses another."""

    id = "filters"
    title = "Weights as pictures"
    short = "Weights"
    about = "What each unit of a layer looks for: its weights, laid out as the picture that it reads"
    group = GROUPS[1]
    promise = "Press Run: the weights of each unit will be seen here as a picture, forming while the network learns."
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.layer = Choice("Layer whose weights are shown", (), self.header)
        self.layer.chosen.connect(lambda _: self.draw_now())
        self.header.add_choice(self.layer)
        self._each = False
        self.mosaic = Mosaic(self.body)
        self.mosaic.pointed.connect(self._pointed)
        self.mosaic.clicked.connect(lambda: self.node_clicked.emit(self.drawn_node(self.node)))
        self.scale = SignedScale(self.body)
        area = QScrollArea(self.body)
        area.setWidget(self.mosaic)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().installEventFilter(self.mosaic)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addWidget(self.scale)

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """"node.name" of the weights that are shown."""
        return self.layer.current

    @property
    def node(self) -> str:
        return self.key.rpartition(".")[0]

    def unfit(self) -> str:
        report = looked_at(self.session)[2]
        if report.order and not filter_keys(report):
            return "No layer of this network has a matrix of weights. Add a Dense or a convolution."
        return ""

    def has_data(self) -> bool:
        return bool(self._shown_keys())

    def _shown_keys(self) -> list[str]:
        weights = self.session.viewed_weights or {}
        return [key for key in filter_keys(looked_at(self.session)[2]) if key in weights]

    def tiles(self) -> np.ndarray:
        """The weights that are shown, (units, channels, height, width)."""
        graph, _, report, _ = looked_at(self.session)
        data = dataset_of(self.document)
        weights = self.session.viewed_weights or {}
        return as_tiles(self.key, weights[self.key], graph, report, picture_shape(data) if data else ())

    def refresh(self) -> None:
        keys = self._shown_keys()
        nodes = [key.rpartition(".")[0] for key in keys]
        self.layer.offer([
            (key, self.label_of(node) + (f" · {key.rpartition('.')[2]}" if nodes.count(node) > 1 else ""))
            for key, node in zip(keys, nodes, strict=True)
        ])
        tiles = self.tiles()
        end = round_end(tiles)
        if self._each:
            ends = np.abs(np.nan_to_num(tiles)).max(axis=(1, 2, 3))
            self.scale.show_end(1.0, "of the largest weight of each unit")
        else:
            ends = np.full(len(tiles), end)
            self.scale.show_end(end, "weight")
        self.mosaic.show_tiles(tiles, ends)
        self.mosaic.setAccessibleName(f"Weights of {self.label_of(self.node)} as pictures")
        self._pointed(*self.mosaic.place)

    def retheme(self) -> None:
        self.mosaic.retheme()

    def _pointed(self, unit: int, channel: int, row: int, column: int) -> None:
        """Says in the header what is under the pointer, else what is shown."""
        tiles = self.mosaic.tiles
        units, channels, height, width = tiles.shape
        if unit < 0 or not units:
            count = len(self.tiles()) if self.key else units
            self.detail.say(self._in_general(count, channels, height, width))
            return
        own, value = tiles[unit], float(tiles[unit, channel, row, column])
        where = f"channel {channel + 1}, " if channels > 1 else ""
        name = f"unit {unit + 1}" if units > 1 else "matrix"
        self.detail.say(
            f"{name}, {where}row {row + 1}, column {column + 1}: {numbers.number(value, 4)} · "
            f"{numbers.number(float(own.min()))} … {numbers.number(float(own.max()))} · "
            f"‖W‖₂ {numbers.number(float(np.linalg.norm(own.astype(np.float64))))}")

    def _in_general(self, units: int, channels: int, height: int, width: int) -> str:
        each = f"{height} × {width}" + (f" × {channels} channels" if channels > 1 else "")
        shown = len(self.mosaic.tiles)
        first = f"the first {numbers.count(shown)} of " if shown < units else ""
        what = f"{first}{numbers.count(units)} units, each {each}" if units > 1 else f"one matrix, {each}"
        return " · ".join([what, self.when()])

    # -- menu and export --------------------------------------------------------------------------------------

    def scale_each(self, on: bool) -> None:
        """Each unit on a scale of its own, or all on one."""
        self._each = on
        self.draw_now()

    def fill_menu(self, menu: QMenu) -> None:
        each = menu.addAction("Each unit on its own scale")
        each.setCheckable(True)
        each.setChecked(self._each)
        each.toggled.connect(self.scale_each)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        tiles = self.tiles()
        places = np.indices(tiles.shape).reshape(4, -1) + 1
        return ["unit", "channel", "row", "column", "weight"], [*places, tiles.reshape(-1)]
