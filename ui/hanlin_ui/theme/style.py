"""How the colours are worn: the one short style sheet of the program.

Rules select by class or by the dynamic property ``role``; no widget carries a
style sheet of its own, so changing the theme is one call.
"""

from string import Template
from typing import Final

from hanlin_resources import folder
from hanlin_ui.theme.looks import Looks
from hanlin_ui.theme.palette import Theme
from hanlin_ui.theme.shadow import REACH

_SIZES: Final = {"small": 0.9, "heading": 1.24, "title": 2.1}
"""Sizes of letters, in parts of the interface's."""
_GAPS: Final = (4, 5, 6, 8, 11)
"""Pixels above and below a line of words, where there is room."""
_AS_DRAWN: Final = 12
"""Pixels of the images of arrows and ticks, which have large ones beside them."""
_PARTS: Final = (7, 9, 10, 12, 13, 14, 15, 16, 17, 18, 22, 24, 26)
"""Pixels of what has to go with the letters beside it: boxes to tick, arrows, round ends."""

_SHEET = Template("""
QMainWindow, QDialog, QWidget[role="window"] { background: $ground; }
QDialog { border: 1px solid $border; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: $raised; color: $text; border: 1px solid $rim; padding: 4px 6px; }

QMenuBar { background: $panel; border: none; padding: 2px 6px; }
QMenuBar::item { padding: ${y4}px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $rim; border-radius: 8px; padding: 5px;
    icon-size: ${s16}px; }
QMenu::item { padding: ${y6}px 28px ${y6}px ${s26}px; border-radius: 5px; }
QMenu::item:selected { background: $hover; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::right-arrow { image: url("$icons/right$large.png"); width: ${s10}px; height: ${s10}px;
    margin-right: 6px; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }

QScrollArea, QListView { background: transparent; border: none; }
QScrollArea[role="transcript"] { border: 1px solid transparent; }
QScrollArea[role="transcript"][reached="true"]:focus { border-color: $edge; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: $border; border-radius: 3px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $border; }

QTextBrowser, QTextEdit, QPlainTextEdit { background: transparent; border: none; color: $text; }
QLineEdit { background: $raised; border: 1px solid $border; border-radius: 6px;
    padding: ${y4}px 6px; selection-background-color: $selection; selection-color: $text; }
QLineEdit:focus { border-color: $accent; }

QComboBox, QSpinBox, QDoubleSpinBox { background: $raised; border: 1px solid $border;
    border-radius: 6px; padding: ${y4}px 8px; selection-background-color: $selection;
    selection-color: $text; }
QComboBox:hover { background: $hover; }
QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus { border-color: $accent; }
QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $muted; }
QComboBox::drop-down { border: none; width: ${s24}px; }
QComboBox::down-arrow { image: url("$icons/down$large.png"); width: ${s12}px; height: ${s12}px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $rim; padding: 4px;
    outline: none; }
QComboBox QAbstractItemView::item { padding: ${y5}px 6px; border-radius: 5px; }
QComboBox QAbstractItemView::item:selected { background: $hover; color: $text; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {
    border: none; background: transparent; width: ${s22}px; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: $hover; border-radius: 5px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$icons/up$large.png");
    width: ${s10}px; height: ${s10}px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("$icons/down$large.png");
    width: ${s10}px; height: ${s10}px; }

QPushButton { background: $raised; border: 1px solid $border; border-radius: 7px;
    padding: ${y6}px 14px; icon-size: ${s16}px; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; background: transparent; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $selected; color: $muted;
    border-color: $selected; }
QPushButton[role="new"] { text-align: left; padding: ${y8}px 9px; border-color: $soft; }
QPushButton[role="new"]:hover { background: $hover; }
QPushButton[role="new"]:focus { border-color: $accent; }
QWidget[role="panel"] QLineEdit { background: $hover; border-color: $soft; }
QWidget[role="panel"] QLineEdit:focus { background: $raised; border-color: $accent; }
QPushButton[role="mode"] { background: transparent; border-color: transparent; color: $muted;
    text-align: left; padding: ${y6}px 9px; }
QPushButton[role="mode"]:hover { background: $hover; color: $text; }
QPushButton[role="mode"]:checked { background: $selected; color: $text; font-weight: 600; }
QPushButton[role="mode"]:focus { border-color: $accent; }
QComboBox[role="soft"] { background: $raised; border: 1px solid $border; border-radius: 7px;
    padding: 6px 10px; }
QComboBox[role="soft"]:hover { background: $hover; }
QComboBox[role="soft"]:focus { border-color: $accent; }
QComboBox[role="soft"]:disabled { color: $muted; background: transparent; }
QComboBox[role="soft"]::drop-down { border: none; width: ${s22}px; }
QSplitter[role="bare"]::handle { background: transparent; }
QPushButton[role="chip"] { background: $raised; border-color: $border;
    border-bottom-color: $rim; border-radius: 12px;
    padding: ${y11}px 16px; text-align: left; }
QPushButton[role="assistant"] { background: $code; border-color: $soft; border-radius: 12px;
    padding: ${y6}px 14px; }
QPushButton[role="assistant"]:hover { background: $hover; }
QPushButton[role="assistant"]:checked { background: $selected; border-color: $muted; }
QPushButton[role="assistant"]:focus { border-color: $accent; }
QTreeView, QTableView { background: $raised; border: 1px solid $border; border-radius: 6px;
    icon-size: ${s16}px;
    outline: none; selection-background-color: $selected; selection-color: $text; }
QTableView::item { padding: 0 5px; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $muted; border: none;
    border-bottom: 1px solid $border; padding: ${y5}px 8px; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; border: none; padding: ${y5}px 12px;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:selected:focus { background: $hover; }
QTabBar::tab:disabled { color: $edge; }
QPlainTextEdit[role="field"] { background: $raised; border: 1px solid $border;
    border-radius: 6px; padding: 4px; }
QPlainTextEdit[role="field"]:focus { border-color: $accent; }
QPushButton[role="chip"]:hover { background: $hover; }
QPushButton[role="fold"] { background: transparent; border: none; color: $muted;
    text-align: left; padding: 3px 6px; }
QWidget[role="panel"] QPushButton[role="fold"] { padding: ${y5}px 10px; }
QPushButton[role="fold"]:hover { color: $text; }
QPushButton[role="fold"]:focus { color: $text; text-decoration: underline; }
QPushButton[role="chip"]:focus { border-color: $accent; }
QPushButton[role="link"] { background: transparent; border: none; color: $link; padding: 3px 4px;
    text-align: left; }
QPushButton[role="link"]:hover, QPushButton[role="link"]:focus { text-decoration: underline; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px;
    padding: 4px; color: $muted; }
QToolButton:hover { background: $hover; color: $text; }
QToolButton:focus { border-color: $muted; }
QToolButton:disabled { color: $edge; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="send"] { background: $accent; border-radius: ${s17}px; padding: 6px;
    border: 1px solid $accent; }
QToolButton[role="send"]:hover { background: $accent_hover; }
QToolButton[role="send"]:focus { border: 2px solid $text; padding: 5px; }
QToolButton[role="send"]:disabled { background: $selected; border-color: $selected; }
QToolButton[role="floating"] { background: $raised; border: 1px solid $border;
    border-radius: ${s14}px; padding: 5px; margin: ${reach}px; }
QToolButton[role="floating"]:hover { background: $hover; }
QToolButton[role="floating"]:focus { border-color: $accent; }
QToolButton[role="pill"] { background: transparent; border: 1px solid $soft;
    border-radius: ${s13}px; padding: 3px 11px 3px 8px; }
QToolButton[role="pill"]:hover { background: $hover; }
QToolButton[role="pill"]:checked { background: $selected; color: $text; }
QToolButton[role="pill"]:focus { border-color: $accent; }
QToolButton[role="pill"][popupMode="1"] { padding-right: ${s18}px; }
QToolButton[role="pill"]::menu-arrow { image: url("$icons/down$large.png"); width: ${s10}px;
    height: ${s10}px; }
QToolButton[role="pill"]::menu-button { border: none; width: ${s18}px; margin-right: 4px; }
QToolButton[role="status"] { padding: 1px 6px; color: $text; }
QWidget[role="status"] QLabel, QWidget[role="status"] QToolButton { font-size: ${small}pt; }

QListWidget[role="sections"] { background: $panel; padding: 10px 8px; outline: none; }
QListWidget[role="sections"]::item { padding: ${y8}px 9px; border: 1px solid transparent;
    border-radius: 7px; color: $text; }
QListWidget[role="sections"]::item:hover { background: $hover; }
QListWidget[role="sections"]::item:selected { background: $selected; color: $text; }
QListWidget[role="sections"]::item:selected:focus { border-color: $muted; }
CommandPalette QListWidget[role="sections"] { background: transparent; padding: 0; }
QWidget[role="panel"] QListWidget[role="sections"] { padding: 0; }
QWidget[role="panel"] QListWidget[role="sections"]::item { padding: ${y8}px 8px; }
QWidget[role="panel"], QWidget[role="status"] { background: $panel; }
QFrame[role="composer"] { background: $raised; border: 1px solid $border; border-radius: 16px; }
QFrame[role="composer"][focused="true"] { border-color: $edge; }
QFrame[role="bubble"] { background: $bubble; border-radius: 14px; }
QFrame[role="code"] { background: $code; border: 1px solid $soft; border-radius: 10px; }
QFrame[role="code"][focused="true"] { border-color: $edge; }
QFrame[role="code-head"] { background: $code; border: none; border-top-left-radius: 10px;
    border-top-right-radius: 10px; }
QFrame[role="output"] { border: none; border-top: 1px solid $border; }
QFrame[role="card"] { background: $code; border: 1px solid $soft; border-radius: 12px; }
QFrame[role="card"]:focus { border-color: $accent; }
QFrame[role="undo"] { background: $text; border-radius: 8px; }
QFrame[role="undo"] QLabel { color: $ground; }
QFrame[role="undo"] QPushButton { background: transparent; color: $ground; border: 1px solid $muted;
    padding: 3px 10px; }
QFrame[role="band"] { background: $selected; border: none; }
QFrame[role="notice"] { background: $warning_ground; border-radius: 8px; }
QFrame[role="notice"] QLabel { color: $warning; }
QFrame[role="good-news"] { background: $code; border: 1px solid $soft; border-radius: 8px; }
QFrame[role="line"] { background: $border; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="drop"] { background: $raised; border: 2px dashed $accent; border-radius: 14px; }
QFrame[role="thought"] { border: none; border-left: 2px solid $border; }

QCheckBox::indicator, QAbstractItemView::indicator { width: ${s15}px; height: ${s15}px;
    border: 1px solid $edge; border-radius: 4px; background: $raised; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $accent;
    border-color: $accent; image: url("$icons/tick$large.png"); }
QCheckBox::indicator:focus { border-color: $text; }

QRadioButton::indicator { width: ${s13}px; height: ${s13}px; border: 1px solid $edge;
    border-radius: ${s7}px;
    background: $raised; }
QRadioButton::indicator:checked { background: $accent; border: 3px solid $raised;
    width: ${s9}px; height: ${s9}px; border-radius: ${s7}px; }
QRadioButton:focus { color: $text; text-decoration: underline; }

QLabel { background: transparent; }
QLabel[role="muted"], QLabel[role="plain"] { color: $muted; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="good"] { color: $good; }
QLabel[role="careful"] { color: $warning; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="badge"] { background: $selected; color: $text; border-radius: 8px; padding: 1px 8px; }
QLabel[role="warning"] { background: $warning_ground; color: $warning; border-radius: 8px;
    padding: 1px 8px; }
QLabel[role="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}pt; font-weight: 600; }

QProgressBar { background: $selected; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")


def style_sheet(theme: Theme, looks: Looks, points: float) -> str:
    """Return the style sheet in the colours of ``theme``; ``points`` is the font's size."""
    colours = {name: getattr(theme, name) for name in Theme.__dataclass_fields__}
    # Surfaces are told apart by their ground; who wants clear edges gets them.
    colours["soft"] = theme.border if looks.high_contrast else "transparent"
    sizes = {name: f"{points * share:.1f}" for name, share in _SIZES.items()}
    gaps = {f"y{pixels}": looks.spaced(pixels) for pixels in _GAPS}
    parts = {f"s{pixels}": looks.sized(pixels) for pixels in _PARTS}
    icons = folder("icons").as_posix()
    large = "-large" if looks.sized(_AS_DRAWN) > _AS_DRAWN else ""
    return _SHEET.substitute(
        colours, large=large, reach=REACH, **sizes, **gaps, **parts, icons=icons
    )
