"""Where the legend stands: in the corner where it takes least from the curves."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from app.plots.extent import Extent
from app.plots.frame import Frame
from app.plots.legend import Legend

_Corner = Qt.Corner
_AT_TOP = (_Corner.TopRightCorner, _Corner.TopLeftCorner)
_AT_RIGHT = (_Corner.TopRightCorner, _Corner.BottomRightCorner)
#: In the order in which they are taken where all are as good.
_CORNERS = (_Corner.TopRightCorner, _Corner.BottomRightCorner, _Corner.TopLeftCorner, _Corner.BottomLeftCorner)
#: Pixels around the legend; below it stand the numbers of the axis.
_MARGIN, _ABOVE, _BELOW = 12, 8, 34
#: At most this part of what is shown is added for the legend: curves are what a plot is for, and it can be folded.
_MOST_ROOM = 0.5
#: A legend takes at most this part of the height, but so many pixels; what is not listed is in the menu.
_HIGHEST, _LEAST_HIGH = 0.55, 50.0
#: Another corner has to be so much better, as part of the height: the legend moves seldom.
_BETTER = 0.1


class LegendPlace:
    """Puts a legend into a corner of a frame, and says how far the axis has to reach for it."""

    def __init__(self, legend: Legend, frame: Frame) -> None:
        self._legend, self._frame = legend, frame
        #: Where such curves usually leave room.
        self.usual = _Corner.TopRightCorner
        self._chosen: Qt.Corner | None = None
        legend.folded.connect(self.put)

    @property
    def corner(self) -> Qt.Corner:
        """Where it stands."""
        return self._chosen or self.usual

    def forget(self) -> None:
        """Other curves are to come: begins where such curves usually leave room."""
        self._chosen = None

    def reach(self, first: float, last: float) -> float:
        """How many steps lie under the legend while these are shown."""
        return (last - first) * (self._legend.width() + _MARGIN) / self._frame.pixels

    def make_room(self, drawn: Extent, bottom: float, top: float) -> tuple[float, float]:
        """The axis from ``bottom`` to ``top``, prolonged so that the legend hides little of what is ``drawn``."""
        room = self._choose(drawn, bottom, top) * (top - bottom)
        return (bottom, top + room) if self.corner in _AT_TOP else (bottom - room, top)

    def stand_in(self, drawn: Extent, bottom: float, top: float) -> None:
        """The axis stays as it is: goes where least of what is ``drawn`` lies."""
        self._choose(drawn, bottom, top)

    def _choose(self, drawn: Extent, bottom: float, top: float) -> float:
        """Takes a corner; returns how much of the axis has to be added for it, as part of what there is."""
        needs = {corner: self._needed(corner, drawn, bottom, top) for corner in _CORNERS}
        best = min(needs, key=needs.__getitem__)
        if needs[self.corner] - needs[best] > _BETTER and not self._legend.underMouse():
            self._chosen = best
            self.put()
        return min(needs[self.corner], _MOST_ROOM)

    def _needed(self, corner: Qt.Corner, drawn: Extent, bottom: float, top: float) -> float:
        side = drawn.right if corner in _AT_RIGHT else drawn.left
        if not (math.isfinite(side.low) and math.isfinite(side.high)) or top <= bottom:
            return 0.0
        free = top - min(side.high, top) if corner in _AT_TOP else max(side.low, bottom) - bottom
        height = min((self._legend.height() + _ABOVE) / max(self._frame.view.height(), 1), 0.95)
        return max((height - free / (top - bottom)) / (1 - height), 0.0)

    def put(self) -> None:
        """Puts the legend where it belongs, in the size it needs."""
        legend, frame = self._legend, self._frame
        legend.fit_into(round(max((frame.height() - _ABOVE - _BELOW) * _HIGHEST, _LEAST_HIGH)))
        left, bottom = frame.left.width() + _MARGIN, frame.height() - _BELOW
        if self.corner in _AT_RIGHT:
            left = frame.width() - legend.width() - _MARGIN
            if not frame.following:
                bottom = frame.back.y() - 4
        top = _ABOVE if self.corner in _AT_TOP else bottom - legend.height()
        legend.move(round(left), round(max(top, 0)))
        legend.raise_()
