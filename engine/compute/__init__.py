"""Computing a graph: flat weights, recorded passes, models."""

from engine.compute.model import Model, compile
from engine.compute.program import Program
from engine.compute.weights import Group, Segment, Weights

__all__ = ["Group", "Model", "Program", "Segment", "Weights", "compile"]
