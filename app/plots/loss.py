"""Loss over steps: each batch's, its running mean, and that of the validation part."""

from __future__ import annotations

from app.plots.curves import CurvePlot
from app.plots.series import EVALUATIONS, TRAINING, Series
from app.recorded.history import LOSS


class LossPlot(CurvePlot):
    """What training makes smaller. On a logarithmic axis at first, since it falls by factors."""

    id = "loss"
    title = "Loss"
    about = "Loss of each step and of the validation part"
    remark = "train · validation"
    promise = "Press Run: the loss of each training step and of the validation part will appear here."
    log = True

    def series(self) -> list[Series]:
        found = [Series("train", "train", "value", TRAINING, LOSS, smoothed=True)]
        if self.history.has_validation:
            column = self.history.evaluations.names.index("validation.loss")
            found.append(Series("validation", "validation", "accent", EVALUATIONS, column))
        return found
