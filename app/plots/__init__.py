"""The live plots. The order here is that of the docks below the canvas."""

from app.plots.activations import ActivationsPlot
from app.plots.base import Plot
from app.plots.boundary import BoundaryPlot
from app.plots.confusion import ConfusionPlot
from app.plots.drawing_pad import DrawingPadPlot
from app.plots.feature_maps import FeatureMapsPlot
from app.plots.filters import FiltersPlot
from app.plots.gallery import GalleryPlot
from app.plots.gradient_flow import GradientFlowPlot
from app.plots.gradient_map import GradientMapPlot
from app.plots.gradient_noise import GradientNoisePlot
from app.plots.gradient_norms import GradientNormsPlot
from app.plots.histograms import HistogramsPlot
from app.plots.learning_rate import LearningRatePlot
from app.plots.loss import LossPlot
from app.plots.metrics import MetricsPlot
from app.plots.parallel import ParallelPlot
from app.plots.predictions import PredictionsPlot
from app.plots.silent_units import SilentUnitsPlot
from app.plots.singular_values import SingularValuesPlot
from app.plots.update_ratio import UpdateRatioPlot

#: Every plot there is; each says its id, title, and whether it is among those shown at first.
PLOTS: tuple[type[Plot], ...] = (
    LossPlot, MetricsPlot, GradientNormsPlot, GradientFlowPlot, UpdateRatioPlot, SilentUnitsPlot, LearningRatePlot,
    GradientMapPlot, HistogramsPlot, SingularValuesPlot, ActivationsPlot, GradientNoisePlot, FiltersPlot,
    ConfusionPlot, GalleryPlot, BoundaryPlot, PredictionsPlot, FeatureMapsPlot, DrawingPadPlot,
    ParallelPlot,
)  # fmt: skip

__all__ = ["PLOTS", "Plot"]
