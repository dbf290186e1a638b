"""Gradient magnitude of each weight over steps."""

from __future__ import annotations

from app.plots.curves import CurvePlot
from app.plots.series import TRAINING, Series

#: Names of rows of offsets, gains and slopes, which are at first switched off: matrices stand for their layer.
_SECONDARY = ("b", "b_back", "c", "c_back", "gain", "offset", "alpha")


class GradientNormsPlot(CurvePlot):
    """‖∂L/∂W‖₂ of every weight array. Layers nearest the output come first, as the gradient meets them."""

    id = "gradient_norms"
    title = "Gradient magnitude per layer"
    short = "Gradients"
    about = "How large the gradient of each weight is, step by step"
    group = "Layers"
    remark = "‖∂L/∂W‖₂"
    promise = (
        "Press Run: one curve per weight matrix will appear here. "
        "Curves far apart mean that layers learn at different speeds."
    )
    log = True
    keeps_raw = False

    def has_data(self) -> bool:
        return self.history.training.count > 0 and bool(self.history.weight_keys)

    def series(self) -> list[Series]:
        keys = list(reversed(self.history.weight_keys))
        primary = [key for key in keys if is_primary(key)] or keys
        ordered = primary + [key for key in keys if key not in primary]
        return [
            Series(key, self.label_of_weight(key), index, TRAINING, self.history.norm_column(key),
                   shown=key in primary, smoothed=True, node=key.rpartition(".")[0])
            for index, key in enumerate(ordered)
        ]  # fmt: skip


def is_primary(key: str) -> bool:
    """Does this weight stand for its layer?"""
    return key.rpartition(".")[2] not in _SECONDARY
