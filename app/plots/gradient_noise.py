"""How much the gradient differs from one batch to the next."""

from __future__ import annotations

from app.plots.curves import CurvePlot
from app.plots.series import ACTIVITY, Series
from app.recorded.columns import Columns
from app.recorded.history import NOISE


class GradientNoisePlot(CurvePlot):
    """1 − cos of the angle between the gradients of two batches: 0 where they agree, 1 where they have nothing in
    common, 2 where they are opposed."""

    id = "gradient_noise"
    title = "Gradient noise, batch to batch"
    short = "Noise"
    about = "How much the gradients of two batches differ"
    remark = "0 agree · 1 unrelated · 2 opposed"
    promise = (
        "Press Run: how much the gradient differs from batch to batch will appear here. "
        "Near 0 batches agree; near 1 larger batches would help."
    )
    limits = (0.0, 2.0)
    shown = False

    def table_of_steps(self) -> Columns:
        return self.history.activity

    def has_data(self) -> bool:
        return self.history.activity.count > 1

    def series(self) -> list[Series]:
        return [Series(NOISE, "1 − cos", "gradient", ACTIVITY, 0, smoothed=True)]
