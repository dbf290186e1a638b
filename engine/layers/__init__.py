"""Every layer, imported in the order in which the palette shows them."""

from engine.layer import Layer
from engine.layers.data import Input
from engine.layers.dense import Dense
from engine.layers.conv import Conv2D
from engine.layers.activation import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from engine.layers.regularise import Dropout
from engine.layers.pool import MaxPool2D
from engine.layers.shape import Flatten
from engine.layers.merge import Add, Concatenate
from engine.layers.loss import MSE, SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy

__all__ = [
    "LAYERS", "Add", "Concatenate", "Conv2D", "Dense", "Dropout", "Flatten", "Input", "LeakyReLU", "MSE", "MaxPool2D",
    "ReLU", "Sigmoid", "SigmoidBinaryCrossEntropy", "Softmax", "SoftmaxCrossEntropy", "Tanh",
]

#: Every layer by its kind, in palette order.
LAYERS: dict[str, type[Layer]] = dict(Layer.kinds)
