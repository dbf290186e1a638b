"""Every optimizer, imported in the order in which a person chooses from them."""

from engine.train.optim.base import Block, Do, Optimizer
from engine.train.optim.sgd import SGD
from engine.train.optim.adam import Adam, AdamW
from engine.train.optim.adam_kin import AdaMax, NAdam, RAdam
from engine.train.optim.adaptive import Adadelta, Adagrad, RMSprop
from engine.train.optim.sign import Lion, Rprop
from engine.train.optim.lbfgs import LBFGS

__all__ = [
    "Adadelta", "Adagrad", "Adam", "AdaMax", "AdamW", "Block", "Do", "LBFGS", "Lion", "NAdam", "Optimizer", "RAdam",
    "RMSprop", "Rprop", "SGD",
]
