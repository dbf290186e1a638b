"""The live plots. The order here is that of the docks below the canvas."""

from app.plots.base import Plot
from app.plots.gradient_flow import GradientFlowPlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot

#: Every plot there is; each says its id, title, and whether it is among those shown at first.
PLOTS: tuple[type[Plot], ...] = (LossPlot, MetricsPlot, GradientNormsPlot, GradientFlowPlot)

__all__ = ["PLOTS", "Plot"]
