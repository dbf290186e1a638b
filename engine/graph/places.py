"""Aligning and distributing: where boxes go, as pure functions of where they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from engine.graph.model import Position

#: Left, top, width, height.
Frame = tuple[float, float, float, float]


class Side(Enum):
    """What is brought onto one line: the axis (0 across, 1 down) and the share of the box that lies on it."""

    LEFT = (0, 0.0)
    CENTRE = (0, 0.5)
    RIGHT = (0, 1.0)
    TOP = (1, 0.0)
    MIDDLE = (1, 0.5)
    BOTTOM = (1, 1.0)


def align(frames: Mapping[str, Frame], side: Side) -> dict[str, Position]:
    """New top-left corners that bring one side of every box onto a line: that of the whole."""
    axis, share = side.value
    low = min((frame[axis] for frame in frames.values()), default=0.0)
    high = max((frame[axis] + frame[axis + 2] for frame in frames.values()), default=0.0)
    line = low + (high - low) * share
    return {i: _at(frame, axis, line - frame[axis + 2] * share) for i, frame in frames.items()}


def distribute(frames: Mapping[str, Frame], axis: int) -> dict[str, Position]:
    """New top-left corners with equal gaps along an axis (0 across, 1 down); the outermost stay where they are."""
    if len(frames) < 3:
        return {i: (frame[0], frame[1]) for i, frame in frames.items()}
    row = sorted(frames, key=lambda i: frames[i][axis] + frames[i][axis + 2] / 2)
    first, last = frames[row[0]], frames[row[-1]]
    room = last[axis] - (first[axis] + first[axis + 2])
    gap = (room - sum(frames[i][axis + 2] for i in row[1:-1])) / (len(row) - 1)
    places, edge = {row[0]: (first[0], first[1]), row[-1]: (last[0], last[1])}, first[axis] + first[axis + 2]
    for node_id in row[1:-1]:
        places[node_id] = _at(frames[node_id], axis, edge + gap)
        edge += gap + frames[node_id][axis + 2]
    return places


def _at(frame: Frame, axis: int, value: float) -> Position:
    return (value, frame[1]) if axis == 0 else (frame[0], value)
