"""The live plots. The order here is that of the docks below the canvas."""

from app.plots.base import Plot
from app.plots.gradient_flow import GradientFlowPlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.learning_rate import LearningRatePlot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot
from app.plots.silent_units import SilentUnitsPlot
from app.plots.update_ratio import UpdateRatioPlot

#: Every plot there is; each says its id, title, and whether it is among those shown at first.
PLOTS: tuple[type[Plot], ...] = (
    LossPlot, MetricsPlot, GradientNormsPlot, GradientFlowPlot, UpdateRatioPlot, SilentUnitsPlot, LearningRatePlot,
)  # fmt: skip

__all__ = ["PLOTS", "Plot"]
