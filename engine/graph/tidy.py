"""Tidy-up: the automatic layout of a whole drawing, with blocks, frames and comments.

What belongs together stays together: the layers of an open block, or in a frame, are laid out among themselves, and the
whole then takes its room as one large node. So frames lie around their own layers only, and blocks never overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.graph import arrange, groups
from engine.graph.elements import COMMENT, Node, Note, Position, Rect
from engine.graph.model import Graph

#: Width and height of a node or card.
Size = tuple[float, float]
#: Between neighbours, and around what lies in an open block, or in a frame: across and down.
_GAP: Size = (64.0, 54.0)
_BLOCK: Size = (16.0, 42.0)
_FRAME: Size = (24.0, 48.0)
#: Below the layers of a frame it ends sooner than it begins above them, where its title stands.
_FRAME_BELOW = 24.0
#: A comment this near to a layer is about it.
_NEAR = 240.0
_STEP, _MOST_STEPS = 12.0, 60
#: What comments keep free around a layer, and below it, where wires are led past it.
_CLEAR, _LANES = 12.0, 72.0
_USUAL: Size = (152.0, 66.0)


@dataclass(frozen=True)
class Tidied:
    """Where everything goes: nodes by id, notes as they are to be."""

    places: Mapping[str, Position]
    notes: tuple[Note, ...]


def tidy(graph: Graph, sizes: Mapping[str, Size], frames: Mapping[str, list[str]]) -> Tidied:
    """A layout of the whole graph. ``sizes`` of nodes and collapsed blocks where they are not the usual one;
    ``frames`` says which nodes lie in which frame. The topmost and the leftmost node stay at their height and side."""
    if not graph.nodes:
        return Tidied({}, ())
    drawn, frame_of = _with_frames(graph, frames)
    layout = _Layout(drawn, sizes, frame_of)
    layout.lay("")
    layout.unfold("", (0.0, 0.0))
    cards = {i: (x, y + (layout.size(i)[1] - _USUAL[1]) / 2 if i in graph.groups else y)
             for i, (x, y) in layout.found.items()}
    places = groups.spread(graph, cards)
    before = [node.position for node in graph.nodes.values()]
    dx, dy = (min(old) - min(new) for old, new in zip(zip(*before, strict=True), zip(*places.values(), strict=True),
                                                      strict=True))
    moved = {i: (x + dx, y + dy) for i, (x, y) in places.items()}
    rects = {note: (x + dx, y + dy, w, h) for note, (x, y, w, h) in layout.frames.items()}
    return Tidied(moved, _notes(graph, moved, sizes, frames, rects))


def _with_frames(graph: Graph, frames: Mapping[str, list[str]]) -> tuple[Graph, dict[str, str]]:
    """A graph in which every frame is a group, too, and the frames by these groups' ids."""
    frame_of: dict[str, str] = {}
    for note, inside in sorted(frames.items(), key=lambda entry: len(entry[1])):
        if inside:
            graph, block = groups.group(graph, inside)
            frame_of[block] = note
    return graph, frame_of


class _Layout:
    """Lays groups out from the inside out, then gives everything its place from the outside in."""

    def __init__(self, graph: Graph, sizes: Mapping[str, Size], frame_of: Mapping[str, str]) -> None:
        self._graph, self._frame_of = graph, frame_of
        self._sizes: dict[str, Size] = dict(sizes)
        self._inside: dict[str, dict[str, Position]] = {}
        #: Results: corners of nodes and collapsed blocks, rectangles of frames.
        self.found: dict[str, Position] = {}
        self.frames: dict[str, Rect] = {}

    def size(self, cell: str) -> Size:
        return self._sizes.get(cell, _USUAL)

    def lay(self, home: str) -> None:
        """Places everything directly in a group, seen from the group's corner, and says how large the group is."""
        nodes, within = self._graph.homes[home]
        for group in within:
            if not self._graph.groups[group].collapsed:
                self.lay(group)
        rooms = {i: (w + _GAP[0], h + _GAP[1]) for i in (*nodes, *within) for w, h in [self.size(i)]}
        spots = arrange.positions(self._contracted(home), rooms, in_rows=True)
        margin = self._margin(home)
        self._inside[home] = {i: (x + margin[0], y + margin[1]) for i, (x, y) in spots.items()}
        width = max(x + self.size(i)[0] for i, (x, _) in spots.items())
        height = max(y + self.size(i)[1] for i, (_, y) in spots.items())
        if home:
            self._sizes[home] = (width + 2 * margin[0], height + 2 * margin[1])

    def _margin(self, home: str) -> Size:
        return (0.0, 0.0) if not home else _FRAME if home in self._frame_of else _BLOCK

    def _contracted(self, home: str) -> Graph:
        """The part directly in a group, each group in it as one node."""
        graph = self._graph
        nodes, within = graph.homes[home]
        cell = {i: i for i in nodes} | {i: group for group in within for i in groups.members(graph, group)}
        made = {i: replace(graph.nodes[i], group="") for i in nodes}
        for group in within:
            inside = [graph.nodes[i].position for i in groups.members(graph, group)]
            xs, ys = zip(*inside, strict=True)
            made[group] = Node(group, "", position=((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2))
        edges = [replace(e, source=cell[e.source], target=cell[e.target],
                         port=e.port if e.target in made else f"{e.target} {e.port}")
                 for e in graph.edges.values() if e.source in cell and e.target in cell]
        return Graph(made, {e.key: e for e in edges if e.source != e.target})

    def unfold(self, home: str, corner: Position) -> None:
        """Gives everything in a group its place on the canvas."""
        for cell, (x, y) in self._inside[home].items():
            place = (x + corner[0], y + corner[1])
            if cell in self._inside:
                self.unfold(cell, place)
            else:
                self.found[cell] = place
            if cell in self._frame_of:
                width, height = self.size(cell)
                self.frames[self._frame_of[cell]] = (*place, width, height - _FRAME[1] + _FRAME_BELOW)


def _notes(
    graph: Graph, places: Mapping[str, Position], sizes: Mapping[str, Size], frames: Mapping[str, list[str]],
    rects: Mapping[str, Rect],
) -> tuple[Note, ...]:
    """Frames around their layers, comments beside the layer they are about, and over none."""
    found = {i: replace(graph.notes[i], rect=rect) for i, rect in rects.items()}
    boxes = [(x - _CLEAR, y - _CLEAR, w + 2 * _CLEAR, h + _CLEAR + _LANES)
             for i, (x, y) in places.items() for w, h in [sizes.get(i, _USUAL)]]
    for note in graph.notes.values():
        if note.kind != COMMENT:
            continue
        home = next((frame for frame in frames if frame in found and _holds(graph.notes[frame].rect, note.rect)), "")
        about = _about(graph, note, frames[home] if home else None)
        if about is None:
            continue
        x, y = graph.nodes[about].position
        moved = note.shifted(places[about][0] - x, places[about][1] - y)
        for _ in range(_MOST_STEPS):
            if not any(_overlap(moved.rect, box) for box in boxes):
                break
            moved = moved.shifted(0.0, _STEP)
        boxes.append(moved.rect)
        found[note.id] = moved
        if home:
            found[home] = replace(found[home], rect=_around(found[home].rect, moved.rect))
    return tuple(found.values())


def _about(graph: Graph, note: Note, inside: list[str] | None) -> str | None:
    """The layer nearest to a comment, of those in its frame where it is in one; None where all are far away."""
    def gap(node_id: str) -> float:
        x, y, width, height = _box(graph.nodes[node_id].position, _USUAL)
        left, top, wide, high = note.rect
        across, down = max(x - left - wide, left - x - width, 0.0), max(y - top - high, top - y - height, 0.0)
        return across + down

    nearest = min(graph.nodes if inside is None else inside, key=gap, default=None)
    return nearest if nearest is not None and (inside is not None or gap(nearest) <= _NEAR) else None


def _box(place: Position, size: Size) -> Rect:
    return (*place, *size)


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _holds(outer: Rect, inner: Rect) -> bool:
    return (outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= outer[0] + outer[2]
            and inner[1] + inner[3] <= outer[1] + outer[3])


def _around(frame: Rect, note: Rect) -> Rect:
    """The frame, grown to the right and down until a note lies in it."""
    right = max(frame[0] + frame[2], note[0] + note[2] + _STEP)
    bottom = max(frame[1] + frame[3], note[1] + note[3] + _STEP)
    return (frame[0], frame[1], right - frame[0], bottom - frame[1])
