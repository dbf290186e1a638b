"""Sizes and distances of what is drawn on the canvas, in scene units (pixels at 100 %)."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from engine.graph.elements import COLUMN, ROW
from engine.graph.model import Position

__all__ = ["COLUMN", "ROW"]

NODE_WIDTH = 152.0
NODE_HEIGHT = 66.0
STRIP = 5.0
PADDING = 14.0
PORT_RADIUS = 5.0
PORT_PITCH = 18.0
GRID = 12.0
DOTS = 24.0
#: Below this zoom text, ports and sparklines are left out.
DETAIL = 0.35
ZOOM_LOW, ZOOM_HIGH = 0.1, 4.0
#: What fades does so from where it is gone to where it is whole: a node's second line with all that stands beside it,
#: shapes on wires, and at last the title, where a node is hardly wide enough to hold a word.
SECOND_LINE = (0.5, 0.62)
WIRE_TEXT = (0.45, 0.55)
TITLE = (0.2, 0.28)
#: A title grows from its usual size to twice that while the view moves away.
TITLE_GROWS = (0.42, 0.78)
STRIP_WIDENS = (0.2, 0.45)
#: How near to a port or wire, on the screen, counts as on it.
REACH = 11.0
#: A press that moves less than this, on the screen, is a click.
CLICK = 4.0
#: What is left out of computing is seen, but does not catch the eye.
BYPASSED_OPACITY = 0.45
WIRE_WIDTH = 1.6
WIRE_WIDEST = 6.0
#: Narrowest on the screen, from afar.
WIRE_LEAST = 1.4
SCENE_WIDTH, SCENE_HEIGHT = 60_000.0, 40_000.0


def fading(zoom: float, gone_and_whole: tuple[float, float]) -> float:
    """How much of something shows at this zoom: 0 where it is gone, 1 where it is whole."""
    gone, whole = gone_and_whole
    return min(max((zoom - gone) / (whole - gone), 0.0), 1.0)


def snap(value: float) -> float:
    """The nearest place on the grid."""
    return round(value / GRID) * GRID


def snapped(point: QPointF) -> tuple[float, float]:
    """A point on the grid, as a graph stores it."""
    return (snap(point.x()), snap(point.y()))


def corner(centre: QPointF) -> tuple[float, float]:
    """Top left corner, on the grid, of a node whose centre is meant to be here."""
    return snapped(centre - QPointF(NODE_WIDTH / 2, NODE_HEIGHT / 2))


def middle(position: Position) -> QPointF:
    """The centre of a node that lies here."""
    return QPointF(position[0] + NODE_WIDTH / 2, position[1] + NODE_HEIGHT / 2)
