"""The small window: one question from anywhere, and its way into the large window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hanlin.domain.start import QUICK, StartRequest
from hanlin_bench.bench import Bench
from hanlin_ui.controllers.quick import QuickController


def quick(bench: Bench, text: str = "") -> QuickController:
    bench.workbench.take(StartRequest(QUICK, text))
    made = bench.workbench.quick
    assert made is not None
    return made


def said(shown: QuickController) -> list[str]:
    return [view.text() for view in shown.window.page.transcript.messages.views()]


def test_a_question_from_outside_is_asked_at_once_and_the_large_window_stays_as_it_is(
    bench: Bench,
) -> None:
    bench.ask("before", "there")
    bench.engine.enqueue("sun")
    shown = quick(bench, "今天天气？")
    bench.until(lambda: said(shown) == ["今天天气？", "sun"])
    assert shown.window.isVisible()
    assert bench.titles() == ["今天天气？", "before"]
    assert [view.text() for view in bench.window.page.transcript.messages.views()] == [
        "before",
        "there",
    ]


def test_a_question_goes_on_in_the_large_window(bench: Bench) -> None:
    bench.engine.enqueue("sun")
    shown = quick(bench, "q")
    bench.until(lambda: said(shown) == ["q", "sun"])
    shown.window.continue_requested.emit()
    views = bench.window.page.transcript.messages.views
    bench.until(lambda: [view.text() for view in views()] == ["q", "sun"])
    assert not shown.window.isVisible()
    quick(bench)
    assert said(shown) == []


def test_escape_stops_the_answer_first_and_then_hides_the_window(bench: Bench) -> None:
    bench.engine.enqueue("one", "…", hold_after=1)
    shown = quick(bench, "q")
    bench.until(lambda: said(shown) == ["q", "one"])
    entry = shown.window.page.composer.entry
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    bench.until(lambda: not shown.window.page.composer.is_answering())
    assert shown.window.isVisible()
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    assert not shown.window.isVisible()
    quick(bench)
    assert said(shown) == ["q", "one"], "what was asked a moment ago is still there"


def test_what_is_written_is_asked_with_enter(bench: Bench) -> None:
    shown = quick(bench)
    assert shown.window.page.is_at_start()
    bench.engine.enqueue("a")
    QTest.keyClicks(shown.window.page.composer.entry, "why")
    QTest.keyClick(shown.window.page.composer.entry, Qt.Key.Key_Return)
    bench.until(lambda: said(shown) == ["why", "a"])


def test_a_verb_nobody_knows_is_for_the_window(bench: Bench) -> None:
    request = StartRequest("dance")
    assert not bench.workbench.understands(request)
    bench.workbench.take(request)
    assert bench.workbench.quick is None
