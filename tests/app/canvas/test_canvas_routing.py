"""Wires never run under nodes they do not belong to."""

import random
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.boxes import Boxes
from app.canvas.routing import path_around
from app.canvas.scene import CanvasScene
from app.document import Content, Document
from engine.graph.model import Graph
from engine.project import TEMPLATES
from tests.engine.graph.shapes_of_networks import inception, residual_tower, u_net


def touches(wire, rect: QRectF) -> bool:
    corners = [rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()]
    return any(wire.crosses(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True))


def runs_under(scene: CanvasScene) -> list[tuple[str, str]]:
    """(target of the wire, node it runs under) for every wire that hides."""
    found = []
    for wire in scene.wires.values():
        for node_id, item in scene.nodes.items():
            rect = item.rect.translated(item.pos())
            if node_id not in (wire.edge.source, wire.edge.target) and touches(wire, rect):
                found.append((wire.edge.target, node_id))
    return found


def skipping(columns: int) -> Graph:
    """A chain in one row with a wire from its first node to an Add at its end."""
    graph, first = Graph().add("Input", {"shape": (8,)})
    last = first
    for column in range(1, columns):
        graph, node = graph.add("Dense", {"units": 8}, (column * 216, 0))
        graph, last = graph.connect(last, node), node
    graph, add = graph.add("Add", position=(columns * 216, 0))
    return graph.connect(last, add).connect(first, add)


@pytest.fixture
def tower(document, view):
    document.set_content(Content(skipping(4)))
    return view.canvas


def test_a_skip_is_led_around_the_row(tower):
    assert runs_under(tower) == []
    row = tower.bounds(["dense_1"])
    level = tower.wires[("add_1", "in2")].middle().y()
    assert level < row.top() or level > row.bottom()


def test_the_wire_straightens_when_the_way_is_clear(document, tower):
    document.commit(document.graph.move({f"dense_{i}": (i * 216, 400) for i in (1, 2, 3)}), "Move")
    assert tower.wires[("add_1", "in2")]._level is None
    document.undo_stack.undo()
    assert tower.wires[("add_1", "in2")]._level is not None


def test_a_node_that_is_deleted_is_in_nobodys_way(document, tower):
    document.commit(document.graph.remove([f"dense_{i}" for i in (1, 2, 3)]), "Delete")
    wire, = tower.wires.values()
    assert wire._level is None


def test_a_node_put_onto_a_foreign_wire_pushes_it_aside(document, view, hand):
    document.commit(document.graph.add("LSTM", position=(0, 300))[0].move({"loss_1": (700, 0)}), "Add")
    view.document.select(["lstm_1"])
    document.commit(document.graph.move({"lstm_1": (480, -6)}), "Move")
    assert runs_under(view.canvas) == []
    assert view.canvas.wires[("loss_1", "in")]._level is not None


def test_a_node_on_its_way_pushes_nothing_and_escape_brings_all_back(document, view, hand):
    graph = document.graph.add("LSTM", position=(480, -6))[0].move({"loss_1": (700, 0)})
    document.commit(graph, "Add")
    wire = view.canvas.wires[("loss_1", "in")]
    before = wire._path
    hand.hold(hand.node("lstm_1"), hand.node("lstm_1") + QPointF(0, 200))
    assert wire._level is None
    hand.key(Qt.Key.Key_Escape)
    assert wire._path == before and wire._level is not None
    assert document.graph is graph


@pytest.mark.parametrize("seed", range(8))
def test_no_wire_hides_in_scattered_networks(qapp, seed):
    """Nodes on a loose grid, wires at random to the right: room enough to pass between them."""
    pick = random.Random(seed)
    graph = Graph()
    for column in range(6):
        for row in range(4):
            graph, _ = graph.add("Add", position=(column * 260, row * 150 + pick.randint(-15, 15)))
    ids = list(graph.nodes)
    for _ in range(20):
        source, target = sorted(pick.sample(range(24), 2))
        if target // 4 > source // 4:
            graph = graph.connect(ids[source], ids[target])
    document = Document()
    document.set_content(Content(graph))
    scene = CanvasScene(document)
    assert runs_under(scene) == []
    scene.deleteLater()
    document.deleteLater()


def test_a_wire_with_nothing_in_its_way_is_the_plain_curve():
    path, level = path_around(QPointF(0, 0), QPointF(100, 50), lambda box: [])
    assert level is None and path.currentPosition() == QPointF(100, 50)


def test_long_skips_run_further_away_than_short_ones():
    room = Boxes()
    for column in range(1, 8):
        room.put(column, (column * 216.0, 0.0, column * 216.0 + 152, 66.0))

    def height(end: float) -> float:
        return path_around(QPointF(152, 30), QPointF(end, 33), lambda box: room.near(box).values())[1].y()

    assert height(8 * 216) < height(4 * 216) < 0


def test_boxes_find_what_overlaps_wherever_it_was_moved():
    pick = random.Random(0)
    boxes, known = Boxes(), {}
    for _ in range(400):
        key = pick.randrange(60)
        if pick.random() < 0.2:
            assert boxes.drop(key) == known.pop(key, None)
        else:
            x, y = pick.uniform(-2000, 2000), pick.uniform(-2000, 2000)
            box = (x, y, x + pick.uniform(0, 900), y + pick.uniform(0, 300))
            assert boxes.put(key, box) == known.get(key)
            known[key] = box
        area = QRectF(pick.uniform(-2000, 2000), pick.uniform(-2000, 2000), 500, 500)
        wanted = {k for k, b in known.items() if QRectF(b[0], b[1], b[2] - b[0], b[3] - b[1]).intersects(area)}
        assert boxes.near((area.left(), area.top(), area.right(), area.bottom())).keys() == wanted


@pytest.mark.parametrize("graph", [residual_tower(4), u_net(3), inception(2)], ids=["tower", "u-net", "inception"])
def test_tidied_up_no_wire_hides_and_none_cross(document, view, graph):
    document.set_content(Content(graph))
    view.tidy_up()
    assert runs_under(view.canvas) == []
    wires = list(view.canvas.wires.values())
    crossed = [(a.edge, b.edge) for i, a in enumerate(wires) for b in wires[:i]
               if {a.edge.source, a.edge.target}.isdisjoint({b.edge.source, b.edge.target})
               and any(b.crosses(p, q) for p, q in pairwise(a.points()))]
    assert crossed == []


def test_a_wire_to_the_next_row_runs_in_the_gap_between_them(document, view):
    document.set_content(Content(TEMPLATES["lenet"].make_graph()))
    assert runs_under(view.canvas) == []
    wire = view.canvas.wires[("flatten", "in")]
    above, below = view.canvas.bounds(["pool_2"]), view.canvas.bounds(["flatten"])
    assert above.bottom() + 10 < wire.middle().y() < below.top() - 10
    steep = [(a, b) for a, b in pairwise(wire.points()) if abs(a.x() - b.x()) > 40 and abs(a.y() - b.y()) > 1]
    assert not steep, "level and plumb, with rounded corners"
    assert wire._label_rect.top() > above.bottom()


@pytest.mark.parametrize("place", [(-300, 0), (-300, 20), (-60, 200), (-500, -180), (0, 90)])
def test_a_wire_that_leads_back_runs_under_no_node(document, view, place):
    graph = skipping(3).move({"dense_2": place})
    document.set_content(Content(graph))
    assert runs_under(view.canvas) == []
