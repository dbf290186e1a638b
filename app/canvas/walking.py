"""Walking over the network by arrow keys, for whoever works without a mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from app.canvas.scene import CanvasScene
from app.document import Document


class Walking:
    """Selects the nearest node in a direction; remembers which was reached last."""

    def __init__(self, document: Document, scene: CanvasScene) -> None:
        self._document = document
        self._scene = scene
        self._reached = ""

    def step(self, dx: int, dy: int, *, adding: bool = False) -> str | None:
        """Selects the nearest node in a direction of the screen; ``adding`` keeps what is selected and goes on from
        the node reached last. None where nothing lies there."""
        here = {i: item.scene_rect.center() for i, item in self._scene.nodes.items()}
        if not here:
            return None
        before = self._document.selection
        current = self._reached if self._reached in before else next(iter(before), None)
        if current is None:
            chosen = min(here, key=lambda i: (here[i].x(), here[i].y()))
        else:
            near = here.keys() - self._scene.blocks.together(current)
            chosen = min((i for i in here if i in near), default=None,
                         key=lambda i: _detour(here[i] - here[current], dx, dy))
            if chosen is None or _detour(here[chosen] - here[current], dx, dy) == float("inf"):
                return None
        self._reached = chosen
        reached = self._scene.blocks.together(chosen)
        self._document.select(before | reached if adding else reached)
        return chosen


def _detour(way: QPointF, dx: int, dy: int) -> float:
    """How far a node lies in a direction, going astray counted double; infinite where it lies elsewhere."""
    ahead = way.x() * dx + way.y() * dy
    aside = abs(way.x() * dy) + abs(way.y() * dx)
    return ahead + 2 * aside if ahead > 0 else float("inf")
