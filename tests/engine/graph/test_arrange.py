"""The automatic layout: left to right, nothing on top of anything, and no crossing where none is needed."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from engine.graph.arrange import COLUMN, ROW, positions
from engine.graph.model import Graph, Position
from tests.engine.graph.shapes_of_networks import chain, densely_connected, inception, residual_tower, u_net

WIDTH, HEIGHT, PITCH = 152, 66, 18


def wires(graph: Graph, places: dict[str, Position]) -> list[tuple[Position, Position]]:
    """Each wire as a straight line from the output's port to the input's."""
    lines = []
    for edge in graph.edges.values():
        (x0, y0), (x1, y1) = places[edge.source], places[edge.target]
        ports = graph.ports(edge.target)
        port = (ports.index(edge.port) - (len(ports) - 1) / 2) * PITCH
        lines.append(((x0 + WIDTH, y0 + HEIGHT / 2), (x1, y1 + HEIGHT / 2 + port)))
    return lines


def side(a: Position, b: Position, c: Position) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def crossings(graph: Graph, places: dict[str, Position]) -> int:
    return sum(side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6
               for (a, b), (c, d) in combinations(wires(graph, places), 2))


@pytest.mark.parametrize("graph", [chain(12), residual_tower(5), u_net(4)], ids=["chain", "tower", "u-net"])
def test_known_networks_have_no_crossing(graph: Graph) -> None:
    assert crossings(graph, positions(graph)) == 0


def test_a_chain_is_one_straight_row() -> None:
    places = positions(chain(6))
    assert [x for x, _ in places.values()] == [i * COLUMN for i in range(7)]
    assert {y for _, y in places.values()} == {0.0}


@pytest.mark.parametrize("order", [(1, 2, 3, 2), (3, 1, 2, 2), (2, 2, 1, 3), (3, 2, 1)])
def test_branches_lie_in_the_order_of_the_ports_they_lead_to(order: tuple[int, ...]) -> None:
    graph = inception(2, order)
    places = positions(graph)
    for node_id in (i for i, node in graph.nodes.items() if node.kind == "Concatenate"):
        heights = [places[edge.source][1] for edge in graph.inputs(node_id)]
        assert heights == sorted(heights)


def test_a_densely_connected_network_crosses_little() -> None:
    graph = densely_connected(5)
    assert crossings(graph, positions(graph)) <= 12  # 23 by sweeps alone


@pytest.mark.parametrize("seed", range(10))
def test_everything_runs_right_and_nothing_lies_on_anything(seed: int) -> None:
    pick = random.Random(seed)
    graph = Graph()
    for _ in range(30):
        graph, new = graph.add("Add", position=(pick.uniform(-900, 900), pick.uniform(-900, 900)))
        for source in pick.sample(list(graph.nodes)[:-1], min(len(graph.nodes) - 1, pick.choice((0, 1, 1, 2, 3)))):
            graph = graph.connect(source, new)
    places = positions(graph)
    assert places.keys() == graph.nodes.keys()
    assert all(places[e.source][0] + COLUMN <= places[e.target][0] for e in graph.edges.values())
    assert all(a[0] != b[0] or abs(a[1] - b[1]) >= ROW - 0.2 for a, b in combinations(places.values(), 2))
    assert (min(x for x, _ in places.values()), min(y for _, y in places.values())) == (0, 0)
    assert positions(graph) == places
    assert positions(graph.move(places)).keys() == places.keys()


def test_parts_that_are_not_connected_lie_below_each_other() -> None:
    graph, first = Graph().add("Input", position=(0, 500))
    graph, second = graph.add("Dense", position=(300, 0))
    places = positions(graph)
    assert places[first][1] + ROW <= places[second][1]


def test_a_cycle_does_no_harm() -> None:
    graph = chain(3)
    ids = list(graph.nodes)
    graph = graph.connect(ids[3], ids[1], "in")
    assert positions(graph).keys() == graph.nodes.keys()


def test_nothing_gives_nothing() -> None:
    assert positions(Graph()) == {}
