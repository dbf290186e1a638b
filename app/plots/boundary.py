"""What the network makes of the plane, for data with two inputs; and what each of its hidden units does."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.looker import looked_at
from app.plots.base import GROUPS
from app.plots.boundary_field import class_pixels, refined, unit_field, value_at, value_field
from app.plots.boundary_image import SmoothImage
from app.plots.boundary_points import DataPoints, signed_key, value_key
from app.plots.boundary_strip import UnitStrip
from app.plots.boundary_words import answer_in_words, boundary_of, grid_size, layers_with_units, usual_layer
from app.plots.choice import Choice
from app.plots.looking import LookingPlot
from app.plots.plane import Plane
from app.plots.samples import looked_data
from app.plots.signed_map import round_end
from app.training.session import Session
from engine.graph.report import Report
from engine.look.questions import Answer, Grid, Gridded, Question

#: Crossings of the grid for the units, each way.
_UNIT_SIZE = 32
#: Pixels that the picture is made of, each way.
_PIXELS = 192
_LONGEST_STRIP = 256
#: A plot that is lower than this gives more of its room to the plane.
_LOW = 340


class BoundaryPlot(LookingPlot):
    """Classes by colour, or a regression's output on the scale of values, with the examples on top; below, a small
    picture of what each unit of a layer puts out."""

    id = "boundary"
    title = "Decision boundary"
    short = "Boundary"
    about = "For data with two inputs: the network's answer all over the plane, and what each hidden unit does"
    group = GROUPS[-1]
    promise = (
        "Press Run: for data with two inputs, the plane will show in colour what the network answers where, and "
        "how each hidden unit cuts it."
    )
    shown = False
    behind = "loss"
    untrained = True

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.units: Gridded | None = None
        self._key = ""  # what the colours mean
        self._make_parts()
        self.image = SmoothImage(axisOrder="row-major")
        self.image.setZValue(-10)
        self.plane.addItem(self.image)
        self.points = DataPoints(self.plane)
        self._pointer: QPointF | None = None
        self.plane.hovered.connect(self._hover)
        self.plane.left_by_pointer.connect(self._leave)
        self.plane.zoomed.connect(self.ask_again)
        self.plane.followed.connect(self.ask_again)
        self.strip.pointed.connect(self._unit_pointed)
        self.layer.chosen.connect(self._choose_layer)
        self.output.chosen.connect(lambda _: self.draw_now())
        document.selection_changed.connect(self._follow_selection)

    def _make_parts(self) -> None:
        self.output = Choice("Output", (("0", "output 1"),), self.header)
        self.output.hide()
        self.layer = Choice("Layer whose units are shown", parent=self.header)
        self.layer.hide()
        for choice in (self.layer, self.output):
            self.header.add_choice(choice)
        self.plane = Plane(self.body)
        self.plane.setAccessibleName("The plane of the two inputs")
        self.strip = UnitStrip(self.body)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.plane, 1)
        column.addWidget(self.strip)

    # -- asking -----------------------------------------------------------------------------------------------

    def unfit(self) -> str:
        data = looked_data(self.session)
        if data is None or data.signature.input_shape == (2,):
            return ""
        count = int(np.prod(data.signature.input_shape))
        if count == 2:
            return "The two numbers of an example are not a plain pair. Data with two columns as inputs can be drawn."
        one = "one number" if count == 1 else f"{numbers.count(count)} numbers"
        return (f"A plane has two directions, and an example of these data is {one}. Data with two inputs can be drawn "
                "here: try the circles, moons or spirals.")

    @property
    def _report(self) -> Report:
        """What checking found of the network that is looked at."""
        return looked_at(self.session)[2]

    def question(self) -> Question | None:
        data = looked_data(self.session)
        if data is None:
            return None
        if data is not self.points.data:
            self.points.show_data(data)
        low, high = self._corners()
        return Grid(low, high, grid_size(self._report))

    def _corners(self) -> tuple[tuple[float, float], tuple[float, float]]:
        seen = self.plane.in_view()
        return (seen.left(), seen.top()), (seen.right(), seen.bottom())

    def renew(self) -> None:
        super().renew()
        self._offer_layers()
        if self.has_network and not self.unfit() and self.layer.current and self.points.data is not None:
            low, high = self._corners()
            self._looker.ask(self.strip, Grid(low, high, _UNIT_SIZE, self.layer.current), self._take_units)
        if self._pointer is not None:
            self._probe(self._pointer)

    def _take_units(self, answer: Answer) -> None:
        if isinstance(answer, Gridded) and answer.node == self.layer.current:
            self.units = answer
            self.strip.show_units(answer.values[..., :_LONGEST_STRIP], self.label_of(answer.node))
            if self.strip.unit >= 0:
                self.draw_soon()

    def forget(self) -> None:
        self.units = None
        self.points.data = None
        self.plane.follow()
        self.strip.show_units(np.zeros((2, 2, 0), np.float32), "")
        super().forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.strip.set_low(self.height() < _LOW)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for asker in (self.strip, self.plane):
            self._looker.leave(asker)

    # -- which layer ------------------------------------------------------------------------------------------

    def _offer_layers(self) -> None:
        nodes = layers_with_units(self._report)
        chosen = self.layer.current if self.layer.current in nodes else usual_layer(self._report)
        self.layer.offer([(node, self.label_of(node)) for node in nodes])
        if self.layer.current != chosen:
            self.layer.choose(chosen)
        self.layer.setVisible(bool(nodes))
        self.strip.setVisible(bool(nodes) and self.strip.count > 0)

    def _choose_layer(self, node: str) -> None:
        self.layer.choose(node)
        self.strip.let_go()
        self.ask_again()

    def _follow_selection(self, chosen: frozenset[str]) -> None:
        nodes = layers_with_units(self._report)
        wanted = next((node for node in nodes if self.drawn_node(node) in chosen), "")
        if wanted and wanted != self.layer.current and self.layer.current:
            self._choose_layer(wanted)

    def _unit_pointed(self, unit: int) -> None:
        self.draw_now()

    # -- drawing ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        field, unit = self.answer, self.strip.unit
        if not isinstance(field, Gridded) or self.points.data is None:
            return
        self._offer_outputs(field)
        self.plane.name_axes(*self.points.names())
        if unit >= 0 and self.units is not None and unit < self.units.values.shape[-1]:
            values = refined(self.units.values[..., unit : unit + 1], _PIXELS)[..., 0]
            self._paint(unit_field(values), self.units)
            self._key = f"{signed_key(round_end(values))} &nbsp; {self.points.marks()}"
        elif self.points.data.class_names:
            values = refined(field.values, _PIXELS)
            self._paint(class_pixels(values, boundary_of(self._report)), field)
            self._key = self.points.key()
        else:
            output = int(self.output.current or 0)
            low, high = float(self.points.low[output]), float(self.points.high[output])
            values = refined(field.values[..., output : output + 1], _PIXELS)[..., 0]
            self._paint(value_field(values, low, high), field)
            self._key = f"{value_key(low, high)} &nbsp; {self.points.marks()}"
        self._say()

    def _paint(self, pixels: np.ndarray, field: Gridded) -> None:
        """The picture's outermost pixels have their middles on the edges of what was asked for."""
        self.image.setImage(pixels, autoLevels=False, levels=None)
        (left, bottom), (right, top) = field.low, field.high
        across, up = (right - left) / (_PIXELS - 1), (top - bottom) / (_PIXELS - 1)
        self.image.setRect(QRectF(left - across / 2, bottom - up / 2, right - left + across, top - bottom + up))

    def _offer_outputs(self, field: Gridded) -> None:
        count = field.values.shape[-1]
        data = self.points.data
        several = data is not None and not data.class_names and count > 1
        if data is not None and several:
            names = data.preparation.target_names
            named = names if len(names) == count else tuple(f"output {i + 1}" for i in range(count))
            self.output.offer([(str(i), name) for i, name in enumerate(named)])
        self.output.setVisible(several)

    def retheme(self) -> None:
        self.plane.retheme()
        self.strip.retheme()
        if self.points.data is not None:
            self.points.colour(int(self.output.current or 0))

    # -- exact values -----------------------------------------------------------------------------------------

    def _hover(self, point: QPointF) -> None:
        self._pointer = point
        self._probe(point)

    def _leave(self) -> None:
        self._pointer = None
        self._looker.leave(self.plane)
        self._say()

    def _probe(self, point: QPointF) -> None:
        """Tells about what is drawn there, and asks what the network, or the unit that is shown, puts out exactly."""
        field = self._field()
        if field is None:
            return
        span = [high - low for low, high in zip(field.low, field.high, strict=True)]
        at = (point.x(), point.y())
        across, up = ((value - low) / size for value, low, size in zip(at, field.low, span, strict=True))
        self._tell(at, value_at(field.values, across, up), field.node, "≈ ")
        self._looker.ask(self.plane, Grid(at, at, 1, field.node), self._take_probe, first=True)

    def _field(self) -> Gridded | None:
        """What the picture shows."""
        field = self.units if self.strip.unit >= 0 else self.answer
        return field if isinstance(field, Gridded) else None

    def _take_probe(self, answer: Answer) -> None:
        if self._pointer is not None and isinstance(answer, Gridded):
            self._tell(answer.low, answer.values[0, 0], answer.node, "")

    def _tell(self, at: tuple[float, float], values: np.ndarray, node: str, about: str) -> None:
        place = " · ".join(f"{name} {numbers.number(x)}" for name, x in zip(self.points.names(), at, strict=True))
        answer = f"→ {about}{self._in_words(values, node)}"
        self.detail.say(answer)  # the header of a narrow plot has room for no more
        self.plane.explain(f"{place} {answer}".replace("&", "&amp;").replace("<", "&lt;"))

    def _in_words(self, values: np.ndarray, node: str) -> str:
        unit = self.strip.unit
        if node:
            return f"unit {unit + 1}: {numbers.number(float(values[unit]), 4)}" if 0 <= unit < len(values) else "–"
        names = self.points.data.class_names if self.points.data else ()
        return answer_in_words(values, names, boundary_of(self._report))

    def _say(self) -> None:
        """What stands while nothing is pointed at."""
        if self._pointer is not None:
            return
        self.plane.explain(self._key if self.session.cursor is None else f"{self.when()} &nbsp; {self._key}")
        unit = self.strip.unit
        self.detail.say(f"{self.when()} · unit {unit + 1}" if unit >= 0 else self.when())

    def fill_menu(self, menu: QMenu) -> None:
        back = menu.addAction("Back to all")
        back.setEnabled(not self.plane.following)
        back.triggered.connect(self.plane.follow)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        field = self._field()
        if field is None:
            return [], []
        size, count = field.values.shape[0], field.values.shape[-1]
        across = np.linspace(field.low[0], field.high[0], size)
        up = np.linspace(field.low[1], field.high[1], size)
        what = "unit" if field.node else "output"
        names = [*self.points.names(), *(f"{what} {i + 1}" for i in range(count))]
        values = field.values.reshape(-1, count).T
        return names, [np.tile(across, size), np.repeat(up, size), *values]
