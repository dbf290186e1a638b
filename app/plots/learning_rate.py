"""The learning rate over steps, as the optimizer used it."""

from __future__ import annotations

from app.history import LEARNING_RATE
from app.plots.curves import CurvePlot
from app.plots.series import TRAINING, Series


class LearningRatePlot(CurvePlot):
    """What the schedule and the person made of the learning rate."""

    id = "learning_rate"
    title = "Learning rate"
    about = "The learning rate as used, and as planned to the end"
    remark = "as used"
    promise = "Press Run: the learning rate of each step will appear here, with its schedule and what you change."
    log = True
    shown = False

    def series(self) -> list[Series]:
        return [Series("learning_rate", "learning rate", "value", TRAINING, LEARNING_RATE)]
