"""What no model should write, cut into pieces that are drawn quickly, with nothing left out."""

import pytest
from pytestqt.qtbot import QtBot

from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.markdown.blocks import Code, Paragraph, Quote, Table, texts
from hanlin_ui.chat.markdown.long_tables import cut, parse_under
from hanlin_ui.chat.markdown.parse import normalise, parse
from hanlin_ui.chat.markdown.pieces import LONGEST_PARAGRAPH, end_of, pieces
from hanlin_ui.chat.segments import ProseView


def table(columns: int, rows: int) -> str:
    lines = ["|" + "h|" * columns, "|" + "-|" * columns]
    lines += ["|" + f"{number}|" * columns for number in range(rows)]
    return "\n".join(lines)


def said(body: MessageBody) -> str:
    body.flush()
    return "\n".join(
        segment.view.toPlainText()
        for segment in body.segments()
        if isinstance(segment.view, ProseView)
    )


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


def test_of_a_growing_table_only_the_last_rows_are_read_again(qtbot: QtBot) -> None:
    source = table(5, 200) + "\n\nbehind it"
    growing, whole = MessageBody(), MessageBody()
    for body in (growing, whole):
        qtbot.addWidget(body)
        body.resize(600, 10)
    whole.set_text(source)
    for place in range(0, len(source), 7):
        growing.append(source[place : place + 7])
        growing.flush()
        assert place - growing._open_from < len(source) // 3
    assert growing._open_from == source.index("behind")
    growing.set_text(source)
    assert said(growing) == said(whole)
    assert said(growing).count("199") == 5


@pytest.mark.parametrize("behind", ["\nnext", "\n\n# next", "\n```\nnext", "\n> next"])
def test_what_follows_a_table_that_was_cut_is_what_it_was(behind: str) -> None:
    source = table(4, 90) + behind
    whole = [placed.block for placed in parse(source)]
    for end in range(source.index("|80|"), source.index("|89|")):
        placed, header = cut(parse(source[:end]), source[:end], "")
        assert header == "|h|h|h|h|\n|-|-|-|-|\n"
        rest = parse_under(header, source[placed[-1].offset :])
        first, second = placed[0].block, rest[0].block
        assert isinstance(first, Table)
        assert isinstance(second, Table)
        joined = Table((*first.rows, *second.rows[1:]), first.alignments)
        assert [joined, *(one.block for one in rest[1:])] == whole
        offsets = [placed[-1].offset + one.offset for one in rest[1:]]
        assert offsets == [one.offset for one in parse(source)[1:]]


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
