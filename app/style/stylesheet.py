"""The one style sheet, written from a theme's tokens.

Widgets ask for a look by the dynamic property ``role``: ``title``, ``heading`` (small capitals above a list),
``quiet``, ``brand``, ``card``, ``chip``, ``error``, ``primary`` (the one filled button of a place), ``flat``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.style.theme import Theme

_SHEET = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 6px; }}
QMainWindow, QDialog {{ background: {panel}; }}
QMainWindow::separator {{ background: {line}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QSplitter::handle {{ background: {line}; }}
QFrame[role="card"] {{ background: {raised}; border: 1px solid {line}; border-radius: {radius}px; }}
QFrame[role="advice"] {{
    background: {raised}; border: 1px solid {line}; border-left: 3px solid {warning}; border-radius: {radius}px;
}}
QFrame[role="line"] {{ background: {line}; border: none; }}

QLabel[role="title"] {{ color: {strong}; font-size: {font_title}px; font-weight: 600; }}
QLabel[role="strong"] {{ color: {strong}; font-weight: 600; }}
QLabel[role="heading"] {{ color: {quiet}; font-size: {font_small}px; letter-spacing: 1px; }}
QLabel[role="brand"] {{ color: {strong}; font-size: {font_brand}px; font-weight: 700; }}
QLabel[role="quiet"] {{ color: {quiet}; }}
QLabel[role="small"] {{ color: {quiet}; font-size: {font_small}px; }}
QLabel[role="good"] {{ color: {good}; }}
QLabel[role="accent"] {{ color: {accent}; }}
QLabel[role="error"] {{ color: {danger}; }}

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {{
    background: {field}; color: {text}; border: 1px solid {field}; border-radius: {radius_small}px;
    padding: 4px 8px; selection-background-color: {value}; selection-color: {ground};
}}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {{ background: {hover}; border-color: {hover}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{
    border-color: {accent};
}}
QLineEdit[role="error"], QAbstractSpinBox[role="error"], QComboBox[role="error"] {{ border-color: {danger}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {quiet}; }}
QComboBox[role="small"] {{ font-size: {font_small}px; padding: 1px 7px; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox QAbstractItemView {{
    background: {raised}; color: {text}; border: 1px solid {line};
    selection-background-color: {hover}; selection-color: {strong}; outline: none;
}}

QPushButton, QToolButton {{
    background: {field}; color: {text}; border: 1px solid {field}; border-radius: {radius_small}px; padding: 5px 12px;
}}
QToolButton {{ padding: 4px 8px; }}
QToolButton[role="menu"] {{ padding: 5px 6px; }}
QToolButton[role="menu"]::menu-indicator {{ image: none; }}
QPushButton:hover, QToolButton:hover {{ background: {hover}; border-color: {hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {line}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {quiet}; background: {panel}; border-color: {line}; }}
QPushButton[role="primary"] {{
    background: {good_fill}; color: {on_fill}; border-color: {good_fill}; font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ border-color: {text}; }}
QPushButton[role="primary"]:disabled {{ background: {field}; color: {quiet}; border-color: {field}; }}
QPushButton[role="flat"], QToolButton[role="flat"] {{ background: transparent; border-color: transparent; }}
QToolButton[role="tiny"] {{ background: transparent; border-color: transparent; padding: 2px 5px; }}
QToolButton[role="tiny"]:hover {{ background: {hover}; }}
QToolButton[role="tiny"]:focus {{ border-color: {accent}; }}
QToolButton[role="fold"] {{ background: transparent; border-color: transparent; padding: 0 1px; color: {quiet}; }}
QToolButton[role="fold"]:focus {{ border-color: {accent}; }}
QPushButton[role="flat"]:hover, QToolButton[role="flat"]:hover {{ background: {hover}; }}
QToolButton[role="flat"]:checked {{ background: {hover}; border-color: {line}; }}
QPushButton[role="flat"][mood="error"] {{ color: {danger}; }}
QPushButton[role="flat"][mood="warning"] {{ color: {warning}; }}
QPushButton[role="flat"]:focus, QToolButton[role="flat"]:focus {{ border-color: {accent}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}

QCheckBox, QRadioButton {{ spacing: 7px; padding: 3px 2px; border: 1px solid transparent; border-radius: 4px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {accent}; }}
QCheckBox::indicator, QRadioButton::indicator, QTreeView::indicator {{
    width: 12px; height: 12px; background: {field}; border: 1px solid {quiet}; border-radius: 3px;
}}
QRadioButton::indicator {{ border-radius: 7px; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked, QTreeView::indicator:checked {{
    background: {accent}; border-color: {accent};
}}
QCheckBox::indicator:indeterminate {{ background: {line}; }}

QTabWidget::pane {{ border: none; border-top: 1px solid {line}; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; color: {quiet}; padding: 7px 10px; border: none; }}
QTabWidget QTabBar::tab {{ padding: 7px 8px; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {accent}; font-weight: 600; border-bottom: 2px solid {accent}; }}
QTabBar::tab:focus {{ color: {strong}; }}
QTabBar::scroller {{ width: 44px; }}
QTabBar::tear {{ width: 0; border: none; }}
QMainWindow > QTabBar::scroller {{ width: 64px; }}
QMainWindow > QTabBar::tab:last, QMainWindow > QTabBar::tab:only-one {{ margin-right: 24px; }}
QTabBar QToolButton, QTabBar QToolButton:disabled {{ background: {panel}; border-color: {panel}; padding: 0; }}
QTabBar QToolButton[role="tiny"] {{ background: {panel}; }}
QTabBar QToolButton[role="tiny"]:hover {{ background: {hover}; }}

QMenuBar {{ background: {panel}; color: {text}; }}
QMenuBar::item {{ background: transparent; padding: 5px 9px; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: {radius_small}px; }}
QMenu::item:selected {{ background: {hover}; color: {strong}; }}
QMenu::item:disabled {{ color: {quiet}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QStatusBar {{ background: {panel}; color: {quiet}; border-top: 1px solid {line}; }}
QStatusBar::item {{ border: none; }}
QToolBar {{ background: {panel}; border: none; border-bottom: 1px solid {line}; spacing: 8px; padding: 6px 10px; }}
QToolBar#timeline_bar {{ border-bottom: none; border-top: 1px solid {line}; padding: 2px 6px; }}
QDockWidget {{ color: {text}; }}
QDockWidget::title {{ background: {panel}; padding: 5px 8px; text-align: left; }}

QListView, QTreeView, QTableView {{
    background: {panel}; color: {text}; border: none; outline: none; alternate-background-color: {raised};
    selection-background-color: {hover}; selection-color: {strong}; gridline-color: {line};
}}
QListView::item, QTreeView::item {{ padding: 4px 6px; border-radius: {radius_small}px; }}
QListView::item:hover, QTreeView::item:hover {{ background: {field}; }}
QListView::item:selected, QTreeView::item:selected {{ background: {hover}; color: {strong}; }}
QHeaderView::section {{
    background: {panel}; color: {quiet}; border: none; border-bottom: 1px solid {line}; padding: 4px 6px;
}}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: {panel}; border: none; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {line}; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QProgressBar {{ background: {field}; border: none; border-radius: 3px; color: transparent; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QSlider::groove:horizontal {{ height: 4px; background: {field}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {text}; width: 12px; margin: -4px 0; border-radius: 6px; }}
QSlider::handle:horizontal:focus {{ background: {accent}; }}
QGroupBox {{ border: none; margin-top: 18px; }}
QGroupBox::title {{ subcontrol-origin: margin; color: {quiet}; }}

QListWidget#search_list {{ background: {raised}; }}
QFrame#search_popup {{ background: {raised}; border: 1px solid {line}; border-radius: {radius}px; }}
QLabel#cursor_hint {{
    background: {raised}; color: {text}; border: 1px solid {line}; border-radius: {radius_small}px; padding: 5px 9px;
}}
QLabel#cursor_hint[mood="error"] {{ color: {danger}; border-color: {danger}; }}
QLabel#cursor_hint[mood="warning"] {{ color: {warning}; border-color: {warning}; }}
QLineEdit#rename_field {{ padding: 0 6px; border-color: {accent}; }}
QGraphicsView {{ border: none; }}
"""


def stylesheet(theme: Theme) -> str:
    """The sheet in a theme's colours and sizes."""
    return _SHEET.format_map(vars(theme))
