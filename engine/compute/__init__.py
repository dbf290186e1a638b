"""Computing a graph: flat weights, recorded passes, models."""

from engine.compute.model import Model
from engine.compute.plan import COPIED_BYTES, MemoryPlan, compile, plan_memory, require_memory, require_room
from engine.compute.program import Program
from engine.compute.weights import Group, Segment, Weights

__all__ = [
    "COPIED_BYTES", "Group", "MemoryPlan", "Model", "Program", "Segment", "Weights", "compile", "plan_memory",
    "require_memory", "require_room",
]
