"""Chainrule without its window: build a network in code, check it, train it, save and export it.

    import engine
    from engine.layers import Dense, Input, MSE, Tanh

    graph = engine.chain(Input(shape=(1,)), ("hidden", Dense(units=16)), Tanh(), Dense(units=1), MSE())
    model = engine.compile(graph)
    engine.fit(model, (x, y), epochs=100)
    model.predict(x)

Arrays are batch first, images channels last: (N, H, W, C). Weights and gradients go by "node.name": "hidden.W".
Whatever a person may have done wrong is a :class:`ChainruleError`, whose text says what to do about it.

The parts: ``engine.layers`` (every layer), ``engine.data`` (data sets), ``engine.train`` (the training loop and its
events), ``engine.project`` (files and templates), ``engine.export`` (other programs' formats).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.compute import Model, compile
from engine.data import Dataset, DataSignature, Source
from engine.data import load as load_data
from engine.graph.build import chain
from engine.graph.check import Report, check
from engine.graph.model import Edge, Graph, Node
from engine.issues import ChainruleError, GraphError, Issue, Severity
from engine.train.config import TrainingConfig
from engine.train.fit import History, fit
from engine.train.metrics import Evaluation, evaluate
from engine.train.optim import (
    LBFGS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdaMax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)
from engine.train.schedule import (
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    LinearWarmup,
    MultiStep,
    OneCycle,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
)
from engine.train.scores import ClassScores, score_classes

if TYPE_CHECKING:
    from engine.export import FORMATS, Verified, export_model
    from engine.project import TEMPLATES, Project, open_project, save, template

#: Files of all kinds are for whoever asks for them: a training process never does, and is smaller for it.
_WHEN_ASKED = {
    **dict.fromkeys(("FORMATS", "Verified", "export_model"), "engine.export"),
    **dict.fromkeys(("TEMPLATES", "Project", "open_project", "save", "template"), "engine.project"),
}

__all__ = [
    "FORMATS",
    "LBFGS",
    "SGD",
    "TEMPLATES",
    "AdaMax",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "ChainruleError",
    "ClassScores",
    "Constant",
    "Cosine",
    "CosineRestarts",
    "DataSignature",
    "Dataset",
    "Edge",
    "Evaluation",
    "Exponential",
    "Graph",
    "GraphError",
    "History",
    "Issue",
    "LinearWarmup",
    "Lion",
    "Model",
    "MultiStep",
    "NAdam",
    "Node",
    "OneCycle",
    "Optimizer",
    "Project",
    "RAdam",
    "RMSprop",
    "ReduceOnPlateau",
    "Report",
    "Rprop",
    "Schedule",
    "Severity",
    "Source",
    "StepDecay",
    "TrainingConfig",
    "Verified",
    "chain",
    "check",
    "compile",
    "evaluate",
    "export_model",
    "fit",
    "load_data",
    "open_project",
    "save",
    "score_classes",
    "template",
]


def __getattr__(name: str) -> Any:
    if name in _WHEN_ASKED:
        return getattr(import_module(_WHEN_ASKED[name]), name)
    raise AttributeError(f"module 'engine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
