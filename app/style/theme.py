"""Every colour, radius, font size and spacing step of the program. No widget carries a colour of its own.

``current()`` gives the theme in force; ``signals.changed`` tells painters to paint anew. Colours are hex strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from app.style.stylesheet import stylesheet

FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans", "sans-serif")
MODES = {"system": "System", "dark": "Dark", "light": "Light"}
_MAP_STEPS = 256


@dataclass(frozen=True)
class Theme:
    """The tokens of one theme. Lengths are device-independent pixels."""

    name: str
    # Grounds, from the back to the front
    ground: str
    panel: str
    raised: str
    field: str
    hover: str
    line: str
    dots: str
    wire: str
    # Ink
    text: str
    strong: str
    quiet: str
    # Meaning: blue is value (forward), orange is gradient (backward)
    accent: str
    good: str
    good_fill: str
    on_fill: str
    value: str
    gradient: str
    spectrum: str
    warning: str
    danger: str
    # Categories of layers, by their colour tokens
    data: str
    learnable: str
    recurrent: str
    activation: str
    normalise: str
    shape: str
    output: str
    # Stops of the gradient map, evenly spaced from small to large
    gradient_map: tuple[str, ...]
    # Runs drawn beside the present one: hues that no curve of the present one has
    runs: tuple[str, ...]

    # Type and space are the same in every theme.
    font_small: int = 11
    font_body: int = 13
    font_title: int = 15
    font_brand: int = 17
    radius_small: int = 5
    radius: int = 8
    space: int = 4

    def gradient_colour(self, log_position: float) -> QColor:
        """The gradient map at 0 (smallest on the log scale) … 1 (largest); beyond is clipped."""
        return _gradient_table(self.gradient_map)[round(min(max(log_position, 0.0), 1.0) * (_MAP_STEPS - 1))]

    def category_colour(self, token: str) -> str:
        """The colour of a category of layers, by the token its declaration names."""
        return getattr(self, token)

    @property
    def is_dark(self) -> bool:
        return QColor(self.ground).lightnessF() < 0.5

    def colours(self) -> dict[str, str]:
        """Every colour token by name."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in plain.items() if isinstance(value, str) and value.startswith("#")}


DARK = Theme(
    name="dark",
    ground="#14161b", panel="#181b21", raised="#1f232b", field="#22262f", hover="#2a2f3a", line="#2a2e38",
    dots="#2a2e38", wire="#5d6576", text="#d6dae3", strong="#f6f7fa", quiet="#8a91a1",
    accent="#f2a65a", good="#2f9e6e", good_fill="#23805a", on_fill="#ffffff", value="#5b9bf3",
    gradient="#f2a65a", spectrum="#49c5b6", warning="#f2a65a", danger="#e86a7a",
    data="#7d8799", learnable="#5b9bf3", recurrent="#b07cf0", activation="#f2a65a", normalise="#49c5b6",
    shape="#8bc34a", output="#e86a7a",
    gradient_map=("#573c9a", "#7f3a90", "#b8406f", "#de634e", "#f2a65a"),
    runs=("#e6d84a", "#f07fd2", "#86e0ff", "#a87a50", "#efe3cf"),
)  # fmt: skip
LIGHT = Theme(
    name="light",
    ground="#f1f3f6", panel="#f9fafb", raised="#ffffff", field="#eceef3", hover="#e2e6ed", line="#d3d8e1",
    dots="#cfd4de", wire="#97a0b1", text="#262b35", strong="#10131a", quiet="#5c6473",
    accent="#a8500a", good="#1b7a52", good_fill="#1b7a52", on_fill="#ffffff", value="#1f62c4",
    gradient="#a8500a", spectrum="#0d766a", warning="#a8500a", danger="#bf2f47",
    data="#6b7588", learnable="#2f74d8", recurrent="#8a4fd6", activation="#cf7417", normalise="#12897b",
    shape="#578b1b", output="#cf3f57",
    gradient_map=("#b3a2dc", "#9b62b8", "#b8407f", "#bd4530", "#a34b00"),
    runs=("#8f8400", "#c91f9a", "#0a8fc4", "#6b4526", "#20283a"),
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

#: Ink on ground that text is set in, by token; a test holds each pair to a contrast of 4.5 : 1 in every theme.
TEXT_PAIRS = (
    *((ink, ground) for ink in ("text", "strong", "quiet") for ground in ("ground", "panel", "raised", "field")),
    *((ink, ground) for ink in ("accent", "good", "value", "gradient", "spectrum", "warning", "danger")
      for ground in ("ground", "panel", "raised")),
    ("text", "hover"), ("on_fill", "good_fill"),
)  # fmt: skip


class Signals(QObject):
    """Tells that another theme is in force."""

    changed = Signal()


signals = Signals()
#: What the person chose in the settings: no animation.
reduced_motion = False
_current = DARK
_mode = "system"
_following = False


def current() -> Theme:
    """The theme in force."""
    return _current


@contextmanager
def borrowed(theme: Theme) -> Iterator[None]:
    """Another theme for as long as something is drawn that is not on the screen; nobody is told."""
    global _current
    before, _current = _current, theme
    try:
        yield
    finally:
        _current = before


def mode() -> str:
    """What the person chose: one of ``MODES``."""
    return _mode


def apply(app: QApplication, mode: str = "system") -> None:
    """Dresses the whole program in a theme, live; "system" follows the desktop from now on."""
    global _mode, _following
    if mode not in MODES:
        raise ValueError(f"{mode!r} is no theme mode; expected one of {', '.join(MODES)}.")
    _mode = mode
    if not _following:
        app.styleHints().colorSchemeChanged.connect(_system_changed)
        _following = True
    dark = _system_is_dark(app) if mode == "system" else mode == "dark"
    _dress(app, DARK if dark else LIGHT)


def motion(milliseconds: int) -> int:
    """How long an animation may last: none where the person or the desktop asks for less motion."""
    app = QApplication.instance()
    if reduced_motion or not isinstance(app, QApplication):
        return 0
    return milliseconds if app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0 else 0


def font(pixels: int, *, bold: bool = False) -> QFont:
    """The program's typeface in a size of the theme."""
    face = QFont()
    face.setFamilies(FAMILIES)
    face.setPixelSize(pixels)
    face.setBold(bold)
    return face


def palette(theme: Theme) -> QPalette:
    """Qt's own roles in the theme's colours, for whatever the style sheet does not reach."""
    role = QPalette.ColorRole
    roles = {
        role.Window: theme.panel, role.WindowText: theme.text, role.Base: theme.field,
        role.AlternateBase: theme.raised, role.ToolTipBase: theme.raised, role.ToolTipText: theme.text,
        role.PlaceholderText: theme.quiet, role.Text: theme.text, role.Button: theme.field,
        role.ButtonText: theme.text, role.BrightText: theme.strong, role.Link: theme.value,
        role.Highlight: theme.value, role.HighlightedText: theme.ground, role.Accent: theme.accent,
        role.Light: theme.hover, role.Midlight: theme.field, role.Mid: theme.line, role.Dark: theme.line,
        role.Shadow: theme.ground,
    }  # fmt: skip
    colours = QPalette()
    for name, colour in roles.items():
        colours.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.quiet))
    return colours


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 … 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    c = QColor(colour)
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c.redF(), c.greenF(), c.blueF())]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _dress(app: QApplication, theme: Theme) -> None:
    global _current
    _current = theme
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setFont(font(theme.font_body))
    app.setStyleSheet(stylesheet(theme))
    signals.changed.emit()


def _system_is_dark(app: QApplication) -> bool:
    # A desktop that does not say gets the dark theme, the one the program is drawn for first.
    return app.styleHints().colorScheme() is not Qt.ColorScheme.Light


def _system_changed() -> None:
    app = QApplication.instance()
    if _mode == "system" and isinstance(app, QApplication):
        _dress(app, DARK if _system_is_dark(app) else LIGHT)


@lru_cache(maxsize=8)
def _gradient_table(stops: tuple[str, ...]) -> list[QColor]:
    """The map's colours in ``_MAP_STEPS`` steps, so that painting a wire costs one look-up."""
    colours = [QColor(stop) for stop in stops]
    table = []
    for step in range(_MAP_STEPS):
        place = step / (_MAP_STEPS - 1) * (len(colours) - 1)
        index = min(int(place), len(colours) - 2)
        share, left, right = place - index, colours[index], colours[index + 1]
        mixed = [a + (b - a) * share for a, b in zip(left.getRgbF(), right.getRgbF(), strict=True)]
        table.append(QColor.fromRgbF(*mixed))
    return table
