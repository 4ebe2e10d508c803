"""Everything a person can act on has a name that a screen reader can say, in both languages."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import PartKind
from hanlin_bench.bench import Bench
from hanlin_ui.chat.segments import ProseView
from hanlin_ui.theme.fonts import draws_chinese, interface_font
from hanlin_ui.theme.icons import icon, names
from hanlin_ui.theme.palette import INK, INK_CLEAR, PAPER, PAPER_CLEAR, Theme

ACTED_ON = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
)


def nameless(root: QWidget) -> list[str]:
    """Return the visible widgets below ``root`` that can be acted on and have no name."""
    found = []
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QDialogButtonBox)
        if not isinstance(widget, ACTED_ON) or not widget.isVisibleTo(root):
            continue
        if inner and isinstance(widget, QLineEdit):
            continue
        if widget.objectName().startswith("qt_"):  # Qt's own, such as a menu bar's extension
            continue
        face = QAccessible.queryAccessibleInterface(widget)
        if not face.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_control_has_a_name(
    qtbot: QtBot, tmp_path: Path, dialogs: object, language: str
) -> None:
    bench = Bench(qtbot, tmp_path / "bench", language)
    try:
        bench.engine.enqueue((PartKind.THINKING, "hm"), "text\n\n```py\nx = 1\n```\n\nend")
        bench.write("hello")
        bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
        assert nameless(bench.window) == []
        bench.window.menus.settings_requested.emit()
        dialog = bench.dialog()
        assert nameless(dialog) == []
        dialog.close()
    finally:
        bench.close()


def test_tab_goes_through_an_answer_as_it_looks_and_out_again(bench: Bench) -> None:
    bench.ask("hello", "first\n\n```py\nx = 1\n```\n\nlast")
    transcript = bench.window.page.transcript
    bench.until(lambda: len(transcript.findChildren(ProseView)) == 2)
    bench.come_to_rest()
    transcript.setFocus(Qt.FocusReason.TabFocusReason)
    names: list[str] = []
    while len(names) < 30 and (focused := QApplication.focusWidget()) is not None:
        if focused is not transcript and not transcript.isAncestorOf(focused):
            break
        names.append(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    question = ["Your message", "Copy", "Edit and ask again", "More"]
    answer = [
        "Answer text",
        "Run this code",
        "Ask about this code",
        "Wrap long lines",
        "Save as a file",
        "Copy this code",
        "Code",
        "Answer text",
        "Copy",
        "Regenerate",
        "More",
    ]
    assert names == ["Conversation", *question, *answer]


def test_a_chinese_character_has_a_glyph(qtbot: QtBot) -> None:
    assert draws_chinese(interface_font(QFont())), (
        "no Chinese font: on Debian and Ubuntu, sudo apt-get install fonts-noto-cjk"
    )


@pytest.mark.parametrize("name", names())
def test_every_icon_draws_something(qtbot: QtBot, name: str) -> None:
    image = icon(name, "#000000", 24).pixmap(24, 24).toImage()
    inked = sum(
        image.pixelColor(x, y).alpha() > 0
        for x in range(image.width())
        for y in range(image.height())
    )
    assert inked > 20


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("theme", "least"),
    [(PAPER, 4.5), (INK, 4.5), (PAPER_CLEAR, 7), (INK_CLEAR, 7)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_text_stands_out_from_its_ground(theme: Theme, least: float) -> None:
    pairs = [
        (theme.text, ground)
        for ground in (theme.ground, theme.panel, theme.raised, theme.bubble, theme.selected)
    ]
    pairs += [(theme.muted, ground) for ground in (theme.ground, theme.panel, theme.raised)]
    pairs += [(theme.on_accent, theme.accent), (theme.warning, theme.warning_ground)]
    pairs += [(theme.link, theme.ground), (theme.link, theme.bubble)]
    pairs += [
        (colour, theme.code)
        for colour in (theme.keyword, theme.string, theme.comment, theme.number, theme.function)
    ]
    assert [(pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < least] == []


def test_the_application_is_reachable_by_tab(bench: Bench) -> None:
    bench.window.page.composer.setFocus()
    seen = set()
    for _step in range(40):
        widget = QApplication.focusWidget()
        if widget is not None:
            seen.add(type(widget).__name__)
        bench.window.focusNextChild()
    assert {"TextEntry", "QPushButton", "ConversationList", "QToolButton"} <= seen
