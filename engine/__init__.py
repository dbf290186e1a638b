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

from engine.compute import Model, compile
from engine.data import Dataset, DataSignature, Source
from engine.data import load as load_data
from engine.export import FORMATS, Verified, export_model
from engine.graph.build import chain
from engine.graph.check import Report, check
from engine.graph.model import Edge, Graph, Node
from engine.issues import ChainruleError, GraphError, Issue, Severity
from engine.project import TEMPLATES, Project, open_project, save, template
from engine.train.config import TrainingConfig
from engine.train.fit import History, fit
from engine.train.metrics import evaluate
from engine.train.optim import SGD, Adam

__all__ = [
    "FORMATS",
    "SGD",
    "TEMPLATES",
    "Adam",
    "ChainruleError",
    "DataSignature",
    "Dataset",
    "Edge",
    "Graph",
    "GraphError",
    "History",
    "Issue",
    "Model",
    "Node",
    "Project",
    "Report",
    "Severity",
    "Source",
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
    "template",
]
