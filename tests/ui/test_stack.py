"""Of a long answer only the views near what is seen exist, and nobody can tell."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollBar
from pytestqt.qtbot import QtBot

from hanlin_bench.bench import Bench
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.segments import CodeSegment, ProseSegment, ProseView
from hanlin_ui.chat.stack import Segment
from hanlin_ui.theme.looks import Looks

SECTIONS = 60


def section(number: int) -> str:
    return (
        f"## Heading {number}\n\nA paragraph 第 {number} 段.\n\n"
        f"```python\nx = {number}\ny = x\nz = y\n```\n\n"
    )


ANSWER = "".join(section(number) for number in range(SECTIONS))


def body_of(answer: AnswerView) -> MessageBody:
    [body] = answer.findChildren(MessageBody)
    return body


def built(body: MessageBody) -> list[Segment]:
    return [segment for segment in body.segments() if segment.view is not None]


def seen_text(bench: Bench) -> str:
    """Return what the views in sight say."""
    transcript = bench.window.page.transcript
    area = transcript.viewport()
    said = []
    for segment in (one for answer in bench.answers() for one in built(body_of(answer))):
        view = segment.view
        assert view is not None
        top = view.mapTo(area, view.rect().topLeft()).y()
        if top < area.height() and top + view.height() > 0:
            said.append(view.toPlainText() if isinstance(view, ProseView) else "")
    return "\n".join(said)


def first_seen(bench: Bench) -> Segment:
    body = body_of(bench.answers()[0])
    return next(one for one in built(body) if place_of(bench, one) + one.height > 0)


def place_of(bench: Bench, segment: Segment) -> int:
    """Return how far below the upper edge of what is seen ``segment`` stands."""
    area = bench.window.page.transcript.viewport()
    return body_of(bench.answers()[0]).mapTo(area, QPoint(0, segment.top)).y()


def bar_of(bench: Bench) -> QScrollBar:
    return bench.window.page.transcript.verticalScrollBar()


@pytest.fixture
def long_answer(bench: Bench) -> Bench:
    bench.ask("at length", *[section(number) for number in range(SECTIONS)])
    bench.until(lambda: f"Heading {SECTIONS - 1}" in seen_text(bench))
    return bench


def test_only_views_near_what_is_seen_exist(long_answer: Bench) -> None:
    body = body_of(long_answer.answers()[0])
    assert len(body.segments()) == 2 * SECTIONS
    long_answer.until(lambda: len(built(body)) < SECTIONS)
    assert len(body.findChildren(CodeView)) < SECTIONS


def test_what_is_scrolled_to_is_there_in_words_and_colours(long_answer: Bench) -> None:
    body = body_of(long_answer.answers()[0])
    bar_of(long_answer).setValue(0)
    long_answer.until(lambda: "Heading 0\nA paragraph 第 0 段." in seen_text(long_answer))
    long_answer.until(lambda: body.segments()[1].view is not None)
    first = body.segments()[1].view
    assert isinstance(first, CodeView)
    assert first.code() == "x = 0\ny = x\nz = y"
    long_answer.until(lambda: first.colours() > 0)
    bar_of(long_answer).setValue(bar_of(long_answer).maximum() // 2)
    long_answer.until(lambda: "Heading 0" not in seen_text(long_answer))
    long_answer.until(lambda: "A paragraph" in seen_text(long_answer))


def test_copying_and_the_screen_reader_get_all_of_it(long_answer: Bench) -> None:
    answer = long_answer.answers()[0]
    long_answer.button("Copy", answer.actions_row).click()
    assert QGuiApplication.clipboard().text() == ANSWER
    assert body_of(answer).accessibleDescription() == ANSWER


def test_a_selection_stays_when_it_is_scrolled_out_of_sight(long_answer: Bench) -> None:
    body = body_of(long_answer.answers()[0])
    bar = bar_of(long_answer)
    bar.setValue(0)
    long_answer.until(lambda: body.segments()[0].view is not None)
    view = body.segments()[0].view
    assert isinstance(view, ProseView)
    cursor = view.textCursor()
    cursor.setPosition(0)
    cursor.select(QTextCursor.SelectionType.WordUnderCursor)
    view.setTextCursor(cursor)
    other = body.segments()[2]
    bar.setValue(bar.maximum())
    long_answer.until(lambda: other.view is None)
    assert body.segments()[0].view is view
    assert view.textCursor().selectedText() == "Heading"


def test_of_two_texts_only_the_one_clicked_last_is_selected(bench: Bench) -> None:
    bench.ask("two", "first\n\n```\ncode\n```\n\nsecond")
    transcript = bench.window.page.transcript
    bench.until(lambda: len(transcript.findChildren(ProseView)) == len(("first", "second")))
    first, second = transcript.findChildren(ProseView)
    for view in (first, second):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton)
        view.selectAll()
    assert second.textCursor().selectedText() == "second"
    assert not first.textCursor().hasSelection()
    bench.window.page.composer.setFocus()
    assert second.textCursor().selectedText() == "second"


def test_what_is_read_stays_where_it_is_while_the_answer_grows(bench: Bench) -> None:
    pieces = [section(number) for number in range(SECTIONS)]
    bench.engine.enqueue(*pieces, hold_after=SECTIONS // 2)
    bench.write("at length")
    bench.until(lambda: f"Heading {SECTIONS // 2 - 1}" in seen_text(bench))
    bar = bar_of(bench)
    bar.setValue(bar.maximum() // 2)
    assert not bench.window.page.transcript.is_at_bottom()
    bench.come_to_rest()
    first = first_seen(bench)
    place = place_of(bench, first)
    bench.engine.release()
    bench.until(lambda: not bench.is_answering())
    bench.come_to_rest()
    assert abs(place_of(bench, first) - place) <= 1  # heights are whole pixels
    assert f"Heading {SECTIONS - 1}" not in seen_text(bench)


def test_the_place_is_kept_when_the_column_becomes_narrower(long_answer: Bench) -> None:
    bar = bar_of(long_answer)
    bar.setValue(bar.maximum() // 2)
    long_answer.until(lambda: "Heading" in seen_text(long_answer))
    first = first_seen(long_answer)
    place = place_of(long_answer, first)
    long_answer.window.resize(700, 600)
    long_answer.until(lambda: long_answer.window.page.transcript.width() < 700)
    long_answer.until(lambda: abs(place_of(long_answer, first) - place) < first.height)
    assert not long_answer.window.page.transcript.is_at_bottom()


def test_another_theme_draws_again_what_is_seen_and_no_more(long_answer: Bench) -> None:
    body = body_of(long_answer.answers()[0])
    long_answer.until(lambda: len(built(body)) < SECTIONS)
    long_answer.interface.wear(Looks("dark"))
    long_answer.until(lambda: f"Heading {SECTIONS - 1}" in seen_text(long_answer))
    assert len(built(body)) < SECTIONS
    long_answer.interface.wear(Looks("light"))


def test_what_nobody_came_near_is_not_even_read(qtbot: QtBot) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 1)
    body.show_only(0, 0)
    body.set_text(ANSWER)
    assert body.segments() == ()
    estimated = body.height()
    body.show_only(-9_000, -8_400)
    assert body.segments() == ()
    body.show_only(-500, 100)
    qtbot.waitUntil(lambda: len(body.segments()) == 2 * SECTIONS)
    body.show_only(0, 10 * estimated)
    body.flush()
    assert 0.5 < estimated / body.height() < 2


def test_a_used_view_shows_nothing_of_what_it_showed_before(qtbot: QtBot) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 10)
    body.set_text(ANSWER)
    for top in (0, 2_000, 4_000, 0):
        body.show_only(top, top + 400)
        body.flush()
        for segment in built(body):
            number = body.segments().index(segment) // 2
            if isinstance(segment, CodeSegment) and segment.view is not None:
                assert segment.view.shown_code() == f"x = {number}\ny = x\nz = y"
            elif isinstance(segment, ProseSegment) and segment.view is not None:
                said = segment.view.toPlainText()
                assert said == f"Heading {number}\nA paragraph 第 {number} 段."
    body.show_only(-90_000, -89_000)
    qtbot.waitUntil(lambda: body.findChildren(CodeView) == [])


def test_another_width_is_taken_at_once_where_one_looks_and_soon_near_it(qtbot: QtBot) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 10)
    body.set_text(ANSWER)
    body.show_only(0, 400)
    body.show()
    body.flush()
    body.resize(500, body.height())
    widths = [segment.view.width() for segment in built(body) if segment.view is not None]
    assert widths[0] == 500
    assert widths[-1] == 600
    qtbot.waitUntil(lambda: all(not segment.is_due for segment in built(body)))
    assert {segment.view.width() for segment in built(body) if segment.view is not None} == {500}
    for above, below in pairwise(built(body)):
        assert below.top == above.top + above.height + below.gap
        assert above.view is not None
        assert above.height == above.measure(500) == above.view.height()


def test_a_scroll_bar_that_comes_leaves_the_column_as_wide_as_it_was(bench: Bench) -> None:
    bench.window.resize(1300, 500)
    bench.ask("q", "short")
    bench.come_to_rest()
    before = body_of(bench.answers()[0]).width()
    bench.ask("q", ANSWER)
    bench.come_to_rest()
    assert bench.window.page.transcript.verticalScrollBar().isVisible()
    assert body_of(bench.answers()[0]).width() == before


def test_many_cells_are_built_in_several_steps(qtbot: QtBot) -> None:
    columns = 43
    head = "|" + "h|" * columns + "\n|" + "-|" * columns + "\n"
    body = MessageBody()
    qtbot.addWidget(body)
    body.resize(600, 10)
    body.set_text(head + ("|" + "|" * columns + "\n") * 20)
    assert len(body.segments()) > 5
    said = [
        segment.view.toPlainText() for segment in built(body) if isinstance(segment.view, ProseView)
    ]
    assert all(one.count("h") == columns for one in said)
