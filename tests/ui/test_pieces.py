"""What no model should write, cut into pieces that are drawn quickly, with nothing left out."""

import pytest
from pytestqt.qtbot import QtBot

from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.markdown.blocks import Code, Paragraph, Quote, Table, texts
from hanlin_ui.chat.markdown.parse import normalise, parse
from hanlin_ui.chat.markdown.pieces import LONGEST_PARAGRAPH, end_of, pieces


def table(columns: int, rows: int) -> str:
    lines = ["|" + "h|" * columns, "|" + "-|" * columns]
    lines += ["|" + f"{number}|" * columns for number in range(rows)]
    return "\n".join(lines)


def test_a_large_table_goes_on_under_its_header_again() -> None:
    (whole,) = (placed.block for placed in parse(table(4, 300)))
    cut = list(pieces(whole))
    assert len(cut) > 1
    assert {next(texts(piece)) for piece in cut} == {"h h h h"}
    rows = [row for piece in cut if isinstance(piece, Table) for row in piece.rows[1:]]
    assert [row[0][0].text for row in rows] == [str(number) for number in range(300)]
    growing = end_of(whole)
    assert isinstance(growing, Table)
    assert next(texts(growing)) == "h h h h"
    assert growing.rows[-1][0][0].text == "299"
    assert len(growing.rows) < 60


def test_a_small_table_stays_in_one_piece() -> None:
    (whole,) = (placed.block for placed in parse(table(3, 5)))
    assert list(pieces(whole)) == [whole]
    assert end_of(whole) == whole


@pytest.mark.parametrize(("columns", "rows"), [(400, 3), (2, 5_000)])
def test_what_is_no_sensible_table_any_more_is_kept_as_text(columns: int, rows: int) -> None:
    source = table(columns, rows)
    said = "".join(text for placed in parse(source) for text in texts(placed.block))
    assert said.count("h") == columns
    assert f"{rows - 1}" in said
    assert sum(str(number) in said for number in range(rows)) == rows


def test_an_endless_paragraph_goes_on_in_the_next_one() -> None:
    (whole,) = (placed.block for placed in parse("字" * 10_000))
    cut = list(pieces(whole))
    assert all(len("".join(texts(piece))) <= LONGEST_PARAGRAPH for piece in cut)
    assert "".join("".join(texts(piece)) for piece in cut) == "字" * 10_000


@pytest.mark.parametrize("mark", ["", "> "])
def test_a_paragraph_of_a_thousand_lines_is_read_as_several(mark: str) -> None:
    lines = [f"line {number}" for number in range(1_000)]
    blocks = [placed.block for placed in parse("\n".join(mark + line for line in lines))]
    said = ["\n".join(texts(block)).split("\n") for block in blocks]
    assert max(map(len, said)) <= 300
    assert [line for text in said for line in text] == lines
    assert {type(block) for block in blocks} == {Quote if mark else Paragraph}


@pytest.mark.parametrize("mark", ["\u0301", "\u200b", "\u202e", "\u2066", "\ufe0f"])
def test_thousands_of_marks_without_room_are_drawn_as_a_few(mark: str) -> None:
    (whole,) = (placed.block for placed in parse("a" + mark * 10_000 + "b"))
    assert isinstance(whole, Paragraph)
    assert "".join(texts(whole)) == "a" + mark * 40 + "b"
    assert list(texts(parse("e\u0301 " + mark)[0].block)) == ["e\u0301 " + mark]


def test_a_nul_and_half_characters_are_shown_and_the_rest_stays() -> None:
    source = normalise("before \0 **after**\ud83d")
    said = "".join(text for placed in parse(source) for text in texts(placed.block))
    assert said == "before \N{REPLACEMENT CHARACTER} after\ud83d"


def test_an_endless_line_of_code_is_folded_and_copied_whole(qtbot: QtBot) -> None:
    (block,) = (placed.block for placed in parse("```\n" + "x" * 50_000 + "\nend\n```"))
    assert isinstance(block, Code)
    view = CodeView()
    qtbot.addWidget(view)
    view.set_code(block.language, block.text, final=True)
    assert len(view.shown_code()) < 10_000
    assert view.shown_code().endswith("\nend") or "x" * 4_000 in view.shown_code()
    assert view.code() == block.text
