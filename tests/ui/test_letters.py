"""Answers in letters never shown before: fonts are found bit by bit, then they are drawn."""

import random

import pytest
from pytestqt.qtbot import QtBot

from hanlin_ui.chat import letters, undrawn
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.markdown.blocks import Paragraph, Span
from hanlin_ui.chat.markdown.pieces import LONGEST_RESTLESS, pieces

_DICE = random.Random(7)
EVERY = "".join(chr(_DICE.randrange(0x0530, 0x2000)) for _number in range(2_000))
CHINESE = "".join(chr(_DICE.randrange(0x4E00, 0x9FA5)) for _number in range(2_000))


def shown(qtbot: QtBot, text: str) -> MessageBody:
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 10)
    body.show()
    body.show_only(0, 800)
    body.set_text(text)
    return body


def drawn(body: MessageBody) -> str:
    views = [segment.view for segment in body.segments() if segment.view is not None]
    return "".join(view.toPlainText() for view in views if hasattr(view, "toPlainText"))


def test_a_text_in_fifty_scripts_waits_for_its_fonts_and_is_drawn(qtbot: QtBot) -> None:
    letters.forget()
    body = shown(qtbot, f"begin {EVERY}")
    assert not body.segments()
    assert body.height() > 1, "its room is kept"
    qtbot.waitUntil(lambda: "begin" in drawn(body), timeout=20_000)
    forbid = "the fonts are known by now"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letters, "find_fonts", lambda *_: pytest.fail(forbid))
        again = shown(qtbot, f"again {EVERY}")
        qtbot.waitUntil(lambda: "again" in drawn(again), timeout=20_000)


def test_chinese_and_a_second_language_wait_for_nothing(qtbot: QtBot) -> None:
    letters.forget()
    assert shown(qtbot, f"{CHINESE} Привет, γειά, 안녕하세요 😀").segments()


def test_one_script_that_no_font_has_is_looked_for_before_prose_and_code_are_drawn(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters.forget()
    monkeypatch.setattr(undrawn, "_unknown", lambda: frozenset({0xB8}))
    found: list[str] = []
    seek = letters.find_fonts

    def find_fonts(sought: list[letters.Sought], seconds: float) -> None:
        seek(sought, seconds)
        found.append("in prose" if sought else "in code")

    monkeypatch.setattr(letters, "find_fonts", find_fonts)
    tamil = shown(qtbot, "`ழ`")
    qtbot.waitUntil(lambda: "ழ" in drawn(tamil), timeout=20_000)
    assert found[-1] == "in code"


def test_a_script_is_known_once_fonts_were_found_in_prose_and_in_code(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters.forget()
    monkeypatch.setattr(undrawn, "_unknown", lambda: frozenset({0xB8}))
    sought = letters.of_new_scripts("ழ")
    last, first = sought
    letters.find_fonts([first], seconds=9.0)
    assert letters.of_new_scripts("ழ") == sought
    letters.find_fonts([last], seconds=9.0)
    assert not letters.of_new_scripts("ழ")


def test_what_goes_from_script_to_script_is_drawn_in_small_pieces() -> None:
    cut = list(pieces(Paragraph((Span(EVERY),))))
    assert len(cut) == len(EVERY) // LONGEST_RESTLESS
    assert "".join(one.spans[0].text for one in cut if isinstance(one, Paragraph)) == EVERY
    assert len(list(pieces(Paragraph((Span(CHINESE),))))) == 1
    assert letters.restless_from("Всё одно и то же письмо. " * 200) is None
