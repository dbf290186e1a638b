"""Every layer, imported in the order in which the palette shows them."""

from engine.layer import Layer
from engine.layers.data import Input
from engine.layers.dense import Dense
from engine.layers.conv import Conv2D
from engine.layers.conv_1d import Conv1D
from engine.layers.conv_depthwise import DepthwiseConv2D, SeparableConv2D
from engine.layers.conv_transpose import ConvTranspose2D
from engine.layers.recurrent import SimpleRNN
from engine.layers.recurrent_gated import GRU, LSTM
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
from engine.layers.loss import MSE, SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy

__all__ = [
    "ActivityRegularisation", "AdaptiveAvgPool2D", "Add", "Average", "AvgPool1D", "AvgPool2D", "BatchNorm", "CELU",
    "Concatenate", "Conv1D", "Conv2D", "ConvTranspose2D", "Crop", "Dense", "DepthwiseConv2D", "Dropout", "ELU",
    "Flatten", "GaussianNoise", "GELU", "GlobalAvgPool", "GlobalMaxPool", "GroupNorm", "GRU", "HardSigmoid",
    "HardSwish", "HardTanh", "Input", "InstanceNorm", "LayerNorm", "LAYERS", "LeakyReLU", "Linear", "LogSoftmax",
    "LSTM", "MatMul", "Maximum", "MaxPool1D", "MaxPool2D", "Mish", "MSE", "Multiply", "Permute", "PReLU", "ReLU",
    "ReLU6", "RepeatVector", "Reshape", "RMSNorm", "Scale", "SELU", "SeparableConv2D", "Sigmoid",
    "SigmoidBinaryCrossEntropy", "SiLU", "SimpleRNN", "Slice", "Softmax", "SoftmaxCrossEntropy", "Softplus",
    "Softsign", "SpatialDropout", "Subtract", "Tanh", "Upsample", "ZeroPad",
]

#: Every layer by its kind, in palette order.
LAYERS: dict[str, type[Layer]] = dict(Layer.kinds)
