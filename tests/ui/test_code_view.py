"""A block of code: its header stays in sight, its lines can be wrapped, it can be saved."""

import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from hanlin.colours.client import ColourClient
from hanlin.colours.runs import Colours
from hanlin_ui.chat import colouring, undrawn
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.colouring import ColourHub, formats
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.dialogs.save_text import write
from hanlin_ui.theme.palette import INK

PATIENCE_MS = 60_000
CODE = "\n".join(f"line {number}" for number in range(100))


def shown(qtbot: QtBot, code: str) -> CodeView:
    view = CodeView()
    qtbot.addWidget(view)
    view.set_code("python", code, final=True)
    view.resize(300, view.height_for(300))
    view.show()
    return view


def says_why(view: CodeView) -> bool:
    """Tell whether the view says why it does not show all of the code."""
    said = [label.text() for label in view.findChildren(QLabel) if label.isVisibleTo(view)]
    return any("drawing it takes a moment" in words for words in said)


def button(view: CodeView, name: str) -> QToolButton:
    return next(one for one in view.findChildren(QToolButton) if one.accessibleName() == name)


def test_the_copy_button_stays_in_sight_while_the_code_scrolls(qtbot: QtBot) -> None:
    view = shown(qtbot, CODE)
    copy = button(view, "Copy this code")
    at_top = copy.mapTo(view, QPoint(0, 0)).y()
    view.stick(500)
    assert copy.mapTo(view, QPoint(0, 0)).y() == at_top + 500
    view.stick(1_000_000)
    assert copy.mapTo(view, QPoint(0, 0)).y() < view.height()
    view.stick(0)
    assert copy.mapTo(view, QPoint(0, 0)).y() == at_top


def test_long_lines_are_wrapped_on_demand(qtbot: QtBot) -> None:
    view = shown(qtbot, "word " * 100)
    text = view.findChildren(QPlainTextEdit)[0]
    assert text.horizontalScrollBar().maximum() > 0
    button(view, "Wrap long lines").click()
    assert text.horizontalScrollBar().maximum() == 0
    button(view, "Wrap long lines").click()
    assert text.horizontalScrollBar().maximum() > 0


@pytest.fixture
def hub() -> Iterator[ColourHub]:
    made = ColourHub(ColourClient)
    colouring.use(made)
    yield made
    colouring.use(None)
    made.close()
    made.deleteLater()


def test_a_file_is_named_after_its_language(qtbot: QtBot, hub: ColourHub) -> None:
    view = shown(qtbot, "x = 1")
    assert view.file_name() == "code.txt"
    qtbot.waitUntil(lambda: view.file_name() == "code.py", timeout=PATIENCE_MS)
    view.forget(unfolded=False)
    assert view.file_name() == "code.txt"


def test_code_is_saved_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    assert write(parent, tmp_path / "code.py", "a = '翰林'\r\n")
    assert (tmp_path / "code.py").read_bytes() == "a = '翰林'\r\n".encode()
    assert not write(parent, tmp_path / "no folder" / "code.py", "a")
    said = parent.findChildren(MessageDialog)
    assert len(said) == 1
    said[0].close()


def test_colours_stand_where_they_belong_behind_an_emoji(qtbot: QtBot, hub: ColourHub) -> None:
    view = shown(qtbot, "'😀😀'; print(1)")
    text = view.findChildren(QPlainTextEdit)[0]
    layout = text.document().firstBlock().layout()
    qtbot.waitUntil(lambda: bool(layout.formats()), timeout=PATIENCE_MS)
    raw = "'😀😀'; print(1)".encode("utf-16-le")
    words = [
        raw[2 * one.start : 2 * (one.start + one.length)].decode("utf-16-le")
        for one in layout.formats()
    ]
    assert "".join(words) == "'😀😀'print1"


def test_who_asked_for_colours_is_let_go_of_on_the_gui_thread(qtbot: QtBot, hub: ColourHub) -> None:
    ended: list[int] = []
    found: list[Colours] = []

    def ask() -> None:
        owner = QObject()
        weakref.finalize(owner, lambda: ended.append(threading.get_ident()))

        def take(colours: Colours) -> None:
            if owner is not None:
                found.append(colours)

        colouring.find_colours(owner, "python", "x = 1", take)

    ask()
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(ended), timeout=2_000)  # the thread waits for work all the while
    assert ended == [threading.get_ident()]


@pytest.mark.parametrize(("known", "seen"), [(False, "a = 'ಓಓ'\nb = '"), (True, None)])
def test_code_in_scripts_that_no_font_has_is_shown_up_to_the_second(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *, known: bool, seen: str | None
) -> None:
    kannada, tamil = 0xC8, 0xB8
    monkeypatch.setattr(undrawn, "_unknown", lambda: frozenset(() if known else (kannada, tamil)))
    code = "a = 'ಓಓ'\nb = 'ழ'\nc = 1"
    view = shown(qtbot, code)
    text = view.findChildren(QPlainTextEdit)[0]
    assert text.toPlainText() == (seen or code)
    assert says_why(view) is not known
    if not known:
        next(one for one in view.findChildren(QPushButton)).click()
        assert text.toPlainText() == code


@pytest.mark.parametrize("lines", [50, 51, 400])
def test_code_that_changes_its_script_100_times_is_shown_up_to_there(
    qtbot: QtBot, lines: int
) -> None:
    view = shown(qtbot, "กა\n" * lines)
    text = view.findChildren(QPlainTextEdit)[0]
    assert text.toPlainText() == "กა\n" * 50
    assert says_why(view) is (lines > 50)
    for more in view.findChildren(QPushButton):
        more.click()
    assert text.toPlainText() == "กა\n" * lines


def test_no_colour_slants_the_letters() -> None:
    made = formats(INK)
    assert made["Comment"].foreground().color().name() == INK.comment
    assert not any(one.fontItalic() for one in made.values())
