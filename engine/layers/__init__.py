"""Every layer, imported in the order in which the palette shows them."""

from engine.layer import Layer
from engine.layers.data import Input
from engine.layers.dense import Dense
from engine.layers.conv import Conv2D
from engine.layers.conv_1d import Conv1D
from engine.layers.conv_depthwise import DepthwiseConv2D, SeparableConv2D
from engine.layers.conv_transpose import ConvTranspose2D
from engine.layers.embedding import Embedding
from engine.layers.recurrent import SimpleRNN
from engine.layers.recurrent_gated import GRU, LSTM
from engine.layers.attention import MultiHeadSelfAttention
from engine.layers.positional import PositionalEncoding
from engine.layers.scale import Scale
from engine.layers.activation_rectified import LeakyReLU, PReLU, ReLU
from engine.layers.activation_exponential import CELU, ELU, SELU
from engine.layers.activation_smooth import GELU, Mish, SiLU, Softplus, Softsign
from engine.layers.activation_hard import HardSigmoid, HardSwish, HardTanh, ReLU6
from engine.layers.activation import Linear, LogSoftmax, Sigmoid, Softmax, Tanh
from engine.layers.batch_norm import BatchNorm
from engine.layers.layer_norm import LayerNorm, RMSNorm
from engine.layers.group_norm import GroupNorm, InstanceNorm
from engine.layers.regularise import ActivityRegularisation, Dropout, GaussianNoise, SpatialDropout
from engine.layers.pool import AvgPool1D, AvgPool2D, MaxPool1D, MaxPool2D
from engine.layers.pool_global import GlobalAvgPool, GlobalMaxPool
from engine.layers.resample import AdaptiveAvgPool2D, Upsample
from engine.layers.shape import Flatten, Permute, RepeatVector, Reshape
from engine.layers.crop import Crop, Slice, ZeroPad
from engine.layers.merge import Add, Average, Concatenate, Maximum, Multiply, Subtract
from engine.layers.merge_matmul import MatMul
from engine.layers.loss import NegativeLogLikelihood, SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy
from engine.layers.loss_values import MAE, MSE, Huber, LogCosh, Poisson
from engine.layers.loss_divergence import KLDivergence
from engine.layers.loss_cosine import CosineLoss
from engine.layers.loss_margin import Hinge, SquaredHinge
from engine.layers.loss_overlap import Dice, Focal

__all__ = [
    "ActivityRegularisation", "AdaptiveAvgPool2D", "Add", "Average", "AvgPool1D", "AvgPool2D", "BatchNorm", "CELU",
    "Concatenate", "Conv1D", "Conv2D", "ConvTranspose2D", "CosineLoss", "Crop", "Dense", "DepthwiseConv2D", "Dice",
    "Dropout", "ELU", "Embedding", "Flatten", "Focal", "GaussianNoise", "GELU", "GlobalAvgPool", "GlobalMaxPool",
    "GroupNorm", "GRU", "HardSigmoid", "HardSwish", "HardTanh", "Hinge", "Huber", "Input", "InstanceNorm",
    "KLDivergence", "LayerNorm", "LAYERS", "LeakyReLU", "Linear", "LogCosh", "LogSoftmax", "LSTM", "MAE", "MatMul",
    "Maximum", "MaxPool1D", "MaxPool2D", "Mish", "MSE", "MultiHeadSelfAttention", "Multiply",
    "NegativeLogLikelihood", "Permute", "Poisson", "PositionalEncoding", "PReLU", "ReLU", "ReLU6", "RepeatVector",
    "Reshape", "RMSNorm", "Scale", "SELU", "SeparableConv2D", "Sigmoid", "SigmoidBinaryCrossEntropy", "SiLU",
    "SimpleRNN", "Slice", "Softmax", "SoftmaxCrossEntropy", "Softplus", "Softsign", "SpatialDropout",
    "SquaredHinge", "Subtract", "Tanh", "Upsample", "ZeroPad",
]

#: Every layer by its kind, in palette order.
LAYERS: dict[str, type[Layer]] = dict(Layer.kinds)
