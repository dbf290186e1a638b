"""Size of the updates beside the weights they change, over steps."""

from __future__ import annotations

import math

from pyqtgraph import UIGraphicsItem
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.document import Document
from app.plots import colours
from app.plots.curves import CurvePlot
from app.plots.frame import Frame
from app.plots.gradient_norms import is_primary
from app.plots.series import UPDATES, Series
from app.recorded.columns import Columns
from app.training.session import Session

#: Where updates usually are when a network learns well: about a thousandth of the weights.
HEALTHY = (3e-4, 3e-3)
_FAINTER = 0.72


class Band(UIGraphicsItem):
    """A range of values, filled over the whole width. Opaque: translucent grounds are slow to paint."""

    def __init__(self, frame: Frame, low: float, high: float) -> None:
        super().__init__()
        self._frame = frame
        self._ends = (low, high)
        self.setZValue(-200)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        rect: QRectF = self.boundingRect()
        low, high = (math.log10(end) if self._frame.is_log else end for end in self._ends)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = colours.mixed(colours.faint(colours.token("good")), colours.token("panel"), _FAINTER)
        painter.fillRect(QRectF(rect.left(), low, rect.width(), high - low).intersected(rect), colour)


class UpdateRatioPlot(CurvePlot):
    """‖ΔW‖ / ‖W‖ of every weight array. Far above the band steps destroy what was learned, far below nothing moves."""

    id = "update_ratio"
    title = "Update to weight ratio"
    short = "Updates"
    about = "How large each update is beside the weights it changes, with the healthy band"
    group = "Layers"
    remark = "‖ΔW‖ / ‖W‖ · band: about 1e-3"
    promise = (
        "Press Run: for each weight matrix, the size of an update beside the weights will appear here. "
        "About a thousandth is healthy."
    )
    log = True
    keeps_raw = False
    shown = False
    behind = "gradient_norms"

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.band = Band(self.frame, *HEALTHY)
        self.frame.view.addItem(self.band, ignoreBounds=True)

    def table_of_steps(self) -> Columns:
        return self.history.updates

    def has_data(self) -> bool:
        return self.history.updates.count > 0 and bool(self.history.updates.names)

    def series(self) -> list[Series]:
        keys = self.history.updates.names
        primary = [key for key in reversed(keys) if is_primary(key)] or list(reversed(keys))
        ordered = primary + [key for key in reversed(keys) if key not in primary]
        return [
            Series(key, self.label_of_weight(key), index, UPDATES, keys.index(key),
                   shown=key in primary, smoothed=True, node=key.rpartition(".")[0])
            for index, key in enumerate(ordered)
        ]  # fmt: skip
