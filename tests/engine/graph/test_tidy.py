"""Tidy-up: blocks apart, frames around their own layers, comments beside theirs, long chains in rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from engine.graph import edits, groups
from engine.graph.elements import COMMENT, FRAME, Note, Position
from engine.graph.model import Graph
from engine.graph.tidy import Tidied, tidy
from tests.engine.graph.shapes_of_networks import chain, inception, residual_tower, u_net

WIDTH, HEIGHT = 152.0, 66.0
Box = tuple[float, float, float, float]


def box_around(places: dict[str, Position], ids, side: float = 0.0, top: float = 0.0) -> Box:
    xs, ys = zip(*(places[i] for i in ids), strict=True)
    return (min(xs) - side, min(ys) - top, max(xs) + WIDTH + side, max(ys) + HEIGHT + side)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def on_top(graph: Graph, found: Tidied) -> list[tuple[str, str]]:
    """Pairs of nodes, or a node and an open block it is not in, that cover each other."""
    boxes = {i: box_around(found.places, [i]) for i in graph.nodes}
    pairs = [(a, b) for a, b in combinations(boxes, 2) if overlap(boxes[a], boxes[b])]
    for block in graph.groups:
        inside = groups.members(graph, block)
        frame = box_around(found.places, inside, 16.0, 42.0)
        pairs += [(block, i) for i in graph.nodes if i not in inside and overlap(frame, boxes[i])]
    return pairs


@pytest.mark.parametrize("graph", [residual_tower(4), u_net(4), inception(3, (1, 2, 3, 2))])
def test_open_blocks_stand_apart_and_nest(graph: Graph) -> None:
    ids = list(graph.nodes)
    graph, inner = groups.group(graph, ids[2:4])
    graph, outer = groups.group(graph, [*ids[1:5]])
    graph, other = groups.group(graph, ids[7:10])
    assert graph.groups[inner].parent == outer
    found = tidy(graph, {}, {})
    assert on_top(graph, found) == []
    boxes = [box_around(found.places, groups.members(graph, block), 16.0, 42.0) for block in (outer, other)]
    assert not overlap(*boxes)


def test_what_is_tidy_stays_as_it_is() -> None:
    graph, _ = groups.group(residual_tower(3), ["dense_1", "relu_1", "dense_2"])
    once = tidy(graph, {}, {})
    assert tidy(graph.move(once.places), {}, {}).places == once.places


def test_the_top_left_corner_stays() -> None:
    graph = chain(3).move({"dense_2": (-500.0, 70.0), "dense_3": (900.0, -300.0)})
    places = tidy(graph, {}, {}).places
    assert (min(x for x, _ in places.values()), min(y for _, y in places.values())) == (-500.0, -300.0)


def test_a_collapsed_block_takes_the_room_of_its_card() -> None:
    graph, block = groups.group(chain(6), ["dense_2", "dense_3", "dense_4"], collapsed=True)
    places = tidy(graph, {block: (WIDTH, 102.0)}, {}).places
    middle = sum(places[i][0] for i in ("dense_2", "dense_3", "dense_4")) / 3
    assert places["dense_1"][0] < middle < places["dense_5"][0]
    assert places["dense_5"][0] - places["dense_1"][0] == 2 * 216.0
    assert {y for i, (_, y) in places.items() if i not in groups.members(graph, block)} == {places["input_1"][1]}


def test_frames_lie_around_their_own_layers_only() -> None:
    graph = residual_tower(3)
    inside = ["dense_1", "relu_1", "dense_2"]
    graph = graph.put_note(Note("frame", FRAME, "First", (-20.0, -60.0, 500.0, 300.0)))
    found = tidy(graph, {}, {"frame": inside})
    (note,) = found.notes
    x, y, width, height = note.rect
    held = [i for i, (px, py) in found.places.items() if x < px + WIDTH / 2 < x + width and y < py + 33 < y + height]
    assert sorted(held) == sorted(inside)
    assert (note.text, note.kind) == ("First", FRAME)
    assert on_top(graph, found) == []


def test_comments_go_with_the_layer_they_are_about_and_cover_none() -> None:
    graph = chain(4).move({f"dense_{i}": (i * 700.0, i * 90.0) for i in range(1, 5)})
    graph = graph.put_note(Note("near", COMMENT, "", (2110.0, 350.0, 120.0, 48.0)),
                           Note("far", COMMENT, "", (0.0, 3000.0, 120.0, 48.0)))
    found = tidy(graph, {}, {})
    (note,) = found.notes
    assert note.id == "near", "what is about nothing stays"
    assert abs(note.rect[0] - found.places["dense_3"][0]) < 60
    words = (note.rect[0], note.rect[1], note.rect[0] + note.rect[2], note.rect[1] + note.rect[3])
    assert not any(overlap(words, box_around(found.places, [i])) for i in graph.nodes)


def test_a_comment_in_a_frame_stays_in_it() -> None:
    graph = chain(4).move({f"dense_{i}": (i * 216.0, 0.0) for i in range(1, 5)})
    graph = graph.put_note(Note("frame", FRAME, "", (190.0, -60.0, 420.0, 300.0)),
                           Note("words", COMMENT, "", (220.0, 120.0, 200.0, 72.0)))
    notes = {note.id: note.rect for note in tidy(graph, {}, {"frame": ["dense_1", "dense_2"]}).notes}
    frame, words = notes["frame"], notes["words"]
    assert frame[0] <= words[0]
    assert frame[1] <= words[1]
    assert words[0] + words[2] <= frame[0] + frame[2]
    assert words[1] + words[3] <= frame[1] + frame[3]


@pytest.mark.parametrize("length", [12, 30, 100, 400])
def test_a_long_chain_is_wrapped_like_text(length: int) -> None:
    graph = chain(length)
    places = tidy(graph, {}, {}).places
    rows = sorted({y for _, y in places.values()})
    assert len(rows) > 1
    back = [e for e in graph.edges.values() if places[e.target][0] <= places[e.source][0]]
    assert len(back) == len(rows) - 1, "one wire leads from each row to the next"
    assert all(places[e.target][0] == 0 for e in back)
    width = max(x for x, _ in places.values()) + WIDTH
    assert 1.0 < width / (rows[-1] + HEIGHT) < 7.0
    assert min(b - a for a, b in pairwise(rows)) >= 170


@pytest.mark.parametrize("after", ["dense_3", "dense_6", "dense_9"])
def test_a_layer_inserted_into_a_row_leaves_the_next_row_alone(after: str) -> None:
    graph = chain(14)
    graph = graph.move(tidy(graph, {}, {}).places)
    edge, = graph.outputs(after)
    x, y = graph.nodes[after].position
    grown, node = graph.add("ReLU", position=(x + 216.0, y))
    grown = edits.make_room(edits.insert_on_wire(grown, edge, node), node, 216.0)
    rows = {y for _, y in (n.position for n in graph.nodes.values())}
    for row in rows - {y}:
        assert all(grown.nodes[i].position == n.position for i, n in graph.nodes.items() if n.position[1] == row)
    mine = sorted(n.position[0] for n in grown.nodes.values() if n.position[1] == y)
    assert all(b - a == 216.0 for a, b in pairwise(mine))


def test_rows_are_cut_only_where_one_wire_leads_on() -> None:
    graph = residual_tower(8)
    places = tidy(graph, {}, {}).places
    back = [e for e in graph.edges.values() if places[e.target][0] <= places[e.source][0]]
    assert back
    for edge in back:
        assert graph.nodes[edge.source].kind in ("Add", "Input")
    # Where branches run side by side all the way there is no place to cut.
    uncut = tidy(u_net(8), {}, {}).places
    assert all(uncut[e.source][0] < uncut[e.target][0] for e in u_net(8).edges.values())


def test_nothing_gives_nothing() -> None:
    assert tidy(Graph(), {}, {}) == Tidied({}, ())
    alone = Graph().put_note(Note("frame", FRAME))
    assert tidy(alone, {}, {"frame": []}).notes == ()


def test_bypassed_and_unknown_kinds_are_laid_out_too() -> None:
    graph = chain(3).enable(["dense_2"], False)
    graph = graph.put(replace(graph.nodes["dense_3"], kind="Martian"))
    assert tidy(graph, {}, {}).places.keys() == graph.nodes.keys()
